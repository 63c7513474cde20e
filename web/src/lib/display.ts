// SPDX-License-Identifier: Apache-2.0
// A value as a panel shows it: text with its unit or what a mapping says, colour, share of the way from min
// to max.
import {
  isScheme,
  resolveColor,
  schemeColor,
  seriesColor,
  seriesColorByName,
  seriesColorSafe,
  shadeOf,
  type Theme,
} from "./colors";
import type { FieldConfig, FieldType, FieldValue, MappingResult } from "./frame";
import { mapValue } from "./mappings";
import { reduce } from "./reduce";
import { absoluteSteps, defaultThresholds, describeStep, shareOf, thresholdAt } from "./thresholds";
import { formatText, formatValue, isDateUnit, joined, type Formatted } from "./units";

export interface DisplayOptions {
  readonly theme: Theme;
  readonly min?: number; // of all values; where the configuration has none
  readonly max?: number;
  readonly type?: FieldType; // "time": numbers are points in time
  readonly seriesIndex?: number; // for the modes of colours that count series
  readonly seriesName?: string;
  readonly decimals?: number; // where the configuration has none
  readonly utc?: boolean;
}

export interface Display {
  readonly text: string; // without prefix and suffix
  readonly prefix: string;
  readonly suffix: string;
  readonly full: string; // all three
  readonly color: string; // CSS
  readonly percent: number; // 0 to 1
  readonly numeric: number | null;
  readonly state: string; // what the colour says, in words; "" where it says nothing
}

interface Limits {
  readonly min: number;
  readonly max: number;
}

function limitsOf(config: FieldConfig, options: DisplayOptions): Limits {
  return { min: config.min ?? options.min ?? 0, max: config.max ?? options.max ?? 100 };
}

interface Colored {
  readonly color: string;
  readonly state: string;
}

function byThreshold(value: number | null, config: FieldConfig, limits: Limits, theme: Theme): Colored {
  const thresholds = config.thresholds ?? defaultThresholds;
  const step = thresholdAt(value, thresholds, limits.min, limits.max);
  if (step === null) {
    return { color: "#808080", state: "" };
  }
  const steps = absoluteSteps(thresholds, limits.min, limits.max);
  const absolute = steps[thresholds.steps.indexOf(step)] ?? step;
  const words = value === null || Number.isNaN(value);
  return {
    color: resolveColor(step.color, theme),
    state: words
      ? ""
      : describeStep(absolute, steps, (bound) => formatText(bound, config.unit, config.decimals)),
  };
}

// What colours mean is said in words only where thresholds give them.
function colorOf(value: number | null, config: FieldConfig, options: DisplayOptions): Colored {
  const { theme, seriesIndex = 0 } = options;
  const mode = config.color?.mode ?? "thresholds";
  const fixed = config.color?.fixedColor ?? "#808080";
  const said = (color: string) => ({ color, state: "" });
  switch (mode) {
    case "fixed":
    case "gradient":
      return said(resolveColor(fixed, theme));
    case "shades":
      return said(shadeOf(fixed, seriesIndex, theme));
    case "palette-classic-by-name":
      return said(seriesColorByName(options.seriesName ?? "", theme));
    case "palette-colorblind":
      return said(seriesColorSafe(seriesIndex, theme));
  }
  if (mode.startsWith("palette-")) {
    return said(seriesColor(seriesIndex, theme));
  }
  const limits = limitsOf(config, options);
  if (isScheme(mode)) {
    return said(schemeColor(mode, value === null ? 0 : shareOf(value, limits.min, limits.max), theme));
  }
  return byThreshold(value, config, limits, theme);
}

// Texts that are numbers count as such, but where the unit says that they are texts.
function numericOf(value: FieldValue, config: FieldConfig): number | null {
  if (typeof value === "number") {
    return Number.isNaN(value) ? null : value;
  }
  const plain = config.unit === undefined || config.unit === "" || config.unit === "string";
  if (typeof value !== "string" || plain || value.trim() === "") {
    return null;
  }
  const number = isDateUnit(config.unit ?? "") ? Date.parse(value) : Number(value);
  return Number.isNaN(number) ? null : number;
}

function unitOf(config: FieldConfig, options: DisplayOptions): string {
  const unit = config.unit ?? "";
  return options.type === "time" && !isDateUnit(unit) ? "dateTimeAsSystem" : unit;
}

function textOf(
  value: FieldValue,
  numeric: number | null,
  config: FieldConfig,
  options: DisplayOptions,
): Formatted {
  if (numeric !== null) {
    const decimals = config.decimals ?? options.decimals;
    return formatValue(numeric, unitOf(config, options), decimals, options.utc ?? false);
  }
  if (typeof value === "object" && value !== null) {
    return { text: `${formatText(value.count)} observations, sum ${formatText(value.sum, config.unit)}` };
  }
  const text = value === null ? "" : String(value);
  return { text: text === "" ? (config.noValue ?? "") : text };
}

// What a mapping says stands alone, without a unit.
export function displayOf(value: FieldValue, config: FieldConfig, options: DisplayOptions): Display {
  const mapped: MappingResult = mapValue(value, config.mappings) ?? {};
  const numeric = numericOf(value, config);
  const formatted: Formatted =
    mapped.text === undefined ? textOf(value, numeric, config, options) : { text: mapped.text };
  const colored: Colored =
    mapped.color === undefined
      ? colorOf(numeric, config, options)
      : { color: resolveColor(mapped.color, options.theme), state: "" };
  const { min, max } = limitsOf(config, options);
  return {
    text: formatted.text,
    prefix: formatted.prefix ?? "",
    suffix: formatted.suffix ?? "",
    full: joined(formatted),
    percent: numeric === null ? 0 : Math.min(1, Math.max(0, shareOf(numeric, min, max))),
    numeric,
    ...colored,
  };
}

// The colour of a whole series: fixed, by its place or its name; by a threshold or a scheme, that of its last
// value (or what color.seriesBy names).
export function seriesColorOf(
  values: readonly FieldValue[],
  config: FieldConfig,
  options: DisplayOptions,
): string {
  return colorOf(reduce(config.color?.seriesBy ?? "last", values) ?? 0, config, options).color;
}

// The least and the greatest number of fields; 0 and 100 where there is none.
export function extent(fields: Iterable<{ readonly values: readonly FieldValue[] }>): Limits {
  let min = Infinity;
  let max = -Infinity;
  for (const { values } of fields) {
    for (const value of values) {
      if (typeof value === "number" && !Number.isNaN(value)) {
        min = value < min ? value : min;
        max = value > max ? value : max;
      }
    }
  }
  return min > max ? { min: 0, max: 100 } : { min, max };
}
