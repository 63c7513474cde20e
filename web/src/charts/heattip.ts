// SPDX-License-Identifier: Apache-2.0
// What the tooltip of a heatmap says about a cell.
import { timeText } from "./axis";
import { boundsText } from "./heatlayout";
import type { Tip } from "./tooltip";
import type { HeatmapProps } from "./types";

export function cellTip(props: HeatmapProps, column: number, row: number, color: string | undefined): Tip {
  const { data, formatCount = String, format, timezone } = props;
  const utc = timezone === "utc";
  const bound = data.bounds[row];
  const counts = data.counts[column] ?? [];
  const count = counts[row] ?? null;
  const total = counts.reduce<number>((sum, one) => sum + (one !== null && one > 0 ? one : 0), 0);
  const share = count !== null && total > 0 ? ` (${Math.round((count / total) * 1000) / 10} %)` : "";
  const value = count === null ? "no samples" : `${formatCount(count)}${share}`;
  const name = bound === undefined ? "" : boundsText(bound, format);
  const end = data.times[column] ?? 0;
  return {
    head: `${timeText(end - data.stepMs, utc)} to ${timeText(end, utc).slice(11)}`,
    lines: [{ color: color ?? "transparent", name, value, strong: true }],
  };
}
