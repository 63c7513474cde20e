// SPDX-License-Identifier: Apache-2.0
// From answers to what is drawn, and what links take along.
import { describe, expect, it } from "vitest";
import type { SeriesResult } from "../../src/api/types";
import { eventsOf, stepOf } from "../../src/dashboard/annotations";
import { panelData, wanted } from "../../src/dashboard/data";
import type { Env } from "../../src/dashboard/env";
import { carried, withParams } from "../../src/dashboard/links";
import type { Annotation, Panel } from "../../src/dashboard/model";
import { chartDataOf } from "../../src/dashboard/panels/timeseries_data";
import { parseDashboard } from "../../src/dashboard/parse";
import { samplesOf, type Answered, type Plan } from "../../src/dashboard/queries";

function panelOf(raw: object): Panel {
  return parseDashboard({ panels: [{ type: "timeseries", ...raw }] }).panels[0] as Panel;
}

function planOf(panel: Panel, i: number, stepMs: number): Plan {
  const target = panel.targets[i] as Plan["target"];
  return { target, expr: target.expr, legend: target.legend, stepMs, fromMs: 0, toMs: 60_000 };
}

function answered(panel: Panel, i: number, result: SeriesResult[], stepMs = 10_000): Answered {
  const data = { resultType: "matrix" as const, result };
  const none = { exemplars: [], error: "", warnings: [], infos: [], tookMs: 1, series: result.length };
  return { ...planOf(panel, i, stepMs), kind: "range", data, samples: samplesOf(data), ...none };
}

const line = (metric: Record<string, string>, ...values: [number, string][]): SeriesResult => ({
  metric,
  values,
});
const range = { fromMs: 0, toMs: 60_000 };

describe("panelData", () => {
  it("leaves a gap where a sample is missing, and none where a query is coarser", () => {
    const panel = panelOf({ targets: [{ expr: "a" }, { expr: "b", refId: "B" }] });
    const answers = [
      answered(panel, 0, [line({ x: "1" }, [0, "1"], [10, "2"], [40, "3"])]),
      answered(panel, 1, [line({ x: "2" }, [0, "5"], [20, "6"], [40, "7"])], 20_000),
    ];
    const chart = chartDataOf(panelData(panel, answers, [], range), "dark");
    expect(chart.times).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
    expect(chart.series[0]?.values).toEqual([1, 2, null, null, 3]);
    expect(chart.series[1]?.values).toEqual([5, null, 6, null, 7]);
    expect(chart.series.map((one) => one.spanNulls)).toEqual([false, 30_000]);
  });

  it("asks no empty query, and complains of none", () => {
    const panel = panelOf({ targets: [{ expr: "a" }, { expr: " ", refId: "B" }] });
    const data = panelData(panel, [answered(panel, 0, [line({ x: "1" }, [0, "1"])])], [], range);
    expect(wanted(panel.targets).map((target) => target.refId)).toEqual(["A"]);
    expect(data.failures).toEqual([]);
    expect(data.frames).toHaveLength(1);
  });

  it("takes expressions, in whatever order, and leaves hidden queries out", () => {
    const expression = { datasource: { type: "__expr__" }, type: "math" };
    const panel = panelOf({
      targets: [
        { refId: "C", ...expression, expression: "$B * 2" },
        { refId: "B", ...expression, expression: "$A + 1", hide: true },
        { refId: "A", expr: "a", hide: true },
        { refId: "D", expr: "never", hide: true },
      ],
    });
    expect(wanted(panel.targets).map((target) => target.refId)).toEqual(["C", "B", "A"]);
    const answers = [answered(panel, 2, [line({ x: "1" }, [0, "1"], [10, "2"])])];
    const data = panelData(panel, answers, [planOf(panel, 0, 10_000), planOf(panel, 1, 10_000)], range);
    expect(data.failures).toEqual([]);
    expect(chartDataOf(data, "dark").series.map((one) => one.values)).toEqual([[4, 6]]);
  });

  it("counts each bucket once where buckets are bars", () => {
    const panel = panelOf({
      type: "bargauge",
      targets: [{ expr: "b", format: "heatmap", legendFormat: "{{le}}" }],
    });
    const buckets = [
      line({ le: "+Inf" }, [0, "10"]),
      line({ le: "1" }, [0, "4"]),
      line({ le: "2.5" }, [0, "9"]),
    ];
    const data = panelData(panel, [answered(panel, 0, buckets)], [], range);
    expect(data.frames.map((frame) => frame.fields[1]?.values)).toEqual([[4], [5], [1]]);
  });

  it("says which query failed and which cannot be asked", () => {
    const panel = panelOf({
      targets: [{ expr: "a" }, { expr: "{}", datasource: { type: "loki", uid: "x" } }],
    });
    const failed = { ...answered(panel, 0, []), error: "parse error" };
    const { failures } = panelData(panel, [failed], [], range);
    expect(failures.map((one) => one.refId)).toEqual(["A", "B"]);
    expect(failures[1]?.message).toMatch(/"loki"/);
  });
});

describe("eventsOf", () => {
  const annotation = (more: Partial<Annotation> = {}): Annotation => ({
    ...(parseDashboard({
      panels: [],
      annotations: { list: [{ name: "Alerts", expr: "ALERTS", step: "10s", titleFormat: "{{alertname}}" }] },
    }).annotations[0] as Annotation),
    ...more,
  });

  it("joins samples that follow each other, and leaves out zeros", () => {
    const series = [line({ alertname: "Slow" }, [0, "1"], [10, "1"], [20, "0"], [40, "1"])];
    expect(eventsOf(series, annotation(), 10_000)).toMatchObject([
      { from: 0, to: 10_000, title: "Slow" },
      { from: 40_000, to: 40_000, title: "Slow" },
    ]);
  });

  it("takes the value for the time where it is told to, each once", () => {
    const series = [line({}, [0, "5000"], [10, "5000"], [20, "NaN"], [30, "9000"])];
    const found = eventsOf(series, annotation({ useValueForTime: true }), 10_000);
    expect(found.map((event) => event.from)).toEqual([5000, 9000]);
  });

  it("asks for no more points than can be told apart", () => {
    expect(stepOf(annotation(), 3_600_000)).toBe(10_000);
    expect(stepOf(annotation(), 30 * 86_400_000)).toBe(1_296_000);
  });
});

describe("links", () => {
  it("take variables and time along, those that the dashboard lets them", () => {
    const dashboard = parseDashboard({
      panels: [],
      templating: {
        list: [
          { name: "job", type: "query" },
          { name: "own", type: "custom", skipUrlSync: true },
        ],
      },
    });
    const state = (selected: string[]) => ({ options: [], selected, error: "" });
    const env = {
      dashboard,
      rawFrom: "now-1h",
      rawTo: "now",
      states: new Map([
        ["job", state(["a", "b&c"])],
        ["own", state(["x"])],
      ]),
    } as unknown as Env;
    const params = carried({ includeVars: true, keepTime: true }, env);
    expect(withParams("/d/x?y=1#z", params)).toBe("/d/x?y=1&var-job=a&var-job=b%26c&from=now-1h&to=now#z");
    expect(withParams("/d/x", carried({ includeVars: false, keepTime: false }, env))).toBe("/d/x");
  });
});
