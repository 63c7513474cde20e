// SPDX-License-Identifier: Apache-2.0
// Panels of an unknown JSON: queries, options, their places, rows of today and of before 2018.
import type { Format, GridPos, Panel, Source, Target, Transformation } from "./model";
import { fieldConfigOf } from "./parse_fields";
import {
  at,
  flag,
  get,
  isObject,
  list,
  number,
  object,
  oneOf,
  optionalNumber,
  text,
  whole,
  type Json,
} from "./read";
import { linkOf, sourceOf } from "./source";

const maxPanels = 1000;
const maxTargets = 100; // of one panel
const maxHeight = 100; // grid units

type Modern = (raw: Json, remarks: string[]) => Json;

function format(value: unknown): Format {
  return oneOf(value, ["time_series", "table", "heatmap"], "time_series");
}

function refIdAt(i: number): string {
  return i < 26 ? String.fromCharCode(65 + i) : `Q${i}`;
}

function target(raw: unknown, i: number, panelSource: Source): Target {
  const own = get(raw, "datasource");
  const instant = flag(get(raw, "instant"));
  const source =
    own === undefined || own === null || panelSource.kind === "expression" ? panelSource : sourceOf(own);
  return {
    refId: text(get(raw, "refId"), refIdAt(i)),
    source: source.kind === "mixed" ? { kind: "prometheus", type: "prometheus" } : source,
    expr: text(get(raw, "expr"), text(get(raw, "query"))),
    legend: text(get(raw, "legendFormat")),
    hide: flag(get(raw, "hide")),
    instant,
    range: flag(get(raw, "range"), !instant),
    format: format(get(raw, "format")),
    interval: text(get(raw, "interval")),
    intervalFactor: whole(get(raw, "intervalFactor"), 1, 1, 100),
    exemplar: flag(get(raw, "exemplar")),
    raw: object(raw),
  };
}

function transformation(value: unknown): Transformation {
  return {
    id: text(get(value, "id")),
    options: object(get(value, "options")),
    disabled: flag(get(value, "disabled")),
    filter: get(value, "filter"),
  };
}

function gridPos(value: unknown): GridPos {
  const w = whole(get(value, "w"), 12, 1, 24);
  return {
    w,
    h: whole(get(value, "h"), 8, 1, maxHeight),
    x: whole(get(value, "x"), 0, 0, 24 - w),
    y: whole(get(value, "y"), 0, 0, 1_000_000),
  };
}

function panel(raw: Json, wasType: string, depth: number, modern: Modern, remarks: string[]): Panel {
  const source = sourceOf(raw["datasource"]);
  const points = optionalNumber(raw["maxDataPoints"]);
  return {
    id: whole(raw["id"], 0, 0, 1e9),
    type: text(raw["type"], "none"),
    wasType,
    title: text(raw["title"]),
    description: text(raw["description"]),
    transparent: flag(raw["transparent"]),
    gridPos: gridPos(raw["gridPos"]),
    source,
    targets: list(raw["targets"])
      .slice(0, maxTargets)
      .filter(isObject)
      .map((one, i) => target(one, i, source)),
    fieldConfig: fieldConfigOf(raw["fieldConfig"]),
    options: object(raw["options"]),
    transformations: list(raw["transformations"])
      .map(transformation)
      .filter((one) => !one.disabled),
    links: list(raw["links"]).map(linkOf),
    repeat: text(raw["repeat"]),
    repeatDirection: oneOf(raw["repeatDirection"], ["h", "v"], "h"),
    maxPerRow: whole(raw["maxPerRow"], 4, 1, 24),
    ...(points === undefined || points < 1 ? {} : { maxDataPoints: points }),
    interval: text(raw["interval"]),
    timeFrom: text(raw["timeFrom"]),
    timeShift: text(raw["timeShift"]),
    hideTimeOverride: flag(raw["hideTimeOverride"]),
    collapsed: raw["type"] === "row" && flag(raw["collapsed"]),
    panels: depth > 0 ? [] : panelList(raw["panels"], depth + 1, modern, remarks),
  };
}

function panelList(value: unknown, depth: number, modern: Modern, remarks: string[]): Panel[] {
  return list(value)
    .slice(0, maxPanels)
    .filter(isObject)
    .map((raw) => panel(modern(raw, remarks), text(raw["type"], "none"), depth, modern, remarks));
}

// Library panels stand elsewhere in a dashboard that was exported for sharing.
function withLibrary(root: Json, value: unknown): unknown {
  const library = object(root["__elements"]);
  return list(value).map((raw) => {
    const inner = at(library, text(at(raw, "libraryPanel", "uid")), "model");
    const nested = get(raw, "panels");
    return isObject(inner) && isObject(raw)
      ? { ...inner, gridPos: raw["gridPos"], id: raw["id"] }
      : isObject(raw) && Array.isArray(nested)
        ? {
            ...raw,
            panels: withLibrary(
              root,
              nested.filter((one) => get(one, "panels") === undefined),
            ),
          }
        : raw;
  });
}

// Before 2018 a dashboard had rows of panels with a span of twelfths each.
function fromRows(root: Json): Json[] {
  const placed: Json[] = [];
  let y = 0;
  for (const row of list(root["rows"]).slice(0, maxPanels)) {
    const panels = list(get(row, "panels")).filter(isObject);
    const height = rowHeight(get(row, "height"));
    const collapsed = flag(get(row, "collapse"));
    const title = text(get(row, "title"));
    const inner: Json[] = [];
    const head = flag(get(row, "showTitle")) || collapsed || text(get(row, "repeat")) !== "";
    const top = y;
    y += head ? 1 : 0;
    let x = 0;
    for (const one of panels) {
      const w = Math.min(Math.max(Math.round(number(one["span"], 4) * 2), 1), 24);
      if (x + w > 24) {
        x = 0;
        y += height;
      }
      inner.push({ ...one, gridPos: { x, y, w, h: rowHeight(one["height"], height) } });
      x += w;
    }
    y += height;
    if (head) {
      placed.push({
        type: "row",
        title,
        collapsed,
        repeat: get(row, "repeat"),
        gridPos: { x: 0, y: top, w: 24, h: 1 },
        panels: collapsed ? inner : [],
      });
    }
    placed.push(...(collapsed ? [] : inner));
  }
  return placed;
}

function rowHeight(value: unknown, otherwise = 7): number {
  const pixels = optionalNumber(typeof value === "string" ? value.replace(/px$/, "") : value);
  return pixels === undefined ? otherwise : Math.min(Math.max(Math.ceil(pixels / 38), 3), maxHeight);
}

// Ids tell panels apart in addresses: each gets one, and no two the same. What has none gets one above all
// others.
function numbered(panels: readonly Panel[]): Panel[] {
  let above = panels.flatMap((one) => [one, ...one.panels]).reduce((max, one) => Math.max(max, one.id), 0);
  const used = new Set<number>([0]);
  const withId = (one: Panel): Panel => {
    const id = used.has(one.id) ? ++above : one.id;
    used.add(id);
    return { ...one, id, panels: one.panels.map(withId) };
  };
  return panels.map(withId);
}

// A panel may show the answers of another: it then asks the same.
function shared(panels: readonly Panel[]): Panel[] {
  const all = panels.flatMap((one) => [one, ...one.panels]);
  const resolve = (one: Panel): Panel => {
    if (one.source.kind !== "dashboard") {
      return { ...one, panels: one.panels.map(resolve) };
    }
    const other = all.find((candidate) => candidate.id === optionalNumber(one.targets[0]?.raw["panelId"]));
    return other === undefined || other.source.kind === "dashboard"
      ? one
      : { ...one, source: other.source, targets: other.targets };
  };
  return panels.map(resolve);
}

export function panelsOf(root: Json, modern: Modern, remarks: string[]): Panel[] {
  const raw = Array.isArray(root["panels"]) ? withLibrary(root, root["panels"]) : fromRows(root);
  if (list(raw).length > maxPanels) {
    remarks.push(`only the first ${maxPanels} of ${list(raw).length} panels are shown`);
  }
  return shared(numbered(panelList(raw, 0, modern, remarks)));
}
