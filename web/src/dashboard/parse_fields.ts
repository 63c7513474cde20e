// SPDX-License-Identifier: Apache-2.0
// What a dashboard says of fields: units, thresholds, mappings, colours, and the overrides of some of them.
import type { FieldConfig, MappingResult, ThresholdStep, Thresholds, ValueMapping } from "../lib/frame";
import type { Override, PanelFieldConfig } from "./model";
import { at, get, list, object, oneOf, optionalNumber, optionalText, text } from "./read";
import { linkOf } from "./source";

const maxOverrides = 500;

export function thresholdsOf(value: unknown): Thresholds | undefined {
  const steps = list(get(value, "steps")).map((step): ThresholdStep => ({
    value: optionalNumber(get(step, "value")) ?? null,
    color: text(get(step, "color"), "green"),
  }));
  if (steps.length === 0) {
    return undefined;
  }
  const first = steps[0] as ThresholdStep;
  const rest = steps.slice(1).filter((step) => step.value !== null);
  return {
    mode: oneOf(get(value, "mode"), ["absolute", "percentage"], "absolute"),
    steps: [{ ...first, value: null }, ...rest.sort((a, b) => (a.value as number) - (b.value as number))],
  };
}

function result(value: unknown): MappingResult {
  const said = optionalText(get(value, "text"));
  const color = optionalText(get(value, "color"));
  const index = optionalNumber(get(value, "index"));
  return {
    ...(said === undefined ? {} : { text: said }),
    ...(color === undefined ? {} : { color }),
    ...(index === undefined ? {} : { index }),
  };
}

// Mappings of before Grafana 8 are numbered: 1 a value, 2 a range.
function oldMapping(value: unknown): ValueMapping | null {
  const said = { text: text(get(value, "text")) };
  const one = text(get(value, "value"));
  if (get(value, "type") === 2) {
    const from = optionalNumber(get(value, "from")) ?? null;
    return { type: "range", options: { from, to: optionalNumber(get(value, "to")) ?? null, result: said } };
  }
  return one === "null" || one === ""
    ? { type: "special", options: { match: "null", result: said } }
    : { type: "value", options: { [one]: said } };
}

export function mappingOf(value: unknown): ValueMapping | null {
  const options = get(value, "options");
  const found = result(get(options, "result"));
  switch (get(value, "type")) {
    case "value":
      return {
        type: "value",
        options: Object.fromEntries(Object.entries(object(options)).map(([key, one]) => [key, result(one)])),
      };
    case "range": {
      const from = optionalNumber(get(options, "from")) ?? null;
      return {
        type: "range",
        options: { from, to: optionalNumber(get(options, "to")) ?? null, result: found },
      };
    }
    case "regex":
      return { type: "regex", options: { pattern: text(get(options, "pattern")), result: found } };
    case "special":
      return { type: "special", options: { match: text(get(options, "match"), "null"), result: found } };
    case 1:
    case 2:
      return oldMapping(value);
    default:
      return null;
  }
}

function mappingsOf(value: unknown): ValueMapping[] {
  return list(value)
    .map(mappingOf)
    .filter((one): one is ValueMapping => one !== null);
}

function colorOf(value: unknown): FieldConfig["color"] {
  const mode = optionalText(get(value, "mode"));
  const fixed = optionalText(get(value, "fixedColor"));
  const by = optionalText(get(value, "seriesBy"));
  return mode === undefined
    ? undefined
    : {
        mode,
        ...(fixed === undefined ? {} : { fixedColor: fixed }),
        ...(by === undefined ? {} : { seriesBy: by }),
      };
}

// The properties of a field that have a type of their own; of the same name in defaults and in overrides.
function property(id: string, value: unknown): unknown {
  switch (id) {
    case "unit":
    case "noValue":
    case "displayName":
    case "description":
      return optionalText(value);
    case "decimals":
    case "min":
    case "max":
      return optionalNumber(value);
    case "mappings":
      return mappingsOf(value);
    case "thresholds":
      return thresholdsOf(value);
    case "color":
      return colorOf(value);
    case "links":
      return list(value).map(linkOf);
    default:
      return value;
  }
}

const defaultNames = [
  "unit",
  "noValue",
  "displayName",
  "description",
  "decimals",
  "min",
  "max",
  "mappings",
  "thresholds",
  "color",
  "links",
] as const;

function override(value: unknown): Override {
  return {
    matcher: { id: text(at(value, "matcher", "id")), options: at(value, "matcher", "options") },
    properties: list(get(value, "properties")).map((one) => {
      const id = text(get(one, "id"));
      return { id, value: property(id, get(one, "value")) };
    }),
  };
}

export function fieldConfigOf(value: unknown): PanelFieldConfig {
  const defaults = get(value, "defaults");
  const known = defaultNames
    .map((name) => [name, property(name, get(defaults, name))] as const)
    .filter(([, one]) => one !== undefined);
  return {
    defaults: { ...(Object.fromEntries(known) as FieldConfig), custom: object(get(defaults, "custom")) },
    overrides: list(get(value, "overrides")).slice(0, maxOverrides).map(override),
  };
}
