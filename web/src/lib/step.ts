// SPDX-License-Identifier: Apache-2.0
// How far apart the points of a query are, as Grafana decides it: the same dashboard then asks the same
// queries here and there. The table is that of rangeutil in @grafana/data.

const roundings: readonly (readonly [below: number, ms: number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];

export const pointsMax = 11_000; // of a range query: Prometheus refuses more
export const defaultScrapeMs = 15_000; // of a data source that does not say

// A round interval near `ms`.
export function roundInterval(ms: number): number {
  return roundings.find(([below]) => ms < below)?.[1] ?? 31_536_000_000;
}

// $__interval: the range in as many parts as the panel has pixels, rounded, and no less than the least.
export function calculateInterval(rangeMs: number, maxDataPoints: number, minMs: number): number {
  const exact = rangeMs / Math.max(1, maxDataPoints);
  return exact < minMs ? minMs : roundInterval(exact);
}

// The step of a query: $__interval, or more where the range would have too many points of it.
export function queryStep(rangeMs: number, intervalMs: number): number {
  return Math.max(intervalMs, roundInterval(rangeMs / pointsMax));
}

// $__rate_interval: wide enough for rate() to see two samples, whatever was missed.
export function rateInterval(intervalMs: number, scrapeMs: number): number {
  return Math.max(intervalMs + scrapeMs, 4 * scrapeMs);
}

// Begin and end of a range query, on multiples of its step: the points then stay the same from one refresh to
// the next.
export function alignRange(fromMs: number, toMs: number, stepMs: number): [number, number] {
  return [Math.floor(fromMs / stepMs) * stepMs, Math.floor(toMs / stepMs) * stepMs];
}
