// SPDX-License-Identifier: Apache-2.0
// Buckets over time, coloured by their counts.
import { ChartFrame } from "./datatable";
import type { HeatmapProps } from "./types";

export function Heatmap(props: HeatmapProps) {
  return (
    <ChartFrame {...props} className="chart-heatmap" tables={() => []}>
      <p class="chart-empty">{props.data.times.length} columns</p>
    </ChartFrame>
  );
}
