// SPDX-License-Identifier: Apache-2.0
// Pies, bars, histograms and states over time: from JSON and answers to what is drawn.
import { describe, expect, it } from "vitest";
import type { QueryData, SeriesResult } from "../../src/api/types";
import { panelData } from "../../src/dashboard/data";
import { windowOf, type Env } from "../../src/dashboard/env";
import type { Panel } from "../../src/dashboard/model";
import { barsOf, histogramOf } from "../../src/dashboard/panels/bars_data";
import { timelineRows } from "../../src/dashboard/panels/timeline_data";
import { parseDashboard } from "../../src/dashboard/parse";
import { samplesOf, type Answered } from "../../src/dashboard/queries";

function panelOf(raw: object): Panel {
  return parseDashboard({ panels: [raw] }).panels[0] as Panel;
}

function dataOf(
  panel: Panel,
  results: readonly (readonly SeriesResult[])[],
  kind: "range" | "instant" = "range",
) {
  const answered = results.map((result, i): Answered => {
    const target = panel.targets[i] as Answered["target"];
    const data = { resultType: kind === "range" ? "matrix" : "vector", result: [...result] } as QueryData;
    const none = { exemplars: [], error: "", warnings: [], infos: [], tookMs: 1, series: result.length };
    const plan = {
      target,
      expr: target.expr,
      legend: target.legend,
      stepMs: 10_000,
      fromMs: 0,
      toMs: 60_000,
    };
    return { ...plan, kind, data, samples: samplesOf(data), ...none };
  });
  return panelData(panel, answered, [], { fromMs: 0, toMs: 60_000 });
}

const line = (metric: Record<string, string>, ...values: [number, string][]): SeriesResult => ({
  metric,
  values,
});
const point = (metric: Record<string, string>, value: string): SeriesResult => ({
  metric,
  value: [60, value],
});
const states = { theme: "light" as const, merge: true };

describe("state timelines", () => {
  const mappings = [
    { type: "value", options: { 0: { text: "down", color: "red" }, 1: { text: "up", color: "green" } } },
  ];
  const raw = {
    type: "state-timeline",
    targets: [{ expr: "up", legendFormat: "{{job}}" }],
    fieldConfig: { defaults: { mappings } },
  };

  it("merges equal neighbours, and ends a state where samples are missing", () => {
    const data = dataOf(panelOf(raw), [
      [line({ job: "a" }, [0, "1"], [10, "1"], [20, "0"], [50, "1"]), line({ job: "b" }, [0, "1"])],
    ]);
    const rows = timelineRows(data, states);
    expect(rows.map((row) => row.name)).toEqual(["a", "b"]);
    expect(rows[0]?.spans.map(({ from, to, text }) => [from, to, text])).toEqual([
      [0, 20_000, "up"],
      [20_000, 30_000, "down"],
      [50_000, 60_000, "up"],
    ]);
    expect(timelineRows(data, { ...states, merge: false })[0]?.spans).toHaveLength(4);
  });

  it("says ranges between thresholds in words", () => {
    const thresholds = {
      mode: "absolute",
      steps: [
        { color: "green", value: null },
        { color: "red", value: 5 },
      ],
    };
    const panel = panelOf({
      ...raw,
      fieldConfig: { defaults: { thresholds, color: { mode: "thresholds" } } },
    });
    const data = dataOf(panel, [[line({ job: "a" }, [0, "1"], [10, "2"], [20, "7"], [30, "9"])]]);
    expect(timelineRows(data, states)[0]?.spans.map((span) => [span.to, span.text])).toEqual([
      [20_000, "below 5"],
      [40_000, "5 and above"],
    ]);
    const cells = timelineRows(data, { ...states, merge: false })[0]?.spans;
    expect(cells?.map((span) => [span.text, span.state])).toEqual([
      ["1", "below 5"],
      ["2", "below 5"],
      ["7", "5 and above"],
      ["9", "5 and above"],
    ]);
  });

  it("has no state where there is no value", () => {
    const fields = [
      { name: "Time", type: "time" as const, values: [0, 10_000, 20_000], config: {} },
      { name: "Value", type: "number" as const, values: [1, null, 1], config: {} },
    ];
    const data = { ...dataOf(panelOf(raw), []), frames: [{ refId: "A", fields }] };
    const spans = timelineRows(data, states)[0]?.spans;
    expect(spans?.map(({ from, to }) => [from, to])).toEqual([
      [0, 10_000],
      [20_000, 60_000],
    ]);
  });

  it("takes texts of a table for states, and its labels for none", () => {
    const panel = panelOf({ ...raw, targets: [{ expr: "up", format: "table" }] });
    const rows = timelineRows(dataOf(panel, [[line({ job: "a" }, [0, "1"])]]), states);
    expect(rows.map((row) => row.spans[0]?.text)).toEqual(["up"]);
  });
});

describe("bars", () => {
  it("has a bar for each series of one moment", () => {
    const panel = panelOf({
      type: "barchart",
      targets: [
        { expr: "a", legendFormat: "A {{x}}" },
        { expr: "b", legendFormat: "B", refId: "B" },
      ],
    });
    const data = dataOf(
      panel,
      [[point({ x: "1" }, "3"), point({ x: "2" }, "4")], [point({}, "5")]],
      "instant",
    );
    const bars = barsOf(data.frames, {}, "light", true);
    expect(bars.categories).toEqual(["00:01:00"]);
    expect(bars.series.map((one) => [one.name, one.values])).toEqual([
      ["A 1", [3]],
      ["A 2", [4]],
      ["B", [5]],
    ]);
    expect(new Set(bars.series.map((one) => one.color)).size).toBe(3);
  });

  it("takes the rows of a table, by the field that is named or the first text", () => {
    const panel = panelOf({ type: "barchart", targets: [{ expr: "a", format: "table", instant: true }] });
    const answer = [point({ job: "j", model: "m1" }, "3"), point({ job: "k", model: "m2" }, "4")];
    const { frames } = dataOf(panel, [answer], "instant");
    expect(barsOf(frames, {}, "light", true).categories).toEqual(["j", "k"]);
    const named = barsOf(frames, { xField: "model" }, "light", true);
    expect(named.categories).toEqual(["m1", "m2"]);
    expect(named.series.map((one) => one.values)).toEqual([[3, 4]]);
  });

  it("colours each bar where thresholds say so", () => {
    const panel = panelOf({
      type: "barchart",
      targets: [{ expr: "a", format: "table", instant: true }],
      fieldConfig: { defaults: { color: { mode: "thresholds" } } },
    });
    const { frames } = dataOf(panel, [[point({ x: "a" }, "3"), point({ x: "b" }, "90")]], "instant");
    const colors = barsOf(frames, {}, "light", true).series[0]?.colors;
    expect(colors).toHaveLength(2);
    expect(colors?.[0]).not.toBe(colors?.[1]);
  });

  it("asks for no more points than there is room for bars", () => {
    const env = { fromMs: 0, toMs: 60_000 } as Env;
    const points = (raw: object) => windowOf(panelOf(raw), env, 800).maxDataPoints;
    expect(points({ type: "barchart" })).toBe(20);
    expect(points({ type: "barchart", maxDataPoints: 5 })).toBe(5);
    expect(points({ type: "timeseries" })).toBe(800);
  });
});

describe("histograms", () => {
  const panel = panelOf({ type: "histogram", targets: [{ expr: "a", legendFormat: "{{x}}" }] });
  const { frames } = dataOf(panel, [
    [line({ x: "1" }, [0, "1"], [10, "2"], [20, "2.5"], [30, "NaN"]), line({ x: "2" }, [0, "9"])],
  ]);

  it("counts the values of each series in ranges of one size", () => {
    const bars = histogramOf(frames, { bucketSize: 2 }, "light");
    expect(bars.categories).toEqual(["0", "2", "4", "6", "8"]);
    expect(bars.series.map((one) => one.values)).toEqual([
      [1, 2, 0, 0, 0],
      [0, 0, 0, 0, 1],
    ]);
  });

  it("counts all together where it is asked to", () => {
    const bars = histogramOf(frames, { bucketSize: 2, combine: true }, "light");
    expect(bars.series.map((one) => one.values)).toEqual([[1, 2, 0, 0, 1]]);
  });

  it("tells neighbours apart in its texts", () => {
    const values = [0.2, 0.2004, 0.2008].map((value, i): [number, string] => [i * 10, String(value)]);
    const narrow = panelOf({
      type: "histogram",
      targets: [{ expr: "a" }],
      fieldConfig: { defaults: { unit: "s" } },
    });
    const { categories } = histogramOf(dataOf(narrow, [[line({}, ...values)]]).frames, {}, "light");
    expect(categories.length).toBeGreaterThan(8);
    expect(new Set(categories).size).toBe(categories.length);
  });

  it("has a limited number of ranges, and none of nothing", () => {
    expect(histogramOf(frames, { bucketSize: 1e-9 }, "light").categories.length).toBeLessThanOrEqual(502);
    expect(histogramOf([], {}, "light")).toEqual({ categories: [], series: [] });
  });

  it("shows buckets that are counted already as they are", () => {
    const buckets = panelOf({
      type: "histogram",
      targets: [{ expr: "b", format: "heatmap", legendFormat: "{{le}}" }],
    });
    const data = dataOf(buckets, [
      [line({ le: "1" }, [0, "3"]), line({ le: "2" }, [0, "5"]), line({ le: "+Inf" }, [0, "5"])],
    ]);
    const bars = histogramOf(data.frames, {}, "light");
    expect(bars.categories).toEqual(["1", "2", "+Inf"]);
    expect(bars.series.map((one) => one.values)).toEqual([[3, 2, 0]]);
  });
});

describe("pies of before Grafana 8", () => {
  it("become pies of today", () => {
    const panel = panelOf({
      type: "grafana-piechart-panel",
      targets: [{ expr: "a", legendFormat: "{{x}}" }],
      format: "bytes",
      pieType: "donut",
      legendType: "Right side",
      valueName: "avg",
      legend: { show: true, values: true, percentage: true },
      aliasColors: { a: "#ff0000" },
    });
    expect(panel.type).toBe("piechart");
    expect(panel.fieldConfig.defaults.unit).toBe("bytes");
    expect(panel.fieldConfig.overrides[0]?.matcher.options).toBe("a");
    expect(panel.options).toMatchObject({
      pieType: "donut",
      reduceOptions: { calcs: ["mean"] },
      legend: { displayMode: "table", placement: "right", values: ["value", "percent"] },
    });
  });
});
