// SPDX-License-Identifier: Apache-2.0
// Bars by category, histograms, and states over time.
import { useMemo } from "preact/hooks";
import { BarChart } from "../../charts/barchart";
import { Timeline } from "../../charts/timeline";
import { flag, number, oneOf, text } from "../read";
import { barsOf, histogramOf } from "./bars_data";
import { fitted, legendOf } from "./timeseries";
import { timelineRows } from "./timeline_data";
import type { BodyProps } from "./types";

export function BarChartBody(props: BodyProps) {
  const { panel, data, theme, env } = props;
  const { options, fieldConfig } = panel;
  const histogram = panel.type === "histogram";
  const bars = useMemo(
    () =>
      histogram
        ? histogramOf(data.frames, options, theme)
        : barsOf(data.frames, options, theme, env.dashboard.utc),
    [data, theme],
  );
  const { min, max } = fieldConfig.defaults;
  return (
    <BarChart
      {...bars}
      title={props.title}
      height={props.height}
      orientation={histogram ? "vertical" : oneOf(options["orientation"], ["auto", "horizontal"], "auto")}
      stacking={oneOf(options["stacking"], ["none", "normal", "percent"], "none")}
      values={histogram ? "never" : oneOf(options["showValue"], ["auto", "always", "never"], "auto")}
      groupWidth={histogram ? 1 : number(options["groupWidth"], 0.7)}
      {...(histogram || min === undefined ? {} : { min })}
      {...(histogram || max === undefined ? {} : { max })}
      legend={fitted(legendOf(options), props.width)}
      tableShown={props.tableShown}
      onTable={props.onTable}
    />
  );
}

export function TimelineBody(props: BodyProps) {
  const { panel, data, theme, env } = props;
  const { options } = panel;
  const history = panel.type === "status-history";
  const merge = !history && flag(options["mergeValues"], true);
  const rows = useMemo(() => timelineRows(data, { theme, merge }), [data, theme]);
  return (
    <Timeline
      rows={rows}
      from={data.fromMs}
      to={data.toMs}
      title={props.title}
      height={props.height}
      texts={text(options["showValue"], "auto") !== "never"}
      rowHeight={Math.min(Math.max(number(options["rowHeight"], 0.9), 0.1), 1)}
      apart={history}
      legend={legendOf(options)}
      timezone={env.dashboard.utc ? "utc" : "browser"}
      tableShown={props.tableShown}
      onTable={props.onTable}
    />
  );
}
