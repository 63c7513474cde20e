// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Target } from "../../src/api/types";
import { quote } from "../../src/lib/promtext";
import * as queries from "../../src/overview/queries";
import { historyFor, longestInterval, targetKey, windowsFor } from "../../src/overview/windows";

const windows = windowsFor(5000, 900_000);

describe("windows", () => {
  test("are a minute, or four scrapes", () => {
    expect(windowsFor(1000, 900_000).now).toBe("1m");
    expect(windowsFor(15_000, 900_000).now).toBe("1m");
    expect(windowsFor(60_000, 900_000).now).toBe("4m");
  });

  test("count failures over the range, an hour at most", () => {
    expect(windowsFor(5000, 300_000).errors).toBe("5m");
    expect(windowsFor(5000, 7 * 86_400_000).errors).toBe("1h");
    expect(windowsFor(5000, 1000).errors).toBe("1m");
    expect(windowsFor(5000, 899_999.5).errors).toBe("15m");
  });

  test("keep a pipeline for five minutes at least", () => {
    expect(windowsFor(5000, 60_000).keep).toBe("5m");
    expect(windowsFor(5000, 86_400_000).keep).toBe("1h");
  });

  test("of the small charts hold four scrapes, and one step", () => {
    expect(historyFor(5000, 900_000, 1, false)).toEqual({ stepMs: 5000, points: 180, window: "20s" });
    expect(historyFor(5000, 900_000, 100, false)).toEqual({ stepMs: 15_000, points: 60, window: "20s" });
    expect(historyFor(5000, 6 * 3_600_000, 1, false)).toEqual({
      stepMs: 120_000,
      points: 180,
      window: "2m5s",
    });
  });

  test("of the small charts are fine while all pipelines are young", () => {
    expect(historyFor(5000, 900_000, 1, true)).toEqual({ stepMs: 1000, points: 120, window: "20s" });
    expect(historyFor(60_000, 900_000, 1, true)).toEqual({ stepMs: 12_000, points: 40, window: "4m" });
    expect(historyFor(5000, 60_000, 1, true).stepMs).toBe(5000);
  });
});

describe("the scrape interval", () => {
  const target = (instance: string, scrapeInterval: string) =>
    ({ labels: { job: "j", instance }, scrapeInterval }) as unknown as Target;

  test("is the longest of the targets that have pipelines", () => {
    const targets = [target("a", "5s"), target("b", "15s"), target("c", "10m")];
    expect(longestInterval(targets, new Set([targetKey("j", "a"), targetKey("j", "b")]))).toBe(15_000);
  });

  test("is at most a minute while none is known, and the usual one without targets", () => {
    expect(longestInterval([target("c", "10m")], new Set())).toBe(60_000);
    expect(longestInterval([], new Set())).toBe(5000);
    expect(longestInterval([target("c", "soon")], new Set())).toBe(5000);
  });
});

describe("queries", () => {
  test("escape names", () => {
    expect(quote('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
    expect(queries.stagesQuery(windows, 'x"} or up')).toContain('{pipeline="x\\"} or up"}');
  });

  test("ask for percentiles of stages of the opened pipeline alone", () => {
    expect(queries.stagesQuery(windows, null)).not.toContain("histogram_quantile");
    expect(queries.stagesQuery(windows, "ocr").match(/histogram_quantile\(0.95/g)?.length).toBe(2);
  });

  test("take classic histograms first, and native ones", () => {
    const query = queries.latencyQuery(windows);
    expect(query).toContain("sum by (pipeline, le) (rate(inference_duration_seconds_bucket[1m]))");
    expect(query).toContain("sum by (pipeline) (rate(inference_duration_seconds[1m]))");
  });

  test("have balanced parentheses", () => {
    const all = [
      queries.trafficQuery(windows),
      queries.latencyQuery(windows),
      queries.stagesQuery(windows, "a"),
      queries.historyQuery("20s", "a"),
      queries.monitorQuery(windows),
      queries.deepSparseQuery(["ocr", "x"], windows, "ocr"),
      queries.deepSparseHistoryQuery(["ocr"], "20s", "ocr"),
    ];
    for (const query of all) {
      expect(query.split("(").length).toBe(query.split(")").length);
    }
  });

  test("find the name of a DeepSparse pipeline", () => {
    expect(queries.deepSparseName("total_inference_sample_pipeline_name_count")).toBe("sample_pipeline_name");
    expect(queries.deepSparseName("total_inference__count")).toBeNull();
    expect(queries.deepSparseName("inference_duration_seconds_count")).toBeNull();
  });
});
