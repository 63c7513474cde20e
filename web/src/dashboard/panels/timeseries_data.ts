// SPDX-License-Identifier: Apache-2.0
// Frames as the series of a chart: one grid of times for all, gaps where samples are missing, and the look of
// each field. Pure.
import type { ChartData, ChartExemplar, ChartSeries, Draw, Interpolation } from "../../charts/types";
import type { Theme } from "../../lib/colors";
import { extent } from "../../lib/display";
import type { DataLink, FieldValue } from "../../lib/frame";
import { absoluteSteps } from "../../lib/thresholds";
import { resolveColor } from "../../lib/colors";
import type { PanelData } from "../data";
import { colorOf, formatterOf, numberFields, timesOf, type Named } from "../fields";
import type { Answered } from "../queries";
import { at, flag, list, number, object, oneOf, optionalNumber, text, type Json } from "../read";

const gridMax = 20_000; // points of one chart: more than a screen has

function stepsByQuery(answered: readonly Answered[]): Map<string, number> {
  const steps = new Map<string, number>();
  for (const answer of answered) {
    if (answer.kind === "range") {
      steps.set(answer.target.refId, answer.stepMs);
    }
  }
  return steps;
}

// All times of the chart. Between the first and the last, each step has one: a missing sample is then a gap.
function gridOf(fields: readonly Named[], steps: ReadonlyMap<string, number>): number[] {
  const times = new Set<number>();
  const ranges = new Map<number, [number, number]>(); // by step: first and last time
  for (const one of fields) {
    const own = timesOf(one.frame) as readonly number[];
    const step = steps.get(one.frame.refId);
    const first = own[0];
    const last = own[own.length - 1];
    if (step === undefined || first === undefined || last === undefined || (last - first) / step > gridMax) {
      own.forEach((time) => times.add(time));
    } else {
      const [from, to] = ranges.get(step) ?? [first, last];
      ranges.set(step, [Math.min(from, first), Math.max(to, last)]);
    }
  }
  const only = ranges.size === 1 && times.size === 0 ? [...ranges.entries()][0] : undefined;
  if (only !== undefined) {
    const [step, [from, to]] = only;
    return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
  }
  ranges.forEach(([from, to], step) => {
    for (let time = from; time <= to; time += step) {
      times.add(time);
    }
  });
  return [...times].sort((a, b) => a - b);
}

function placed(
  one: Named,
  index: ReadonlyMap<number, number>,
  size: number,
  sign: number,
): (number | null)[] {
  const values = new Array<number | null>(size).fill(null);
  const times = timesOf(one.frame);
  const own = one.field.values;
  for (let i = 0; i < own.length; i++) {
    const place = index.get(times[i] as number);
    const value = own[i] as FieldValue;
    if (place !== undefined && typeof value === "number") {
      values[place] = sign * value;
    }
  }
  return values;
}

function dashOf(style: Json): readonly number[] | undefined {
  const dash = list(style["dash"]).filter((one): one is number => typeof one === "number" && one >= 0);
  switch (style["fill"]) {
    case "dash":
      return dash.length > 0 ? dash : [10, 10];
    case "dot":
      return dash.length > 0 ? dash : [1, 5];
    default:
      return undefined;
  }
}

function axisOf(custom: Json): "left" | "right" | "hidden" {
  const placement = custom["axisPlacement"];
  return placement === "right" ? "right" : placement === "hidden" ? "hidden" : "left";
}

function stackOf(custom: Json): Partial<ChartSeries> {
  const stacking = object(custom["stacking"]);
  const mode = stacking["mode"];
  return mode === "normal" || mode === "percent"
    ? { stack: text(stacking["group"], "A") || "A", stackPercent: mode === "percent" }
    : {};
}

function thresholdsOf(one: Named, theme: Theme): ChartSeries["thresholds"] {
  const { thresholds, custom } = one.field.config;
  const mode = text(at(custom, "thresholdsStyle", "mode"), "off");
  if (thresholds === undefined || mode === "off") {
    return undefined;
  }
  const found = extent([one.field]);
  const { min = found.min, max = found.max } = one.field.config;
  return absoluteSteps(thresholds, min, max)
    .filter((step) => step.value !== null && step.color !== "transparent")
    .map((step) => ({
      value: step.value as number,
      color: resolveColor(step.color, theme),
      area: mode.includes("area"),
    }));
}

function limits(one: Named): Partial<ChartSeries> {
  const custom = object(one.field.config.custom);
  const found = {
    min: one.field.config.min,
    max: one.field.config.max,
    softMin: optionalNumber(custom["axisSoftMin"]),
    softMax: optionalNumber(custom["axisSoftMax"]),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const draws: readonly Draw[] = ["line", "bars", "points"];
const interpolations: readonly Interpolation[] = ["linear", "smooth", "stepBefore", "stepAfter"];

function lookOf(one: Named, coarser: number | undefined, theme: Theme): Partial<ChartSeries> {
  const custom = object(one.field.config.custom);
  const spanned = custom["spanNulls"];
  const dash = dashOf(object(custom["lineStyle"]));
  const scale = object(custom["scaleDistribution"]);
  const label = text(custom["axisLabel"]);
  const thresholds = thresholdsOf(one, theme);
  return {
    draw: oneOf(custom["drawStyle"], draws, "line"),
    interpolation: oneOf(custom["lineInterpolation"], interpolations, "linear"),
    lineWidth: number(custom["lineWidth"], 1),
    fillOpacity: number(custom["fillOpacity"], 0),
    gradient: text(custom["gradientMode"], "none") !== "none",
    ...(dash === undefined ? {} : { dash }),
    points: oneOf(custom["showPoints"], ["auto", "always", "never"], "auto"),
    spanNulls: spanned === true ? true : typeof spanned === "number" ? spanned : (coarser ?? false),
    ...stackOf(custom),
    axis: axisOf(custom),
    unitKey: `${one.field.config.unit ?? ""} ${label}`,
    ...(label === "" ? {} : { axisLabel: label }),
    ...limits(one),
    ...(scale["type"] === "log" ? { log: number(scale["log"], 10) === 2 ? 2 : 10 } : {}),
    hidden: at(custom, "hideFrom", "viz") === true,
    hideFromTooltip: flag(at(custom, "hideFrom", "tooltip")),
    hideFromLegend: flag(at(custom, "hideFrom", "legend")),
    ...(thresholds === undefined ? {} : { thresholds }),
  };
}

// Series of one name and one query are told apart by their place.
function keysOf(fields: readonly Named[]): string[] {
  const seen = new Map<string, number>();
  return fields.map((one) => {
    const key = `${one.frame.refId} ${one.name} ${JSON.stringify(one.field.labels ?? {})}`;
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count === 0 ? key : `${key} ${count}`;
  });
}

// The links of a value: of the field, for its row.
export type LinksOf = (one: Named, row: number) => readonly DataLink[];

export function chartDataOf(data: PanelData, theme: Theme, linksOf?: LinksOf): ChartData {
  const fields = numberFields(data.frames).filter((one) => timesOf(one.frame).length > 0);
  const steps = stepsByQuery(data.answered);
  const times = gridOf(fields, steps);
  const index = new Map(times.map((time, i) => [time, i]));
  const finest = Math.min(...fields.map((one) => steps.get(one.frame.refId) ?? Infinity));
  const keys = keysOf(fields);
  const series = fields.map((one, i): ChartSeries => {
    const step = steps.get(one.frame.refId);
    const coarser = step !== undefined && step > finest ? step * 1.5 : undefined;
    const sign = at(one.field.config.custom, "transform") === "negative-Y" ? -1 : 1;
    return {
      key: keys[i] as string,
      name: one.name,
      ...(one.field.labels === undefined ? {} : { labels: one.field.labels }),
      values: placed(one, index, times.length, sign),
      color: colorOf(one, theme),
      ...(linksOf === undefined || (one.field.config.links ?? []).length === 0
        ? {}
        : { links: (at: number) => linksOf(one, timesOf(one.frame).indexOf(times[at] as number)) }),
      format: formatterOf(one.field, theme),
      ...lookOf(one, coarser, theme),
    };
  });
  return { times, series };
}

export function exemplarsOf(answered: readonly Answered[]): ChartExemplar[] {
  return answered
    .flatMap((answer) => answer.exemplars)
    .flatMap((group) =>
      group.exemplars.map((one) => ({
        time: one.timestamp * 1000,
        value: Number(one.value),
        labels: one.labels,
        series: group.seriesLabels,
      })),
    )
    .filter((one) => Number.isFinite(one.value));
}
