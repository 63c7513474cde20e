// SPDX-License-Identifier: Apache-2.0
// Which fields an override or a transformation is about.
import type { Field, FieldValue, Frame } from "./frame";
import { patternOf } from "./mappings";
import { displayName } from "./names";
import { reduceValue } from "./reduce";

export type Matches = (field: Field, frame: Frame, frames: readonly Frame[]) => boolean;

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function byNames(names: readonly string[]): Matches {
  const wanted = new Set(names);
  return (field, frame, frames) => wanted.has(field.name) || wanted.has(displayName(field, frame, frames));
}

function byRegexp(pattern: string): Matches {
  const expression = patternOf(pattern);
  return (field, frame, frames) =>
    expression !== null && displayName(field, frame, frames).search(expression) >= 0;
}

function compare(left: FieldValue, operator: string, right: unknown): boolean {
  const none = left === null || right === null || right === undefined;
  switch (none && (operator === "gte" || operator === "lte") ? "eq" : operator) {
    case "eq":
      return String(left) === String(right ?? null);
    case "neq":
      return String(left) !== String(right ?? null);
    case "gt":
      return Number(left) > Number(right);
    case "gte":
      return Number(left) >= Number(right);
    case "lt":
      return Number(left) < Number(right);
    case "lte":
      return Number(left) <= Number(right);
    default:
      return false;
  }
}

function byValue(options: unknown): Matches {
  const { reducer, op, value } = record(options);
  const calc = text(reducer);
  const yes = calc === "allIsZero" || calc === "allIsNull";
  return (field) => {
    const left = reduceValue(calc, field.values);
    return yes ? left === 1 : compare(left, text(op) || "eq", value);
  };
}

// Null: there is no such matcher here.
export function fieldMatcher(id: string, options: unknown): Matches | null {
  switch (id) {
    case "byName":
      return byNames([text(options)]);
    case "byNames": {
      const { names, mode } = record(options);
      const matches = byNames(strings(names));
      return mode === "exclude" ? (...all) => !matches(...all) : matches;
    }
    case "byRegexp":
      return byRegexp(text(options));
    case "byRegexpOrNames": {
      const { names, pattern } = record(options);
      const [one, other] = [byNames(strings(names)), byRegexp(text(pattern))];
      return (...all) => one(...all) || other(...all);
    }
    case "byFrameRefID":
      return (_field, frame) => frame.refId === text(options);
    case "byType":
      return (field) => field.type === text(options);
    case "byTypes":
      return (field) => strings(options).includes(field.type);
    case "byValue":
      return byValue(options);
    case "numeric":
      return (field) => field.type === "number";
    case "time":
      return (field) => field.type === "time";
    case "firstTimeField":
    case "firstNumberField":
      return (field, frame) => {
        const type = id === "firstTimeField" ? "time" : "number";
        return field === frame.fields.find((one) => one.type === type);
      };
    default:
      return null;
  }
}
