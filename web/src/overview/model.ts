// SPDX-License-Identifier: Apache-2.0
// The rows of the Overview, from the answers to its queries. Whatever an answer lacks is null in the row.
import type { SeriesResult, Target } from "../api/types";
import { deepSparseName } from "./queries";
import { targetKey } from "./windows";

export type Naming = "inferometer" | "deepsparse";

// "waiting": not scraped yet. "gone": no target has it any more, as when its program ended.
export type Reach = "up" | "some" | "down" | "waiting" | "gone";

export interface Stage {
  readonly name: string;
  readonly share: number | null; // of the time of all stages
  readonly mean: number | null; // seconds
  readonly rate: number | null; // runs per second
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly history: { readonly mean: readonly (number | null)[]; readonly p95: readonly (number | null)[] };
}

export interface Row {
  readonly name: string;
  readonly naming: Naming;
  readonly reach: Reach;
  readonly targets: readonly Target[];
  readonly samples: number; // in the window; rates need two
  readonly rate: number | null; // requests per second
  readonly total: number | null; // since the programs started
  readonly failedTotal: number | null;
  readonly failed: number | null; // failures in the window of errors
  readonly errorRatio: number | null; // of the requests in it
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly queue: number | null;
  readonly inFlight: number | null;
  readonly seenMs: number | null; // the newest sample
  readonly stages: readonly Stage[];
  readonly history: { readonly rate: readonly (number | null)[]; readonly p95: readonly (number | null)[] };
}

export interface Answers {
  readonly targets: readonly Target[];
  readonly traffic: readonly SeriesResult[];
  readonly latency: readonly SeriesResult[];
  readonly stages: readonly SeriesResult[];
  readonly deepSparse: readonly SeriesResult[]; // every column of every pipeline
  readonly history: readonly SeriesResult[]; // both namings
  readonly times: readonly number[]; // of the history, milliseconds
}

function number(text: string | undefined): number | null {
  const value = Number(text === "+Inf" ? "Infinity" : text === "-Inf" ? "-Infinity" : (text ?? NaN));
  return Number.isNaN(value) ? null : value;
}

// "failure" is the library's; others who write this metric have words of their own. What was given up by
// whoever asked is no failure.
function isFailure(outcome: string): boolean {
  return outcome !== "success" && outcome !== "cancelled";
}

// A pipeline's name as it stands in the name of a metric.
export function inMetricName(pipeline: string): string {
  return pipeline.replace(/[^a-zA-Z0-9_]/g, "_");
}

// What durations tell, and counters of requests do not.
const timeColumns = [
  "p50",
  "p95",
  "p99",
  "sum",
  "count",
  "s50",
  "s95",
  "s99",
  "mean",
  "stage95",
  "p95-history",
];

// One pipeline's series, by what their "column" says.
class Columns {
  private readonly series = new Map<string, SeriesResult[]>();

  add(one: SeriesResult): void {
    const column = one.metric["column"] ?? "";
    const before = this.series.get(column);
    if (before === undefined) {
      this.series.set(column, [one]);
    } else {
      before.push(one);
    }
  }

  borrow(from: Columns, columns: readonly string[]): void {
    columns.forEach((column) => this.series.set(column, [...from.all(column)]));
  }

  all(column: string): readonly SeriesResult[] {
    return this.series.get(column) ?? [];
  }

  one(column: string, stage?: string): number | null {
    const found = this.all(column).find((each) => stage === undefined || each.metric["stage"] === stage);
    return number(found?.value?.[1]);
  }

  // Null where there is no series, which is not nothing.
  sum(column: string, wanted?: (outcome: string) => boolean): number | null {
    const values = this.all(column)
      .filter((each) => wanted === undefined || wanted(each.metric["outcome"] ?? ""))
      .map((each) => number(each.value?.[1]))
      .filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
  }

  line(column: string, times: readonly number[], stage?: string): (number | null)[] {
    const found = this.all(column).find((each) => stage === undefined || each.metric["stage"] === stage);
    const at = new Map((found?.values ?? []).map(([time, text]) => [Math.round(time * 1000), number(text)]));
    return times.map((time) => at.get(time) ?? null);
  }
}

function byPipeline(...answers: (readonly SeriesResult[])[]): Map<string, Columns> {
  const found = new Map<string, Columns>();
  for (const one of answers.flat()) {
    const name = one.metric["pipeline"] ?? "";
    const columns = found.get(name) ?? new Columns();
    columns.add(one);
    found.set(name, columns);
  }
  return found;
}

function stagesOf(columns: Columns, times: readonly number[]): Stage[] {
  const names = new Set(
    [...columns.all("sum"), ...columns.all("count")].map((one) => one.metric["stage"] ?? ""),
  );
  const total = columns.sum("sum");
  return [...names]
    .map((name) => {
      const sum = columns.one("sum", name);
      const count = columns.one("count", name);
      return {
        name,
        share: sum === null || total === null || total <= 0 ? null : sum / total,
        mean: sum === null || count === null || count <= 0 ? null : sum / count,
        rate: count,
        p50: columns.one("s50", name),
        p95: columns.one("s95", name),
        p99: columns.one("s99", name),
        history: { mean: columns.line("mean", times, name), p95: columns.line("stage95", times, name) },
      };
    })
    .sort(byPlace);
}

// The stages that every pipeline knows come in the order in which they happen, others between them: they have
// names of their own, of which only their author knows the order.
const places: Readonly<Record<string, number>> = { pre_process: 1, engine_forward: 2, post_process: 4 };

function byPlace(a: Stage, b: Stage): number {
  return (places[a.name] ?? 3) - (places[b.name] ?? 3) || compareText(a.name, b.name);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reachOf(targets: readonly Target[]): Reach {
  if (targets.length === 0) {
    return "gone";
  }
  const up = targets.filter((target) => target.health === "up").length;
  if (up === targets.length) {
    return "up";
  }
  return up > 0 ? "some" : targets.some((target) => target.health === "down") ? "down" : "waiting";
}

// The slope of the samples that are there, while they do not fill the window: see trafficQuery().
function rateOf(columns: Columns, samples: number, samplesWanted: number): number | null {
  const rate = columns.sum("rate");
  const slope = columns.one("slope");
  return samples < samplesWanted && slope !== null && slope >= 0 ? slope : rate;
}

function rowOf(name: string, naming: Naming, columns: Columns, answers: Answers, samplesWanted: number): Row {
  const keys = new Set(
    columns.all("where").map((one) => targetKey(one.metric["job"], one.metric["instance"])),
  );
  const targets = answers.targets.filter((one) =>
    keys.has(targetKey(one.labels["job"], one.labels["instance"])),
  );
  const samples = columns.one("samples") ?? 0;
  const done = columns.sum("increase");
  const failed = done === null ? null : (columns.sum("increase", isFailure) ?? 0);
  const seen = columns.one("seen");
  return {
    name,
    naming,
    reach: reachOf(targets),
    targets,
    samples,
    rate: rateOf(columns, samples, samplesWanted),
    total: columns.sum("total"),
    failedTotal: columns.sum("total", isFailure),
    failed,
    errorRatio: failed === null || done === null || done <= 0 ? null : failed / done,
    p50: columns.one("p50"),
    p95: columns.one("p95"),
    p99: columns.one("p99"),
    queue: columns.one("queue"),
    inFlight: columns.one("flight"),
    seenMs: seen === null ? null : seen * 1000,
    stages: stagesOf(columns, answers.times),
    history: {
      rate: columns.line("rate-history", answers.times),
      p95: columns.line("p95-history", answers.times),
    },
  };
}

// The names of the DeepSparse naming whose times are not there under our own naming too: a logger can write
// both. `pipelines` are those that have times under our own.
export function deepSparseOnly(metrics: readonly string[], pipelines: readonly string[]): string[] {
  const ours = new Set(pipelines.map(inMetricName));
  return metrics
    .map(deepSparseName)
    .filter((name): name is string => name !== null && !ours.has(name))
    .sort(compareText);
}

export function pipelinesOf(traffic: readonly SeriesResult[]): string[] {
  return [
    ...new Set(
      traffic.filter((one) => one.metric["column"] === "total").map((one) => one.metric["pipeline"] ?? ""),
    ),
  ];
}

// `samplesWanted`: how many fill the window of "now".
export function buildRows(answers: Answers, samplesWanted: number): Row[] {
  // The range's answers have columns of the same names as the instant ones.
  const history = answers.history.map((one) => {
    const column = one.metric["column"] ?? "";
    const renamed = column === "rate" || column === "p95" ? `${column}-history` : column;
    return { ...one, metric: { ...one.metric, column: renamed } };
  });
  const ours = byPipeline(answers.traffic, answers.latency, answers.stages, history);
  const theirs = byPipeline(answers.deepSparse, history);
  const rows: Row[] = [];
  const known = new Set<string>();
  for (const name of pipelinesOf(answers.traffic)) {
    const columns = ours.get(name) ?? new Columns();
    const times = theirs.get(inMetricName(name));
    // A logger that was told to use DeepSparse's names still counts requests under our own.
    const borrows = times !== undefined && times.all("sum").length > 0 && columns.all("sum").length === 0;
    if (borrows) {
      columns.borrow(times, timeColumns);
    }
    known.add(inMetricName(name));
    rows.push(rowOf(name, borrows ? "deepsparse" : "inferometer", columns, answers, samplesWanted));
  }
  for (const name of pipelinesOf(answers.deepSparse)) {
    if (!known.has(name)) {
      rows.push(rowOf(name, "deepsparse", theirs.get(name) ?? new Columns(), answers, samplesWanted));
    }
  }
  return rows.sort((a, b) => compareText(a.name, b.name));
}
