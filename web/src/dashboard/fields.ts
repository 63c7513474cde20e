// SPDX-License-Identifier: Apache-2.0
// What all panels ask of their frames: the fields with numbers, their names and colours, and values reduced
// to one. Pure.
import type { Theme } from "../lib/colors";
import { displayOf, extent, seriesColorOf, type Display } from "../lib/display";
import type { Field, FieldValue, Frame } from "../lib/frame";
import { displayName } from "../lib/overrides";
import { calcName, reduceValue } from "../lib/reduce";
import { safeRegExp } from "../lib/regex";
import { formatText } from "../lib/units";
import { at, flag, texts, type Json } from "./read";

export interface Named {
  readonly field: Field;
  readonly frame: Frame;
  readonly name: string;
  readonly index: number; // among the numbers of the panel: its place in the palette
}

export function timesOf(frame: Frame): readonly FieldValue[] {
  return frame.fields.find((field) => field.type === "time")?.values ?? [];
}

function isNumeric(field: Field): boolean {
  return field.type === "number" && field.config.custom?.["hidden"] !== true;
}

export function numberFields(frames: readonly Frame[]): Named[] {
  const found: Named[] = [];
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (isNumeric(field)) {
        found.push({ field, frame, name: displayName(field, frame, frames), index: found.length });
      }
    }
  }
  return found;
}

export function colorOf({ field, index, name }: Named, theme: Theme): string {
  return seriesColorOf(field.values, field.config, { theme, seriesIndex: index, seriesName: name });
}

// "/a|b/" or a name; "" is every field with numbers.
function fieldFilter(wanted: string): (name: string) => boolean {
  const pattern = /^\/([^]*)\/([a-z]*)$/.exec(wanted);
  if (pattern === null) {
    return (name) => wanted === "" || name === wanted;
  }
  try {
    const expression = safeRegExp(pattern[1] as string, (pattern[2] as string).replace("g", ""));
    return (name) => expression.test(name);
  } catch {
    return () => true;
  }
}

export interface Reduced extends Named {
  readonly value: FieldValue;
  readonly row?: number; // where each row is a value of its own
}

const rowsMax = 500; // of options.reduceOptions.values: more cannot be looked at

// Names of rows: their texts, else the name of the field.
function rowName(one: Named, row: number): string {
  const labels = one.frame.fields
    .filter((field) => field.type === "string")
    .map((field) => String(field.values[row] ?? ""))
    .filter((text) => text !== "");
  return labels.length === 0 ? one.name : labels.join(" ");
}

// The values of a stat, gauge or bar gauge, as its reduceOptions say.
export function reducedValues(frames: readonly Frame[], options: Json): Reduced[] {
  const calcs = texts(at(options, "reduceOptions", "calcs"));
  const wanted = fieldFilter(String(at(options, "reduceOptions", "fields") ?? ""));
  const fields = numberFields(frames).filter((one) => wanted(one.name));
  if (flag(at(options, "reduceOptions", "values"))) {
    const limit = Number(at(options, "reduceOptions", "limit") ?? 25);
    return fields
      .flatMap((one) =>
        one.field.values.map((value, row) => ({ ...one, value, row, name: rowName(one, row) })),
      )
      .slice(0, Math.min(Number.isFinite(limit) ? limit : 25, rowsMax));
  }
  const used = calcs.length === 0 ? ["lastNotNull"] : calcs;
  return fields.flatMap((one) =>
    used.map((calc) => ({
      ...one,
      value: reduceValue(calc, one.field.values),
      name: used.length > 1 ? `${one.name} (${calcName(calc)})` : one.name,
    })),
  );
}

export interface Extent {
  readonly min: number;
  readonly max: number;
}

// From zero, where all values are above: bars and arcs that begin at the least value lie.
export function extentOf(values: readonly Reduced[]): Extent {
  const found = extent(values.map((one) => one.field));
  return { min: Math.min(found.min, 0), max: found.max };
}

export function shown(one: Reduced, theme: Theme, limits: Extent): Display {
  const { min, max } = limits;
  return displayOf(one.value, one.field.config, {
    theme,
    min,
    max,
    seriesIndex: one.index,
    seriesName: one.name,
  });
}

// Values on an axis and in a legend. Without mappings of numbers, the quick way.
export function formatterOf(field: Field, theme: Theme): (value: number | null) => string {
  const { unit, decimals, mappings, noValue } = field.config;
  const mapped = (mappings ?? []).some((mapping) => mapping.type !== "special");
  return (value) => {
    const special = value === null || !Number.isFinite(value);
    if (special && (mappings?.length ?? 0) === 0) {
      return value === null ? (noValue ?? "") : formatText(value, unit, decimals);
    }
    return mapped || special
      ? displayOf(value, field.config, { theme }).full
      : formatText(value, unit, decimals);
  };
}
