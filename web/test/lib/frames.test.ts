// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { BucketText, QueryData } from "../../src/api/types";
import {
  heatmapFrames,
  parseHistogram,
  parseNumber,
  tableFrame,
  timeSeriesFrames,
} from "../../src/lib/frames";
import { autoLegends, legendFor } from "../../src/lib/legend";
import { floatText, labelName, quote, seriesText } from "../../src/lib/promtext";

const options = { refId: "A", expr: "up", legend: "" };
const matrix: QueryData = {
  resultType: "matrix",
  result: [
    { metric: { __name__: "up", job: "a" }, values: [[1, "1"], [2.5, "NaN"]] }, // prettier-ignore
    { metric: { __name__: "up", job: "b" }, values: [[1, "+Inf"]] },
  ],
};

test("numbers as texts", () => {
  expect(["1e-05", "+Inf", "-Inf", "NaN"].map(parseNumber)).toEqual([0.00001, Infinity, -Infinity, NaN]);
  expect([Infinity, -Infinity, NaN, 0.5].map(floatText)).toEqual(["+Inf", "-Inf", "NaN", "0.5"]);
});

test("a matrix is a frame a series", () => {
  const frames = timeSeriesFrames(matrix, options);
  expect(frames.map((frame) => frame.name)).toEqual(['up{job="a"}', 'up{job="b"}']);
  expect(frames[0]?.fields.map((field) => field.values)).toEqual([
    [1000, 2500],
    [1, NaN],
  ]);
  expect(frames[1]?.fields[1]?.values).toEqual([Infinity]);
  expect(frames[0]?.fields[1]?.labels).toEqual({ __name__: "up", job: "a" });
});

test("a vector is a table with a column for each label", () => {
  const vector: QueryData = {
    resultType: "vector",
    result: [
      { metric: { job: "a" }, value: [1, "2"] },
      { metric: { stage: "ocr" }, value: [1, "3"] },
    ],
  };
  const frame = tableFrame(vector, options, "Value #A");
  expect(frame.fields.map((field) => [field.name, field.type, field.values])).toEqual([
    ["Time", "time", [1000, 1000]],
    ["job", "string", ["a", ""]],
    ["stage", "string", ["", "ocr"]],
    ["Value #A", "number", [2, 3]],
  ]);
});

test("a scalar and a string", () => {
  const scalar = timeSeriesFrames({ resultType: "scalar", result: [1, "42"] }, { ...options, expr: "42" });
  expect(scalar.map((frame) => [frame.name, frame.fields[1]?.values])).toEqual([["42", [42]]]);
  const string = timeSeriesFrames({ resultType: "string", result: [1, "hello"] }, options);
  expect(string[0]?.fields[1]).toMatchObject({ type: "string", values: ["hello"] });
});

test("native histograms", () => {
  const buckets: BucketText[] = [
    [0, "1", "2", "2"],
    [3, "-0.5", "0.5", "1"],
  ];
  const histogram = parseHistogram({ count: "3", sum: "4.5", buckets });
  expect(histogram).toEqual({
    count: 3,
    sum: 4.5,
    buckets: [
      { lower: 1, upper: 2, count: 2, lowerInclusive: false, upperInclusive: true },
      { lower: -0.5, upper: 0.5, count: 1, lowerInclusive: true, upperInclusive: true },
    ],
  });
  const data: QueryData = {
    resultType: "matrix",
    result: [{ metric: {}, histograms: [[1, { count: "1", sum: "1" }]] }],
  };
  expect(timeSeriesFrames(data, options)[0]?.fields[1]?.type).toBe("histogram");
});

test("bucket series come in the order of their bounds", () => {
  const result = ["+Inf", "0.1", "10", "2.0"].map((le) => ({ metric: { le }, values: [] }));
  const frames = heatmapFrames({ resultType: "matrix", result }, { ...options, legend: "{{le}}" });
  expect(frames.map((frame) => frame.name)).toEqual(["0.1", "2.0", "10", "+Inf"]);
});

describe("legends", () => {
  const labels = { __name__: "up", job: "a b", instance: 'x"y' };

  test.each([
    ["", 'up{instance="x\\"y", job="a b"}'],
    ["__auto", 'up{instance="x\\"y", job="a b"}'],
    ["{{job}} at {{ instance }}", 'a b at x"y'],
    ["{{none}}p95", "p95"],
    ["{{constructor}}", ""],
  ])("%s", (format, want) => expect(legendFor(format, labels, "expr")).toBe(want));

  test("a series without labels is called as its query", () => {
    expect(legendFor("", {}, "sum(up)")).toBe("sum(up)");
  });

  test("the labels that differ tell series apart", () => {
    const labels = ["a", "b"].map((job) => ({ job, env: "x" }));
    expect(autoLegends(labels, "e")).toEqual(["a", "b"]);
  });
});

test("series as Prometheus writes them", () => {
  expect(seriesText({ __name__: "a:b", z: "1", a: "2\n\\" })).toBe('a:b{a="2\\n\\\\", z="1"}');
  expect(seriesText({ __name__: "with space", a: "1" })).toBe('{"with space", a="1"}');
  expect(seriesText({ __name__: "up" })).toBe("up");
  expect(seriesText({})).toBe("{}");
  expect(labelName("a.b")).toBe('"a.b"');
  expect(quote("<b>")).toBe('"<b>"');
});
