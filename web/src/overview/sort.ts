// SPDX-License-Identifier: Apache-2.0
// The rows of the Overview in another order, and fewer of them.
import { compareText, type Row } from "./model";

export const sortKeys = ["name", "rate", "errors", "p50", "p95", "p99", "queue", "flight"] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

// "p95" or "-p95", as in the address.
export function parseSort(text: string | null): Sort {
  const key = sortKeys.find((one) => one === text?.replace(/^-/, "")) ?? "name";
  return { key, descending: text?.startsWith("-") ?? false };
}

export function printSort(sort: Sort): string {
  return (sort.descending ? "-" : "") + sort.key;
}

const sortValue: Readonly<Record<Exclude<SortKey, "name">, (row: Row) => number | null>> = {
  rate: (row) => row.rate,
  errors: (row) => row.errorRatio,
  p50: (row) => row.p50,
  p95: (row) => row.p95,
  p99: (row) => row.p99,
  queue: (row) => row.queue,
  flight: (row) => row.inFlight,
};

// What is missing comes last in either direction.
export function sortRows(rows: readonly Row[], sort: Sort): Row[] {
  const sign = sort.descending ? -1 : 1;
  const key = sort.key;
  return [...rows].sort((a, b) => {
    if (key === "name") {
      return sign * compareText(a.name, b.name);
    }
    const left = sortValue[key](a);
    const right = sortValue[key](b);
    if (left === null || right === null) {
      return left === right ? compareText(a.name, b.name) : left === null ? 1 : -1;
    }
    return sign * (left - right) || compareText(a.name, b.name);
  });
}

export function filterRows(rows: readonly Row[], text: string): readonly Row[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) {
    return rows;
  }
  return rows.filter((row) => words.every((word) => row.name.toLowerCase().includes(word)));
}

export type Severity = "ok" | "warn" | "bad";

// One failure in twenty is more than a hiccup.
export function errorSeverity(row: Row): Severity {
  const ratio = row.errorRatio ?? 0;
  return ratio <= 0 ? "ok" : ratio < 0.05 ? "warn" : "bad";
}
