// SPDX-License-Identifier: Apache-2.0
// The requests of one refresh: at most eight, whatever the number of pipelines. One that fails leaves its
// part of the page as it was, and is told; only when the monitor itself does not answer does the refresh fail
// as a whole.
import { api, ApiError, clockSkewMs, isAbort } from "../api/client";
import type { Alert, QueryData, SeriesResult, Targets } from "../api/types";
import { buildRows, deepSparseOnly, inMetricName, type Row } from "./model";
import * as queries from "./queries";
import { historyFor, longestInterval, targetKey, windowsFor, type History } from "./windows";

export interface RangeNow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly live: boolean; // it ends now
}

export interface MonitorNumbers {
  readonly series: number | null;
  readonly samplesPerSecond: number | null;
  readonly failedScrapes: number | null;
}

export interface Snapshot {
  readonly rows: readonly Row[];
  readonly targets: Targets;
  readonly firing: number | null; // alerts; null where they are not known
  readonly pending: number | null;
  readonly monitor: MonitorNumbers;
  readonly windows: queries.Windows;
  readonly intervalMs: number;
  readonly times: readonly number[]; // of the small charts
  readonly problems: readonly string[]; // parts that could not be refreshed, as sentences
  readonly moreDeepSparse: number; // pipelines of that naming which are left out
}

// What one refresh leaves for the next.
export interface Memory {
  keys: Set<string>; // targets that have pipelines
  pipelines: number;
  young: boolean; // none of them has filled its window yet
  single: string | null; // the pipeline whose stages stand open
  deepSparse: string[];
  deepSparseAt: number;
  parts: Map<string, unknown>; // the last answer of each
}

export function newMemory(): Memory {
  return {
    keys: new Set(),
    pipelines: 0,
    young: false,
    single: null,
    deepSparse: [],
    deepSparseAt: 0,
    parts: new Map(),
  };
}

const refreshMaxMs = 20_000; // a monitor that takes longer for this is as good as away
const deepSparseEveryMs = 30_000; // names of metrics seldom change
const deepSparseMax = 20; // pipelines: each is nineteen queries in one request
const halfFullOf = 0.75; // of its samples a window needs before its rate is right

function series(data: QueryData): readonly SeriesResult[] {
  return data.resultType === "vector" || data.resultType === "matrix" ? data.result : [];
}

function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === "network" || error.kind === "unavailable");
}

class Refresh {
  readonly problems: string[] = [];

  constructor(
    private readonly memory: Memory,
    private readonly signal: AbortSignal,
    private readonly range: RangeNow,
  ) {}

  // The answer to `ask`, or the one before it where this fails.
  async part<T>(name: string, empty: T, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.memory.parts.set(name, answer);
      return answer;
    } catch (error) {
      if (isAbort(error) || isAway(error)) {
        throw error;
      }
      this.problems.push(
        `could not refresh ${name}: ${error instanceof Error ? error.message : String(error)}`,
      );
      return (this.memory.parts.get(name) as T | undefined) ?? empty;
    }
  }

  // "Now" is the monitor's: its clock and ours may differ.
  instant(name: string, query: string): Promise<readonly SeriesResult[]> {
    const time = this.range.live ? undefined : this.range.toMs / 1000;
    return this.part(name, [], async () => {
      const answer = await api<QueryData>(
        "api/v1/query",
        { query, time },
        { signal: this.signal, post: true },
      );
      return series(answer.data);
    });
  }

  history(
    name: string,
    query: string,
    times: readonly number[],
    step: History,
  ): Promise<readonly SeriesResult[]> {
    const start = (times[0] ?? 0) / 1000;
    const end = (times[times.length - 1] ?? 0) / 1000;
    return this.part(name, [], async () => {
      const params = { query, start, end, step: step.stepMs / 1000 };
      const answer = await api<QueryData>("api/v1/query_range", params, { signal: this.signal, post: true });
      return series(answer.data);
    });
  }

  targets(): Promise<Targets> {
    return this.part("the targets", { activeTargets: [], droppedTargets: [] }, async () => {
      const answer = await api<Targets>("api/v1/targets", { state: "active" }, { signal: this.signal });
      return answer.data;
    });
  }

  alerts(): Promise<readonly Alert[] | null> {
    return this.part<readonly Alert[] | null>("the alerts", null, async () => {
      const answer = await api<{ alerts: Alert[] }>("api/v1/alerts", {}, { signal: this.signal });
      return answer.data.alerts;
    });
  }

  deepSparseNames(): Promise<string[]> {
    if (Date.now() - this.memory.deepSparseAt < deepSparseEveryMs) {
      return Promise.resolve(this.memory.deepSparse);
    }
    return this.part<string[]>("the names of DeepSparse's metrics", [], async () => {
      const params = { "match[]": queries.deepSparseSelector, start: this.range.toMs / 1000 - 3600 };
      const answer = await api<string[]>("api/v1/label/__name__/values", params, { signal: this.signal });
      this.memory.deepSparseAt = Date.now();
      this.memory.deepSparse = answer.data;
      return answer.data;
    });
  }
}

// The points of the small charts. They keep their places from one refresh to the next, so that lines do not
// shiver.
function timesOf(range: RangeNow, step: History): number[] {
  const now = range.live ? Date.now() - clockSkewMs() : range.toMs;
  const last = Math.floor(now / step.stepMs) * step.stepMs;
  return Array.from({ length: step.points }, (_, index) => last - (step.points - 1 - index) * step.stepMs);
}

function column(answer: readonly SeriesResult[], name: string): number | null {
  const text = answer.find((one) => one.metric["column"] === name)?.value?.[1];
  const value = Number(text ?? NaN);
  return Number.isNaN(value) ? null : value;
}

function monitorNumbers(answer: readonly SeriesResult[]): MonitorNumbers {
  return {
    series: column(answer, "series"),
    samplesPerSecond: column(answer, "samples") ?? column(answer, "scraped"),
    failedScrapes: column(answer, "failed"),
  };
}

async function refresh(range: RangeNow, memory: Memory, signal: AbortSignal): Promise<Snapshot> {
  const ask = new Refresh(memory, signal, range);
  const targets = await ask.targets();
  const interval = longestInterval(targets.activeTargets, memory.keys);
  const rangeMs = range.toMs - range.fromMs;
  const windows = windowsFor(interval, rangeMs);
  const step = historyFor(interval, rangeMs, memory.pipelines, range.live && memory.young);
  const times = timesOf(range, step);
  const single = memory.single;
  const [metrics, traffic, latency, stages, monitor, history, alerts] = await Promise.all([
    ask.deepSparseNames(),
    ask.instant("requests and failures", queries.trafficQuery(windows)),
    ask.instant("latencies", queries.latencyQuery(windows)),
    ask.instant("stages", queries.stagesQuery(windows, single)),
    ask.instant("the monitor's own numbers", queries.monitorQuery(windows)),
    ask.history("the small charts", queries.historyQuery(step.window, single), times, step),
    ask.alerts(),
  ]);
  const withTimes = [...latency, ...stages].map((one) => one.metric["pipeline"] ?? "");
  const names = deepSparseOnly(metrics, withTimes);
  const shown = names.slice(0, deepSparseMax);
  const theirs = single === null ? null : inMetricName(single);
  const [deepSparse, deepSparseHistory] =
    shown.length === 0
      ? [[], []]
      : await Promise.all([
          ask.instant("DeepSparse's pipelines", queries.deepSparseQuery(shown, windows, theirs)),
          ask.history(
            "DeepSparse's charts",
            queries.deepSparseHistoryQuery(shown, step.window, theirs),
            times,
            step,
          ),
        ]);
  const answers = {
    targets: targets.activeTargets,
    traffic,
    latency,
    stages,
    deepSparse,
    history: [...history, ...deepSparseHistory],
    times,
  };
  const samplesWanted = (halfFullOf * Math.max(60_000, 4 * interval)) / interval;
  const rows = buildRows(answers, samplesWanted);
  const where = [...answers.traffic, ...deepSparse].filter((one) => one.metric["column"] === "where");
  memory.pipelines = rows.length;
  memory.young = rows.length > 0 && rows.every(({ samples }) => samples > 0 && samples < samplesWanted);
  memory.keys = new Set(where.map((one) => targetKey(one.metric["job"], one.metric["instance"])));
  return {
    rows,
    targets,
    firing: alerts === null ? null : alerts.filter((alert) => alert.state === "firing").length,
    pending: alerts === null ? null : alerts.filter((alert) => alert.state === "pending").length,
    monitor: monitorNumbers(monitor),
    windows,
    intervalMs: interval,
    times,
    problems: ask.problems,
    moreDeepSparse: names.length - shown.length,
  };
}

// Stages of a lone pipeline are asked for as soon as it is known to be alone: at once, not at the next
// refresh.
async function refreshOnce(
  range: RangeNow,
  memory: Memory,
  opened: string | null,
  signal: AbortSignal,
): Promise<Snapshot> {
  memory.single = opened ?? memory.single;
  const before = { ...memory };
  const snapshot = await refresh(range, memory, signal);
  const { rows } = snapshot;
  memory.single =
    rows.find(({ name }) => name === opened)?.name ?? (rows.length === 1 ? (rows[0]?.name ?? null) : null);
  const more = memory.single !== null && memory.single !== before.single;
  return more || memory.young !== before.young ? refresh(range, memory, signal) : snapshot;
}

// Gives up after a time: a monitor that takes requests and answers none would else look like one that is
// slow.
export async function loadOverview(
  range: RangeNow,
  memory: Memory,
  opened: string | null,
  signal: AbortSignal,
): Promise<Snapshot> {
  const own = new AbortController();
  let late = false;
  const giveUp = () => own.abort();
  const timer = window.setTimeout(() => {
    late = true;
    own.abort();
  }, refreshMaxMs);
  signal.addEventListener("abort", giveUp);
  try {
    return await refreshOnce(range, memory, opened, own.signal);
  } catch (error) {
    if (late && !signal.aborted) {
      const text = `the monitor at ${window.location.host} did not answer within ${refreshMaxMs / 1000} s`;
      throw new ApiError(text, "network", 0);
    }
    throw error;
  } finally {
    window.clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    own.abort(); // what a failure has left under way
  }
}
