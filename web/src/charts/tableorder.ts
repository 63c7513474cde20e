// SPDX-License-Identifier: Apache-2.0
// Which rows of a table are shown, and in which order.
import type { CellValue, TableColumn, TableSort } from "./types";

export function cellText(column: TableColumn, row: number): string {
  const value = column.values[row] ?? null;
  return column.format?.(value, row) ?? (value === null ? "" : String(value));
}

export function alignOf(column: TableColumn): "left" | "center" | "right" {
  if (column.align !== undefined && column.align !== "auto") {
    return column.align;
  }
  const first = column.values.find((value) => value !== null);
  return typeof first === "number" ? "right" : "left";
}

function missing(value: CellValue): boolean {
  return value === null || value === "" || (typeof value === "number" && Number.isNaN(value));
}

// Numbers before texts, texts by the worth of their digits.
export function compareCells(a: CellValue, b: CellValue): number {
  if (typeof a === "number" && typeof b === "number") {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === "number" || typeof b === "number") {
    return typeof a === "number" ? -1 : 1;
  }
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

// Missing values stand last, whichever way the rest is sorted; equal ones keep their order.
export function rowOrder(
  columns: readonly TableColumn[],
  sort: TableSort | null,
  filters: Readonly<Record<string, string>>,
): number[] {
  const count = columns[0]?.values.length ?? 0;
  const wanted = columns.filter((column) => (filters[column.key] ?? "") !== "");
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    const fits = wanted.every((column) =>
      cellText(column, row)
        .toLowerCase()
        .includes((filters[column.key] ?? "").toLowerCase()),
    );
    if (fits) {
      rows.push(row);
    }
  }
  const by = sort === null ? undefined : columns.find((column) => column.key === sort.key);
  if (sort === null || by === undefined) {
    return rows;
  }
  const value = (row: number) => by.values[row] ?? null;
  return rows.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (missing(left) || missing(right)) {
      return Number(missing(left)) - Number(missing(right)) || a - b;
    }
    return (sort.desc ? -1 : 1) * compareCells(left, right) || a - b;
  });
}

// Numbers begin with the greatest, texts with the first; a third click leaves the order of the query.
export function nextSort(
  columns: readonly TableColumn[],
  sort: TableSort | null,
  key: string,
): TableSort | null {
  const column = columns.find((one) => one.key === key);
  const desc = column !== undefined && typeof column.values.find((value) => value !== null) === "number";
  if (sort?.key !== key) {
    return { key, desc };
  }
  return sort.desc === desc ? { key, desc: !desc } : null;
}
