// SPDX-License-Identifier: Apache-2.0
// Asks Grafana's package and ours the same and prints where they differ. With --write, what Grafana says
// becomes the table that the everyday tests check (test/lib/grafana_golden.json), but for the differences
// that are meant.
import { writeFileSync } from "node:fs";
import {
  resolveColor,
  schemeColor,
  seriesColor,
  seriesColorByName,
  seriesColorSafe,
  shadeOf,
} from "../src/lib/colors";
import { displayOf } from "../src/lib/display";
import type { FieldValue } from "../src/lib/frame";
import { mapValue } from "../src/lib/mappings";
import { calcName, reduceValue } from "../src/lib/reduce";
import { roundInterval } from "../src/lib/step";
import { parseTime } from "../src/lib/time";
import { formatText } from "../src/lib/units";
import * as cases from "./cases";
import * as grafana from "./grafana";

// Dark first: Grafana keeps the schemes of the theme that it was asked for first.
const modes = ["dark", "light"] as const;
let asked = 0;
const differences: string[] = [];

// NaN and infinities are no JSON.
export function plain(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value)
    ? `number ${value}`
    : typeof value === "boolean"
      ? Number(value)
      : value;
}

// Where Grafana's answer is none: its clocks of more years than its dates have, its least number above zero
// where there is none, NaN as the median of nothing.
function isAnswer(theirs: unknown): boolean {
  const text = typeof theirs === "string" && theirs.includes("Invalid date");
  return !text && theirs !== Number.MAX_VALUE && !Number.isNaN(theirs);
}

// What is meant to differ stands in the table as it is here.
function same<T>(what: string, theirs: T, ours: unknown): T {
  asked++;
  if (!isAnswer(theirs)) {
    return ours as T;
  }
  const [left, right] = [JSON.stringify(plain(theirs)), JSON.stringify(plain(ours))];
  if (left !== right) {
    differences.push(`${what}: Grafana ${left}, here ${right}`);
  }
  return theirs;
}

function unitTable() {
  const units = cases.units(grafana.knownUnits());
  return units.map((unit) => [
    unit,
    cases.values.map((value) =>
      same(`${value} in "${unit}"`, grafana.format(value, unit), formatText(value, unit, undefined, true)),
    ),
  ]);
}

function decimalTable() {
  return cases.decimalUnits.flatMap((unit) =>
    cases.decimals.map((decimals) => [
      unit,
      decimals,
      cases.values.map((value) =>
        same(
          `${value} in "${unit}" with ${decimals} decimals`,
          grafana.format(value, unit, decimals),
          formatText(value, unit, decimals, true),
        ),
      ),
    ]),
  );
}

// Texts of several values are an array there.
const listed = new Set(["allValues", "uniqueValues"]);

function reducerTable() {
  return grafana
    .reducerNames()
    .filter(({ id }) => !listed.has(id))
    .map(({ id, name }) => [
      same(`the name of ${id}`, name, calcName(id)) && id,
      name,
      cases.series.map((values) => {
        const theirs = grafana.reduce(id, values);
        return plain(same(`${id} of ${JSON.stringify(values)}`, theirs, reduceValue(id, values)));
      }),
    ]);
}

function mappingTable() {
  return cases.configs
    .filter((config) => config.mappings !== undefined)
    .map(({ mappings = [] }) =>
      cases.mapped.map((value) =>
        same(`the mapping of ${value}`, grafana.mapping(value, mappings), mapValue(value, mappings)),
      ),
    );
}

function displayTable() {
  // Without thresholds Grafana's package, unlike its panels, has grey; ours then has the panels' green and
  // red. What has no number at its end has no unit here.
  const fits = (value: FieldValue) =>
    typeof value !== "number" || Number.isFinite(value) || Number.isNaN(value);
  const shown = cases.configs.map((config) => ({
    ...config,
    thresholds: config.thresholds ?? {
      mode: "absolute" as const,
      steps: [
        { value: null, color: "green" },
        { value: 80, color: "red" },
      ],
    },
  }));
  return modes.flatMap((theme) =>
    shown
      .filter((config) => theme === "dark" || config.color?.mode.startsWith("continuous-") !== true)
      .map((config) => ({
        theme,
        config,
        shown: cases.mapped.map((value) => {
          const theirs = grafana.display(value, config, theme);
          const { full, color } = displayOf(value, config, { theme, utc: true });
          return fits(value)
            ? same(`the display of ${value} by ${JSON.stringify(config)}`, theirs, { text: full, color })
            : null;
        }),
      })),
  );
}

const shades = ["super-light-", "light-", "", "semi-dark-", "dark-"];
const hues = ["red", "orange", "yellow", "green", "blue", "purple"];
const colorNames = [
  ...hues.flatMap((hue) => shades.map((shade) => shade + hue)),
  "transparent",
  "panel-bg",
  "text",
];
const schemes = "GrYlRd RdYlGr BlYlRd YlRd BlPu YlBl blues reds greens purples".split(" ");
const sampled = "viridis magma plasma inferno cividis".split(" ");

// Sampled schemes are mixed between samples: near is enough.
function near(what: string, theirs: string, ours: string): string {
  const parts = (color: string) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const far = Math.max(...parts(theirs).map((part, index) => Math.abs(part - (parts(ours)[index] ?? 0))));
  return same(what, theirs, far <= 6 ? theirs : ours);
}

function colorTable() {
  return modes.map((mode) => ({
    mode,
    named: colorNames.map((name) => [
      name,
      same(`${name}, ${mode}`, grafana.named(name, mode), resolveColor(name, mode)),
    ]),
    palette: grafana
      .palette(mode)
      .map((color, index) => same(`colour ${index}`, color, seriesColor(index, mode))),
    byName: cases.names.map((name) =>
      same(
        `the colour of "${name}"`,
        grafana.colorOf("palette-classic-by-name", mode, { name }, 0),
        seriesColorByName(name, mode),
      ),
    ),
    safe: cases.safe.map((seriesIndex) =>
      same(
        `safe colour ${seriesIndex}`,
        grafana.colorOf("palette-colorblind", mode, { state: { seriesIndex } }, 0),
        seriesColorSafe(seriesIndex, mode),
      ),
    ),
    shades: cases.shades.map((seriesIndex) =>
      same(
        `shade ${seriesIndex}`,
        grafana.colorOf(
          "shades",
          mode,
          { state: { seriesIndex }, config: { color: { fixedColor: "blue" } } },
          0,
        ),
        shadeOf("blue", seriesIndex, mode),
      ),
    ),
    schemes: (mode === "dark" ? schemes : []).map((name) => [
      name,
      cases.ratios.map((ratio) => {
        const id = `continuous-${name}`;
        return same(
          `${name} at ${ratio}`,
          grafana.colorOf(id, mode, {}, ratio),
          schemeColor(id, ratio, mode),
        );
      }),
    ]),
    sampled: (mode === "dark" ? sampled : []).map((name) => [
      name,
      cases.ratios.map((ratio) => {
        const id = `continuous-${name}`;
        return near(
          `${name} at ${ratio}`,
          grafana.colorOf(id, mode, {}, ratio),
          schemeColor(id, ratio, mode),
        );
      }),
    ]),
  }));
}

const table = {
  about: "Made by web/compat from @grafana/data 13.2.3; not to be edited.",
  values: cases.values,
  units: unitTable(),
  decimals: decimalTable(),
  intervals: cases.intervals.map((ms) => [
    ms,
    same(`interval ${ms}`, grafana.roundInterval(ms), roundInterval(ms)),
  ]),
  now: cases.now,
  times: cases.expressions.flatMap((text) =>
    [false, true].map((up) => [
      text,
      up,
      same(`${text}, ${up}`, grafana.time(text, cases.now, up), parseTime(text, cases.now, up, true)),
    ]),
  ),
  series: cases.series,
  reducers: reducerTable(),
  mapped: cases.mapped.map(plain),
  mappings: mappingTable(),
  displays: displayTable(),
  colors: colorTable(),
};

differences.forEach((line) => console.log(line));
console.log(`${asked} asked, ${differences.length} differ`);
if (process.argv.includes("--write") && differences.length === 0) {
  const lines = Object.entries(table).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  writeFileSync(new URL("../test/lib/grafana_golden.json", import.meta.url), `{\n${lines.join(",\n")}\n}\n`);
}
process.exitCode = differences.length === 0 ? 0 : 1;
