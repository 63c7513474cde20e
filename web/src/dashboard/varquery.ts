// SPDX-License-Identifier: Apache-2.0
// The queries of variables, in the words of Grafana's Prometheus data source, and what becomes of their
// answers: a regular expression, an order, options. Pure, but for ask(), which asks the monitor.
import { api, type Params } from "../api/client";
import type { QueryData, SeriesResult } from "../api/types";
import { safeRegExp } from "../lib/regex";
import type { Option, Variable } from "./model";

export type VariableQuery =
  | { kind: "label_values"; selector: string; label: string }
  | { kind: "label_names"; selector: string }
  | { kind: "metrics"; regex: string }
  | { kind: "query_result"; expr: string }
  | { kind: "series"; selector: string };

export function parseVariableQuery(query: string): VariableQuery | null {
  const text = query.trim();
  const values = /^label_values\(\s*(?:([^]+)\s*,\s*)?([\w.]+|"[^"]+")\s*\)\s*$/.exec(text);
  if (values !== null) {
    const label = (values[2] as string).replace(/^"|"$/g, "");
    return { kind: "label_values", selector: (values[1] ?? "").trim(), label };
  }
  const names = /^label_names\(([^]*)\)\s*$/.exec(text);
  if (names !== null) {
    return { kind: "label_names", selector: (names[1] as string).trim() };
  }
  const metrics = /^metrics\(([^]*)\)\s*$/.exec(text);
  if (metrics !== null) {
    return { kind: "metrics", regex: (metrics[1] as string).trim() };
  }
  const result = /^query_result\(([^]*)\)\s*$/.exec(text);
  if (result !== null) {
    return { kind: "query_result", expr: (result[1] as string).trim() };
  }
  return text === "" ? null : { kind: "series", selector: text };
}

function seriesText(series: SeriesResult): string {
  const { __name__: name = "", ...labels } = series.metric;
  const inner = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${inner.join(",")}}`;
}

function resultTexts(data: QueryData): string[] {
  if (data.resultType === "scalar" || data.resultType === "string") {
    return [data.result[1]];
  }
  return (data.result as SeriesResult[]).map((series) => {
    const [time, value] = series.value ?? [0, ""];
    return `${seriesText(series)} ${value} ${Math.round(time * 1000)}`;
  });
}

interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly signal: AbortSignal;
}

function metricPattern(regex: string): RegExp {
  try {
    return safeRegExp(regex);
  } catch {
    return /(?:)/;
  }
}

export async function ask(query: VariableQuery, { fromMs, toMs, signal }: Asked): Promise<string[]> {
  const range: Params = { start: fromMs / 1000, end: toMs / 1000 };
  const options = { signal };
  switch (query.kind) {
    case "label_values": {
      const match = query.selector === "" ? {} : { "match[]": query.selector };
      const path = `api/v1/label/${encodeURIComponent(query.label)}/values`;
      return (await api<string[]>(path, { ...range, ...match }, options)).data;
    }
    case "label_names": {
      const match = query.selector === "" ? {} : { "match[]": query.selector };
      return (await api<string[]>("api/v1/labels", { ...range, ...match }, options)).data;
    }
    case "metrics": {
      const pattern = metricPattern(query.regex);
      const all = (await api<string[]>("api/v1/label/__name__/values", range, options)).data;
      return all.filter((name) => pattern.test(name));
    }
    case "query_result": {
      const params = { query: query.expr, time: toMs / 1000 };
      return resultTexts((await api<QueryData>("api/v1/query", params, { signal, post: true })).data);
    }
    case "series": {
      const params = { ...range, "match[]": query.selector };
      const found = (await api<SeriesResult["metric"][]>("api/v1/series", params, options)).data;
      return found.map((metric) => seriesText({ metric }));
    }
  }
}

// "/expression/flags", or an expression that has to fit the whole value.
export function patternOf(regex: string): RegExp | null {
  const slashed = /^\/([^]*)\/([a-z]*)$/.exec(regex.trim());
  try {
    return slashed === null
      ? safeRegExp(`^${regex}$`)
      : safeRegExp(slashed[1] as string, (slashed[2] as string).replace("g", ""));
  } catch {
    return null; // an expression that is none, or refused, filters nothing, as in Grafana
  }
}

// Groups named "text" and "value" give both; else the first group is the value.
function matched(value: string, pattern: RegExp): Option | null {
  const match = pattern.exec(value);
  if (match === null) {
    return null;
  }
  const chosen =
    match.groups?.["value"] ?? match.groups?.["text"] ?? match[1] ?? (match.length > 1 ? "" : value);
  return { value: chosen, text: match.groups?.["text"] ?? chosen };
}

// The number at the end of "(...)", as Grafana orders: "stage 10" after "stage 9".
function numberIn(text: string): number {
  const found = /(\d+)/.exec(text);
  return found === null ? -1 : Number(found[1]);
}

const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

const orders: readonly ((a: string, b: string) => number)[] = [
  (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  (a, b) => numberIn(a) - numberIn(b),
  (a, b) => a.toLowerCase().localeCompare(b.toLowerCase()),
  (a, b) => natural.compare(a, b),
];

export function sortOptions(options: readonly Option[], sort: number): Option[] {
  const order = orders[Math.ceil(sort / 2) - 1];
  if (sort === 0 || order === undefined) {
    return [...options];
  }
  const sign = sort % 2 === 1 ? 1 : -1;
  return [...options].sort((a, b) => sign * order(a.text, b.text));
}

export function optionsFrom(values: readonly string[], variable: Variable, regex: string): Option[] {
  const pattern = regex === "" ? null : patternOf(regex);
  const found = new Map<string, Option>();
  for (const value of values) {
    const option = pattern === null ? { value, text: value } : matched(value, pattern);
    if (option !== null && option.value !== "" && !found.has(option.value)) {
      found.set(option.value, option);
    }
  }
  return sortOptions([...found.values()], variable.sort);
}

// "100 ms : 0.1, 1 s : 1.0, a\, b": texts with values, or values alone.
export function customOptions(query: string): Option[] {
  return query
    .split(/(?<!\\),/)
    .map((part) => part.replace(/\\,/g, ",").trim())
    .filter((part) => part !== "")
    .map((part) => {
      const named = /^(.+)\s:\s(.+)$/.exec(part);
      return named === null
        ? { value: part, text: part }
        : { text: (named[1] as string).trim(), value: (named[2] as string).trim() };
    });
}

// "1m,10m,'1 h'": intervals may be quoted.
export function intervalOptions(query: string): Option[] {
  const parts = query.match(/"[^"]*"|'[^']*'|[^,]+/g) ?? [];
  return parts
    .map((part) => part.trim().replace(/^["']|["']$/g, ""))
    .filter((part) => part !== "")
    .map((part) => ({ value: part, text: part }));
}
