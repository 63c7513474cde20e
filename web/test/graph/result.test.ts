// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { QueryData, SeriesResult } from "../../src/api/types";
import { rangeCsv, tableCsv } from "../../src/graph/export";
import { histogramBars } from "../../src/graph/histogram";
import { commonLabels, resultTable, sortRows } from "../../src/graph/result";
import { chartData, rangeResult } from "../../src/graph/series";

const vector = (...series: [Record<string, string>, string][]): QueryData => ({
  resultType: "vector",
  result: series.map(([metric, value]): SeriesResult => ({ metric, value: [1000.5, value] })),
});

describe("a table", () => {
  const data = vector(
    [{ __name__: "m", job: "a", shard: "10" }, "3"],
    [{ __name__: "m", job: "a", shard: "9" }, "NaN"],
    [{ __name__: "m", job: "a" }, "+Inf"],
  );
  const table = resultTable(data);

  test("has a column for each label that differs", () => {
    expect(table.columns).toEqual(["shard"]);
    expect(table.common).toEqual({ __name__: "m", job: "a" });
    expect(table.rows.map((row) => row.samples[0]?.text)).toEqual(["3", "NaN", "+Inf"]);
    expect(table.rows[0]?.samples[0]?.timeMs).toBe(1_000_500);
  });

  test("of one row has all labels as columns", () => {
    const one = resultTable(vector([{ __name__: "m", job: "a" }, "1"]));
    expect([one.columns, one.common]).toEqual([["__name__", "job"], {}]);
  });

  const shards = (by: string | null, desc: boolean) =>
    sortRows(table.rows, { by, desc }).map((row) => row.labels["shard"] ?? "-");

  test("sorts labels as numbers where they are some; who has none comes last", () => {
    expect(shards("shard", false)).toEqual(["9", "10", "-"]);
    expect(shards("shard", true)).toEqual(["10", "9", "-"]);
  });

  test("sorts by value, without a number last", () => {
    expect(shards(null, true)).toEqual(["-", "10", "9"]);
    expect(shards(null, false)).toEqual(["10", "-", "9"]);
    expect(sortRows(table.rows, null)).toBe(table.rows);
  });

  test("shows scalars and strings by themselves", () => {
    expect(resultTable({ resultType: "scalar", result: [1, "2.5"] }).rows[0]?.samples[0]?.value).toBe(2.5);
    const text = resultTable({ resultType: "string", result: [1, "<b>"] });
    expect([text.kind, text.rows[0]?.samples[0]?.text]).toEqual(["string", "<b>"]);
  });

  test("keeps raw samples with their times, and histograms", () => {
    const matrix = resultTable({
      resultType: "matrix",
      result: [
        {
          metric: {},
          values: [[2, "5"]],
          histograms: [[1, { count: "3", sum: "6", buckets: [[0, "1", "2", "3"]] }]],
        },
      ],
    });
    expect(matrix.sampleCount).toBe(2);
    expect(matrix.rows[0]?.samples.map((sample) => sample.timeMs)).toEqual([1000, 2000]);
    expect(matrix.rows[0]?.samples[0]?.histogram?.buckets[0]).toMatchObject({ lower: 1, upper: 2, count: 3 });
  });

  test("is saved with a column for each label, as text that no spreadsheet runs", () => {
    const csv = tableCsv(resultTable(vector([{ a: "=1+1" }, "1"], [{ b: 'x,"y' }, "-Inf"])));
    expect(csv.split("\r\n")).toEqual([
      "a,b,time,value",
      "'=1+1,,1970-01-01T00:16:40.500Z,1",
      ',"x,""y",1970-01-01T00:16:40.500Z,\'-Inf',
      "",
    ]);
  });
});

test("labels are common only where all have them with the same value", () => {
  expect(commonLabels([{ a: "1", b: "2" }, { a: "1" }])).toEqual({ a: "1" });
  expect(commonLabels([{ a: "1" }])).toEqual({});
  expect(commonLabels([])).toEqual({});
});

describe("a range", () => {
  const grid = { fromMs: 0, toMs: 20_000, stepMs: 5000 };
  const result = rangeResult(
    {
      resultType: "matrix",
      result: [
        {
          metric: { __name__: "m", le: "1", job: "j" },
          values: [
            [0, "1"],
            [5, "2"],
            [20, "NaN"],
          ],
        },
        { metric: { __name__: "m", le: "+Inf", job: "j" }, values: [[10, "3"]] },
      ],
    },
    grid,
  );

  test("stands on its grid, with gaps where there is no sample", () => {
    expect(result.times).toEqual([0, 5000, 10_000, 15_000, 20_000]);
    expect(result.series[0]?.values).toEqual([1, 2, null, null, NaN]);
    expect(result.series[1]?.values).toEqual([null, null, 3, null, null]);
    expect(result.sampleCount).toBe(4);
  });

  test("names series by what tells them apart", () => {
    expect(result.series.map((series) => series.name)).toEqual(['{le="1"}', '{le="+Inf"}']);
    expect(result.common).toEqual({ __name__: "m", job: "j" });
  });

  test("offers a heatmap for buckets, and for nothing else", () => {
    expect(result.buckets).toBe(true);
    const one: QueryData = { resultType: "matrix", result: [{ metric: { le: "1" }, values: [[0, "1"]] }] };
    expect(rangeResult(one, grid).buckets).toBe(false);
    const mixed: QueryData = {
      resultType: "matrix",
      result: [
        { metric: { le: "1" }, values: [[0, "1"]] },
        { metric: {}, values: [[0, "1"]] },
      ],
    };
    expect(rangeResult(mixed, grid)).toMatchObject({ buckets: false, histograms: false });
  });

  test("draws the series that are shown, with the colours of their place", () => {
    const all = chartData(result, [0, 1], false, "dark").series;
    const last = chartData(result, [1], true, "dark").series;
    expect(last).toHaveLength(1);
    expect(last[0]?.color).toBe(all[1]?.color);
    expect([all[0]?.stack, last[0]?.stack]).toEqual([undefined, "all"]);
  });

  test("is saved with a column for each series", () => {
    expect(rangeCsv(result).split("\r\n").slice(0, 3)).toEqual([
      'time,"m{job=""j"", le=""1""}","m{job=""j"", le=""+Inf""}"',
      "1970-01-01T00:00:00.000Z,1,",
      "1970-01-01T00:00:05.000Z,2,",
    ]);
  });
});

describe("bars of a histogram", () => {
  const bucket = (lower: number, upper: number, count: number) => ({
    lower,
    upper,
    count,
    lowerInclusive: false,
    upperInclusive: true,
  });

  test("lie on a logarithmic axis where all are above zero", () => {
    const bars = histogramBars([bucket(1, 2, 10), bucket(2, 4, 20), bucket(4, 8, 0)]);
    expect(bars).toHaveLength(2);
    expect(bars[0]?.width).toBeCloseTo(bars[1]?.width ?? 0);
    expect(bars.map((bar) => bar.share)).toEqual([0.5, 1]);
  });

  test("are all as wide where one touches zero or infinity", () => {
    const bars = histogramBars([bucket(-1, 0, 1), bucket(0, 1, 1), bucket(1, Infinity, 1)]);
    expect(new Set(bars.map((bar) => Math.round(bar.width))).size).toBe(1);
    expect(histogramBars([])).toEqual([]);
  });
});
