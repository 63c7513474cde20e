// SPDX-License-Identifier: Apache-2.0
// What the tooltip of a heatmap says about a cell.
import { timeText } from "./axis";
import { boundsText } from "./heatlayout";
import type { Tip, TipLine } from "./tooltip";
import type { HeatmapProps } from "./types";

// The cell's bucket alone, or all that counted something at its time, from the highest down.
export function cellTip(
  props: HeatmapProps,
  column: number,
  row: number,
  colorOf: (count: number | null) => string | undefined,
): Tip {
  const { data, formatCount = String, format, timezone, tooltip } = props;
  const utc = timezone === "utc";
  const counts = data.counts[column] ?? [];
  const total = counts.reduce<number>((sum, one) => sum + (one !== null && one > 0 ? one : 0), 0);
  const lineOf = (at: number): TipLine => {
    const bound = data.bounds[at];
    const count = counts[at] ?? null;
    const share = count !== null && total > 0 ? ` (${Math.round((count / total) * 1000) / 10} %)` : "";
    return {
      color: colorOf(count) ?? "transparent",
      name: bound === undefined ? "" : boundsText(bound, format),
      value: count === null ? "no samples" : `${formatCount(count)}${share}`,
      strong: at === row,
    };
  };
  const rows = data.bounds.map((_, at) => at).reverse();
  const wanted = rows.filter((at) => at === row || (tooltip === "multi" && (counts[at] ?? 0) > 0));
  const end = data.times[column] ?? 0;
  return {
    head: `${timeText(end - data.stepMs, utc)} to ${timeText(end, utc).slice(11)}`,
    lines: wanted.map(lineOf),
  };
}
