// SPDX-License-Identifier: Apache-2.0
// What the metrics explorer lists: names with what targets say of them, labels with their values, and queries
// that suit a metric's type.
import type { Metadata } from "../api/types";
import type { Labels } from "../lib/frame";
import { selectorText } from "./promql";

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

const suffixes = /_(bucket|count|sum|total|created|info)$/;

function partHelp(name: string, type: string, help: string): Pick<Metric, "type" | "help"> {
  const suffix = suffixes.exec(name)?.[1];
  if (type !== "histogram" && type !== "summary" && type !== "gaugehistogram") {
    return { type, help };
  }
  const parts: Readonly<Record<string, string>> = {
    bucket: "counts by bucket",
    count: "number of observations",
    sum: "sum of observations",
  };
  const part = suffix === undefined ? undefined : parts[suffix];
  return part === undefined ? { type, help } : { type: `${type}, ${part}`, help };
}

// The names that the store knows, with the metadata of their family.
export function metricList(names: readonly string[], metadata: Metadata): Metric[] {
  return names.map((name) => {
    const about = metadata[name]?.[0] ?? metadata[name.replace(suffixes, "")]?.[0];
    const type = about?.type ?? "";
    return { name, unit: about?.unit ?? "", ...partHelp(name, type, about?.help ?? "") };
  });
}

// Those that have every word of the search in name, help or type; where the name begins with it, first.
export function searchMetrics(metrics: readonly Metric[], search: string): Metric[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const found = metrics.filter((metric) => {
    const text = `${metric.name} ${metric.type} ${metric.help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rank = (metric: Metric) => {
    const name = metric.name.toLowerCase();
    const first = words[0] ?? "";
    return name.startsWith(first) ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
  };
  return words.length === 0 ? found : found.sort((a, b) => rank(a) - rank(b));
}

export interface LabelValues {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly series: number }[]; // the most frequent first
}

export function labelValues(series: readonly Labels[]): LabelValues[] {
  const labels = new Map<string, Map<string, number>>();
  for (const one of series) {
    for (const [name, value] of Object.entries(one)) {
      if (name !== "__name__") {
        const values = labels.get(name) ?? new Map<string, number>();
        values.set(value, (values.get(value) ?? 0) + 1);
        labels.set(name, values);
      }
    }
  }
  const collator = new Intl.Collator("en", { numeric: true });
  return [...labels.entries()]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([name, values]) => ({
      name,
      values: [...values.entries()]
        .map(([value, count]) => ({ value, series: count }))
        .sort((a, b) => b.series - a.series || collator.compare(a.value, b.value)),
    }));
}

export interface Suggestion {
  readonly name: string;
  readonly expr: string;
}

// What people mostly want to see of a metric of this type.
export function suggestions(metric: Metric): Suggestion[] {
  const plain = selectorText(metric.name, []);
  if (metric.name.endsWith("_bucket")) {
    const rate = `sum by (le) (rate(${plain}[1m]))`;
    return [
      { name: "p50", expr: `histogram_quantile(0.5, ${rate})` },
      { name: "p95", expr: `histogram_quantile(0.95, ${rate})` },
      { name: "p99", expr: `histogram_quantile(0.99, ${rate})` },
      { name: "Heatmap", expr: rate },
    ];
  }
  if (metric.type === "histogram") {
    // native: one with classic buckets has no series of the plain name
    return [
      { name: "p95", expr: `histogram_quantile(0.95, sum(rate(${plain}[1m])))` },
      { name: "Mean", expr: `histogram_avg(sum(rate(${plain}[1m])))` },
      { name: "Heatmap", expr: `sum(rate(${plain}[1m]))` },
    ];
  }
  if (metric.type === "counter" || /_(total|count|sum)$/.test(metric.name)) {
    return [
      { name: "Rate", expr: `rate(${plain}[1m])` },
      { name: "Sum of rates", expr: `sum(rate(${plain}[1m]))` },
      { name: "As it is", expr: plain },
    ];
  }
  return [
    { name: "As it is", expr: plain },
    { name: "Sum", expr: `sum(${plain})` },
    { name: "Mean", expr: `avg(${plain})` },
  ];
}

export function valueSelector(metric: string, label: string, value: string): string {
  return selectorText(metric, [{ name: label, type: "=", value }]);
}
