// SPDX-License-Identifier: Apache-2.0
// Panels of old dashboards become those of today before anything else reads them: "graph" a timeseries,
// "singlestat" a stat or gauge, and gauges and heatmaps with the options of their first versions.
import {
  aliasColors,
  aliasMatcher,
  calcOf,
  defined,
  fromGraph,
  type Override,
  type Property,
} from "./legacy_graph";
import {
  at,
  flag,
  get,
  isObject,
  list,
  number,
  object,
  optionalNumber,
  optionalText,
  text,
  texts,
  type Json,
} from "./read";

// --- singlestat ---

function oldMappings(raw: Json): Json[] {
  const values = list(raw["valueMaps"]).map((one) => ({
    type: 1,
    value: text(get(one, "value")),
    text: text(get(one, "text")),
  }));
  const ranges = list(raw["rangeMaps"]).map((one) => ({
    type: 2,
    from: get(one, "from"),
    to: get(one, "to"),
    text: text(get(one, "text")),
  }));
  return number(raw["mappingType"], 1) === 2 ? ranges : values;
}

function statThresholds(raw: Json): Json | undefined {
  const colors = texts(raw["colors"]);
  const bounds = text(raw["thresholds"])
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (colors.length === 0 || bounds.length === 0) {
    return undefined;
  }
  const steps = bounds.map((bound, i) => ({
    value: optionalNumber(bound) ?? 0,
    color: colors[i + 1] ?? "red",
  }));
  return { mode: "absolute", steps: [{ value: null, color: colors[0] ?? "green" }, ...steps] };
}

function statUnit(raw: Json): string | undefined {
  const unit = text(raw["format"], "none");
  const plain = unit === "none" || unit === "short";
  const postfix = text(raw["postfix"]).trim();
  const prefix = text(raw["prefix"]).trim();
  return plain && postfix !== "" ? `suffix:${postfix}` : plain && prefix !== "" ? `prefix:${prefix}` : unit;
}

function fromSinglestat(raw: Json): Json {
  const gauge = at(raw, "gauge", "show") === true;
  const name = text(raw["valueName"], "avg");
  const colored = flag(raw["colorValue"]) || flag(raw["colorBackground"]);
  return {
    ...raw,
    type: gauge ? "gauge" : "stat",
    fieldConfig: {
      defaults: defined({
        unit: statUnit(raw),
        decimals: raw["decimals"],
        noValue: optionalText(raw["nullText"]),
        min: gauge ? at(raw, "gauge", "minValue") : undefined,
        max: gauge ? at(raw, "gauge", "maxValue") : undefined,
        thresholds: colored || gauge ? statThresholds(raw) : { steps: [{ value: null, color: "text" }] },
        color: { mode: "thresholds" },
        mappings: oldMappings(raw),
      }),
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: [calcOf(name)], fields: "", values: false },
      colorMode: flag(raw["colorBackground"]) ? "background" : "value",
      graphMode: at(raw, "sparkline", "show") === true ? "area" : "none",
      textMode: name === "name" ? "name" : "value",
    },
  };
}

// The plugin that drew pies before Grafana 8 did.
function fromPie(raw: Json): Json {
  const legend = object(raw["legend"]);
  const placement = text(raw["legendType"], "Under graph");
  const values = [flag(legend["values"]) ? "value" : "", flag(legend["percentage"]) ? "percent" : ""];
  return {
    ...raw,
    type: "piechart",
    fieldConfig: {
      defaults: defined({ unit: optionalText(raw["format"]), decimals: raw["decimals"] }),
      overrides: aliasColors(raw),
    },
    options: {
      pieType: raw["pieType"],
      reduceOptions: { calcs: [calcOf(text(raw["valueName"], "current"))] },
      displayLabels: placement === "On graph" ? ["name", "percent"] : [],
      legend: {
        showLegend: flag(legend["show"], true) && placement !== "On graph",
        displayMode: values.some((one) => one !== "") ? "table" : "list",
        placement: placement === "Right side" ? "right" : "bottom",
        values,
      },
    },
  };
}

// --- the first versions of panels of today ---

// gauge, bargauge and stat of Grafana 6 kept what are field options now inside their own.
function fromFieldOptions(raw: Json): Json {
  const old = object(at(raw, "options", "fieldOptions"));
  const thresholds =
    get(old["defaults"], "thresholds") ??
    (Array.isArray(old["thresholds"]) ? { mode: "absolute", steps: old["thresholds"] } : undefined);
  const defaults = object(old["defaults"]);
  const color = { mode: "thresholds" };
  return {
    ...raw,
    fieldConfig: {
      defaults: defined({
        color,
        ...defaults,
        thresholds,
        mappings: defaults["mappings"] ?? old["mappings"],
        displayName: defaults["displayName"] ?? defaults["title"],
      }),
      overrides: list(old["overrides"]).map((one) => ({
        matcher: get(one, "matcher"),
        properties: list(get(one, "properties")).map((property) => ({
          id: text(get(property, "path"), text(get(property, "id"))),
          value: get(property, "value"),
        })),
      })),
    },
    options: {
      ...object(raw["options"]),
      reduceOptions: { calcs: texts(old["calcs"]).map(calcOf), values: flag(old["values"]), fields: "" },
    },
  };
}

function fromHeatmap(raw: Json): Json {
  const color = object(raw["color"]);
  const scheme = text(color["colorScheme"]).replace(/^interpolate/, "");
  return {
    ...raw,
    options: {
      calculate: text(raw["dataFormat"], "timeseries") !== "tsbuckets",
      color: {
        mode: text(color["mode"]) === "opacity" ? "opacity" : "scheme",
        fill: text(color["cardColor"], "dark-orange"),
        scheme: scheme === "" ? "Oranges" : scheme,
        exponent: number(color["exponent"], 0.5),
      },
      yAxis: { unit: text(at(raw, "yAxis", "format"), "short"), reverse: flag(raw["reverseYBuckets"]) },
      legend: { show: at(raw, "legend", "show") === true },
    },
    targets: list(raw["targets"]).map((one) =>
      isObject(one) && text(raw["dataFormat"]) === "tsbuckets" ? { ...one, format: "heatmap" } : one,
    ),
  };
}

// Tables of before Grafana 7 say with "columns" and "styles" what fields and overrides say now.
function fromTable(raw: Json): Json {
  const properties = (style: unknown): Property[] => {
    const thresholds = list(get(style, "thresholds")).map((one) => number(one, 0));
    const colors = texts(get(style, "colors"));
    const steps = colors.map((color, i) => ({ color, value: i === 0 ? null : (thresholds[i - 1] ?? 0) }));
    const mode = text(get(style, "colorMode"));
    return [
      { id: "displayName", value: optionalText(get(style, "alias")) },
      { id: "unit", value: get(style, "type") === "number" ? optionalText(get(style, "unit")) : undefined },
      { id: "decimals", value: optionalNumber(get(style, "decimals")) },
      { id: "thresholds", value: thresholds.length === 0 ? undefined : { mode: "absolute", steps } },
      {
        id: "custom.cellOptions",
        value:
          mode === "cell" || mode === "row"
            ? { type: "color-background" }
            : mode === "value"
              ? { type: "color-text" }
              : undefined,
      },
      { id: "custom.hidden", value: get(style, "type") === "hidden" ? true : undefined },
    ].filter((one) => one.value !== undefined);
  };
  const styles = list(raw["styles"]).map((style): Override => ({
    matcher: aliasMatcher(text(get(style, "pattern"))),
    properties: properties(style),
  }));
  return {
    ...raw,
    type: "table",
    fieldConfig: { defaults: { color: { mode: "thresholds" } }, overrides: styles },
    options: { showHeader: true },
    transformations:
      list(raw["transformations"]).length > 0 ? raw["transformations"] : [{ id: "merge", options: {} }],
  };
}

export function modernPanel(raw: Json): Json {
  const old = raw["fieldConfig"] === undefined;
  switch (raw["type"]) {
    case "graph":
    case "flot":
      return fromGraph(raw);
    case "singlestat":
    case "grafana-singlestat-panel":
      return fromSinglestat(raw);
    case "grafana-piechart-panel":
      return old ? fromPie(raw) : { ...raw, type: "piechart" };
    case "gauge":
    case "bargauge":
    case "stat":
      return isObject(at(raw, "options", "fieldOptions")) ? fromFieldOptions(raw) : raw;
    case "heatmap":
      return raw["dataFormat"] !== undefined ? fromHeatmap(raw) : raw;
    case "table":
    case "table-old":
      return old && raw["styles"] !== undefined ? fromTable(raw) : { ...raw, type: "table" };
    case "text":
      return raw["content"] === undefined
        ? raw
        : { ...raw, options: { content: raw["content"], mode: text(raw["mode"], "markdown") } };
    default:
      return raw;
  }
}
