// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { describeRange, formatDateTime, parseTime } from "../../src/lib/time";

const now = Date.UTC(2026, 10, 26, 2, 54, 17, 123); // a Thursday

describe("parseTime", () => {
  const at = (text: string, roundUp = false) => {
    const time = parseTime(text, now, roundUp, true);
    return time === null ? null : new Date(time).toISOString();
  };

  test.each([
    ["now", "2026-11-26T02:54:17.123Z"],
    ["now-6h", "2026-11-25T20:54:17.123Z"],
    ["now+1m", "2026-11-26T02:55:17.123Z"],
    ["now-1h30m", "2026-11-26T01:24:17.123Z"],
    ["now-100ms", "2026-11-26T02:54:17.023Z"],
    ["now/d", "2026-11-26T00:00:00.000Z"],
    ["now-1d/d", "2026-11-25T00:00:00.000Z"],
    ["now/h", "2026-11-26T02:00:00.000Z"],
    ["now/w", "2026-11-23T00:00:00.000Z"],
    ["now/M", "2026-11-01T00:00:00.000Z"],
    ["now/Q", "2026-10-01T00:00:00.000Z"],
    ["now/y", "2026-01-01T00:00:00.000Z"],
    ["now-9M", "2026-02-26T02:54:17.123Z"],
    ["now-1d/d+8h", "2026-11-25T08:00:00.000Z"],
    ["2026-01-02", "2026-01-02T00:00:00.000Z"],
    ["2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05.678+02:00", "2026-01-02T01:04:05.678Z"],
    ["20260102T030405Z", "2026-01-02T03:04:05.000Z"],
    ["1767323045000", "2026-01-02T03:04:05.000Z"],
  ])("%s begins at", (text, want) => expect(at(text)).toBe(want));

  test.each([
    ["now/d", "2026-11-26T23:59:59.999Z"],
    ["now-1d/d", "2026-11-25T23:59:59.999Z"],
    ["now/w", "2026-11-29T23:59:59.999Z"],
    ["now/M", "2026-11-30T23:59:59.999Z"],
    ["now/m", "2026-11-26T02:54:59.999Z"],
  ])("%s ends at", (text, want) => expect(at(text, true)).toBe(want));

  test("the month after a long one ends with the short one", () => {
    const time = parseTime("now+1M", Date.UTC(2026, 0, 31), false, true);
    expect(time).toBe(Date.UTC(2026, 1, 28));
  });

  test.each([
    "",
    "later",
    "now-",
    "now-6",
    "now-6x",
    "now/",
    "now/x",
    "now//d",
    "2026-13-01",
    "12",
    "nowish",
  ])("refuses %j", (text) => expect(parseTime(text, now, false)).toBeNull());
});

test("a date has a 24-hour clock", () => {
  expect(formatDateTime(Date.UTC(2026, 0, 1, 15, 4, 5), "utc")).toBe("2026-01-01 15:04:05");
});

describe("describeRange", () => {
  test.each([
    ["now-1h", "now", "Last 1 hour"],
    ["now-7m", "now", "Last 7 minutes"],
    ["now-1d/d", "now-1d/d", "Yesterday"],
    ["now-1h30m", "now", "Last 1h30m"],
    ["1767323045000", "1767326645000", "2026-01-02 03:04:05 to 2026-01-02 04:04:05"],
    ["now-2h", "now-1h", "now-2h to now-1h"],
    ["2026-01-02T03:04:05.678Z", "2026-01-03", "2026-01-02 03:04:05 to 2026-01-03 00:00:00"],
    ["soon", "now", "soon to now"],
  ])("%s to %s", (from, to, want) => expect(describeRange(from, to, "utc")).toBe(want));
});
