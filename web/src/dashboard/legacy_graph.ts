// SPDX-License-Identifier: Apache-2.0
// A "graph" of before Grafana 8 becomes a timeseries; and the words that all old panels share.
import {
  at,
  flag,
  get,
  list,
  number,
  object,
  optionalNumber,
  optionalText,
  text,
  texts,
  type Json,
} from "./read";

export type Property = { id: string; value: unknown };
export type Override = { matcher: { id: string; options: unknown }; properties: Property[] };

// What old panels called their numbers.
const calcs: Readonly<Record<string, string>> = {
  avg: "mean",
  current: "lastNotNull",
  total: "sum",
  min: "min",
  max: "max",
  first: "first",
  diff: "diff",
  delta: "delta",
  range: "range",
  last_time: "lastNotNull",
  name: "lastNotNull",
};

export function calcOf(name: string): string {
  return Object.hasOwn(calcs, name) ? (calcs[name] as string) : name;
}

export function defined(entries: Json): Json {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

// "/expression/flags", or a name.
export function aliasMatcher(alias: string): { id: string; options: string } {
  return alias.startsWith("/") && alias.lastIndexOf("/") > 0
    ? { id: "byRegexp", options: alias }
    : { id: "byName", options: alias };
}

function axis(raw: Json, i: number): Json {
  return object(list(raw["yaxes"])[i]);
}

function scale(side: Json): Json {
  const base = number(side["logBase"], 1);
  return base > 1 ? { type: "log", log: base } : { type: "linear" };
}

function graphCustom(raw: Json): Json {
  const lines = flag(raw["lines"], true);
  const bars = flag(raw["bars"]);
  const left = axis(raw, 0);
  const stacked = flag(raw["stack"]);
  return defined({
    drawStyle: bars ? "bars" : lines ? "line" : "points",
    lineInterpolation: flag(raw["steppedLine"]) ? "stepAfter" : "linear",
    lineWidth: number(raw["linewidth"], 1),
    fillOpacity: bars ? 100 : Math.min(number(raw["fill"], 1) * 10, 100),
    gradientMode: number(raw["fillGradient"], 0) > 0 ? "opacity" : "none",
    showPoints: flag(raw["points"]) ? "always" : "never",
    spanNulls: text(raw["nullPointMode"]) === "connected",
    stacking: { mode: stacked ? (flag(raw["percentage"]) ? "percent" : "normal") : "none", group: "A" },
    axisLabel: optionalText(left["label"]),
    axisPlacement: flag(left["show"], true) ? "auto" : "hidden",
    scaleDistribution: scale(left),
    thresholdsStyle: { mode: list(raw["thresholds"]).length > 0 ? "line" : "off" },
  });
}

function seriesOverride(value: unknown, raw: Json): Override {
  const properties: Property[] = [];
  const add = (id: string, one: unknown) => properties.push({ id, value: one });
  const color = optionalText(get(value, "color"));
  if (color !== undefined) {
    add("color", { mode: "fixed", fixedColor: color });
  }
  if (get(value, "yaxis") === 2) {
    const right = axis(raw, 1);
    add("custom.axisPlacement", "right");
    add("unit", optionalText(right["format"]));
    add("min", right["min"]);
    add("max", right["max"]);
    add("custom.axisLabel", optionalText(right["label"]));
    add("custom.scaleDistribution", scale(right));
  }
  const fill = optionalNumber(get(value, "fill"));
  if (fill !== undefined) {
    add("custom.fillOpacity", Math.min(fill * 10, 100));
  }
  const width = optionalNumber(get(value, "linewidth"));
  if (width !== undefined) {
    add("custom.lineWidth", width);
  }
  if (get(value, "bars") === true || get(value, "points") === true || get(value, "lines") === true) {
    add(
      "custom.drawStyle",
      get(value, "bars") === true ? "bars" : get(value, "lines") === true ? "line" : "points",
    );
  }
  if (get(value, "dashes") === true) {
    const dash = [number(get(value, "dashLength"), 10), number(get(value, "spaceLength"), 10)];
    add("custom.lineStyle", { fill: "dash", dash });
  }
  const stack = get(value, "stack");
  if (stack !== undefined) {
    add("custom.stacking", { mode: stack === false ? "none" : "normal", group: text(stack, "A") });
  }
  if (get(value, "transform") === "negative-Y") {
    add("custom.transform", "negative-Y");
  }
  if (get(value, "legend") === false) {
    add("custom.hideFrom", { legend: true, tooltip: false, viz: false });
  }
  return { matcher: aliasMatcher(text(get(value, "alias"))), properties };
}

function graphThresholds(raw: Json): Json | undefined {
  const lines = list(raw["thresholds"]).filter((one) => optionalNumber(get(one, "value")) !== undefined);
  const named: Readonly<Record<string, string>> = { critical: "red", warning: "orange", ok: "green" };
  if (lines.length === 0) {
    return undefined;
  }
  const steps = lines.map((one) => ({
    value: number(get(one, "value"), 0),
    color: named[text(get(one, "colorMode"))] ?? text(get(one, "lineColor"), "red"),
  }));
  return { mode: "absolute", steps: [{ value: null, color: "transparent" }, ...steps] };
}

function graphLegend(raw: Json): Json {
  const legend = object(raw["legend"]);
  const values = flag(legend["values"]);
  const shown = ["min", "max", "avg", "current", "total"].filter((name) => values && legend[name] === true);
  return {
    showLegend: flag(legend["show"], true),
    displayMode: flag(legend["alignAsTable"]) ? "table" : "list",
    placement: flag(legend["rightSide"]) ? "right" : "bottom",
    calcs: shown.map(calcOf),
  };
}

export function aliasColors(raw: Json): Override[] {
  return Object.entries(object(raw["aliasColors"])).map(([alias, color]) => ({
    matcher: { id: "byName", options: alias },
    properties: [{ id: "color", value: { mode: "fixed", fixedColor: color } }],
  }));
}

export function fromGraph(raw: Json): Json {
  const left = axis(raw, 0);
  const bySeries = at(raw, "xaxis", "mode") === "series";
  const sort = [undefined, "asc", "desc"][number(at(raw, "tooltip", "sort"), 0)] ?? "none";
  return {
    ...raw,
    type: bySeries ? "bargauge" : "timeseries",
    fieldConfig: {
      defaults: defined({
        unit: optionalText(left["format"]) ?? list(raw["y_formats"])[0],
        min: left["min"],
        max: left["max"],
        decimals: raw["decimals"],
        thresholds: graphThresholds(raw),
        color: { mode: "palette-classic" },
        links: at(raw, "options", "dataLinks"),
        custom: graphCustom(raw),
      }),
      overrides: [
        ...aliasColors(raw),
        ...list(raw["seriesOverrides"]).map((one) => seriesOverride(one, raw)),
      ],
    },
    options: bySeries
      ? { reduceOptions: { calcs: texts(at(raw, "xaxis", "values")).map(calcOf) }, orientation: "vertical" }
      : {
          legend: graphLegend(raw),
          tooltip: { mode: at(raw, "tooltip", "shared") === false ? "single" : "multi", sort },
        },
  };
}
