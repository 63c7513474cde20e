// SPDX-License-Identifier: Apache-2.0
// Transformations of whole series: into the form a panel wants, or into a table with a row for each.
import type { Field, Frame } from "./frame";
import { record, text } from "./matchers";
import { reduceValue } from "./reduce";
import { joinByField } from "./transform_join";
import { seriesToRows } from "./transform_rows";

type Options = Readonly<Record<string, unknown>>;

export function prepareTimeSeries(frames: readonly Frame[], options: Options): readonly Frame[] {
  switch (options["format"]) {
    case "wide":
      return joinByField(frames, {});
    case "long":
      return seriesToRows(frames);
    default:
      return frames; // each series is a frame of its own already
  }
}

// Grafana draws a small line beside the number; here the number stands alone.
export function timeSeriesTable(frames: readonly Frame[], options: Options): readonly Frame[] {
  const isSeries = (frame: Frame) => frame.fields.some((field) => field.type === "time");
  const valueOf = (frame: Frame) => frame.fields.find((field) => field.type === "number");
  const refIds = [...new Set(frames.filter(isSeries).map((frame) => frame.refId))];
  const tables = refIds.map((refId): Frame => {
    const fields = frames
      .filter((frame) => frame.refId === refId)
      .map(valueOf)
      .filter((field): field is Field => field !== undefined);
    const names = [...new Set(fields.flatMap((field) => Object.keys(field.labels ?? {})))];
    const stat = text(record(options[refId])["stat"]) || "lastNotNull";
    const labels = names.map((name): Field => ({
      name,
      type: "string",
      values: fields.map((field) => field.labels?.[name] ?? ""),
      config: {},
    }));
    const values = fields.map((field) => reduceValue(stat, field.values));
    return { refId, fields: [...labels, { name: `Trend #${refId}`, type: "number", values, config: {} }] };
  });
  return [...tables, ...frames.filter((frame) => !isSeries(frame))];
}
