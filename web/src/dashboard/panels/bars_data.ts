// SPDX-License-Identifier: Apache-2.0
// Frames as bars by category: rows of a table, points in time, or how often values fall into ranges.
import type { BarSeries } from "../../charts/types";
import { niceStep, timeText } from "../../charts/axis";
import type { Theme } from "../../lib/colors";
import { displayOf } from "../../lib/display";
import type { Field, FieldValue, Frame } from "../../lib/frame";
import { displayName } from "../../lib/overrides";
import { formatText } from "../../lib/units";
import { colorOf, formatterOf, numberFields, timesOf, type Named } from "../fields";
import { optionalNumber, optionalText, type Json } from "../read";

export interface BarData {
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
}

const categoriesMax = 200; // more are no bars that can be looked at
const bucketsWished = 30;
const bucketsMax = 500;

// Bars of one series differ in colour where that comes from their values.
function barSeries(one: Named, values: readonly FieldValue[], theme: Theme): BarSeries {
  const numbers = values.map((value) => (typeof value === "number" ? value : null));
  const mode = one.field.config.color?.mode ?? "";
  const byValue = mode === "thresholds" || mode.startsWith("continuous-");
  const { min = 0, max = Math.max(...numbers.map((value) => value ?? 0)) } = one.field.config;
  const colors = byValue
    ? numbers.map((value) => displayOf(value, one.field.config, { theme, min, max }).color)
    : undefined;
  return {
    key: `${one.frame.refId} ${one.name} ${one.index}`,
    name: one.name,
    color: colorOf(one, theme),
    values: numbers,
    format: formatterOf(one.field, theme),
    ...(colors === undefined ? {} : { colors }),
  };
}

function namesField(frame: Frame, wanted: string | undefined): Field | undefined {
  const named = frame.fields.find(
    (field) => wanted === field.name || wanted === displayName(field, frame, [frame]),
  );
  return named ?? frame.fields.find((field) => field.type === "string");
}

// Series are joined at their times; a table has its rows.
export function barsOf(frames: readonly Frame[], options: Json, theme: Theme, utc: boolean): BarData {
  const table = frames.length === 1 ? frames[0] : undefined;
  const names = table === undefined ? undefined : namesField(table, optionalText(options["xField"]));
  const fields = numberFields(frames).filter((one) => one.field !== names);
  if (names !== undefined) {
    const rows = names.values.slice(0, categoriesMax);
    const categories = rows.map((value) =>
      names.type === "time" ? timeText(Number(value), utc) : String(value ?? ""),
    );
    return {
      categories,
      series: fields.map((one) => barSeries(one, one.field.values.slice(0, rows.length), theme)),
    };
  }
  const times = [...new Set(fields.flatMap((one) => timesOf(one.frame) as readonly number[]))]
    .sort((a, b) => a - b)
    .slice(-categoriesMax);
  return {
    categories: times.map((time) => timeText(time, utc).slice(11)),
    series: fields.map((one) => {
      const at = new Map(timesOf(one.frame).map((time, i) => [time, one.field.values[i] ?? null]));
      return barSeries(
        one,
        times.map((time) => at.get(time) ?? null),
        theme,
      );
    }),
  };
}

// Buckets that Prometheus has counted already: the newest count of each.
function countedBars(fields: readonly Named[], theme: Theme): BarData {
  const [first] = fields as [Named, ...Named[]];
  const values = fields.map((one) => one.field.values[one.field.values.length - 1] ?? null);
  return {
    categories: fields.map((one) => one.name),
    series: [
      { ...barSeries({ ...first, name: "Count" }, values, theme), format: (value) => formatText(value) },
    ],
  };
}

// With as many decimals as tell neighbours apart.
function boundTexts(bounds: readonly number[], { unit, decimals }: Field["config"]): string[] {
  const texts = (count: number | undefined) => bounds.map((bound) => formatText(bound, unit, count));
  const tried = [decimals, 1, 2, 3, 4].map(texts);
  return tried.find((one) => new Set(one).size === bounds.length) ?? texts(decimals);
}

// How many values of each series lie in ranges of one size, which begin at multiples of it.
export function histogramOf(frames: readonly Frame[], options: Json, theme: Theme): BarData {
  const fields = numberFields(frames);
  if (fields.length > 0 && fields.every((one) => one.field.labels?.["le"] !== undefined)) {
    return countedBars(fields, theme);
  }
  const numbers = fields.map((one) =>
    one.field.values.filter((value): value is number => typeof value === "number" && Number.isFinite(value)),
  );
  const all = numbers.flat();
  const [first] = fields;
  if (all.length === 0 || first === undefined) {
    return { categories: [], series: [] };
  }
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const wished = optionalNumber(options["bucketCount"]) ?? bucketsWished;
  const least = (high - low) / bucketsMax;
  const size = Math.max(optionalNumber(options["bucketSize"]) ?? niceStep((high - low) / wished), least) || 1;
  const offset = optionalNumber(options["bucketOffset"]) ?? 0;
  const place = (value: number) => Math.floor((value - offset) / size + 1e-9);
  const begin = place(low);
  const count = place(high) - begin + 1;
  const counted = (values: readonly number[]) => {
    const counts = new Array<number>(count).fill(0);
    values.forEach((value) => (counts[place(value) - begin] = (counts[place(value) - begin] ?? 0) + 1));
    return counts;
  };
  const combined = options["combine"] === true;
  const shown = combined ? [{ ...first, name: "Count" }] : fields;
  return {
    categories: boundTexts(
      Array.from({ length: count }, (_, i) => (begin + i) * size + offset),
      first.field.config,
    ),
    series: shown.map((one, i) => ({
      key: `${one.frame.refId} ${i}`,
      name: one.name,
      color: colorOf(one, theme),
      values: counted(combined ? all : (numbers[i] ?? [])),
      format: (value) => formatText(value),
    })),
  };
}
