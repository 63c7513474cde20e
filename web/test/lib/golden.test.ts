// SPDX-License-Identifier: Apache-2.0
// What Grafana's own package answered, when web/compat asked it last: the same dashboards say the same here.
import { describe, expect, test } from "vitest";
import {
  resolveColor,
  schemeColor,
  seriesColor,
  seriesColorByName,
  seriesColorSafe,
  shadeOf,
} from "../../src/lib/colors";
import { displayOf } from "../../src/lib/display";
import type { FieldValue } from "../../src/lib/frame";
import { mapValue } from "../../src/lib/mappings";
import { calcName, reduceValue } from "../../src/lib/reduce";
import { roundInterval } from "../../src/lib/step";
import { parseTime } from "../../src/lib/time";
import { formatText } from "../../src/lib/units";
import * as cases from "../../compat/cases";
import golden from "./grafana_golden.json";

const numbers: Readonly<Record<string, number>> = {
  "number NaN": NaN,
  "number Infinity": Infinity,
  "number -Infinity": -Infinity,
};

// Numbers that are no JSON stand as texts.
function value(text: unknown): FieldValue {
  return typeof text === "string" && Object.hasOwn(numbers, text)
    ? (numbers[text] as number)
    : (text as FieldValue);
}

test.each(golden.units as [string, string[]][])('the unit "%s"', (unit, want) => {
  expect(golden.values.map((one) => formatText(one, unit, undefined, true))).toEqual(want);
});

test.each(golden.decimals as [string, number, string[]][])(
  'the unit "%s" with %d decimals',
  (unit, decimals, want) => {
    expect(golden.values.map((one) => formatText(one, unit, decimals, true))).toEqual(want);
  },
);

test("intervals", () => {
  expect(golden.intervals.map(([ms]) => [ms, roundInterval(ms as number)])).toEqual(golden.intervals);
});

test.each(golden.times as [string, boolean, number | null][])("%s, rounded up: %s", (text, up, want) => {
  expect(parseTime(text, golden.now, up, true)).toBe(want);
});

test.each(golden.reducers as [string, string, unknown[]][])("%s is called %s", (calc, name, want) => {
  expect(calcName(calc)).toBe(name);
  expect(golden.series.map((values) => reduceValue(calc, values))).toEqual(want.map(value));
});

test("mappings", () => {
  const lists = cases.configs.flatMap(({ mappings }) => (mappings === undefined ? [] : [mappings]));
  expect(lists.map((list) => golden.mapped.map((one) => mapValue(value(one), list)))).toEqual(
    golden.mappings,
  );
});

describe("what is shown", () => {
  test.each(golden.displays.map((one, index) => [index, one] as const))(
    "by configuration %d",
    (_, { theme, config, shown }) => {
      const want = shown as ({ text: string; color: string } | null)[];
      golden.mapped.forEach((one, index) => {
        const display = displayOf(value(one), config as object, {
          theme: theme as "dark" | "light",
          utc: true,
        });
        const expected = want[index];
        if (expected !== null) {
          expect([one, display.full, display.color]).toEqual([one, expected?.text, expected?.color]);
        }
      });
    },
  );
});

test.each(golden.colors.map((colors) => [colors.mode as "dark" | "light", colors] as const))(
  "colours, %s",
  (mode, colors) => {
    expect(colors.named.map(([name]) => [name, resolveColor(name as string, mode)])).toEqual(colors.named);
    expect(colors.palette.map((_, index) => seriesColor(index, mode))).toEqual(colors.palette);
    expect(cases.names.map((name) => seriesColorByName(name, mode))).toEqual(colors.byName);
    expect(cases.safe.map((index) => seriesColorSafe(index, mode))).toEqual(colors.safe);
    expect(cases.shades.map((index) => shadeOf("blue", index, mode))).toEqual(colors.shades);
    for (const [name, want] of colors.schemes as [string, string[]][]) {
      expect([name, ...cases.ratios.map((ratio) => schemeColor(`continuous-${name}`, ratio, mode))]).toEqual([
        name,
        ...want,
      ]);
    }
  },
);
