// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { calcName, reduce, reduceValue } from "../../src/lib/reduce";

const values = [null, 4, NaN, 2, 8, null];

test.each<[string, number | null]>([
  ["lastNotNull", 8],
  ["last", null],
  ["firstNotNull", 4],
  ["first", null],
  ["min", 2],
  ["max", 8],
  ["mean", 14 / 3],
  ["sum", 14],
  ["count", 4],
  ["countAll", 6],
  ["range", 6],
  ["diff", 4],
  ["diffperc", 100],
  ["delta", 0], // the fall to 2 is a reset, and the step after it does not count
  ["step", -2],
  ["median", 4],
  ["p50", 4],
  ["p99", 8],
  ["allIsNull", 0],
  ["allIsZero", 0],
  ["logmin", 2],
  ["current", 8],
  ["no such thing", null],
])("%s", (calc, want) => expect(reduce(calc, values)).toBe(want));

test("of nothing", () => {
  expect(["sum", "count", "mean", "last", "allIsNull"].map((calc) => reduce(calc, []))).toEqual([
    0,
    0,
    null,
    null,
    1,
  ]);
  expect(reduce("mean", [null, null])).toBeNull();
});

test("spread", () => {
  expect(reduce("variance", [1, 2, 3, 4])).toBeCloseTo(1.25);
  expect(reduce("stdDev", [2, 2])).toBe(0);
});

test("counting", () => {
  expect(reduce("changeCount", [1, 1, 2, 2, 1])).toBe(2);
  expect(reduce("distinctCount", [1, 1, 2, null])).toBe(2);
});

test("texts", () => {
  expect(reduceValue("lastNotNull", ["a", "b", null])).toBe("b");
  expect(reduce("lastNotNull", ["a"])).toBeNull();
  expect(reduceValue("uniqueValues", ["a", "b", "a"])).toBe("a, b");
});

test("names", () => {
  expect(["lastNotNull", "sum", "p95", "p42", "avg", "odd"].map(calcName)).toEqual([
    "Last *",
    "Total",
    "95th %",
    "42nd %",
    "Mean",
    "odd",
  ]);
});
