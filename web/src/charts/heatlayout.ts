// SPDX-License-Identifier: Apache-2.0
// Where the cells of a heatmap stand: rows of equal height, or bounds at their value on a logarithmic axis.
// Places are shares of the plot's width and height, from its left and from its bottom.
import type { HeatmapData } from "./types";

export interface Row {
  readonly from: number;
  readonly to: number;
}

export interface Tick {
  readonly at: number;
  readonly value: number;
}

export interface HeatRows {
  readonly rows: readonly Row[];
  readonly edges: readonly Tick[]; // bounds between rows, and the outer ones
  readonly place: (value: number) => number; // of an exemplar
}

type Bounds = HeatmapData["bounds"];

function equalRows(bounds: Bounds): HeatRows {
  const count = Math.max(1, bounds.length);
  const edges = bounds.map((bound, index) => ({ at: (index + 1) / count, value: bound.upper }));
  const first = bounds[0];
  if (first !== undefined) {
    edges.unshift({ at: 0, value: first.lower });
  }
  const place = (value: number) => {
    const index = bounds.findIndex((bound) => value <= bound.upper);
    const bound = bounds[index];
    if (bound === undefined) {
      return 1;
    }
    const width = bound.upper - bound.lower;
    const share = Number.isFinite(width) && width > 0 ? (value - bound.lower) / width : 0.5;
    return (index + Math.min(1, Math.max(0, share))) / count;
  };
  return { rows: bounds.map((_, index) => ({ from: index / count, to: (index + 1) / count })), edges, place };
}

// What is not above zero, and what has no upper bound, gets one step of the base at the end of the axis.
function logRows(bounds: Bounds, base: number): HeatRows {
  const log = (value: number) => Math.log(value) / Math.log(base);
  const finite = bounds
    .flatMap((bound) => [bound.lower, bound.upper])
    .filter((value) => value > 0 && value < Infinity);
  if (finite.length === 0) {
    return equalRows(bounds);
  }
  const least = log(Math.min(...finite));
  const greatest = log(Math.max(...finite));
  const step = Math.max(1, (greatest - least) * 0.04);
  const from = bounds.some((bound) => bound.lower <= 0) ? least - step : least;
  const to = bounds.some((bound) => bound.upper === Infinity) ? greatest + step : greatest;
  const span = to > from ? to - from : 1;
  const place = (value: number) => {
    const at = value <= 0 ? from : value === Infinity ? to : log(value);
    return Math.min(1, Math.max(0, (at - from) / span));
  };
  const rows = bounds.map((bound) => ({ from: place(bound.lower), to: place(bound.upper) }));
  const values = [...new Set(bounds.flatMap((bound) => [bound.lower, bound.upper]))].sort((a, b) => a - b);
  return { rows, edges: values.map((value) => ({ at: place(value), value })), place };
}

// An open end is no number that a unit could be put to.
export function boundText(bound: number, format: (bound: number) => string): string {
  return Number.isFinite(bound) ? format(bound) : bound > 0 ? "+Inf" : "-Inf";
}

export function boundsText(bound: Bounds[number], format: (bound: number) => string): string {
  if (bound.upper === Infinity) {
    return `above ${boundText(bound.lower, format)}`;
  }
  return bound.lower === -Infinity
    ? `up to ${format(bound.upper)}`
    : `${format(bound.lower)} to ${format(bound.upper)}`;
}

export function heatRows(bounds: Bounds, base: number | undefined): HeatRows {
  return base === undefined ? equalRows(bounds) : logRows(bounds, base);
}

// Edges whose labels keep their distance (a share of the height); the lowest and then each that is far
// enough.
export function spacedTicks(edges: readonly Tick[], distance: number): Tick[] {
  const kept: Tick[] = [];
  for (const edge of edges) {
    const last = kept[kept.length - 1];
    if (last === undefined || edge.at - last.at >= distance - 1e-9) {
      kept.push(edge);
    }
  }
  return kept;
}

// Columns that are seen: the first and the one after the last.
export function seenColumns(
  times: readonly number[],
  stepMs: number,
  from: number,
  to: number,
): [number, number] {
  let first = 0;
  while (first < times.length && (times[first] ?? 0) <= from) {
    first++;
  }
  let end = times.length;
  while (end > first && (times[end - 1] ?? 0) - stepMs >= to) {
    end--;
  }
  return [first, end];
}

// The column that covers the time, or null.
export function columnAt(times: readonly number[], stepMs: number, time: number): number | null {
  let low = 0;
  let high = times.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const end = times[middle] ?? 0;
    if (time > end) {
      low = middle + 1;
    } else if (time <= end - stepMs) {
      high = middle - 1;
    } else {
      return middle;
    }
  }
  return null;
}

export function rowAt(rows: readonly Row[], share: number): number | null {
  const index = rows.findIndex((row) => share >= row.from && share < row.to);
  return index < 0 ? null : index;
}
