// SPDX-License-Identifier: Apache-2.0
// Variables in texts: $name, ${name}, ${name:format}, [[name]]; of a dashboard, of the time range, and of the
// value a link stands at.
import { formatDuration } from "./duration";
import { formatVariable, encodeStrict, queryParam, type Formattable } from "./formats";
import type { Field, Frame, Labels } from "./frame";

import { formatText } from "./units";

export interface VariableValue {
  readonly name: string;
  readonly values: readonly string[]; // chosen; of "All": each of them
  readonly texts?: readonly string[]; // what the visitor sees; the values where absent
  readonly all?: boolean; // "All" is chosen
  readonly allValue?: string; // what the dashboard puts in for "All"; "" or absent: all the values
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly skipUrlSync?: boolean;
}

// What a link or a name is about.
export interface DataContext {
  readonly raw?: string | number | null; // ${__value.raw}
  readonly text?: string; // ${__value.text}: with its unit
  readonly time?: number | null; // ${__value.time}
  readonly fieldName?: string; // ${__field.name}, ${__field.displayName}
  readonly labels?: Labels; // ${__field.labels.x}
  readonly seriesName?: string; // ${__series.name}
  readonly refId?: string;
  readonly row?: { readonly frame: Frame; readonly index: number }; // ${__data.fields.x}
}

export interface Scope {
  readonly variables: readonly VariableValue[];
  readonly from: number; // milliseconds
  readonly to: number;
  readonly rawFrom?: string; // as the address has them: "now-6h"
  readonly rawTo?: string;
  readonly intervalMs?: number; // $__interval
  readonly rateIntervalMs?: number; // $__rate_interval
  readonly dashboard?: { readonly title: string; readonly uid: string };
  readonly data?: DataContext;
}

export type Format = string | ((variable: VariableValue) => string);

// A value, or what stands there whatever the format is.
type Found = { readonly value: string } | { readonly done: string } | null;

function timeRange(scope: Scope): string {
  const from = encodeStrict(scope.rawFrom ?? String(scope.from));
  return `from=${from}&to=${encodeStrict(scope.rawTo ?? String(scope.to))}`;
}

function formattable(variable: VariableValue): Formattable {
  const all = variable.all === true;
  return { name: variable.name, values: variable.values, texts: textsOf(variable), all };
}

function textsOf(variable: VariableValue): readonly string[] {
  return variable.texts ?? (variable.all === true ? ["All"] : variable.values);
}

function allVariables(scope: Scope): string {
  return scope.variables
    .filter((variable) => variable.skipUrlSync !== true && !variable.name.startsWith("__"))
    .map((variable) => queryParam(formattable(variable)))
    .filter((text) => text !== "")
    .join("&");
}

// "fields.a", "fields[0]", 'fields["a b"].text' -> its parts.
function partsOf(path: string): string[] {
  const parts = path.matchAll(/\[\s*(?:"([^"]*)"|'([^']*)'|([^\]]*))\s*\]|([^.[\]]+)/g);
  return [...parts].map((part) => part[1] ?? part[2] ?? part[3] ?? part[4] ?? "");
}

function fieldOf(frame: Frame, name: string): Field | undefined {
  const named = (field: Field) =>
    field.name === name || field.config.displayName === name || field.config.displayNameFromDS === name;
  return frame.fields.find(named) ?? (/^\d+$/.test(name) ? frame.fields[Number(name)] : undefined);
}

function ofRow(data: DataContext, parts: readonly string[]): string | undefined {
  const [kind, name = "", form] = parts;
  if (kind === "refId" || kind === "name") {
    return kind === "refId" ? data.refId : data.seriesName;
  }
  const field = kind === "fields" && data.row !== undefined ? fieldOf(data.row.frame, name) : undefined;
  if (field === undefined) {
    return undefined;
  }
  const value = field.values[data.row?.index ?? 0] ?? null;
  if (typeof value === "number" && form !== "numeric" && field.type !== "time") {
    return formatText(value, field.config.unit, field.config.decimals);
  }
  return value === null || typeof value === "object" ? "" : String(value);
}

function ofData(name: string, path: string, data: DataContext): string | undefined {
  const parts = partsOf(path);
  const text = (value: string | number | null | undefined) =>
    value === undefined ? undefined : String(value ?? "");
  switch (name) {
    case "__value":
      switch (parts[0]) {
        case "text":
          return text(data.text ?? data.raw);
        case "time":
          return text(data.time);
        default:
          return text(data.raw);
      }
    case "__cell":
      return text(data.raw);
    case "__field":
      return parts[0] === "labels" && parts.length > 1
        ? (data.labels?.[parts[1] as string] ?? "")
        : data.fieldName;
    case "__series":
      return data.seriesName;
    case "__data":
      return ofRow(data, parts);
    default:
      return undefined;
  }
}

function interval(ms: number | undefined, asNumber: boolean): string | undefined {
  return ms === undefined ? undefined : asNumber ? String(Math.round(ms)) : formatDuration(Math.round(ms));
}

function ofScope(name: string, path: string, scope: Scope): string | undefined {
  const rangeMs = Math.round(scope.to - scope.from);
  switch (name) {
    case "__interval":
    case "__interval_ms":
      return interval(scope.intervalMs, name.endsWith("_ms"));
    case "__rate_interval":
    case "__rate_interval_ms":
      return interval(scope.rateIntervalMs, name.endsWith("_ms"));
    case "__range":
      return `${Math.round(rangeMs / 1000)}s`;
    case "__range_s":
      return String(Math.round(rangeMs / 1000));
    case "__range_ms":
      return String(rangeMs);
    case "__from":
      return String(Math.round(scope.from));
    case "__to":
      return String(Math.round(scope.to));
    case "__dashboard":
      return partsOf(path)[0] === "uid" ? scope.dashboard?.uid : scope.dashboard?.title;
    default:
      return scope.data === undefined ? undefined : ofData(name, path, scope.data);
  }
}

function builtIn(name: string, path: string, scope: Scope): Found {
  if (name === "__url_time_range") {
    return { done: timeRange(scope) };
  }
  if (name === "__all_variables") {
    return { done: allVariables(scope) };
  }
  const value = ofScope(name, path, scope);
  return value === undefined ? null : { value };
}

const keepsFormat = new Set(["text", "queryparam", "percentencode"]);

function written(variable: VariableValue, scope: Scope, format: Format, explicit: boolean): string {
  const ownAll = variable.all === true && (variable.allValue ?? "") !== "";
  if (ownAll && !(typeof format === "string" && keepsFormat.has(format))) {
    return interpolate(variable.allValue as string, { ...scope, variables: [] });
  }
  if (typeof format !== "string" && !explicit) {
    return format(variable);
  }
  const values = ownAll ? [variable.allValue as string] : variable.values;
  return formatVariable({ ...formattable(variable), values }, typeof format === "string" ? format : "glob");
}

const pattern = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)((?:\.[^:}[]+|\[[^\]]*\])+)?(?::([^}]+))?\}/g;

// Names that nothing stands for stay as they are. `format`: of those that have none of their own.
export function interpolate(text: string, scope: Scope, format: Format = "glob"): string {
  return text.replace(pattern, (whole: string, ...groups: (string | undefined)[]) => {
    const [plain, bracketed, bracketedFormat, braced, path = "", bracedFormat] = groups;
    const name = plain ?? bracketed ?? braced ?? "";
    const own = bracketedFormat ?? bracedFormat;
    const variable = scope.variables.find((one) => one.name === name);
    if (variable !== undefined) {
      const byPath = path === ".text" ? "text" : undefined;
      return written(variable, scope, own ?? byPath ?? format, own !== undefined || byPath !== undefined);
    }
    const found = builtIn(name, path, scope);
    if (found === null || "done" in found) {
      return found === null ? whole : found.done;
    }
    const wanted = own ?? (typeof format === "string" ? format : "raw");
    return formatVariable({ name, values: [found.value], texts: [found.value], all: false }, wanted);
  });
}

// Into an address: what stands in the value of a parameter is all of it escaped, elsewhere only what no
// address may have, so that a host or a path can be chosen. Formats that a link names are left alone.
export function interpolateUrl(url: string, scope: Scope): string {
  return url.replace(pattern, (whole: string, ...groups: (string | undefined)[]) => {
    const value = interpolate(whole, scope);
    const name = groups[0] ?? groups[1] ?? groups[3] ?? "";
    const before = url.slice(0, Number(groups[6]));
    if (value === whole || (groups[2] ?? groups[5]) !== undefined || linkParams.has(name)) {
      return value;
    }
    const inValue = /[?&#][^=&#]*=[^&#]*$/.test(before);
    return formatVariable(
      { name, values: [value], texts: [value], all: false },
      inValue ? "percentencode" : "uriencode",
    );
  });
}

const linkParams = new Set(["__url_time_range", "__all_variables"]); // escaped already

// Into a matcher's quotes: the backslashes of the expression are themselves escaped.
function inRegex(value: string): string {
  return value
    .replace(/\\/g, "\\\\\\\\")
    .replace(/[$^*{}[\]'+?.()|]/g, "\\\\$&")
    .replace(/"/g, '\\"');
}

function inQuery(variable: VariableValue): string {
  if (variable.multi !== true && variable.includeAll !== true) {
    return variable.values.join(",").replace(/\\/g, "\\\\");
  }
  const escaped = variable.values.map(inRegex);
  return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join("|")})`;
}

// Into a query. Variables that may have several values stand for a regular expression; others as they are, so
// that a metric's name or a piece of PromQL can be chosen.
export function interpolatePromql(text: string, scope: Scope): string {
  return interpolate(text, scope, inQuery);
}
