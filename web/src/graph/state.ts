// SPDX-License-Identifier: Apache-2.0
// The queries of the page as its address says them. Names and values are Prometheus's (g0.expr, g0.tab, ...),
// so that links from Prometheus, from alerts and from Grafana open here, and ours open there. Of its old
// forms we read g0.tab=0 and 1, g0.stacked and g0.step_input too. What is as usual is not written.
import { formatDuration, parseDuration } from "../lib/duration";
import { pointsMax, roundInterval } from "../lib/step";

export type Tab = "table" | "graph" | "explain";
export type Display = "lines" | "stacked" | "heatmap";
export type Density = "low" | "medium" | "high";
export type Resolution = { readonly density: Density } | { readonly stepMs: number };

export interface QueryState {
  readonly expr: string;
  readonly tab: Tab;
  readonly display: Display;
  readonly rangeMs: number;
  readonly endMs: number | null; // null: now, also for the time of a table
  readonly resolution: Resolution;
  readonly exemplars: boolean;
  readonly zero: boolean; // the y axis begins at zero
  readonly hidden: boolean; // by its eye: not asked
  readonly collapsed: boolean;
}

// What is to become of a query: given, or reckoned from what it is by then.
export type Change = Partial<QueryState> | ((query: QueryState) => Partial<QueryState>);

export const usual: QueryState = {
  expr: "",
  tab: "graph",
  display: "lines",
  rangeMs: 3_600_000,
  endMs: null,
  resolution: { density: "medium" },
  exemplars: false,
  zero: false,
  hidden: false,
  collapsed: false,
};

export const queriesMax = 50; // an address with more is no page that somebody made

const tabs: Readonly<Record<string, Tab>> = {
  "0": "graph",
  "1": "table",
  graph: "graph",
  table: "table",
  explain: "explain",
};

// "2026-01-31 13:00:05" (or without seconds, or with T and Z), which is UTC; or a number of seconds.
export function parseMoment(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d{9,11}(\.\d+)?$/.test(trimmed)) {
    return Math.round(Number(trimmed) * 1000);
  }
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?(?:Z|\+00:00)?$/.exec(trimmed);
  if (parts === null) {
    return null;
  }
  const ms = Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}${parts[3] ?? ":00"}Z`);
  return Number.isNaN(ms) ? null : ms;
}

export function formatMoment(ms: number): string {
  const text = new Date(ms).toISOString().slice(0, 23).replace("T", " ");
  return text.endsWith(".000") ? text.slice(0, -4) : text;
}

function parseResolution(get: (name: string) => string | null): Resolution {
  const seconds = (text: string | null) =>
    text === null ? null : (parseDuration(text) ?? Number(text) * 1000);
  const type = get("res_type");
  const step = type === "fixed" || type === "custom" ? seconds(get("res_step")) : seconds(get("step_input"));
  if (type !== "auto" && step !== null && step >= 1) {
    return { stepMs: Math.round(step) };
  }
  const density = get("res_density");
  return density === "low" || density === "high" ? { density } : usual.resolution;
}

function parseDisplay(get: (name: string) => string | null): Display {
  const mode = get("display_mode");
  if (mode === "stacked" || mode === "heatmap") {
    return mode;
  }
  return mode === null && get("stacked") === "1" ? "stacked" : "lines";
}

function parseQuery(get: (name: string) => string | null): QueryState {
  const range = parseDuration(get("range_input") ?? "");
  const moment = get("end_input") ?? get("moment_input");
  return {
    expr: get("expr") ?? "",
    tab: tabs[get("tab") ?? "table"] ?? "table", // as in Prometheus, where the link does not say
    display: parseDisplay(get),
    rangeMs: range === null || range < 1000 ? usual.rangeMs : range,
    endMs: moment === null ? null : parseMoment(moment),
    resolution: parseResolution(get),
    exemplars: get("show_exemplars") === "1",
    zero: get("y_axis_min") === "0",
    hidden: get("hide") === "1",
    collapsed: get("collapsed") === "1",
  };
}

// There is always one; an address without queries begins with an empty one.
export function parseQueries(params: URLSearchParams): QueryState[] {
  const queries: QueryState[] = [];
  while (queries.length < queriesMax && params.has(`g${queries.length}.expr`)) {
    const prefix = `g${queries.length}.`;
    queries.push(parseQuery((name) => params.get(prefix + name)));
  }
  return queries.length === 0 ? [usual] : queries;
}

function writeQuery(query: QueryState): [string, string][] {
  const written: [string, string][] = [
    ["expr", query.expr],
    ["tab", query.tab],
    ["range_input", formatDuration(query.rangeMs)],
  ];
  const also = (when: boolean, name: string, value: string) => when && written.push([name, value]);
  if (query.endMs !== null) {
    also(true, "end_input", formatMoment(query.endMs));
    also(true, "moment_input", formatMoment(query.endMs));
  }
  if ("stepMs" in query.resolution) {
    also(true, "res_type", "custom");
    also(true, "res_step", String(query.resolution.stepMs / 1000));
  } else if (query.resolution.density !== "medium") {
    also(true, "res_type", "auto");
    also(true, "res_density", query.resolution.density);
  }
  also(query.display !== "lines", "display_mode", query.display);
  also(query.exemplars, "show_exemplars", "1");
  also(query.zero, "y_axis_min", "0");
  also(query.hidden, "hide", "1");
  also(query.collapsed, "collapsed", "1");
  return written;
}

// The changes to the address that make it say these queries: null removes what stands there of others.
export function writeQueries(
  queries: readonly QueryState[],
  old: URLSearchParams,
): Record<string, string | null> {
  const changes: Record<string, string | null> = {};
  for (const name of old.keys()) {
    if (/^g\d+\./.test(name)) {
      changes[name] = null;
    }
  }
  queries.forEach((query, index) => {
    for (const [name, value] of writeQuery(query)) {
      changes[`g${index}.${name}`] = value;
    }
  });
  return changes;
}

// The step of a range query, in milliseconds: from the width of the graph, or as chosen; never more points
// than the server answers.
const pixelsPerPoint: Readonly<Record<Density, number>> = { low: 12, medium: 4, high: 1.5 };

export function stepOf(query: QueryState, widthPx: number): { stepMs: number; limited: boolean } {
  const least = Math.ceil(query.rangeMs / (pointsMax - 1));
  if ("stepMs" in query.resolution) {
    const stepMs = Math.max(query.resolution.stepMs, least);
    return { stepMs, limited: stepMs > query.resolution.stepMs };
  }
  const points = Math.max(widthPx / pixelsPerPoint[query.resolution.density], 10);
  return { stepMs: Math.max(roundInterval(query.rangeMs / points), least, 1000), limited: false };
}

// Begin and end of the graph, whole steps away from `phaseMs`: the time of the run, so that its first answer
// has the newest samples, and points keep their place from one refresh to the next.
export function gridOf(
  endMs: number,
  rangeMs: number,
  stepMs: number,
  phaseMs: number,
): { fromMs: number; toMs: number } {
  const toMs = phaseMs + Math.floor((endMs - phaseMs) / stepMs) * stepMs;
  return { fromMs: toMs - Math.floor((rangeMs - (endMs - toMs)) / stepMs) * stepMs, toMs };
}
