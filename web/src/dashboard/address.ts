// SPDX-License-Identifier: Apache-2.0
// What of a dashboard stands in the address, in Grafana's words where it has some: var-NAME, viewPanel, from,
// to, timezone; and rows, those that are not as the dashboard has them.
import { setParams } from "../app/url";

// The values that the address has for a variable; none: null.
export function valuesIn(params: URLSearchParams, name: string): string[] | null {
  const values = params.getAll(`var-${name}`);
  return values.length === 0 ? null : values;
}

function replaceValues(params: URLSearchParams, name: string, values: readonly string[]): void {
  params.delete(`var-${name}`);
  for (const value of values) {
    params.append(`var-${name}`, value);
  }
}

// setParams() holds one value a name; a variable has several.
export function addressWith(changes: ReadonlyMap<string, readonly string[]>): string {
  const params = new URLSearchParams(window.location.search);
  changes.forEach((values, name) => replaceValues(params, name, values));
  return window.location.pathname + (params.size === 0 ? "" : `?${params.toString()}`);
}

export function toggledRows(params: URLSearchParams): ReadonlySet<string> {
  return new Set(
    (params.get("rows") ?? "")
      .split(",")
      .filter((key) => key !== "")
      .map(decode),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function toggleRow(params: URLSearchParams, key: string): void {
  const toggled = new Set(toggledRows(params));
  if (!toggled.delete(key)) {
    toggled.add(key);
  }
  const joined = [...toggled].map(encodeURIComponent).join(",");
  setParams({ rows: joined === "" ? null : joined }, true);
}
