// SPDX-License-Identifier: Apache-2.0
// Lines, bars and points over time.
import { useMemo } from "preact/hooks";
import { TimeSeries } from "../../charts/timeseries";
import type { Legend } from "../../charts/types";
import { at, flag, number, oneOf, optionalNumber, optionalText, texts, type Json } from "../read";
import { chartDataOf, exemplarsOf } from "./timeseries_data";
import type { BodyProps } from "./types";

export function legendOf(options: Json): Legend {
  const legend = at(options, "legend");
  const width = optionalNumber(at(legend, "width"));
  const sortBy = optionalText(at(legend, "sortBy"));
  return {
    show: flag(at(legend, "showLegend"), true) && at(legend, "displayMode") !== "hidden",
    mode: oneOf(at(legend, "displayMode"), ["list", "table"], "list"),
    placement: oneOf(at(legend, "placement"), ["bottom", "right"], "bottom"),
    calcs: texts(at(legend, "calcs")),
    ...(width === undefined ? {} : { width }),
    ...(sortBy === undefined ? {} : { sortBy, sortDesc: flag(at(legend, "sortDesc")) }),
  };
}

// A legend at the right of a narrow panel would leave no room for the chart.
export function fitted(legend: Legend, width: number): Legend {
  return legend.placement === "right" && width < number(legend.width, 160) * 2.2
    ? { ...legend, placement: "bottom" }
    : legend;
}

export function TimeSeriesBody(props: BodyProps) {
  const { panel, data, env, theme, width } = props;
  const chart = useMemo(() => chartDataOf(data, theme), [data, theme]);
  const exemplars = useMemo(() => exemplarsOf(data.answered), [data]);
  return (
    <TimeSeries
      data={chart}
      from={data.fromMs}
      to={data.toMs}
      title={props.title}
      height={props.height}
      legend={fitted(legendOf(panel.options), width)}
      tooltip={oneOf(at(panel.options, "tooltip", "mode"), ["single", "multi", "none"], "single")}
      tooltipSort={oneOf(at(panel.options, "tooltip", "sort"), ["none", "asc", "desc"], "none")}
      annotations={props.annotations}
      exemplars={exemplars}
      {...(env.dashboard.graphTooltip > 0 ? { crosshair: "dashboard" } : {})}
      timezone={env.dashboard.utc ? "utc" : "browser"}
      tableShown={props.tableShown}
      onTable={props.onTable}
      onZoom={props.onZoom}
      onZoomOut={props.onZoomOut}
    />
  );
}
