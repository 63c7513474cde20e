// SPDX-License-Identifier: Apache-2.0
// The answer of a range query as what charts draw. Its points stand on the grid of the steps: a step without
// a sample is a gap.
import type { ChartData, ChartSeries, HeatmapData } from "../charts/types";
import type { QueryData, SeriesResult } from "../api/types";
import type { Labels } from "../lib/frame";
import { seriesColor, type Theme } from "../lib/colors";
import { heatmapFrames, parseNumber, timeSeriesFrames } from "../lib/frames";
import { classicHeatmap, nativeHeatmap } from "../lib/heatmap";
import { seriesText } from "../lib/promtext";
import { axisNumber, plainNumber } from "./number";
import { commonLabels, labelOrder } from "./result";

export interface Grid {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface RangeResult {
  readonly times: readonly number[];
  readonly series: readonly RangeSeries[];
  readonly common: Labels;
  readonly sampleCount: number;
  readonly buckets: boolean; // classic ones: a heatmap can be drawn
  readonly histograms: boolean; // native ones: nothing else can
}

export interface RangeSeries {
  readonly key: string;
  readonly labels: Labels;
  readonly name: string; // the labels that tell it from the others
  readonly values: readonly (number | null)[];
}

export function gridTimes({ fromMs, toMs, stepMs }: Grid): number[] {
  const times: number[] = [];
  for (let time = fromMs; time <= toMs; time += stepMs) {
    times.push(time);
  }
  return times;
}

function place<T>(points: readonly (readonly [number, T])[], grid: Grid, count: number): (T | null)[] {
  const placed = new Array<T | null>(count).fill(null);
  for (const [seconds, value] of points) {
    const index = Math.round((seconds * 1000 - grid.fromMs) / grid.stepMs);
    if (index >= 0 && index < count) {
      placed[index] = value;
    }
  }
  return placed;
}

// name{label="value"}, without what all series share; where nothing is left, all of it.
function shortName(labels: Labels, common: Labels): string {
  const own = Object.keys(labels)
    .filter((name) => !Object.hasOwn(common, name))
    .sort(labelOrder);
  return own.length === 0
    ? seriesText(labels)
    : seriesText(Object.fromEntries(own.map((n) => [n, labels[n] ?? ""])));
}

function valuesOf(series: SeriesResult, grid: Grid, count: number): (number | null)[] {
  return place(series.values ?? [], grid, count).map((text) => (text === null ? null : parseNumber(text)));
}

export function rangeResult(data: QueryData, grid: Grid): RangeResult {
  const results = data.resultType === "matrix" ? data.result : [];
  const times = gridTimes(grid);
  const common = commonLabels(results.map((result) => result.metric));
  const series = results.map((result): RangeSeries => ({
    key: seriesText(result.metric),
    labels: result.metric,
    name: shortName(result.metric, common),
    values: valuesOf(result, grid, times.length),
  }));
  const sampleCount = results.reduce(
    (sum, one) => sum + (one.values?.length ?? 0) + (one.histograms?.length ?? 0),
    0,
  );
  const bounds = new Set(results.map((one) => one.metric["le"] ?? ""));
  return {
    times,
    series,
    common,
    sampleCount,
    buckets: results.length > 1 && !bounds.has("") && bounds.size > 1,
    histograms: results.some((one) => (one.histograms?.length ?? 0) > 0),
  };
}

// More series than the palette has colours repeat them with another dash.
const paletteSize = 32;
const dashes: readonly (readonly number[] | undefined)[] = [undefined, [6, 3], [2, 2], [8, 3, 2, 3]];

export interface Look {
  readonly color: string;
  readonly dash: readonly number[] | undefined;
}

export function lookOf(index: number, theme: Theme): Look {
  return {
    color: seriesColor(index, theme),
    dash: dashes[Math.floor(index / paletteSize) % dashes.length],
  };
}

export function chartData(
  result: RangeResult,
  shown: readonly number[],
  stacked: boolean,
  theme: Theme,
): ChartData {
  const series = shown.flatMap((index): ChartSeries[] => {
    const one = result.series[index];
    if (one === undefined) {
      return [];
    }
    const { color, dash } = lookOf(index, theme);
    return [
      {
        key: one.key,
        name: one.name,
        labels: one.labels,
        values: one.values,
        color,
        format: plainNumber,
        formatAxis: axisNumber,
        lineWidth: 1.5,
        fillOpacity: stacked ? 35 : 0,
        ...(stacked ? { stack: "all" } : {}),
        ...(dash === undefined || stacked ? {} : { dash }),
      },
    ];
  });
  return { times: result.times, series };
}

// The buckets as columns of a heatmap: of native histograms, or classic ones by `le`.
export function heatmapData(data: QueryData, native: boolean, stepMs: number): HeatmapData {
  const options = { refId: "A", expr: "", legend: "" };
  return native
    ? nativeHeatmap(timeSeriesFrames(data, options), stepMs, plainNumber)
    : classicHeatmap(heatmapFrames(data, options), stepMs, plainNumber);
}
