// SPDX-License-Identifier: Apache-2.0
// Fixed numbers for the gallery: the same at each visit, so that two screenshots can be compared.
import type {
  ChartAnnotation,
  ChartExemplar,
  ChartSeries,
  GaugeValue,
  HeatmapData,
} from "../src/charts/types";
import { formatText } from "../src/lib/units";

export const palette = [
  "#7EB26D",
  "#EAB839",
  "#6ED0E0",
  "#EF843C",
  "#E24D42",
  "#1F78C1",
  "#BA43A9",
  "#705DA0",
];
export const to = Date.UTC(2026, 10, 26, 14, 30);
export const from = to - 3_600_000;
export const stepMs = 15_000;
export const times = Array.from({ length: 241 }, (_, index) => from + index * stepMs);

// A linear congruential generator (the constants of Numerical Recipes).
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function walk(seed: number, start: number, spread: number, floor = 0): number[] {
  const next = random(seed);
  let value = start;
  return times.map(() => {
    value = Math.max(floor, value + (next() - 0.5) * spread + (start - value) * 0.05);
    return value;
  });
}

export function unit(name: string): (value: number | null) => string {
  return (value) => (value === null ? "-" : formatText(value, name));
}

export function series(
  index: number,
  name: string,
  values: readonly (number | null)[],
  more = {},
): ChartSeries {
  return {
    key: name,
    name,
    labels: { stage: name },
    values,
    color: palette[index % palette.length] ?? "#888888",
    format: unit("s"),
    unitKey: "s",
    ...more,
  };
}

const stageNames = ["decode", "detect", "crop", "recognise", "assemble"];

export function stages(more = {}): ChartSeries[] {
  return stageNames.map((name, index) =>
    series(index, name, walk(index + 1, 0.02 * (index + 1), 0.012), more),
  );
}

export const hostileNames = [
  "<img src=x onerror=alert(1)>",
  '"><script>alert(2)</script>',
  "javascript:alert(3)",
  "=cmd|' /C calc'!A0",
  "a very long name ".repeat(12),
  "‮right to left",
  "",
];

export const annotations: ChartAnnotation[] = [
  { from: from + 900_000, text: "deploy <b>v2</b>", color: "#5794F2" },
  { from: from + 1_800_000, to: from + 2_300_000, text: "StageSlow firing: detect", color: "#F2495C" },
];

export const exemplars: ChartExemplar[] = times
  .filter((_, index) => index % 17 === 5)
  .map((time, index) => ({
    time,
    value: 0.05 + ((index * 37) % 11) / 60,
    labels: { trace_id: `4bf92f3577b34da6a3ce929d0e0e47${index}` },
    series: { __name__: "stage_seconds_bucket", stage: stageNames[index % 5] ?? "" },
  }));

const bounds = [0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, Infinity];

export function heat(columns = times): HeatmapData {
  const next = random(7);
  const rows = bounds
    .slice(1)
    .map((upper, row) => ({ lower: bounds[row] ?? 0, upper, label: String(upper) }));
  const counts = columns.map((_, column) =>
    rows.map((_row, row) => {
      const center = 5.5 + Math.sin(column / 30) * 1.6 + (column > 150 && column < 185 ? 2 : 0);
      const size = 260 * Math.exp(-((row - center) ** 2) / 2.2) * (0.7 + next() * 0.6);
      return size < 0.8 ? 0 : Math.round(size);
    }),
  );
  return { times: columns, stepMs, bounds: rows, counts };
}

// As of a native histogram: many narrow buckets, only those that have counts.
export function nativeHeat(): HeatmapData {
  const next = random(11);
  const edges = Array.from({ length: 41 }, (_, index) => 2 ** (-12 + index / 4));
  const rows = edges.slice(1).map((upper, row) => ({ lower: edges[row] ?? 0, upper, label: String(upper) }));
  const counts = times.map((_, column) =>
    rows.map((_row, row) => {
      const center = 18 + Math.sin(column / 40) * 5;
      const size = 90 * Math.exp(-((row - center) ** 2) / 18) * (0.5 + next());
      return size < 1 ? null : Math.round(size);
    }),
  );
  return { times, stepMs, bounds: rows, counts };
}

export const steps = [
  { value: null, color: "#73BF69" },
  { value: 0.6, color: "#FADE2A" },
  { value: 0.85, color: "#F2495C" },
];

export function gauges(values: readonly (number | null)[], names = stageNames): GaugeValue[] {
  return values.map((value, index) => {
    const step = [...steps].reverse().find((one) => one.value === null || (value ?? 0) >= one.value);
    return {
      key: `${index}`,
      name: names[index % names.length] ?? "",
      value,
      text: value === null ? "No data" : formatText(value, "percentunit"),
      color: value === null ? "#8e8e8e" : (step?.color ?? "#73BF69"),
      state:
        value === null
          ? "no value"
          : step?.value === null
            ? "below 60 %"
            : `above ${(step?.value ?? 0) * 100} %`,
      min: 0,
      max: 1,
      minText: "0 %",
      maxText: "100 %",
      thresholds: steps,
    };
  });
}
