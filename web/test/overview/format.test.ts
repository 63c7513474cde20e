// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import * as format from "../../src/overview/format";
import { scrapeHint } from "../../src/overview/hints";
import { firstShown, niceTop } from "../../src/overview/minichart";
import { stageColor } from "../../src/overview/colors";
import { newest } from "../../src/overview/cells";
import { nextConnection, type Connection } from "../../src/overview/connection";
import { ApiError } from "../../src/api/client";

describe("numbers", () => {
  test.each([
    [0, "0 s"],
    [1.2345, "1.23 s"],
    [0.9999, "1.00 s"],
    [0.0123, "12.3 ms"],
    [0.00000045, "450 ns"],
    [0.00002, "20.0 µs"],
    [75, "1.25 min"],
    [Infinity, "∞"],
    [null, "–"],
    [NaN, "–"],
  ])("%s seconds are %s", (value, text) => expect(format.formatSeconds(value)).toBe(text));

  test.each([
    [0, "0"],
    [0.0166667, "0.017"],
    [1, "1.00"],
    [19.96, "20.0"],
    [123456, "123k"],
    [undefined, "–"],
  ])("the rate %s is %s", (value, text) => expect(format.formatRate(value)).toBe(text));

  test.each([
    [0, "0 %"],
    [0.00001, "<0.01 %"],
    [0.0123, "1.2 %"],
    [0.5, "50.0 %"],
    [1, "100 %"],
  ])("the share %s is %s", (value, text) => expect(format.formatPercent(value)).toBe(text));

  test.each([
    [999.4, "999"],
    [9999, "9999"],
    [10_000, "10.0k"],
    [-3, "-3"],
  ])("the count %s is %s", (value, text) => expect(format.formatCount(value)).toBe(text));

  test("bytes have powers of 1024", () => {
    expect(format.formatBytes(512)).toBe("512 B");
    expect(format.formatBytes(1024 ** 3)).toBe("1.00 GiB");
  });
});

describe("times", () => {
  test("have 24 hours, and a date on another day", () => {
    const noon = new Date(2026, 0, 31, 15, 4, 5).getTime();
    expect(format.formatClock(noon, noon)).toBe("15:04:05");
    expect(format.formatClock(noon, noon + 86_400_000)).toBe("2026-01-31 15:04:05");
  });

  test.each([
    [400, "0 s"],
    [59_000, "59 s"],
    [61_000, "1 min 1 s"],
    [3_599_000, "59 min"],
    [3_660_000, "1 h 1 min"],
    [90_000_000, "1 d 1 h"],
  ])("%s ms are %s", (ms, text) => expect(format.formatSpan(ms)).toBe(text));

  test("Go's zero time is never", () => {
    expect(format.readTime("0001-01-01T00:00:00Z")).toBeNull();
    expect(format.readTime(undefined)).toBeNull();
    expect(format.readTime("1970-01-01T00:00:01Z")).toBe(1000);
  });
});

describe("what a failed scrape means", () => {
  test.each([
    ["could not connect to 127.0.0.1:1: connection refused", /Nothing listens/],
    ["could not connect to h:1: no route to host", /no way to this host/],
    ['Get "http://h/metrics": context deadline exceeded', /did not answer within/],
    ['unsupported content type "text/html"', /not a metrics page/],
    ["server returned HTTP status 401 Unauthorized", /login/],
    ["server returned HTTP status 404 Not Found", /nothing at this path/],
    ["server returned HTTP status 503 Service Unavailable", /proxy/],
    ["could not resolve host: nowhere", /no address/],
    ["sample limit exceeded", /more than it may/],
    ["something new", /failed/],
  ])("%s", (error, cause) => expect(scrapeHint(error)?.cause).toMatch(cause));

  test("nothing, when it did not fail", () => expect(scrapeHint("")).toBeNull());
});

describe("small charts", () => {
  test("end at a round number", () => {
    expect(niceTop(0.0212)).toBeCloseTo(0.03);
    expect(niceTop(5)).toBe(5);
    expect(niceTop(9)).toBe(10);
    expect(niceTop(0)).toBe(1);
    expect(niceTop(Infinity)).toBe(1);
  });

  test("begin with the first value, but show some", () => {
    expect(firstShown([[null, null, 1, 2]], 4, 1)).toBe(2);
    expect(
      firstShown(
        [
          [null, null, 1, 2],
          [null, 1, 1, 2],
        ],
        4,
        1,
      ),
    ).toBe(1);
    expect(firstShown([[null, null, null, 2]], 4, 3)).toBe(1);
    expect(firstShown([[null, null]], 2, 1)).toBe(0);
    expect(firstShown([], 5, 1)).toBe(0);
  });

  test("know the newest value", () => {
    expect(newest([1, 2, null], [10, 20, 30])).toEqual([2, 20]);
    expect(newest([null], [10])).toBeNull();
  });
});

test("a stage keeps its colour, whatever its name", () => {
  expect(stageColor("pre_process")).not.toBe(stageColor("post_process"));
  expect(stageColor("decode")).toBe(stageColor("decode"));
  expect(stageColor("constructor")).toMatch(/^#/);
});

describe("the connection", () => {
  const away = new ApiError("gone", "network", 0);
  const starting = new ApiError("not ready", "unavailable", 503);

  test("is one outage from the first failure to the first answer", () => {
    let state: Connection = nextConnection({ kind: "ok" }, away, 1000);
    expect(state).toMatchObject({ kind: "away", sinceMs: 1000 });
    state = nextConnection(state, starting, 5000);
    expect(state).toMatchObject({ kind: "starting", sinceMs: 1000 });
    state = nextConnection(state, undefined, 9000);
    expect(state).toEqual({ kind: "back", sinceMs: 9000, awayMs: 8000 });
    state = nextConnection(state, undefined, 12_000);
    expect(state.kind).toBe("back");
    expect(nextConnection(state, undefined, 30_000)).toEqual({ kind: "ok" });
  });

  test("tells other failures from being away", () => {
    expect(nextConnection({ kind: "ok" }, new Error("parse"), 1)).toMatchObject({ kind: "failed" });
  });
});
