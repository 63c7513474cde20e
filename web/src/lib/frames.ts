// SPDX-License-Identifier: Apache-2.0
// Answers of Prometheus's HTTP API as data frames.
import type { BucketText, HistogramText, QueryData, SeriesResult } from "../api/types";
import type { Field, FieldValue, Frame, Histogram, HistogramBucket, Labels } from "./frame";
import { autoLegends, legendFor } from "./legend";

export interface FrameOptions {
  readonly refId: string;
  readonly expr: string;
  readonly legend: string; // legendFormat; "" or "__auto": as Prometheus names it
}

export function parseNumber(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : text === "NaN" ? NaN : Number(text);
}

function parseBucket([rule, lower, upper, count]: BucketText): HistogramBucket {
  return {
    lower: parseNumber(lower),
    upper: parseNumber(upper),
    count: parseNumber(count),
    lowerInclusive: rule === 1 || rule === 3,
    upperInclusive: rule === 0 || rule === 3,
  };
}

export function parseHistogram(text: HistogramText): Histogram {
  return {
    count: parseNumber(text.count),
    sum: parseNumber(text.sum),
    buckets: (text.buckets ?? []).map(parseBucket),
  };
}

interface Points {
  times: number[];
  values: FieldValue[];
  histograms: boolean;
}

// The samples of a series in the order of time; one may have floats and histograms.
function pointsOf(series: SeriesResult): Points {
  const points: [number, FieldValue][] = [];
  const floats = series.values ?? (series.value === undefined ? [] : [series.value]);
  const histograms = series.histograms ?? (series.histogram === undefined ? [] : [series.histogram]);
  for (const [time, value] of floats) {
    points.push([Math.round(time * 1000), parseNumber(value)]);
  }
  for (const [time, value] of histograms) {
    points.push([Math.round(time * 1000), parseHistogram(value)]);
  }
  if (floats.length > 0 && histograms.length > 0) {
    points.sort((a, b) => a[0] - b[0]);
  }
  return {
    times: points.map(([time]) => time),
    values: points.map(([, value]) => value),
    histograms: histograms.length > 0 && floats.length === 0,
  };
}

function seriesOf(data: QueryData): SeriesResult[] {
  if (data.resultType === "scalar") {
    return [{ metric: {}, value: data.result }];
  }
  return data.resultType === "string" ? [] : (data.result as SeriesResult[]);
}

function legends(series: readonly SeriesResult[], options: FrameOptions): string[] {
  const labels = series.map((one) => one.metric);
  return options.legend === "__auto"
    ? autoLegends(labels, options.expr)
    : labels.map((one) => legendFor(options.legend, one, options.expr));
}

export function withoutName(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== "__name__"));
}

// A frame for each series: time and value.
export function timeSeriesFrames(data: QueryData, options: FrameOptions): Frame[] {
  if (data.resultType === "string") {
    return stringFrames(data.result, options);
  }
  const series = seriesOf(data);
  const names = legends(series, options);
  return series.map((one, index) => {
    const points = pointsOf(one);
    const name = names[index] ?? "";
    const value: Field = {
      name: "Value",
      type: points.histograms ? "histogram" : "number",
      labels: one.metric,
      values: points.values,
      config: { displayNameFromDS: name },
    };
    return {
      refId: options.refId,
      name,
      fields: [{ name: "Time", type: "time", values: points.times, config: {} }, value],
    };
  });
}

function stringFrames([time, text]: readonly [number, string], options: FrameOptions): Frame[] {
  const fields: Field[] = [
    { name: "Time", type: "time", values: [time * 1000], config: {} },
    { name: "Value", type: "string", values: [text], config: {} },
  ];
  return [{ refId: options.refId, name: options.expr, fields }];
}

// One frame of all series: a row for each sample, a column for each label. `valueName` is "Value" where the
// panel has one query, else "Value #A".
export function tableFrame(data: QueryData, options: FrameOptions, valueName: string): Frame {
  const series = seriesOf(data);
  const names = [...new Set(series.flatMap((one) => Object.keys(one.metric)))].sort();
  const times: number[] = [];
  const values: FieldValue[] = [];
  const columns = names.map((): FieldValue[] => []);
  for (const one of series) {
    const points = pointsOf(one);
    points.times.forEach((time, at) => {
      times.push(time);
      values.push(points.values[at] ?? null);
      names.forEach((name, index) => columns[index]?.push(one.metric[name] ?? ""));
    });
  }
  const fields: Field[] = [{ name: "Time", type: "time", values: times, config: {} }];
  names.forEach((name, index) =>
    fields.push({ name, type: "string", values: columns[index] ?? [], config: {} }),
  );
  const histograms =
    values.length > 0 && values.every((value) => typeof value === "object" && value !== null);
  fields.push({ name: valueName, type: histograms ? "histogram" : "number", values, config: {} });
  return { refId: options.refId, fields };
}

// Bucket series for a heatmap: each is named by its upper bound, in ascending order.
export function heatmapFrames(data: QueryData, options: FrameOptions): Frame[] {
  const frames = timeSeriesFrames(data, options);
  const bound = (frame: Frame) => parseNumber(frame.fields[1]?.labels?.["le"] ?? "NaN");
  return frames.sort((a, b) => bound(a) - bound(b));
}
