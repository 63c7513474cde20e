// SPDX-License-Identifier: Apache-2.0
// Many values into one: Grafana's reducers, by their ids.
import type { FieldValue } from "./frame";

type Reducer = (values: readonly number[], all: readonly FieldValue[]) => number | null;

const first = (values: readonly number[]) => values[0] ?? null;
const last = (values: readonly number[]) => values[values.length - 1] ?? null;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => (values.length === 0 ? null : sum(values) / values.length);
const orNull = (value: number | undefined) => (value === undefined ? null : value);

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => (b < a ? b : a));
}

function most(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => (b > a ? b : a));
}

function variance(values: readonly number[]): number | null {
  const center = mean(values);
  return center === null ? null : sum(values.map((value) => (value - center) ** 2)) / values.length;
}

// Rises only: what is below the value before it is taken for a counter that began anew.
function delta(values: readonly number[]): number | null {
  let total = 0;
  for (let i = 1; i < values.length; i++) {
    const step = (values[i] ?? 0) - (values[i - 1] ?? 0);
    total += step > 0 ? step : step < 0 ? (values[i] ?? 0) : 0;
  }
  return values.length === 0 ? null : total;
}

// The least step between two neighbours.
function step(values: readonly number[]): number | null {
  let found = Infinity;
  for (let i = 1; i < values.length; i++) {
    found = Math.min(found, (values[i] ?? 0) - (values[i - 1] ?? 0));
  }
  return Number.isFinite(found) ? found : 0;
}

// The value below which p percent are: of the sorted values that at p percent of their count.
function percentile(p: number): Reducer {
  return (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return orNull(sorted[Math.round(((sorted.length - 1) * p) / 100)]);
  };
}

function changes(values: readonly number[]): number {
  return values.filter((value, i) => i > 0 && value !== values[i - 1]).length;
}

const reducers: Readonly<Record<string, { name: string; reduce: Reducer }>> = {
  lastNotNull: { name: "Last *", reduce: last },
  last: { name: "Last", reduce: (_values, all) => numberOf(all[all.length - 1]) },
  firstNotNull: { name: "First *", reduce: first },
  first: { name: "First", reduce: (_values, all) => numberOf(all[0]) },
  min: { name: "Min", reduce: least },
  max: { name: "Max", reduce: most },
  mean: { name: "Mean", reduce: mean },
  median: { name: "Median", reduce: percentile(50) },
  sum: { name: "Total", reduce: (values) => (values.length === 0 ? 0 : sum(values)) },
  count: { name: "Count", reduce: (_values, all) => all.length },
  range: { name: "Range", reduce: (values) => difference(most(values), least(values)) },
  delta: { name: "Delta", reduce: delta },
  step: { name: "Step", reduce: step },
  diff: { name: "Difference", reduce: (values) => difference(last(values), first(values)) },
  diffperc: { name: "Difference percent", reduce: (values) => share(values) },
  logmin: { name: "Min (above zero)", reduce: (values) => least(values.filter((value) => value > 0)) },
  allIsZero: { name: "All zeros", reduce: (values) => Number(values.every((value) => value === 0)) },
  allIsNull: { name: "All nulls", reduce: (values) => Number(values.length === 0) },
  changeCount: { name: "Change count", reduce: changes },
  distinctCount: { name: "Distinct count", reduce: (values) => new Set(values).size },
  variance: { name: "Variance", reduce: variance },
  stdDev: { name: "StdDev", reduce: (values) => root(variance(values)) },
};

function numberOf(value: FieldValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function share(values: readonly number[]): number | null {
  const begin = first(values);
  const change = difference(last(values), begin);
  return change === null || begin === null ? null : change / begin;
}

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}

// The ids and the names that legends show for them.
export const CALCS: readonly { id: string; name: string }[] = Object.entries(reducers).map(([id, { name }]) => ({
  id,
  name,
}));

export function calcName(calc: string): string {
  return reducers[calc]?.name ?? (isPercentile(calc) ? `${calc.slice(1)}th %` : calc);
}

function isPercentile(calc: string): boolean {
  return /^p([1-9]\d?)$/.test(calc);
}

// Null and NaN count as no value, but for "first", "last" and "count". An unknown id gives null.
export function reduce(calc: string, values: readonly FieldValue[]): number | null {
  const numbers = values.filter((value): value is number => typeof value === "number" && !Number.isNaN(value));
  if (Object.hasOwn(reducers, calc)) {
    return reducers[calc]?.reduce(numbers, values) ?? null;
  }
  return isPercentile(calc) ? percentile(Number(calc.slice(1)))(numbers, values) : null;
}
