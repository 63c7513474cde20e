// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { alignRange, calculateInterval, queryStep, rateInterval, roundInterval } from "../../src/lib/step";

const hour = 3_600_000;

test.each([
  [9, 1],
  [10, 10],
  [14_400, 15_000],
  [12_499, 10_000],
  [89_999, 60_000],
  [90_000, 120_000],
  [86_399_999, 43_200_000],
  [86_400_000, 86_400_000],
  [1e12, 31_536_000_000],
])("an interval of %d ms is rounded to %d", (ms, want) => expect(roundInterval(ms)).toBe(want));

describe("calculateInterval", () => {
  test.each([
    [hour, 1500, 5000, 5000, "the least where the panel has pixels enough"],
    [6 * hour, 1500, 5000, 15_000, "rounded"],
    [24 * hour, 800, 15_000, 120_000, "rounded up"],
    [hour, 0, 1000, 86_400_000 / 24, "a panel without width asks for one point"],
  ])("of %d ms in %d points, at least %d: %d (%s)", (range, points, least, want) =>
    expect(calculateInterval(range, points, least)).toBe(want),
  );
});

describe("queryStep", () => {
  test("is the interval where that is few points", () => expect(queryStep(6 * hour, 15_000)).toBe(15_000));
  test("grows where the range would have more than 11000", () =>
    expect(queryStep(24 * hour, 1000)).toBe(10_000));
});

test.each([
  [15_000, 15_000, 60_000],
  [60_000, 15_000, 75_000],
  [5000, 5000, 20_000],
  [120_000, 5000, 125_000],
])("the rate interval of %d at scrapes of %d is %d", (interval, scrape, want) =>
  expect(rateInterval(interval, scrape)).toBe(want),
);

test("ranges lie on multiples of the step", () => {
  expect(alignRange(1_000_123, 2_000_456, 15_000)).toEqual([990_000, 1_995_000]);
});
