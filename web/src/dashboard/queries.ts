// SPDX-License-Identifier: Apache-2.0
// The queries of a panel: which requests its targets are, at what step, and what came back. Answers are the
// API's, frames are made of them elsewhere. One that fails has its sentence; the others go on.
import { api, ApiError, isAbort, type Params } from "../api/client";
import type { ExemplarResult, QueryData, SeriesResult, Targets } from "../api/types";
import { parseDuration } from "../lib/duration";
import { addFilters } from "./adhoc";
import type { Filter, Panel, Target } from "./model";
import { Queue } from "./queue";

export const requestsAtOnce = 6; // of a page: browsers open no more connections to one host
const queue = new Queue(requestsAtOnce);

export const defaultScrapeMs = 15_000; // as Grafana has it where nothing is known

// What a target is asked with, after all that it names has been put in.
export interface Plan {
  readonly target: Target;
  readonly expr: string;
  readonly legend: string;
  readonly stepMs: number;
  readonly fromMs: number; // a multiple of the step, as Grafana asks
  readonly toMs: number;
}

export interface Answered extends Plan {
  readonly kind: "range" | "instant";
  readonly data?: QueryData;
  readonly exemplars: readonly ExemplarResult[];
  readonly error: string; // a sentence, or ""
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly tookMs: number;
  readonly series: number;
  readonly samples: number;
}

export function samplesOf(data: QueryData): number {
  if (data.resultType === "scalar" || data.resultType === "string") {
    return 1;
  }
  const count = (series: SeriesResult) => (series.values?.length ?? 0) + (series.histograms?.length ?? 0);
  return (data.result as SeriesResult[]).reduce((sum, series) => sum + (count(series) || 1), 0);
}

function seriesOf(data: QueryData): number {
  return data.resultType === "scalar" || data.resultType === "string" ? 1 : data.result.length;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function exemplarsOf(plan: Plan, signal: AbortSignal): Promise<readonly ExemplarResult[]> {
  if (!plan.target.exemplar) {
    return [];
  }
  const params = { query: plan.expr, start: plan.fromMs / 1000, end: plan.toMs / 1000 };
  try {
    return (await api<ExemplarResult[]>("api/v1/query_exemplars", params, { signal, post: true })).data;
  } catch (error) {
    if (isAbort(error)) {
      throw error;
    }
    return []; // the lines are worth more than the points over them
  }
}

async function answer(plan: Plan, kind: "range" | "instant", signal: AbortSignal): Promise<Answered> {
  const params: Params =
    kind === "range"
      ? {
          query: plan.expr,
          start: plan.fromMs / 1000,
          end: plan.toMs / 1000,
          step: plan.stepMs / 1000,
        }
      : { query: plan.expr, time: plan.toMs / 1000 };
  const none = {
    ...plan,
    kind,
    exemplars: [],
    error: "",
    warnings: [],
    infos: [],
    tookMs: 0,
    series: 0,
    samples: 0,
  };
  try {
    const path = kind === "range" ? "api/v1/query_range" : "api/v1/query";
    const { data, warnings, infos, tookMs } = await api<QueryData>(path, params, { signal, post: true });
    const exemplars = kind === "range" ? await exemplarsOf(plan, signal) : [];
    return {
      ...none,
      data,
      warnings,
      infos,
      tookMs,
      exemplars,
      series: seriesOf(data),
      samples: samplesOf(data),
    };
  } catch (error) {
    if (isAbort(error) || signal.aborted) {
      throw error;
    }
    return { ...none, error: sentenceOf(error) };
  }
}

export const emptyQuery = "this query is empty";

// Why a target cannot be asked here; "" if it can.
export function refusal(target: Target): string {
  const { kind, type } = target.source;
  switch (kind) {
    case "prometheus":
      return target.expr.trim() === "" ? emptyQuery : "";
    case "expression":
      return "";
    case "dashboard":
      return "this query takes the answers of a panel that is not in this dashboard";
    case "grafana":
      return "this query asks Grafana itself, which this monitor is not";
    case "mixed":
    case "other":
      return `this query asks a data source of type "${type}"; this monitor answers PromQL only`;
  }
}

export function kindsOf(target: Target, format = target.format): readonly ("range" | "instant")[] {
  const both = target.instant && target.range && format === "time_series";
  return both ? ["range", "instant"] : [target.instant ? "instant" : "range"];
}

export interface Asking {
  readonly priority: number;
  readonly filters: readonly Filter[];
  readonly signal: AbortSignal;
}

// Asks for all plans, so many at once as the page has turns for. Rejects only when it is given up.
export async function askAll(
  plans: readonly Plan[],
  { priority, filters, signal }: Asking,
): Promise<Answered[]> {
  const requests = plans.flatMap((plan) => kindsOf(plan.target).map((kind) => ({ plan, kind })));
  return Promise.all(
    requests.map(({ plan, kind }) => {
      const filtered = { ...plan, expr: addFilters(plan.expr, filters) };
      return queue.run(priority, signal, () => answer(filtered, kind, signal));
    }),
  );
}

// The range of a panel: its own, where it has one, else the dashboard's.
export function panelRange(panel: Panel, fromMs: number, toMs: number): { fromMs: number; toMs: number } {
  const own = parseDuration(panel.timeFrom.replace(/^now-/, ""));
  const shift = parseDuration(panel.timeShift) ?? 0;
  const from = own === null || own === 0 ? fromMs : toMs - own;
  return { fromMs: from - shift, toMs: toMs - shift };
}

export function rangeNote(panel: Panel): string {
  const own = panel.timeFrom === "" ? "" : `last ${panel.timeFrom.replace(/^now-/, "")}`;
  const shift = panel.timeShift === "" ? "" : `${panel.timeShift} earlier`;
  return panel.hideTimeOverride ? "" : [own, shift].filter((part) => part !== "").join(", ");
}

let scrape: Promise<number> | null = null;

// How often the monitor scrapes: its configuration says so, else its targets.
async function askScrapeInterval(): Promise<number> {
  const config = await api<{ yaml: string }>("api/v1/status/config");
  const global = /^global:\n(?:[ \t]+[^\n]*\n)*?[ \t]+scrape_interval: (\S+)/m.exec(`${config.data.yaml}\n`);
  const configured = parseDuration(global?.[1] ?? "");
  if (configured !== null && configured > 0) {
    return configured;
  }
  const targets = await api<Targets>("api/v1/targets", { state: "active" });
  const intervals = targets.data.activeTargets
    .map((target) => parseDuration(target.scrapeInterval))
    .filter((interval): interval is number => interval !== null && interval > 0);
  return intervals.length === 0 ? defaultScrapeMs : Math.min(...intervals);
}

// Asked once a page; while nobody answers, Grafana's default holds.
export function scrapeIntervalMs(): Promise<number> {
  scrape ??= askScrapeInterval().catch((error: unknown) => {
    scrape = null;
    if (error instanceof ApiError) {
      return defaultScrapeMs;
    }
    throw error;
  });
  return scrape;
}
