// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { FieldValue, ValueMapping } from "../../src/lib/frame";
import { mapValue } from "../../src/lib/mappings";
import { absoluteSteps, describeStep, thresholdAt } from "../../src/lib/thresholds";
import type { Thresholds } from "../../src/lib/frame";

const mappings: ValueMapping[] = [
  {
    type: "value",
    options: { "0": { text: "down", color: "red" }, "1": { text: "up" }, ready: { text: "yes" } },
  },
  { type: "range", options: { from: 10, to: 20, result: { text: "between" } } },
  { type: "range", options: { from: 1000, to: null, result: { text: "many" } } },
  { type: "regex", options: { pattern: "/^v(\\d+)\\..*/", result: { text: "version $1" } } },
  { type: "regex", options: { pattern: "gpu\\d", result: { color: "blue" } } },
  { type: "regex", options: { pattern: "(", result: { text: "never" } } },
  { type: "special", options: { match: "nan", result: { text: "No traffic" } } },
  { type: "special", options: { match: "null", result: { text: "gone" } } },
  { type: "special", options: { match: "empty", result: { text: "empty" } } },
  { type: "special", options: { match: "true", result: { text: "on" } } },
];

test.each<[FieldValue, string | undefined]>([
  [0, "down"],
  [1, "up"],
  ["ready", "yes"],
  [10, "between"],
  [20, "between"],
  [20.1, undefined],
  ["15", "between"],
  [5000, "many"],
  ["v12.3", "version 12"],
  [NaN, "No traffic"],
  [null, "gone"],
  ["", "empty"],
  ["true", "on"],
  ["constructor", undefined],
])("%s is %s", (value, want) => expect(mapValue(value, mappings)?.text).toBe(want));

test("a mapping may only colour", () => {
  expect(mapValue("gpu0", mappings)).toEqual({ color: "blue" });
  expect(mapValue("a gpu0", mappings)).toBeNull();
  expect(mapValue(1, undefined)).toBeNull();
});

describe("thresholds", () => {
  const absolute: Thresholds = {
    mode: "absolute",
    steps: [
      { value: null, color: "red" },
      { value: 0.9, color: "orange" },
      { value: 0.99, color: "green" },
    ],
  };

  test.each([
    [0, "red"],
    [0.9, "orange"],
    [0.98999, "orange"],
    [0.99, "green"],
    [Infinity, "green"],
    [-Infinity, "red"],
    [NaN, "red"],
    [null, "red"],
  ])("%s is %s", (value, want) => expect(thresholdAt(value, absolute, 0, 1)?.color).toBe(want));

  test("percentages are of the way from min to max", () => {
    const shares: Thresholds = {
      mode: "percentage",
      steps: [
        { value: null, color: "green" },
        { value: 80, color: "red" },
      ],
    };
    expect([179, 180].map((value) => thresholdAt(value, shares, 100, 200)?.color)).toEqual(["green", "red"]);
    expect(absoluteSteps(shares, 100, 200).map((step) => step.value)).toEqual([null, 180]);
  });

  test("steps in words", () => {
    const words = absolute.steps.map((step) => describeStep(step, absolute.steps, String));
    expect(words).toEqual(["below 0.9", "0.9 to 0.99", "0.99 and above"]);
    expect(describeStep({ value: null, color: "green" }, [{ value: null, color: "green" }], String)).toBe("");
  });

  test("none", () => expect(thresholdAt(1, undefined, 0, 1)).toBeNull());
});
