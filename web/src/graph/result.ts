// SPDX-License-Identifier: Apache-2.0
// The answer of an instant query as rows of a table: labels that all rows share stand once above it, each
// other label has a column.
import type { HistogramText, QueryData, SampleText, SeriesResult } from "../api/types";
import type { Histogram, Labels } from "../lib/frame";
import { parseHistogram, parseNumber } from "../lib/frames";
import { seriesText } from "../lib/promtext";

export interface Sample {
  readonly timeMs: number;
  readonly text: string; // the value as the server writes it
  readonly value: number;
  readonly histogram?: Histogram;
}

export interface ResultRow {
  readonly key: string;
  readonly labels: Labels;
  readonly samples: readonly Sample[]; // one, but of a range vector
}

export interface ResultTable {
  readonly kind: QueryData["resultType"];
  readonly common: Labels; // of all rows, where there are several
  readonly columns: readonly string[]; // label names
  readonly rows: readonly ResultRow[];
  readonly sampleCount: number;
}

function floatSample([time, text]: readonly [number, string]): Sample {
  return { timeMs: Math.round(time * 1000), text, value: parseNumber(text) };
}

function histogramSample([time, text]: readonly [number, HistogramText]): Sample {
  const histogram = parseHistogram(text);
  const said = `count ${text.count}, sum ${text.sum}`;
  return { timeMs: Math.round(time * 1000), text: said, value: histogram.count, histogram };
}

function samplesOf(series: SeriesResult): Sample[] {
  const floats = [...(series.value === undefined ? [] : [series.value]), ...(series.values ?? [])];
  const histograms = [
    ...(series.histogram === undefined ? [] : [series.histogram]),
    ...(series.histograms ?? []),
  ];
  const samples = [...floats.map(floatSample), ...histograms.map(histogramSample)];
  return samples.sort((a, b) => a.timeMs - b.timeMs);
}

// Labels that every one of the sets has with the same value.
export function commonLabels(sets: readonly Labels[]): Labels {
  const first = sets[0];
  if (first === undefined || sets.length < 2) {
    return {};
  }
  const shared = Object.entries(first).filter(([name, value]) =>
    sets.every((labels) => labels[name] === value),
  );
  return Object.fromEntries(shared);
}

// The name first, then by the alphabet, as they stand in a selector.
export function labelOrder(a: string, b: string): number {
  return a === "__name__" ? -1 : b === "__name__" ? 1 : a < b ? -1 : a > b ? 1 : 0;
}

function single(kind: "scalar" | "string", sample: readonly [number, string]): ResultTable {
  return {
    kind,
    common: {},
    columns: [],
    rows: [{ key: kind, labels: {}, samples: [floatSample(sample)] }],
    sampleCount: 1,
  };
}

export function resultTable(data: QueryData): ResultTable {
  if (data.resultType === "vector" || data.resultType === "matrix") {
    return ofSeries(data.resultType, data.result as SeriesResult[]);
  }
  return single(data.resultType, data.result as SampleText);
}

function ofSeries(kind: "vector" | "matrix", series: readonly SeriesResult[]): ResultTable {
  const rows = series.map((one): ResultRow => ({
    key: seriesText(one.metric),
    labels: one.metric,
    samples: samplesOf(one),
  }));
  const common = commonLabels(rows.map((row) => row.labels));
  const names = new Set(rows.flatMap((row) => Object.keys(row.labels)));
  const columns = [...names].filter((name) => !Object.hasOwn(common, name)).sort(labelOrder);
  const sampleCount = rows.reduce((sum, row) => sum + row.samples.length, 0);
  return { kind, common, columns, rows, sampleCount };
}

export interface ResultSort {
  readonly by: string | null; // a label; null: the value
  readonly desc: boolean;
}

// Rows in the order asked for; equal ones, and those without the label or a number, keep theirs at the end.
export function sortRows(rows: readonly ResultRow[], sort: ResultSort | null): readonly ResultRow[] {
  if (sort === null) {
    return rows;
  }
  const { by } = sort;
  const sign = sort.desc ? -1 : 1;
  const collator = new Intl.Collator("en", { numeric: true });
  return [...rows].sort((a, b) => {
    if (by !== null) {
      const [left, right] = [a.labels[by], b.labels[by]];
      return left === undefined || right === undefined
        ? Number(left === undefined) - Number(right === undefined)
        : sign * collator.compare(left, right);
    }
    const [left, right] = [a.samples.at(-1)?.value ?? NaN, b.samples.at(-1)?.value ?? NaN];
    return Number.isNaN(left) || Number.isNaN(right)
      ? Number(Number.isNaN(left)) - Number(Number.isNaN(right))
      : left === right
        ? 0
        : sign * (left < right ? -1 : 1);
  });
}
