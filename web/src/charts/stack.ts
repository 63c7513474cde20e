// SPDX-License-Identifier: Apache-2.0
// What is drawn of the values of a chart: stacked sums, gaps closed as each series asks, and nothing that
// has no place on an axis (NaN, infinities, and what is not above zero on a logarithmic one).
import type { ChartSeries } from "./types";

export type Column = (number | null | undefined)[]; // undefined: joined by a line, as if it were not there

export interface Drawn {
  readonly columns: readonly Column[]; // one for each series, shown or not
  readonly bands: readonly Band[];
}

// The area between two series of a stack, by their indices.
export interface Band {
  readonly from: number;
  readonly to: number; // the one nearer to zero
  readonly down: boolean; // it is stacked downwards
}

export type SeriesLook = Pick<
  ChartSeries,
  "values" | "stack" | "stackPercent" | "spanNulls" | "log" | "draw"
>;

export function placeable(value: number | null | undefined, log: boolean): number | null {
  if (value === null || value === undefined || !Number.isFinite(value) || (log && value <= 0)) {
    return null;
  }
  return value;
}

// Gaps of up to `limit` milliseconds between two values become undefined, so that the line goes on.
export function closeGaps(times: readonly number[], column: Column, limit: number): Column {
  let last = -1; // index of the last value
  for (let i = 0; i < column.length; i++) {
    if (column[i] === null || column[i] === undefined) {
      continue;
    }
    if (last >= 0 && i - last > 1 && (times[i] ?? 0) - (times[last] ?? 0) <= limit) {
      column.fill(undefined, last + 1, i);
    }
    last = i;
  }
  return column;
}

// Series that are mostly below zero are stacked downwards, apart from the others.
function pointsDown(values: readonly (number | null)[]): boolean {
  let sum = 0;
  for (const value of values) {
    sum += placeable(value, false) ?? 0;
  }
  return sum < 0;
}

interface Pile {
  readonly sums: Float64Array;
  readonly totals: Float64Array; // of the absolute values, for shares
  below: number; // index of the series under the next one, -1: the axis
}

function totalsOf(series: readonly SeriesLook[], members: readonly number[], length: number): Float64Array {
  const totals = new Float64Array(length);
  for (const index of members) {
    const values = series[index]?.values ?? [];
    for (let i = 0; i < length; i++) {
      totals[i] = (totals[i] ?? 0) + Math.abs(placeable(values[i], false) ?? 0);
    }
  }
  return totals;
}

function pile(look: SeriesLook, on: Pile, length: number): Column {
  const column: Column = new Array<number | null>(length);
  for (let i = 0; i < length; i++) {
    const value = placeable(look.values[i], false);
    const total = on.totals[i] ?? 0;
    const part = value === null ? 0 : look.stackPercent === true ? (total > 0 ? value / total : 0) : value;
    const sum = (on.sums[i] ?? 0) + part;
    on.sums[i] = sum;
    column[i] = value === null ? null : sum;
  }
  return column;
}

// What stands in a stack together: its name, and the direction.
function pileName(look: SeriesLook): string {
  return `${look.stack ?? ""}${look.stackPercent === true ? " %" : ""}${pointsDown(look.values) ? " -" : ""}`;
}

export function drawnColumns(
  times: readonly number[],
  series: readonly SeriesLook[],
  shown: (index: number) => boolean,
): Drawn {
  const length = times.length;
  const members = new Map<string, number[]>();
  series.forEach((look, index) => {
    if ((look.stack ?? "") !== "" && shown(index)) {
      const name = pileName(look);
      members.set(name, [...(members.get(name) ?? []), index]);
    }
  });
  const columns = series.map((look): Column => {
    if ((look.stack ?? "") !== "") {
      return [];
    }
    const log = look.log !== undefined;
    return look.values.map((value) => placeable(value, log));
  });
  const bands: Band[] = [];
  for (const [name, indices] of members) {
    const on: Pile = { sums: new Float64Array(length), totals: totalsOf(series, indices, length), below: -1 };
    for (const index of indices) {
      columns[index] = pile(series[index] as SeriesLook, on, length);
      if (on.below >= 0) {
        bands.push({ from: index, to: on.below, down: name.endsWith(" -") });
      }
      on.below = index;
    }
  }
  series.forEach((look, index) => {
    const column = columns[index] as Column;
    if (column.length !== length) {
      columns[index] = new Array<null>(length).fill(null); // hidden, or shorter than the times
    } else if (typeof look.spanNulls === "number" && look.spanNulls > 0) {
      closeGaps(times, column, look.spanNulls);
    }
  });
  return { columns, bands };
}
