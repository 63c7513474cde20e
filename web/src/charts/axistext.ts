// SPDX-License-Identifier: Apache-2.0
// The texts of the ticks of a value axis.
import type { ScalePlan } from "./plotmodel";
import type { ChartSeries } from "./types";

export function axisTexts(
  series: ChartSeries | undefined,
  plan: ScalePlan,
  ticks: readonly number[],
): string[] {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  if (plan.percent) {
    return ticks.map((tick) => `${Math.round(tick * 1000) / 10} %`);
  }
  if (series?.formatAxis !== undefined) {
    return ticks.map((tick) => series.formatAxis?.(tick, step) ?? "");
  }
  return ticks.map((tick) => series?.format(tick) ?? String(tick));
}
