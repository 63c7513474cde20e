// SPDX-License-Identifier: Apache-2.0
// How the values of a variable are written into a text: ${name:regex}, ${name:csv}, ... by Grafana's names.
import { formatDate } from "./dateformat";

export interface Formattable {
  readonly name: string;
  readonly values: readonly string[];
  readonly texts: readonly string[];
  readonly all: boolean;
}

// A lone half of a surrogate pair is no text: what encodes addresses would throw.
function whole(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

// encodeURIComponent() leaves a few that some servers take for their own.
export function encodeStrict(text: string): string {
  return encodeURIComponent(whole(text)).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, "\\$&");
}

function group(values: readonly string[], map: (value: string) => string): string {
  const mapped = values.map(map);
  return mapped.length === 1 ? (mapped[0] as string) : `(${mapped.join("|")})`;
}

function glob(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : values.length === 0 ? "" : `{${values.join(",")}}`;
}

function lucene(values: readonly string[]): string {
  return values.length === 1
    ? (values[0] as string).replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, "\\$1")
    : `(${values.map((value) => JSON.stringify(value)).join(" OR ")})`;
}

function date(values: readonly string[], pattern: string): string {
  const time = Number(values[0]);
  switch (pattern) {
    case "":
    case "iso":
      return Number.isFinite(time) && Math.abs(time) <= 8.64e15
        ? new Date(time).toISOString()
        : "Invalid date";
    case "seconds":
      return String(Math.round(time / 1000));
    default:
      return formatDate(time, pattern, false);
  }
}

export function queryParam({ name, values, all }: Formattable): string {
  const given = all ? ["$__all"] : values;
  return given.map((value) => `var-${name}=${encodeStrict(value)}`).join("&");
}

// An unknown format is as none.
export function formatVariable(variable: Formattable, format: string): string {
  const { name, values, texts } = variable;
  const colon = format.indexOf(":");
  const id = colon < 0 ? format : format.slice(0, colon);
  const argument = colon < 0 ? "" : format.slice(colon + 1);
  switch (id) {
    case "raw":
    case "csv":
      return values.join(",");
    case "regex":
      return group(values, escapeRegex);
    case "pipe":
      return values.join("|");
    case "text":
      return texts.join(" + ");
    case "json":
      return values.length === 1 ? (values[0] as string) : JSON.stringify(values);
    case "queryparam":
      return queryParam(variable);
    case "doublequote":
      return values.map((value) => `"${value.replace(/"/g, '\\"')}"`).join(",");
    case "singlequote":
      return values.map((value) => `'${value.replace(/'/g, "\\'")}'`).join(",");
    case "sqlstring":
      return values.map((value) => `'${value.replace(/'/g, "''")}'`).join(",");
    case "distributed":
      return values.map((value, index) => (index === 0 ? value : `${name}=${value}`)).join(",");
    case "percentencode":
      return encodeStrict(glob(values));
    case "uriencode":
      return encodeURI(whole(glob(values)));
    case "html":
      return values.join(", ").replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
    case "lucene":
      return lucene(values);
    case "date":
      return date(values, argument);
    case "join":
      return values.join(argument === "" ? "," : argument);
    default:
      return glob(values);
  }
}
