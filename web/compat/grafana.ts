// SPDX-License-Identifier: Apache-2.0
// Grafana's package, as far as it is asked. It wants a browser's navigator; its build for require() runs in
// Node.
import { createRequire } from "node:module";
import type { FieldConfig, FieldValue, ValueMapping } from "../src/lib/frame";

interface Formatted {
  prefix?: string;
  text: string;
  suffix?: string;
}

interface Theme {
  visualization: { getColorByName: (name: string) => string; palette: string[] };
}

interface GrafanaData {
  getValueFormat: (
    unit: string,
  ) => (value: number, decimals?: number, scaled?: null, zone?: string) => Formatted;
  getValueFormats: () => { submenu: { value: string }[] }[];
  rangeUtil: { roundInterval: (ms: number) => number };
  dateMath: { toDateTime: (text: string, options: object) => { valueOf: () => number } | undefined };
  fieldReducers: { list: () => { id: string; name: string }[] };
  reduceField: (options: { field: object; reducers: string[] }) => Record<string, unknown>;
  createTheme: (options: { colors: { mode: string } }) => Theme;
  getDisplayProcessor: (
    options: object,
  ) => (value: FieldValue) => Formatted & { color?: string; numeric: number };
  fieldColorModeRegistry: {
    get: (id: string) => {
      getCalculator: (field: object, theme: Theme) => (value: number, ratio: number) => string;
    };
  };
}

Object.defineProperty(globalThis, "navigator", { value: { language: "en-US", languages: ["en-US"] } });
process.env["TZ"] = "UTC";

interface ValueMappings {
  getValueMappingResult: (
    mappings: ValueMapping[],
    value: FieldValue,
  ) => { text?: string; color?: string } | null;
}

const load = createRequire(import.meta.url);
const data = load("@grafana/data") as GrafanaData;
const valueMappings = load("./node_modules/@grafana/data/dist/cjs/utils/valueMappings.cjs") as ValueMappings;
const themes = {
  dark: data.createTheme({ colors: { mode: "dark" } }),
  light: data.createTheme({ colors: { mode: "light" } }),
};

type Mode = "dark" | "light";

export const knownUnits = (): string[] =>
  data.getValueFormats().flatMap((category) => category.submenu.map((one) => one.value));

export const format = (value: number, unit: string, decimals?: number): string => {
  const { prefix = "", text, suffix = "" } = data.getValueFormat(unit)(value, decimals, null, "utc");
  return prefix + text + suffix;
};

export const roundInterval = (ms: number): number => data.rangeUtil.roundInterval(ms);

export function time(text: string, now: number, roundUp: boolean): number | null {
  const found = data.dateMath.toDateTime(text, { roundUp, timezone: "utc", now: new Date(now) })?.valueOf();
  return found === undefined || Number.isNaN(found) ? null : found;
}

export const reducerNames = (): { id: string; name: string }[] => data.fieldReducers.list();

export function reduce(calc: string, values: readonly FieldValue[]): unknown {
  const field = { name: "x", type: "number", config: {}, values: [...values] };
  return data.reduceField({ field, reducers: [calc] })[calc] ?? null;
}

export const mapping = (value: FieldValue, mappings: readonly ValueMapping[]) =>
  valueMappings.getValueMappingResult([...mappings], value);

export function hex(color: string): string {
  const parts = /^rgba?\(\s*(\d+),\s*(\d+),\s*(\d+)(?:,\s*([\d.]+))?\s*\)$/.exec(color);
  if (parts === null) {
    return color.toLowerCase();
  }
  const text = (part: number) => Math.round(part).toString(16).padStart(2, "0");
  const alpha = parts[4] === undefined || Number(parts[4]) === 1 ? "" : text(Number(parts[4]) * 255);
  return `#${[1, 2, 3].map((index) => text(Number(parts[index]))).join("")}${alpha}`;
}

export const named = (name: string, mode: Mode): string =>
  hex(themes[mode].visualization.getColorByName(name));
export const palette = (mode: Mode): string[] =>
  themes[mode].visualization.palette.map((name) => named(name, mode));

export function colorOf(id: string, mode: Mode, field: object, ratio: number): string {
  return hex(
    data.fieldColorModeRegistry.get(id).getCalculator({ name: "", config: {}, ...field }, themes[mode])(
      0,
      ratio,
    ),
  );
}

// The field of a panel whose values are numbers, or texts.
export function display(value: FieldValue, config: FieldConfig, mode: Mode): { text: string; color: string } {
  const steps = config.thresholds?.steps.map((step) => ({ ...step, value: step.value ?? -Infinity }));
  const thresholds = steps === undefined ? {} : { thresholds: { mode: config.thresholds?.mode, steps } };
  const field = {
    name: "x",
    type: typeof value === "string" ? "string" : "number",
    values: [],
    config: { ...config, ...thresholds },
    state: {
      range: { min: config.min ?? 0, max: config.max ?? 100, delta: (config.max ?? 100) - (config.min ?? 0) },
    },
  };
  const shown = data.getDisplayProcessor({ field, theme: themes[mode], timeZone: "utc" })(value);
  return { text: `${shown.prefix ?? ""}${shown.text}${shown.suffix ?? ""}`, color: hex(shown.color ?? "") };
}
