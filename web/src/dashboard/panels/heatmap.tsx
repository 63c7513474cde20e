// SPDX-License-Identifier: Apache-2.0
// Buckets over time: of classic histograms, of native ones, or counted from the values themselves.
import { useMemo } from "preact/hooks";
import { Heatmap } from "../../charts/heatmap";
import type { HeatmapData, HeatmapProps } from "../../charts/types";
import { resolveColor } from "../../lib/colors";
import {
  calculateHeatmap,
  classicHeatmap,
  filterValues,
  hasHistograms,
  nativeHeatmap,
} from "../../lib/heatmap";
import { formatText } from "../../lib/units";
import type { PanelData } from "../data";
import type { Panel } from "../model";
import { at, flag, number, optionalNumber, text } from "../read";
import { tooltipOf } from "./timeseries";
import { exemplarsOf } from "./timeseries_data";
import type { BodyProps } from "./types";

function unitOf(panel: Panel): string {
  return text(at(panel.options, "yAxis", "unit"), panel.fieldConfig.defaults.unit ?? "short");
}

export function boundFormatter(panel: Panel): (bound: number) => string {
  const unit = unitOf(panel);
  const decimals = optionalNumber(at(panel.options, "yAxis", "decimals"));
  return (bound) =>
    bound === Infinity ? "+Inf" : bound === -Infinity ? "-Inf" : formatText(bound, unit, decimals);
}

export function heatmapOf(panel: Panel, data: PanelData): HeatmapData {
  const format = boundFormatter(panel);
  const step = data.stepMs;
  const scale = at(panel.options, "calculation", "yBuckets", "scale");
  const found = hasHistograms(data.frames)
    ? nativeHeatmap(data.frames, step, format)
    : flag(at(panel.options, "calculate"))
      ? calculateHeatmap(
          data.frames,
          at(scale, "type") === "log" ? { yLog: number(at(scale, "log"), 2) === 10 ? 10 : 2 } : {},
          format,
        )
      : classicHeatmap(data.frames, step, format);
  const le = optionalNumber(at(panel.options, "filterValues", "le"));
  const ge = optionalNumber(at(panel.options, "filterValues", "ge"));
  return filterValues(found, { ...(le === undefined ? {} : { le }), ...(ge === undefined ? {} : { ge }) });
}

function colorsOf(panel: Panel, theme: BodyProps["theme"]): Partial<HeatmapProps> {
  const color = at(panel.options, "color");
  const min = optionalNumber(at(color, "min"));
  const max = optionalNumber(at(color, "max"));
  return {
    ...(at(color, "mode") === "opacity"
      ? { fill: resolveColor(text(at(color, "fill"), "dark-orange"), theme) }
      : { scheme: text(at(color, "scheme"), "Oranges") }),
    exponent: number(at(color, "exponent"), 0.5),
    steps: number(at(color, "steps"), 64),
    reverse: flag(at(color, "reverse")),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

export function HeatmapBody(props: BodyProps) {
  const { panel, data, env, theme } = props;
  const drawn = useMemo(() => heatmapOf(panel, data), [panel, data]);
  const exemplars = useMemo(() => exemplarsOf(data.answered), [data]);
  const cells = text(at(panel.options, "cellValues", "unit"), "short");
  const decimals = optionalNumber(at(panel.options, "cellValues", "decimals"));
  return (
    <Heatmap
      data={drawn}
      from={data.fromMs}
      to={data.toMs}
      title={props.title}
      height={props.height}
      format={boundFormatter(panel)}
      formatCount={(count) => formatText(count, cells, decimals)}
      {...colorsOf(panel, theme)}
      legend={flag(at(panel.options, "legend", "show"), true) && props.height > 140}
      exemplars={exemplars}
      {...tooltipOf(props)}
      {...(at(panel.options, "tooltip", "show") === false ? { tooltip: "none" } : {})}
      timezone={env.dashboard.utc ? "utc" : "browser"}
      tableShown={props.tableShown}
      onTable={props.onTable}
      onZoom={props.onZoom}
      onZoomOut={props.onZoomOut}
    />
  );
}
