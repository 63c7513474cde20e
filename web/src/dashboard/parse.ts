// SPDX-License-Identifier: Apache-2.0
// An unknown JSON becomes a dashboard. Lenient, as Grafana is: what is missing has its default, what has the
// wrong type counts as missing, and what cannot be drawn is left out with a remark. No JSON makes this throw,
// but for one that is no dashboard at all: that is a NotDashboard with a sentence.
import { modernPanel } from "./legacy";
import { panelsOf } from "./parse_panels";
import type { Annotation, Dashboard, DashboardLink, Filter, Option, Variable, VariableType } from "./model";
import { at, flag, get, isObject, list, object, oneOf, text, texts, whole, type Json } from "./read";
import { sourceOf } from "./source";

export class NotDashboard extends Error {}

const maxVariables = 100;
const maxOptions = 10_000; // of one variable
const maxAnnotations = 50;
const maxLinks = 100;

const howToExport =
  'hint: in Grafana, choose Export, "Export as code", and there the model "Classic" instead of "V2 Resource"';

function dashboardLink(value: unknown): DashboardLink {
  return {
    type: oneOf(get(value, "type"), ["dashboards", "link"], "link"),
    title: text(get(value, "title")),
    tooltip: text(get(value, "tooltip")),
    url: text(get(value, "url")),
    tags: texts(get(value, "tags")),
    asDropdown: flag(get(value, "asDropdown")),
    includeVars: flag(get(value, "includeVars")),
    keepTime: flag(get(value, "keepTime")),
    targetBlank: flag(get(value, "targetBlank")),
  };
}

function annotation(value: unknown): Annotation {
  const target = get(value, "target");
  return {
    name: text(get(value, "name")),
    source: sourceOf(get(value, "datasource")),
    enable: flag(get(value, "enable"), true),
    hide: flag(get(value, "hide")),
    color: text(get(value, "iconColor"), "blue"),
    expr: text(get(value, "expr"), text(get(target, "expr"))),
    step: text(get(value, "step"), text(get(target, "step"))),
    titleFormat: text(get(value, "titleFormat")),
    textFormat: text(get(value, "textFormat")),
    tagKeys: text(get(value, "tagKeys"))
      .split(",")
      .map((key) => key.trim())
      .filter((key) => key !== ""),
    useValueForTime: get(value, "useValueForTime") === true || get(value, "useValueForTime") === "on",
  };
}

// "current" and "options" give texts and values as one each, or as lists of the same length.
function choice(value: unknown): Option[] {
  const chosen = get(value, "value");
  const said = get(value, "text");
  if (Array.isArray(chosen)) {
    const names = list(said);
    return chosen.map((one, i) => ({ value: text(one), text: text(names[i], text(one)) }));
  }
  if (typeof chosen !== "string" && typeof chosen !== "number") {
    return [];
  }
  const name = Array.isArray(said) ? said.map((one) => text(one)).join(" + ") : text(said, text(chosen));
  return [{ value: text(chosen), text: name }];
}

const variableTypes: readonly VariableType[] = [
  "datasource",
  "query",
  "interval",
  "custom",
  "constant",
  "textbox",
  "adhoc",
  "groupby",
  "switch",
];

function filters(value: unknown): Filter[] {
  return list(value)
    .map((one) => ({
      key: text(get(one, "key")),
      operator: text(get(one, "operator"), "="),
      value: text(get(one, "value")),
    }))
    .filter((filter) => filter.key !== "");
}

// The query of a variable is a text, or holds one; label browsers also leave only a "definition".
function variableQuery(value: unknown): string {
  const query = get(value, "query");
  const inner = text(get(query, "query"), text(get(query, "expr")));
  return typeof query === "string" ? query : inner !== "" ? inner : text(get(value, "definition"));
}

function variable(value: unknown, remarks: string[]): Variable | null {
  const name = text(get(value, "name"));
  const type = variableTypes.find((known) => known === get(value, "type"));
  if (type === undefined || !/^\w+$/.test(name)) {
    remarks.push(
      `variable "${name}" of type "${text(get(value, "type"), "none")}" is not known here: queries that ` +
        `name it see its text unchanged`,
    );
    return null;
  }
  const refresh = get(value, "refresh");
  return {
    name,
    type,
    label: text(get(value, "label")),
    description: text(get(value, "description")),
    query: variableQuery(value),
    regex: text(get(value, "regex")),
    sort: whole(get(value, "sort"), 0, 0, 8),
    refresh: refresh === true ? 1 : (whole(refresh, 0, 0, 2) as 0 | 1 | 2),
    hide: get(value, "hide") === true ? 2 : (whole(get(value, "hide"), 0, 0, 2) as 0 | 1 | 2),
    multi: flag(get(value, "multi")),
    includeAll: flag(get(value, "includeAll")),
    allValue: text(get(value, "allValue")),
    options: list(get(value, "options")).slice(0, maxOptions).flatMap(choice),
    current: choice(get(value, "current")),
    auto: flag(get(value, "auto")),
    autoCount: whole(get(value, "auto_count"), 30, 1, 10_000),
    autoMin: text(get(value, "auto_min"), "10s"),
    skipUrlSync: flag(get(value, "skipUrlSync")),
    source: sourceOf(get(value, "datasource")),
    filters: filters(get(value, "filters")),
  };
}

// "__inputs" of a dashboard that was exported for sharing: constants are variables that nobody sees; data
// sources all are this monitor.
function inputs(root: Json): Json[] {
  return list(get(root, "__inputs"))
    .filter((input) => get(input, "type") === "constant")
    .map((input) => ({
      type: "constant",
      name: get(input, "name"),
      query: text(get(input, "value")),
      hide: 2,
      skipUrlSync: true,
    }));
}

function variables(root: Json, remarks: string[]): Variable[] {
  const found = new Map<string, Variable>();
  for (const value of [...inputs(root), ...list(at(root, "templating", "list"))].slice(0, maxVariables)) {
    const read = variable(value, remarks);
    if (read !== null) {
      found.set(read.name, read);
    }
  }
  return [...found.values()];
}

// What the API, an exporter or a repository wrapped around the dashboard.
function unwrap(value: unknown): unknown {
  const spec = get(value, "spec");
  const inner = get(value, "dashboard");
  return isObject(spec) && !isObject(get(value, "panels")) && text(get(value, "kind")) !== ""
    ? spec
    : isObject(inner) && get(value, "panels") === undefined
      ? inner
      : value;
}

function refuse(root: unknown, outer: unknown): asserts root is Json {
  const version = text(get(outer, "apiVersion"));
  if (isObject(get(root, "elements")) || isObject(get(root, "layout")) || /\/v2/.test(version)) {
    throw new NotDashboard(
      "cannot draw this dashboard: it is in Grafana's format v2 (elements and layout), which has no " +
        `panels; ${howToExport}`,
    );
  }
  if (!isObject(root)) {
    throw new NotDashboard("cannot draw this as a dashboard: it is JSON, but not an object with panels");
  }
  if (!Array.isArray(root["panels"]) && !Array.isArray(root["rows"])) {
    throw new NotDashboard(
      'cannot draw this as a dashboard: it has no list "panels"; hint: choose the JSON model of a ' +
        "dashboard, as Grafana exports it",
    );
  }
}

function zone(value: unknown): boolean {
  return typeof value === "string" && value.toLowerCase() === "utc";
}

function refreshOf(value: unknown): string {
  return typeof value === "string" && /^\d+(ms|s|m|h|d)$/.test(value) ? value : "";
}

export function parseDashboard(value: unknown): Dashboard {
  const root = unwrap(value);
  refuse(root, value);
  const remarks: string[] = [];
  const time = object(root["time"]);
  const parsed = {
    uid: text(root["uid"]),
    title: text(root["title"], "Dashboard without a title"),
    description: text(root["description"]),
    tags: texts(root["tags"]),
    utc: zone(root["timezone"]),
    graphTooltip: whole(root["graphTooltip"] ?? (root["sharedCrosshair"] === true ? 1 : 0), 0, 0, 2) as
      0 | 1 | 2,
    time: { from: text(time["from"], "now-6h"), to: text(time["to"], "now") },
    refresh: refreshOf(root["refresh"]),
    links: list(root["links"]).slice(0, maxLinks).map(dashboardLink),
    annotations: list(at(root, "annotations", "list"))
      .slice(0, maxAnnotations)
      .map(annotation)
      .filter((one) => one.source.kind === "prometheus" && one.expr !== ""),
    variables: variables(root, remarks),
    panels: panelsOf(root, modernPanel, remarks),
  };
  return { ...parsed, remarks: [...new Set(remarks)] };
}

// Reads a file. The sentence names the place where JSON ends to be JSON, as the browser tells it.
export function readDashboard(source: string): Dashboard {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new NotDashboard(`cannot read this as a dashboard: it is not JSON (${(error as Error).message})`);
  }
  return parseDashboard(value);
}
