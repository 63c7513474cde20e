// SPDX-License-Identifier: Apache-2.0
// Series of cumulative buckets as the counts between one bound and the next. A query of format "heatmap"
// means these in every panel; heatmaps themselves do it together with the drawing. Pure.
import type { Field, FieldValue, Frame } from "../lib/frame";
import { parseNumber } from "../lib/frames";

const noise = 1e-9; // rates of equal buckets differ by less

function boundOf(frame: Frame): number {
  const field = frame.fields.find((one) => one.type === "number");
  return parseNumber(field?.labels?.["le"] ?? "NaN");
}

// Buckets of one histogram: their labels are the same but for "le".
function histogramOf(frame: Frame): string {
  const labels = frame.fields.find((one) => one.type === "number")?.labels ?? {};
  const others = Object.entries(labels).filter(([name]) => name !== "le" && name !== "__name__");
  return JSON.stringify(others.sort());
}

function difference(frame: Frame, below: Frame): Frame {
  const lower = new Map<FieldValue, FieldValue>();
  const times = below.fields.find((field) => field.type === "time")?.values ?? [];
  const values = below.fields.find((field) => field.type === "number")?.values ?? [];
  times.forEach((time, i) => lower.set(time, values[i] ?? null));
  const own = frame.fields.find((field) => field.type === "time")?.values ?? [];
  const subtract = (value: FieldValue, i: number): FieldValue => {
    const under = lower.get(own[i] ?? null);
    if (typeof value !== "number" || typeof under !== "number") {
      return value;
    }
    const rest = value - under;
    return rest < noise ? 0 : rest;
  };
  const changed = (field: Field): Field =>
    field.type === "number" ? { ...field, values: field.values.map(subtract) } : field;
  return { ...frame, fields: frame.fields.map(changed) };
}

export function perBucket(frames: readonly Frame[]): Frame[] {
  const groups = new Map<string, Frame[]>();
  for (const frame of frames) {
    const key = histogramOf(frame);
    groups.set(key, [...(groups.get(key) ?? []), frame]);
  }
  return [...groups.values()].flatMap((group) => {
    const known = group.every((frame) => !Number.isNaN(boundOf(frame)));
    const sorted = known ? [...group].sort((a, b) => boundOf(a) - boundOf(b)) : group;
    return known
      ? sorted.map((frame, i) => (i === 0 ? frame : difference(frame, sorted[i - 1] as Frame)))
      : sorted;
  });
}
