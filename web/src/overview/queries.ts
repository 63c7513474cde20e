// SPDX-License-Identifier: Apache-2.0
// The queries of the Overview. Many answers travel in one request: each part of a union has a label "column"
// that says what it is. Classic histograms come first, native ones where there are no classic ones.
import { quote } from "../lib/promtext";

export interface Windows {
  readonly now: string; // of "now": long enough for four scrapes
  readonly errors: string; // of the count of failures: the range, an hour at most
  readonly keep: string; // how long a pipeline stays in the list after its last sample
}

// Sets labels that need no escaping: names of ours, and what metric names are made of.
function label(expression: string, labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).reduce(
    (inner, [name, value]) => `label_replace(${inner}, "${name}", "${value}", "", "")`,
    expression,
  );
}

function union(columns: readonly (readonly [column: string, expression: string])[]): string {
  return columns.map(([column, expression]) => label(expression, { column })).join(" or ");
}

function quantile(share: number, by: string, metric: string, matchers: string, window: string): string {
  return (
    `(histogram_quantile(${share}, sum by (${by}, le) (rate(${metric}_bucket${matchers}[${window}])))` +
    ` or histogram_quantile(${share}, sum by (${by}) (rate(${metric}${matchers}[${window}]))))`
  );
}

// Sum or count of a histogram, per second.
function part(what: "sum" | "count", by: string, metric: string, matchers: string, window: string): string {
  return (
    `sum by (${by}) (rate(${metric}_${what}${matchers}[${window}])` +
    ` or histogram_${what}(rate(${metric}${matchers}[${window}])))`
  );
}

const requests = "inference_requests_total";
const whole = "inference_duration_seconds";
const stage = "inference_stage_duration_seconds";
const queue = "inference_queue_duration_seconds";

// rate() assumes that its window is full of samples. In a pipeline's first minute it is not, and the slope of
// the samples that are there ("slope") is the better number.
export function trafficQuery(windows: Windows): string {
  const { now, errors, keep } = windows;
  return union([
    ["rate", `sum by (pipeline, outcome) (rate(${requests}[${now}]))`],
    ["slope", `sum by (pipeline) (deriv(${requests}[${now}]))`],
    ["samples", `max by (pipeline) (count_over_time(${requests}[${now}]))`],
    ["increase", `sum by (pipeline, outcome) (increase(${requests}[${errors}]))`],
    ["total", `sum by (pipeline, outcome) (last_over_time(${requests}[${keep}]))`],
    ["seen", `max by (pipeline) (ts_of_last_over_time(${requests}[${keep}]))`],
    ["where", `count by (pipeline, job, instance) (last_over_time(${requests}[${keep}]))`],
    ["flight", "sum by (pipeline) (inference_requests_in_flight)"],
  ]);
}

export function latencyQuery(windows: Windows): string {
  return union([
    ["p50", quantile(0.5, "pipeline", whole, "", windows.now)],
    ["p95", quantile(0.95, "pipeline", whole, "", windows.now)],
    ["p99", quantile(0.99, "pipeline", whole, "", windows.now)],
    ["queue", quantile(0.95, "pipeline", queue, "", windows.now)],
  ]);
}

// Percentiles of stages, of which there are many, for the one pipeline that is opened.
export function stagesQuery(windows: Windows, opened: string | null): string {
  const by = "pipeline, stage";
  const columns: [string, string][] = [
    ["sum", part("sum", by, stage, "", windows.now)],
    ["count", part("count", by, stage, "", windows.now)],
  ];
  if (opened !== null) {
    const matchers = `{pipeline=${quote(opened)}}`;
    columns.push(
      ["s50", quantile(0.5, by, stage, matchers, windows.now)],
      ["s95", quantile(0.95, by, stage, matchers, windows.now)],
      ["s99", quantile(0.99, by, stage, matchers, windows.now)],
    );
  }
  return union(columns);
}

// Over the range, for the small charts.
export function historyQuery(window: string, opened: string | null): string {
  const columns: [string, string][] = [
    ["rate", `sum by (pipeline) (rate(${requests}[${window}]))`],
    ["p95", quantile(0.95, "pipeline", whole, "", window)],
  ];
  if (opened !== null) {
    const matchers = `{pipeline=${quote(opened)}}`;
    const by = "pipeline, stage";
    const sum = part("sum", by, stage, matchers, window);
    const count = part("count", by, stage, matchers, window);
    columns.push(["mean", `(${sum} / ${count})`], ["stage95", quantile(0.95, by, stage, matchers, window)]);
  }
  return union(columns);
}

// About the monitor itself. One that does not watch itself still knows what its targets gave.
export function monitorQuery(windows: Windows): string {
  const { now, errors } = windows;
  return union([
    ["series", "max(prometheus_tsdb_head_series)"],
    ["samples", `sum(rate(prometheus_tsdb_head_samples_appended_total[${now}]))`],
    ["scraped", `sum(sum_over_time(scrape_samples_scraped[1m])) / 60`],
    ["failed", `sum(count_over_time(up[${errors}])) - sum(sum_over_time(up[${errors}]))`],
  ]);
}

// --- The naming of the DeepSparse logger: pipeline and stage are in the metric's name ---

export const deepSparseSelector = '{__name__=~"total_inference_.+_count"}';
export const deepSparseStages = ["pre_process", "engine_forward", "post_process"] as const;

// What stands between the affixes; null for another name.
export function deepSparseName(metric: string): string | null {
  return /^total_inference_([a-zA-Z0-9_:]+)_count$/.exec(metric)?.[1] ?? null;
}

function deepSparseColumns(name: string, windows: Windows): string[] {
  const metric = `total_inference_${name}`;
  const { now, keep } = windows;
  const columns: [string, string][] = [
    ["rate", `sum(rate(${metric}_count[${now}]))`],
    ["slope", `sum(deriv(${metric}_count[${now}]))`],
    ["samples", `max(count_over_time(${metric}_count[${now}]))`],
    ["total", `sum(last_over_time(${metric}_count[${keep}]))`],
    ["seen", `max(ts_of_last_over_time(${metric}_count[${keep}]))`],
    ["where", `count by (job, instance) (last_over_time(${metric}_count[${keep}]))`],
    ["p50", `histogram_quantile(0.5, sum by (le) (rate(${metric}_bucket[${now}])))`],
    ["p95", `histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket[${now}])))`],
    ["p99", `histogram_quantile(0.99, sum by (le) (rate(${metric}_bucket[${now}])))`],
  ];
  return columns.map(([column, expression]) => label(expression, { pipeline: name, column }));
}

function deepSparseStage(name: string, one: string, windows: Windows, opened: boolean): string[] {
  const metric = `${one}_${name}`;
  const columns: [string, string][] = [
    ["sum", `sum(rate(${metric}_sum[${windows.now}]))`],
    ["count", `sum(rate(${metric}_count[${windows.now}]))`],
  ];
  if (opened) {
    for (const [column, share] of [
      ["s50", 0.5],
      ["s95", 0.95],
      ["s99", 0.99],
    ] as const) {
      columns.push([
        column,
        `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket[${windows.now}])))`,
      ]);
    }
  }
  return columns.map(([column, expression]) => label(expression, { pipeline: name, stage: one, column }));
}

export function deepSparseQuery(names: readonly string[], windows: Windows, opened: string | null): string {
  return names
    .flatMap((name) => [
      ...deepSparseColumns(name, windows),
      ...deepSparseStages.flatMap((one) => deepSparseStage(name, one, windows, name === opened)),
    ])
    .join(" or ");
}

export function deepSparseHistoryQuery(
  names: readonly string[],
  window: string,
  opened: string | null,
): string {
  const stages = (name: string) =>
    deepSparseStages.flatMap((one) => {
      const metric = `${one}_${name}`;
      const mean = `(sum(rate(${metric}_sum[${window}])) / sum(rate(${metric}_count[${window}])))`;
      const p95 = `histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket[${window}])))`;
      const labels = { pipeline: name, stage: one };
      return [label(mean, { ...labels, column: "mean" }), label(p95, { ...labels, column: "stage95" })];
    });
  return names
    .flatMap((name) => {
      const metric = `total_inference_${name}`;
      const p95 = `histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket[${window}])))`;
      return [
        label(`sum(rate(${metric}_count[${window}]))`, { pipeline: name, column: "rate" }),
        label(p95, { pipeline: name, column: "p95" }),
        ...(name === opened ? stages(name) : []),
      ];
    })
    .join(" or ");
}
