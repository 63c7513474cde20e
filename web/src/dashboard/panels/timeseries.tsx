// SPDX-License-Identifier: Apache-2.0
// Lines, bars and points over time.
import { useMemo } from "preact/hooks";
import { TimeSeries } from "../../charts/timeseries";
import type { Legend } from "../../charts/types";
import type { DataLink } from "../../lib/frame";
import type { Named } from "../fields";
import { formatterOf, timesOf } from "../fields";
import { linksOf } from "../leads";
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

// The links of one value, with all that they may name.
function valueLinks({ env, repeat, theme }: BodyProps, one: Named, row: number): readonly DataLink[] {
  const { field, frame, name } = one;
  const value = field.values[row] ?? null;
  const raw = typeof value === "object" ? null : value;
  const time = timesOf(frame)[row];
  return linksOf(field.config.links, env, repeat, {
    raw,
    text: formatterOf(field, theme)(typeof raw === "number" ? raw : null),
    fieldName: name,
    seriesName: name,
    refId: frame.refId,
    row: { frame, index: row },
    ...(typeof time === "number" ? { time } : {}),
    ...(field.labels === undefined ? {} : { labels: field.labels }),
  });
}

export function tooltipOf({ panel, env }: BodyProps) {
  const options = at(panel.options, "tooltip");
  const { graphTooltip } = env.dashboard;
  return {
    tooltip: oneOf(at(options, "mode"), ["single", "multi", "none"], "single"),
    ...(graphTooltip > 0 ? { crosshair: "dashboard", sharedTooltip: graphTooltip === 2 } : {}),
  };
}

export function TimeSeriesBody(props: BodyProps) {
  const { panel, data, env, theme, width, legend } = props;
  const chart = useMemo(
    () => chartDataOf(data, theme, (one, row) => valueLinks(props, one, row)),
    [data, theme, env.states],
  );
  const own = legendOf(panel.options);
  const maxHeight = optionalNumber(at(panel.options, "tooltip", "maxHeight"));
  const exemplars = useMemo(() => exemplarsOf(data.answered), [data]);
  return (
    <TimeSeries
      data={chart}
      from={data.fromMs}
      to={data.toMs}
      title={props.title}
      height={props.height}
      legend={fitted(legend === undefined ? own : { ...own, show: legend }, width)}
      {...tooltipOf(props)}
      tooltipHideZeros={flag(at(panel.options, "tooltip", "hideZeros"))}
      {...(maxHeight === undefined ? {} : { tooltipMaxHeight: maxHeight })}
      tooltipSort={oneOf(at(panel.options, "tooltip", "sort"), ["none", "asc", "desc"], "none")}
      annotations={props.annotations}
      exemplars={exemplars}
      timezone={env.dashboard.utc ? "utc" : "browser"}
      tableShown={props.tableShown}
      onTable={props.onTable}
      onZoom={props.onZoom}
      onZoomOut={props.onZoomOut}
    />
  );
}
