// SPDX-License-Identifier: Apache-2.0
// Values that a panel shows as words or in another colour: the first mapping that fits says which.
import type { FieldValue, MappingResult, ValueMapping } from "./frame";
import { safeRegExp } from "./regex";

// "/expression/flags", or an expression that has to fit the whole text. Null: it is none or refused, and fits nothing.
export function patternOf(text: string): RegExp | null {
  const slashed = /^\/(.*?)\/([gimy]*)$/.exec(text);
  try {
    return slashed === null ? safeRegExp(`^${text}$`) : safeRegExp(slashed[1] as string, slashed[2]);
  } catch {
    return null;
  }
}

function byRegex(value: FieldValue, pattern: string, result: MappingResult): MappingResult | null {
  const expression = typeof value === "string" ? patternOf(pattern) : null;
  if (typeof value !== "string" || expression === null || value.search(expression) < 0) {
    return null;
  }
  return result.text === undefined ? result : { ...result, text: value.replace(expression, result.text) };
}

function inRange(value: FieldValue, from: number | null, to: number | null): boolean {
  const number = typeof value === "string" ? parseFloat(value) : value;
  return typeof number === "number" && number >= (from ?? -Infinity) && number <= (to ?? Infinity);
}

function isSpecial(value: FieldValue, match: string): boolean {
  const nan = typeof value === "number" && Number.isNaN(value);
  switch (match) {
    case "null":
      return value === null;
    case "nan":
      return nan;
    case "null+nan":
      return value === null || nan;
    case "true":
      return value === "true";
    case "false":
      return value === "false";
    case "empty":
      return value === "";
    default:
      return false;
  }
}

function fits(value: FieldValue, mapping: ValueMapping): MappingResult | null {
  switch (mapping.type) {
    case "value": {
      const key = typeof value === "object" ? null : String(value);
      return key !== null && Object.hasOwn(mapping.options, key) ? (mapping.options[key] ?? null) : null;
    }
    case "range":
      return inRange(value, mapping.options.from, mapping.options.to) ? mapping.options.result : null;
    case "regex":
      return byRegex(value, mapping.options.pattern, mapping.options.result);
    case "special":
      return isSpecial(value, mapping.options.match) ? mapping.options.result : null;
  }
}

// Null: none fits.
export function mapValue(
  value: FieldValue,
  mappings: readonly ValueMapping[] | undefined,
): MappingResult | null {
  for (const mapping of mappings ?? []) {
    const result = fits(value, mapping);
    if (result !== null) {
      return result;
    }
  }
  return null;
}
