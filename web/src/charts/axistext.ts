// SPDX-License-Identifier: Apache-2.0
// The texts of the ticks of a value axis.
import type { ScalePlan } from "./plotmodel";
import type { ChartSeries } from "./types";

const numberFirst = /^([-−]?\d+)(?:\.(\d+))?(?!\d)(.*)$/;

// Neighbours have as many decimals as the one that needs most: "1.60 s, 1.40 s, 1 s" becomes "1.6 s, 1.4 s,
// 1.0 s".
export function evenDecimals(texts: readonly string[]): string[] {
  const parts = texts.map((text) => numberFirst.exec(text));
  const needed = new Map<string, number>();
  for (const part of parts) {
    const decimals = (part?.[2] ?? "").replace(/0+$/, "").length;
    const rest = part?.[3] ?? "";
    needed.set(rest, Math.max(needed.get(rest) ?? 0, decimals));
  }
  return texts.map((text, index) => {
    const [, whole = "", decimals = "", rest = ""] = parts[index] ?? [];
    if (parts[index] === null || (Number(whole) === 0 && Number(decimals) === 0)) {
      return parts[index] === null ? text : `0${rest}`;
    }
    const count = needed.get(rest) ?? 0;
    return count === 0 ? `${whole}${rest}` : `${whole}.${decimals.padEnd(count, "0").slice(0, count)}${rest}`;
  });
}

// Of bounds, which are no even steps: "2.50 s" becomes "2.5 s", whatever its neighbours are.
export function shortDecimals(text: string): string {
  return evenDecimals([text])[0] ?? text;
}

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
  return evenDecimals(ticks.map((tick) => series?.format(tick) ?? String(tick)));
}
