// SPDX-License-Identifier: Apache-2.0
// Series as one value: the calculations of Grafana's legends, stats and tables, by its ids and with its
// results.
import type { FieldValue } from "./frame";

export interface Calc {
  readonly id: string;
  readonly name: string; // what a legend says
}

type Reducer = (numbers: readonly number[], all: readonly FieldValue[]) => FieldValue;

const isNone = (value: FieldValue) => value === null || (typeof value === "number" && Number.isNaN(value));
const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
const least = (numbers: readonly number[]) =>
  numbers.length === 0 ? null : numbers.reduce((a, b) => (b < a ? b : a));
const most = (numbers: readonly number[]) =>
  numbers.length === 0 ? null : numbers.reduce((a, b) => (b > a ? b : a));
const first = (numbers: readonly number[]) => numbers[0] ?? null;
const last = (numbers: readonly number[]) => numbers[numbers.length - 1] ?? null;

function minus(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left - right;
}

// What counters grew by: falls are resets, and the first step after a fall counts for nothing.
function delta(numbers: readonly number[]): number {
  let total = 0;
  let rising = true;
  for (let i = 1; i < numbers.length; i++) {
    const step = (numbers[i] as number) - (numbers[i - 1] as number);
    if (step < 0) {
      rising = false;
    } else {
      total += rising ? step : 0;
      rising = true;
    }
  }
  return total;
}

function leastStep(numbers: readonly number[]): number | null {
  return least(numbers.slice(1).map((value, index) => value - (numbers[index] as number)));
}

// Of all values that are there; a NaN among them makes it NaN.
function variance(all: readonly FieldValue[]): number {
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (const value of all) {
    if (typeof value === "number") {
      count++;
      const before = mean;
      mean += (value - before) / count;
      squares += (value - before) * (value - mean);
    }
  }
  return count === 0 ? 0 : squares / count;
}

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function median(numbers: readonly number[]): number | null {
  const ordered = sorted(numbers);
  const middle = Math.floor(ordered.length / 2);
  const upper = ordered[middle];
  if (upper === undefined) {
    return null;
  }
  return ordered.length % 2 === 1 ? upper : ((ordered[middle - 1] as number) + upper) / 2;
}

// The nearest value, not one between two.
function percentile(numbers: readonly number[], percent: number): number | null {
  const ordered = sorted(numbers);
  return ordered[Math.round((ordered.length - 1) * (percent / 100))] ?? null;
}

function present(all: readonly FieldValue[]): FieldValue[] {
  return all.filter((value) => value !== null);
}

function changes(all: readonly FieldValue[]): number {
  return present(all).filter((value, index, values) => index > 0 && !Object.is(value, values[index - 1]))
    .length;
}

function texts(values: Iterable<FieldValue>): string {
  return [...values].map((value) => (typeof value === "object" ? "" : String(value))).join(", ");
}

const reducers: Readonly<Record<string, readonly [name: string, reduce: Reducer]>> = {
  lastNotNull: ["Last *", (_, all) => [...all].reverse().find((value) => !isNone(value)) ?? null],
  last: ["Last", (_, all) => all[all.length - 1] ?? null],
  firstNotNull: ["First *", (_, all) => all.find((value) => !isNone(value)) ?? null],
  first: ["First", (_, all) => all[0] ?? null],
  min: ["Min", least],
  max: ["Max", most],
  mean: ["Mean", (numbers) => (numbers.length === 0 ? null : sum(numbers) / numbers.length)],
  median: ["Median", median],
  variance: ["Variance", (_, all) => (all.length === 0 ? null : variance(all))],
  stdDev: ["StdDev", (_, all) => (all.length === 0 ? null : Math.sqrt(variance(all)))],
  sum: ["Total", sum],
  count: ["Count", (_, all) => present(all).length],
  countAll: ["Count all", (_, all) => all.length],
  range: ["Range", (numbers) => minus(most(numbers), least(numbers))],
  delta: ["Delta", (numbers, all) => (all.length === 0 ? null : delta(numbers))],
  step: ["Step", leastStep],
  diff: ["Difference", (numbers) => minus(last(numbers), first(numbers))],
  logmin: ["Min (above zero)", (numbers) => least(numbers.filter((value) => value > 0))],
  allIsZero: ["All Zeros", (numbers) => Number(numbers.length > 0 && numbers.every((value) => value === 0))],
  allIsNull: ["All Nulls", (numbers) => Number(numbers.length === 0)],
  changeCount: ["Change Count", (_, all) => (all.length === 0 ? null : changes(all))],
  distinctCount: ["Distinct Count", (_, all) => (all.length === 0 ? null : new Set(present(all)).size)],
  diffperc: ["Difference percent", (numbers, all) => (all.length === 0 ? null : share(numbers))],
  allValues: ["All values", (_, all) => texts(all)],
  uniqueValues: ["All unique values", (_, all) => texts(new Set(all))],
};

// Of the first value. Of nothing, nothing is no share.
function share(numbers: readonly number[]): number | null {
  const begin = first(numbers);
  const change = minus(last(numbers), begin);
  if (begin === null || change === null) {
    return 0;
  }
  return begin === 0 && change === 0 ? null : (change / begin) * 100;
}

const aliases: Readonly<Record<string, string>> = { current: "lastNotNull", avg: "mean", total: "sum" };

function idOf(calc: string): string {
  return Object.hasOwn(aliases, calc) ? (aliases[calc] as string) : calc;
}

function percentOf(calc: string): number | null {
  const found = /^p([1-9]\d?)$/.exec(calc);
  return found === null ? null : Number(found[1]);
}

function ending(number: number): string {
  const teen = number > 3 && number < 21;
  return teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
}

// Those that are chosen by name; percentiles p1 to p99 are there besides.
export const CALCS: readonly Calc[] = Object.entries(reducers).map(([id, [name]]) => ({ id, name }));

export function calcName(calc: string): string {
  const id = idOf(calc);
  const percent = percentOf(id);
  if (percent !== null) {
    return `${percent}${ending(percent)} %`;
  }
  return Object.hasOwn(reducers, id) ? (reducers[id]?.[0] ?? calc) : calc;
}

// Whatever the values are: the last of texts is a text. Yes and no are 1 and 0; null: there is nothing to
// calculate with, or no such calculation.
export function reduceValue(calc: string, values: readonly FieldValue[]): FieldValue {
  const id = idOf(calc);
  const numbers = values.filter(
    (value): value is number => typeof value === "number" && !Number.isNaN(value),
  );
  const percent = percentOf(id);
  if (percent !== null) {
    return percentile(numbers, percent);
  }
  return Object.hasOwn(reducers, id) ? (reducers[id]?.[1](numbers, values) ?? null) : null;
}

// The same where only numbers are of use.
export function reduce(calc: string, values: readonly FieldValue[]): number | null {
  const value = reduceValue(calc, values);
  return typeof value === "number" ? value : null;
}
