// SPDX-License-Identifier: Apache-2.0
// Histograms as heatmaps: classic buckets ("le"), native histograms, and counts of the values themselves.
import type { HeatmapData } from "../charts/types";
import type { Field, Frame, Histogram, HistogramBucket } from "./frame";
import { parseNumber } from "./frames";
import { roundInterval } from "./step";

const none: HeatmapData = { times: [], stepMs: 0, bounds: [], counts: [] };
const rowsMax = 300; // more than a panel has pixels to tell apart
const tinyCount = 1e-9; // what is left of a difference of equal floats
const columnsWanted = 60; // of values that are counted here

type FormatBound = (bound: number) => string;
type Cells = (number | null)[][];

function ascending(values: Iterable<number>): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function boundLabel(bound: number, format: FormatBound): string {
  return bound === Infinity ? "+Inf" : bound === -Infinity ? "-Inf" : format(bound);
}

function fieldsOf(frame: Frame): { times: readonly unknown[]; fields: readonly Field[] } {
  const time = frame.fields.find((field) => field.type === "time");
  return { times: time?.values ?? [], fields: frame.fields.filter((field) => field !== time) };
}

// The upper bound that a series is the bucket of; where a query dropped the label, its name may have it.
function upperOf(field: Field, frame: Frame): number {
  const text = field.labels?.["le"] ?? field.config.displayNameFromDS ?? frame.name ?? field.name;
  return text.trim() === "" ? NaN : parseNumber(text.trim());
}

// Cumulative counts: by time, then by bound.
function cumulative(frames: readonly Frame[]): Map<number, Map<number, number>> {
  const columns = new Map<number, Map<number, number>>();
  for (const frame of frames) {
    const { times, fields } = fieldsOf(frame);
    for (const field of fields.filter((one) => one.type === "number")) {
      const upper = upperOf(field, frame);
      field.values.forEach((value, row) => {
        const time = times[row];
        if (
          Number.isNaN(upper) ||
          typeof time !== "number" ||
          typeof value !== "number" ||
          Number.isNaN(value)
        ) {
          return;
        }
        const column = columns.get(time) ?? new Map<number, number>();
        column.set(upper, (column.get(upper) ?? 0) + value);
        columns.set(time, column);
      });
    }
  }
  return columns;
}

// Of one series a bucket: cumulative by "le". Series of several histograms are added. `formatBound`: of the
// labels.
export function classicHeatmap(
  frames: readonly Frame[],
  stepMs: number,
  formatBound: FormatBound = String,
): HeatmapData {
  const columns = cumulative(frames);
  const times = ascending(columns.keys());
  const uppers = ascending([...columns.values()].flatMap((column) => [...column.keys()]));
  const first = uppers[0];
  if (first === undefined) {
    return none;
  }
  const counts = times.map((time) => {
    let below = 0;
    return uppers.map((upper) => {
      const count = columns.get(time)?.get(upper);
      if (count === undefined) {
        return null;
      }
      const own = count - below;
      below = Math.max(below, count);
      return own < tinyCount ? 0 : own;
    });
  });
  const bounds = uppers.map((upper, index) => ({
    lower: uppers[index - 1] ?? (first > 0 ? 0 : -Infinity),
    upper,
    label: boundLabel(upper, formatBound),
  }));
  return { times, stepMs, bounds, counts };
}

// Bounds that no bucket has inside of it: rows between them hold whole buckets only, however fine those of
// one time and coarse those of another are.
function commonBounds(buckets: readonly HistogramBucket[]): number[] {
  const bounds = ascending(buckets.flatMap((bucket) => [bucket.lower, bucket.upper]));
  const place = new Map(bounds.map((bound, index) => [bound, index]));
  // +1 where a bucket begins to cover bounds, -1 where it ends: those with a sum of zero are inside of none.
  const covers = new Array<number>(bounds.length + 1).fill(0);
  for (const bucket of buckets) {
    const [from, to] = [(place.get(bucket.lower) as number) + 1, place.get(bucket.upper) as number];
    if (from < to) {
      covers[from] = (covers[from] as number) + 1;
      covers[to] = (covers[to] as number) - 1;
    }
  }
  let inside = 0;
  return bounds.filter((_, index) => {
    inside += covers[index] as number;
    return inside === 0;
  });
}

// Buckets without observations are not sent. Where bounds grow by a constant factor, those that are missing
// follow from it; a row of many would else stand for the height of one.
function withGaps(bounds: readonly number[], buckets: readonly HistogramBucket[]): number[] {
  const taken = new Set(buckets.map((bucket) => rowAt(bounds, bucket.lower)));
  const ratio = (a: number, b: number) => (a > 0 && b < Infinity ? b / a : a < 0 && b < 0 ? a / b : NaN);
  const ratios = bounds.slice(1).map((bound, index) => ratio(bounds[index] as number, bound));
  const growth = Math.min(...ratios.filter((one) => one > 1 && one < Infinity));
  const filled: number[] = [];
  bounds.forEach((bound, index) => {
    filled.push(bound);
    const steps = Math.log(ratios[index] ?? NaN) / Math.log(growth);
    const whole = Math.round(steps);
    if (!taken.has(index) && whole > 1 && whole <= rowsMax && Math.abs(steps - whole) < 1e-6 * whole) {
      const factor = bound > 0 ? growth : 1 / growth;
      for (let step = 1; step < whole; step++) {
        filled.push(bound * factor ** step);
      }
    }
  });
  return filled;
}

// Every other bound goes until the rows are few enough.
function thinned(bounds: readonly number[]): readonly number[] {
  let now = bounds;
  while (now.length - 1 > rowsMax) {
    const last = now.length - 1;
    now = now.filter((_, index) => index % 2 === 0 || index === last);
  }
  return now;
}

function histograms(frames: readonly Frame[]): Map<number, Histogram[]> {
  const columns = new Map<number, Histogram[]>();
  for (const frame of frames) {
    const { times, fields } = fieldsOf(frame);
    for (const field of fields) {
      field.values.forEach((value, row) => {
        const time = times[row];
        if (typeof time === "number" && typeof value === "object" && value !== null) {
          columns.set(time, [...(columns.get(time) ?? []), value]);
        }
      });
    }
  }
  return columns;
}

// The last row that begins at or below a bound.
function rowAt(bounds: readonly number[], lower: number): number {
  let [low, high] = [0, bounds.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((bounds[middle] as number) <= lower) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Of fields of native histograms, whose buckets may differ from one time to the next.
export function nativeHeatmap(
  frames: readonly Frame[],
  stepMs: number,
  formatBound: FormatBound = String,
): HeatmapData {
  const columns = histograms(frames);
  const buckets = [...columns.values()].flat().flatMap((histogram) => histogram.buckets);
  const bounds = thinned(withGaps(commonBounds(buckets), buckets));
  if (bounds.length < 2) {
    return none;
  }
  const times = ascending(columns.keys());
  const counts = times.map((time) => {
    const column = new Array<number>(bounds.length - 1).fill(0);
    for (const bucket of columns.get(time)?.flatMap((histogram) => histogram.buckets) ?? []) {
      const row = rowAt(bounds, bucket.lower);
      column[row] = (column[row] as number) + Math.max(0, bucket.count);
    }
    return column;
  });
  // Without negative observations the zero bucket reaches from zero.
  const negative = (bounds[1] as number) <= 0;
  const rows = bounds.slice(1).map((upper, index) => ({
    lower: index === 0 && !negative ? Math.max(0, bounds[0] as number) : (bounds[index] as number),
    upper,
    label: boundLabel(upper, formatBound),
  }));
  return { times, stepMs, bounds: rows, counts };
}

export interface CalculateOptions {
  readonly yBuckets?: number; // about so many rows; 10
  readonly xBucketMs?: number; // default: about 60 columns
  readonly yLog?: 2 | 10; // rows at powers
  readonly yBucketSize?: number;
}

// 1, 2 or 5 times a power of ten.
function niceSize(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const digit = [1, 2, 5, 10].find((one) => size / power <= one * 1.000001) ?? 10;
  return digit * power;
}

function linearBounds(min: number, max: number, options: CalculateOptions): number[] {
  const span = max > min ? max - min : Math.abs(max) || 1;
  const asked = options.yBucketSize ?? 0;
  const size = Math.max(
    asked > 0 ? asked : niceSize(span / Math.max(1, options.yBuckets ?? 10)),
    span / rowsMax,
  );
  const from = Math.floor(min / size);
  const rows = Math.min(rowsMax, Math.floor(max / size) - from + 1);
  return Array.from({ length: rows + 1 }, (_, index) => Number(((from + index) * size).toPrecision(12)));
}

// What is not above zero has a row of its own below all powers.
function powerBounds(values: readonly number[], base: number): number[] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) {
    return [-Infinity, 0];
  }
  const power = (value: number) => Math.floor(Math.log(value) / Math.log(base) + 1e-9);
  const from = power(positive.reduce((a, b) => Math.min(a, b)));
  const to = power(positive.reduce((a, b) => Math.max(a, b))) + 1;
  const bounds = Array.from({ length: to - from + 1 }, (_, index) => base ** (from + index));
  return positive.length < values.length ? [-Infinity, ...bounds] : bounds;
}

function samples(frames: readonly Frame[]): [time: number, value: number][] {
  return frames.flatMap((frame) => {
    const { times, fields } = fieldsOf(frame);
    return fields.flatMap((field) =>
      field.values.flatMap((value, row): [number, number][] => {
        const time = times[row];
        return typeof time === "number" && typeof value === "number" && Number.isFinite(value)
          ? [[time, value]]
          : [];
      }),
    );
  });
}

// Of the values of series: how many fall into each cell (options.calculate of a panel).
export function calculateHeatmap(
  frames: readonly Frame[],
  options: CalculateOptions = {},
  formatBound: FormatBound = String,
): HeatmapData {
  const found = samples(frames);
  const [first] = found;
  if (first === undefined) {
    return none;
  }
  let [from, to, min, max] = [first[0], first[0], first[1], first[1]];
  for (const [time, value] of found) {
    [from, to] = [Math.min(from, time), Math.max(to, time)];
    [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  const asked = options.xBucketMs ?? 0;
  const stepMs = Math.max(
    asked > 0 ? asked : roundInterval((to - from) / columnsWanted),
    (to - from) / 2000,
    1,
  );
  const all = found.map(([, value]) => value);
  const bounds =
    options.yLog === undefined ? linearBounds(min, max, options) : powerBounds(all, options.yLog);
  const begin = Math.floor(from / stepMs);
  const columns = Math.floor(to / stepMs) - begin + 1;
  const counts: Cells = Array.from({ length: columns }, () => new Array<number>(bounds.length - 1).fill(0));
  for (const [time, value] of found) {
    const column = counts[Math.floor(time / stepMs) - begin] as number[];
    const row = rowAt(bounds, value);
    column[row] = (column[row] as number) + 1;
  }
  return {
    times: counts.map((_, index) => (begin + index + 1) * stepMs),
    stepMs,
    bounds: bounds.slice(1).map((upper, index) => ({
      lower: bounds[index] as number,
      upper,
      label: boundLabel(upper, formatBound),
    })),
    counts,
  };
}

// Counts of at most `le`, or at least `ge`, are as none (filterValues of a panel).
export function filterValues(
  data: HeatmapData,
  filter: { readonly le?: number; readonly ge?: number },
): HeatmapData {
  const { le = -Infinity, ge = Infinity } = filter;
  const keep = (count: number | null) => (count === null || count <= le || count >= ge ? null : count);
  return { ...data, counts: data.counts.map((column) => column.map(keep)) };
}

export function hasHistograms(frames: readonly Frame[]): boolean {
  return frames.some((frame) => frame.fields.some((field) => field.type === "histogram"));
}
