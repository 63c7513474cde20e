// SPDX-License-Identifier: Apache-2.0
// Which configuration each field of a panel has: the defaults, and what overrides lay over them.
import type { FieldConfig, Field, Frame } from "./frame";
import { interpolate, type Scope } from "./interpolate";
import { fieldMatcher, type Matches } from "./matchers";

export { displayName } from "./names";

export interface OverrideLike {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly OverrideLike[];
}

export interface Configured {
  readonly frames: readonly Frame[];
  readonly unsupported: readonly string[]; // sentences
}

const properties = new Set([
  "unit",
  "displayName",
  "decimals",
  "min",
  "max",
  "color",
  "thresholds",
  "mappings",
  "links",
  "noValue",
  "description",
]);
const silent = new Set(["filterable", "fieldMinMax", "writeable"]); // what they change is not of the value

interface Rule {
  readonly matches: Matches;
  readonly properties: OverrideLike["properties"];
}

function without(config: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  const next = { ...config };
  if (value === undefined || value === null) {
    delete next[key];
  } else {
    next[key] = value;
  }
  return next;
}

// custom.a.b: a path into what only the panel understands.
function setAt(
  custom: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key, ...rest] = path;
  if (key === undefined || key === "__proto__") {
    return custom;
  }
  if (rest.length === 0) {
    return without(custom, key, value);
  }
  const inner = custom[key];
  const below = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
  return { ...custom, [key]: setAt(below, rest, value) };
}

function withProperty(config: FieldConfig, id: string, value: unknown): FieldConfig {
  if (id.startsWith("custom.")) {
    return { ...config, custom: setAt({ ...config.custom }, id.slice("custom.".length).split("."), value) };
  }
  return properties.has(id) ? (without({ ...config }, id, value) as FieldConfig) : config;
}

// What queries and transformations said of a field stays; defaults fill the rest.
function withDefaults(own: FieldConfig, defaults: FieldConfig): FieldConfig {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given, custom: { ...defaults.custom, ...own.custom } };
}

const emptyScope: Scope = { variables: [], from: 0, to: 0 };

// "${__field.labels.stage}" in names.
function named(config: FieldConfig, field: Field, frame: Frame, scope: Scope): FieldConfig {
  const name = config.displayName;
  if (name === undefined || !/\$|\[\[/.test(name)) {
    return config;
  }
  const data = {
    fieldName: field.name,
    labels: field.labels ?? {},
    seriesName: frame.name ?? config.displayNameFromDS ?? field.name,
    refId: frame.refId,
    row: { frame, index: 0 },
  };
  return { ...config, displayName: interpolate(name, { ...scope, data }) };
}

function rulesOf(overrides: readonly OverrideLike[], unsupported: Set<string>): Rule[] {
  const rules: Rule[] = [];
  for (const { matcher, properties: wanted } of overrides) {
    const matches = fieldMatcher(matcher.id, matcher.options);
    if (matches === null) {
      unsupported.add(`cannot apply an override: fields cannot be chosen by "${matcher.id}" here`);
      continue;
    }
    for (const { id } of wanted) {
      if (!properties.has(id) && !silent.has(id) && !id.startsWith("custom.")) {
        unsupported.add(`cannot apply the property "${id}" of an override`);
      }
    }
    rules.push({ matches, properties: wanted });
  }
  return rules;
}

// Overrides find fields by the names they have before any of them renames one. `scope`: of variables in
// names.
export function applyFieldConfig(
  frames: readonly Frame[],
  source: FieldConfigSource,
  scope: Scope = emptyScope,
): Configured {
  const unsupported = new Set<string>();
  const rules = rulesOf(source.overrides, unsupported);
  const apply = (field: Field, frame: Frame): Field => {
    const begin = named(withDefaults(field.config, source.defaults), field, frame, scope);
    const renamed = begin.displayName === field.config.displayName ? null : { ...field, config: begin };
    let config = begin;
    for (const rule of rules) {
      if (rule.matches(field, frame, frames) || (renamed !== null && rule.matches(renamed, frame, frames))) {
        config = rule.properties.reduce((done, one) => withProperty(done, one.id, one.value), config);
      }
    }
    return { ...field, config: named(config, field, frame, scope) };
  };
  const configured = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => apply(field, frame)),
  }));
  return { frames: configured, unsupported: [...unsupported] };
}
