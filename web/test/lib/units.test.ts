// SPDX-License-Identifier: Apache-2.0
// Facts that a reader can check by head; the many are in golden.test.ts.
import { describe, expect, test } from "vitest";
import { formatText, formatValue } from "../../src/lib/units";

test.each<[number, string, string]>([
  [0.00123, "s", "1.23 ms"],
  [1.5, "s", "1.50 s"],
  [90, "s", "1.50 mins"],
  [3600, "s", "1 hour"],
  [86_400 * 2, "s", "2 days"],
  [0, "s", "0 s"],
  [-0.5, "s", "-500 ms"],
  [1500, "ms", "1.50 s"],
  [0.995, "percentunit", "99.5%"],
  [50, "percent", "50%"],
  [1024, "bytes", "1 KiB"],
  [1000, "decbytes", "1 kB"],
  [2, "gbytes", "2 GiB"],
  [1234, "reqps", "1.23K req/s"],
  [1234, "count:tok/s", "1.23K tok/s"],
  [3, "suffix:cores", "3 cores"],
  [3, "prefix:~", "~3"],
  [0.002, "si:W", "2 mW"],
  [2, "si:kWh", "2 kWh"],
  [1500, "currency:$", "$1.50K"],
  [-2, "currency:$", "-$2"],
  [1, "bool:in/out", "in"],
  [0, "bool:in/out", "out"],
  [1, "bool_on_off", "On"],
  [1_500_000, "short", "1.50 Mil"],
  [12_345.678, "locale", "12,345.678"],
  [0.00012, "sci", "1.2e-4"],
  [255, "hex0x", "0xFF"],
  [21.5, "celsius", "21.5 °C"],
  [3, "furlongs", "3 furlongs"],
  [7384, "dthms", "02:03:04"],
  [7384, "dtdurations", "2 hours"],
  [7384, "clocks", "2h:03m:04s:000ms"],
])("%d %s is %s", (value, unit, want) => expect(formatText(value, unit)).toBe(want));

test.each<[number, string, number, string]>([
  [1, "s", 2, "1.00 s"],
  [1.005, "none", 1, "1.0"],
  [7384, "dtdurations", 1, "2 hours, 3 minutes"],
  [7384, "clocks", 1, "2h:03m"],
  [0, "none", 2, "0.00"],
])("%d %s with %d decimals", (value, unit, decimals, want) =>
  expect(formatText(value, unit, decimals)).toBe(want),
);

describe("what is no number", () => {
  test("null is left to the panel", () => expect(formatValue(null, "s")).toEqual({ text: "" }));
  test.each([
    [NaN, "NaN"],
    [Infinity, "∞"],
    [-Infinity, "-∞"],
  ])("%d has no unit", (value, want) => expect(formatText(value, "s")).toBe(want));
});

test("points in time", () => {
  const time = Date.UTC(2026, 10, 26, 15, 4, 5);
  expect(formatText(time, "dateTimeAsIso", undefined, true)).toBe("2026-11-26 15:04:05");
  expect(formatText(time, "time:DD.MM.YYYY [at] HH:mm", undefined, true)).toBe("26.11.2026 at 15:04");
  expect(formatText(Date.now() - 300_000, "dateTimeFromNow")).toBe("5 minutes ago");
  expect(formatText(1e20, "dateTimeAsIso")).toBe("Invalid date");
});

test("a unit that nobody knows stands behind the number", () => {
  expect(["furlongs", "constructor"].map((unit) => formatText(3, unit))).toEqual([
    "3 furlongs",
    "3 constructor",
  ]);
});
