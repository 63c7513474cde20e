// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test, vi } from "vitest";

vi.stubGlobal("window", { location: { host: "127.0.0.1" } });

const { ApiError } = await import("../../src/api/client");
const { adviceOf, placeOf, shortMessage } = await import("../../src/graph/errors");
const { escapedName } = await import("../../src/graph/completion");
const { labelValues, metricList, searchMetrics, suggestions } = await import("../../src/graph/metrics");
const { axisNumber, plainNumber } = await import("../../src/graph/number");
const { panned, spanOf, zoomedAt, zoomOut } = await import("../../src/graph/range");

describe("the place of an error", () => {
  const at = (message: string, expr: string) => placeOf(`invalid parameter "query": ${message}`, expr);

  test("is a word of the query", () => {
    expect(at("1:6: parse error: expected type range vector", "rate(up)")).toEqual({
      before: "rate(",
      at: "up",
      after: ")",
    });
    expect(at('2:5: parse error: unknown function with name "foo"', "up\n  + foo(x)")).toEqual({
      before: "  + ",
      at: "foo",
      after: "(x)",
    });
  });

  test("is counted in bytes, as the server does", () => {
    expect(at("1:13: parse error: x", '{a="ä€"} + )')).toMatchObject({ before: '{a="ä€"} ', at: "+" });
  });

  test("is a token that was not expected, of which the server tells the end", () => {
    expect(at("1:7: parse error: unexpected right parenthesis ')'", "up + ) + 1")).toEqual({
      before: "up + ",
      at: ")",
      after: " + 1",
    });
  });

  test("is the end where something is missing", () => {
    expect(at("1:5: parse error: unexpected end of input", "up +")).toEqual({
      before: "up +",
      at: " ",
      after: "",
    });
  });

  test("is none where the query is right, or has no such line", () => {
    expect(placeOf("query timed out", "up")).toBeNull();
    expect(at("7:1: parse error: x", "up")).toBeNull();
  });
});

test("an error is said without what the page shows anyway", () => {
  expect(shortMessage('invalid parameter "query": 1:5: parse error: unexpected end of input')).toBe(
    "unexpected end of input",
  );
});

test.each([
  ["timeout", 503, "query timed out", /shorter range/],
  ["unavailable", 503, "not ready", /few seconds/],
  ["execution", 422, "query processing would load too many samples", /max-samples/],
  ["execution", 422, "found duplicate series for the match group", /on \(/],
])("advice for %s %d: %s", (kind, status, message, advice) => {
  expect(adviceOf(new ApiError(message, kind, status))).toMatch(advice);
});

test("where there is nothing to advise, nothing is said", () => {
  expect(adviceOf(new ApiError("1:1: parse error: x", "bad_data", 400))).toBeNull();
  expect(adviceOf(new Error("x"))).toBeNull();
});

test.each([
  [0, "0"],
  [1234567, "1234567"],
  [0.1 + 0.2, "0.3"],
  [1e-9, "1e-9"],
  [NaN, "NaN"],
  [-Infinity, "-Inf"],
  [1e20, "1e+20"],
  [null, "no value"],
])("number %s", (value, text) => {
  expect(plainNumber(value as number | null)).toBe(text);
});

test.each([
  [0, 0.2, "0.0"],
  [0.25, 0.05, "0.25"],
  [200, 50, "200"],
  [20_000, 5000, "20k"],
  [1_500_000, 500_000, "1500k"],
  [2e-6, 1e-6, "2e-6"],
  [0, 1e-6, "0"],
  [0, 2e16, "0"],
  [2e16, 2e16, "20P"],
  [2e300, 1e300, "2e+300"],
])("tick %s at steps of %s", (value, step, text) => {
  expect(axisNumber(value, step)).toBe(text);
});

describe("ranges", () => {
  const now = 1_000_000;
  const live = { rangeMs: 10_000, endMs: null };

  test("that were dragged end when they end, unless that is now", () => {
    expect(spanOf(900_000, 950_000.4, now)).toEqual({ rangeMs: 50_000, endMs: 950_000 });
    expect(spanOf(900_000, now, now)).toEqual({ rangeMs: 100_000, endMs: null });
    expect(spanOf(900_000, 900_500, now)).toBeNull();
  });

  test("move and widen around their middle", () => {
    expect(panned(live, -0.5, now)).toEqual({ rangeMs: 10_000, endMs: 995_000 });
    expect(panned({ rangeMs: 10_000, endMs: 995_000 }, 0.5, now)).toEqual(live);
    expect(zoomOut({ rangeMs: 10_000, endMs: 500_000 }, now)).toEqual({ rangeMs: 20_000, endMs: 505_000 });
    expect(zoomOut(live, now)).toEqual({ rangeMs: 20_000, endMs: null });
  });

  test("zoom around the mouse", () => {
    const span = zoomedAt({ rangeMs: 10_000, endMs: 500_000 }, 0.25, 0.5, now);
    const at = 500_000 - 7500; // a quarter from the left, before and after
    expect((span.endMs ?? 0) - span.rangeMs * 0.75).toBeCloseTo(at);
    expect(zoomedAt(live, 1, 0.5, now)).toEqual({ rangeMs: 5000, endMs: null });
  });
});

describe("the metrics explorer", () => {
  const metrics = metricList(["http_seconds_bucket", "http_total", "up", "constructor"], {
    http_seconds: [{ type: "histogram", help: "Time of requests.", unit: "seconds" }],
    http: [{ type: "counter", help: "Requests.", unit: "" }],
  });

  test("finds the metadata of a name's family", () => {
    expect(metrics[0]).toMatchObject({ type: "histogram, counts by bucket", unit: "seconds" });
    expect(metrics[1]).toMatchObject({ type: "counter", help: "Requests." });
    expect(metrics[2]).toMatchObject({ type: "", help: "" });
  });

  test("finds words in names, types and descriptions, names first", () => {
    expect(searchMetrics(metrics, "requests").map((metric) => metric.name)).toEqual([
      "http_seconds_bucket",
      "http_total",
    ]);
    expect(searchMetrics(metrics, "http counter").map((metric) => metric.name)).toEqual(["http_total"]);
    expect(searchMetrics(metrics, "")).toHaveLength(4);
  });

  test("counts the series of each value, the most frequent first", () => {
    const labels = labelValues([
      { __name__: "m", a: "2", b: "x" },
      { __name__: "m", a: "10", b: "x" },
      { __name__: "m", a: "10" },
    ]);
    expect(labels).toEqual([
      {
        name: "a",
        values: [
          { value: "10", series: 2 },
          { value: "2", series: 1 },
        ],
      },
      { name: "b", values: [{ value: "x", series: 2 }] },
    ]);
  });

  test("suggests what suits the type", () => {
    const [bucket, counter, gauge] = metrics;
    expect(suggestions(bucket!).map((one) => one.name)).toContain("p95");
    expect(suggestions(counter!)[0]?.expr).toBe("rate(http_total[1m])");
    expect(suggestions(gauge!)[0]?.expr).toBe("up");
  });
});

test("names with other characters are written into paths as Prometheus reads them", () => {
  expect(escapedName("a.b_c")).toBe("U__a_2e_b__c");
});
