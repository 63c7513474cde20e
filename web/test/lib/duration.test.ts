// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/lib/duration";

describe("parseDuration", () => {
  test.each([
    ["1m30s", 90_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["100ms", 100],
    ["1d", 86_400_000],
    ["2w", 1_209_600_000],
    ["1y", 31_536_000_000],
    ["0", 0],
    ["0.5h", 1_800_000],
    [" 15s ", 15_000],
  ])("reads %s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "5", "m", "5 m", "5x", "-5m", "1m,5s", "NaN"])("refuses %j", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe("formatDuration", () => {
  test.each([
    [90_000, "1m30s"],
    [100, "100ms"],
    [0, "0s"],
    [86_400_000, "1d"],
    [-60_000, "-1m"],
    [3_600_000, "1h"],
  ])("writes %d", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test("writes what parseDuration reads", () => {
    for (const ms of [1, 999, 1500, 61_000, 3_661_001, 694_861_001]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });
});
