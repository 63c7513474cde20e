// SPDX-License-Identifier: Apache-2.0
// Which panels can be drawn here, and what stands in one that has nothing to draw.
import type { ComponentType } from "preact";
import { sentence } from "../app/states";
import type { PanelData } from "./data";
import type { Panel } from "./model";
import { emptyQuery, refusal } from "./queries";
import { BarChartBody, TimelineBody } from "./panels/bars";
import { HeatmapBody } from "./panels/heatmap";
import { TableBody } from "./panels/table";
import { TimeSeriesBody } from "./panels/timeseries";
import type { BodyProps } from "./panels/types";
import { BarGaugeBody, GaugeBody, PieBody, StatBody } from "./panels/values";

const bodies: Readonly<Record<string, ComponentType<BodyProps>>> = {
  timeseries: TimeSeriesBody,
  stat: StatBody,
  gauge: GaugeBody,
  bargauge: BarGaugeBody,
  table: TableBody,
  heatmap: HeatmapBody,
  piechart: PieBody,
  barchart: BarChartBody,
  histogram: BarChartBody,
  "state-timeline": TimelineBody,
  "status-history": TimelineBody,
};

export function bodyOf(type: string): ComponentType<BodyProps> | undefined {
  return Object.hasOwn(bodies, type) ? bodies[type] : undefined;
}

export function Failures({ data }: { data: PanelData }) {
  if (data.failures.length === 0) {
    return null;
  }
  return (
    <ul class="panel-failures" role="alert">
      {data.failures.map(({ refId, message }) => (
        <li key={refId + message}>
          <span aria-hidden="true">✕ </span>
          {refId !== "" && <b>Query {refId}: </b>}
          {sentence(message)}
        </li>
      ))}
    </ul>
  );
}

// Why there is nothing: no query, none of them shown, or none with an answer.
export function emptyReason(panel: Panel, data: PanelData): string {
  if (panel.targets.every((target) => refusal(target) === emptyQuery)) {
    return "This panel has no query.";
  }
  if (panel.targets.every((target) => target.hide)) {
    return "All queries of this panel are hidden.";
  }
  const asked = data.answered.filter((answer) => !answer.target.hide);
  if (asked.length > 0 && asked.every((answer) => answer.series === 0)) {
    return (
      "No series has samples for its queries in this time range with these variables; hint: widen the " +
      'range, or see "Queries" in the menu of the panel.'
    );
  }
  return "Its queries have no numbers to draw.";
}
