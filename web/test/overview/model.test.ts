// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { SeriesResult, Target } from "../../src/api/types";
import { buildRows, deepSparseOnly, type Answers } from "../../src/overview/model";
import { errorSeverity, filterRows, parseSort, printSort, sortRows } from "../../src/overview/sort";

const one = (metric: Record<string, string>, value: string): SeriesResult => ({
  metric,
  value: [100, value],
});

function target(instance: string, health: Target["health"], lastError = ""): Target {
  return {
    discoveredLabels: {},
    labels: { job: "inferometer", instance },
    scrapePool: "inferometer",
    scrapeUrl: `http://${instance}/metrics`,
    globalUrl: "",
    lastError,
    lastScrape: "2026-01-01T00:00:00Z",
    lastScrapeDuration: 0.001,
    health,
    scrapeInterval: "5s",
    scrapeTimeout: "5s",
  };
}

// A pipeline at `instance` with the columns that are given.
function traffic(pipeline: string, instance: string, columns: Record<string, string>): SeriesResult[] {
  return [
    one({ pipeline, job: "inferometer", instance, column: "where" }, "1"),
    one({ pipeline, outcome: "success", column: "total" }, "10"),
    ...Object.entries(columns).map(([name, value]) => {
      const [column, outcome] = name.split("/");
      return one({ pipeline, column: column ?? "", ...(outcome === undefined ? {} : { outcome }) }, value);
    }),
  ];
}

const nothing: Answers = {
  targets: [],
  traffic: [],
  latency: [],
  stages: [],
  deepSparse: [],
  history: [],
  times: [],
};

const rowOf = (answers: Partial<Answers>) => buildRows({ ...nothing, ...answers }, 9)[0];

describe("a row", () => {
  test("has the rate of all outcomes", () => {
    const row = rowOf({
      traffic: traffic("a", "h:1", { "rate/success": "4", "rate/failure": "1", samples: "12", slope: "9" }),
    });
    expect(row?.rate).toBe(5);
  });

  test("has the slope of its samples while they do not fill the window", () => {
    const few = { "rate/success": "0.2", slope: "0.5", samples: "2" };
    expect(rowOf({ traffic: traffic("a", "h:1", few) })?.rate).toBe(0.5);
    expect(rowOf({ traffic: traffic("a", "h:1", { ...few, slope: "-3" }) })?.rate).toBe(0.2);
  });

  test("has no rate from one sample, but a total", () => {
    const row = rowOf({ traffic: traffic("a", "h:1", { samples: "1" }) });
    expect(row).toMatchObject({ rate: null, samples: 1, total: 10, errorRatio: null, failed: null });
  });

  test("counts as failures what is neither success nor cancelled", () => {
    const row = rowOf({
      traffic: traffic("a", "h:1", {
        "increase/success": "90",
        "increase/cancelled": "5",
        "increase/failure": "4",
        "increase/timeout": "1",
      }),
    });
    expect(row?.failed).toBe(5);
    expect(row?.errorRatio).toBeCloseTo(0.05);
  });

  test("has no error ratio when nothing was asked of it", () => {
    const row = rowOf({ traffic: traffic("a", "h:1", { "increase/success": "0", "increase/failure": "0" }) });
    expect(row?.errorRatio).toBeNull();
  });

  test("takes NaN for nothing, and infinity for a value", () => {
    const row = rowOf({
      traffic: traffic("a", "h:1", {}),
      latency: [
        one({ pipeline: "a", column: "p50" }, "NaN"),
        one({ pipeline: "a", column: "p95" }, "+Inf"),
        one({ pipeline: "a", column: "p99" }, "0.5"),
      ],
    });
    expect(row).toMatchObject({ p50: null, p95: Infinity, p99: 0.5, queue: null });
  });

  test("does not take a stage's percentile for its own", () => {
    const row = rowOf({
      traffic: traffic("a", "h:1", {}),
      stages: [
        one({ pipeline: "a", stage: "s", column: "sum" }, "1"),
        one({ pipeline: "a", stage: "s", column: "s95" }, "7"),
      ],
    });
    expect(row?.p95).toBeNull();
    expect(row?.stages[0]?.p95).toBe(7);
  });

  test("splits its time among its stages, in the order of the known ones", () => {
    const stage = (name: string, sum: string, count: string) => [
      one({ pipeline: "a", stage: name, column: "sum" }, sum),
      one({ pipeline: "a", stage: name, column: "count" }, count),
    ];
    const row = rowOf({
      traffic: traffic("a", "h:1", {}),
      stages: [
        ...stage("post_process", "1", "2"),
        ...stage("engine_forward", "6", "2"),
        ...stage("decode", "3", "0"),
        ...stage("pre_process", "NaN", "2"),
      ],
    });
    expect(row?.stages.map(({ name, share, mean }) => [name, share, mean])).toEqual([
      ["pre_process", null, null],
      ["engine_forward", 0.6, 3],
      ["decode", 0.3, null],
      ["post_process", 0.1, 0.5],
    ]);
  });

  test("puts its history where the times are, with gaps", () => {
    const row = rowOf({
      traffic: traffic("a", "h:1", {}),
      times: [1000, 2000, 3000],
      history: [
        {
          metric: { pipeline: "a", column: "rate" },
          values: [
            [1, "5"],
            [3, "NaN"],
          ],
        },
        { metric: { pipeline: "a", column: "p95" }, values: [[2, "0.1"]] },
      ],
    });
    expect(row?.history).toEqual({ rate: [5, null, null], p95: [null, 0.1, null] });
  });

  test("is not mixed with a pipeline of a name like a property of objects", () => {
    const rows = buildRows({ ...nothing, traffic: traffic("__proto__", "h:1", { samples: "3" }) }, 9);
    expect(rows.map((row) => [row.name, row.samples])).toEqual([["__proto__", 3]]);
  });
});

describe("reach", () => {
  const reach = (...targets: Target[]) =>
    rowOf({ targets, traffic: [...traffic("a", "h:1", {}), ...traffic("a", "h:2", {})] })?.reach;

  test("is that of the pipeline's targets", () => {
    expect(reach(target("h:1", "up"), target("h:3", "down"))).toBe("up");
    expect(reach(target("h:1", "up"), target("h:2", "down"))).toBe("some");
    expect(reach(target("h:1", "down"), target("h:2", "unknown"))).toBe("down");
    expect(reach(target("h:1", "unknown"))).toBe("waiting");
    expect(reach(target("h:3", "up"))).toBe("gone");
  });
});

describe("pipelines of the DeepSparse naming", () => {
  test("are listed when they are not there under their own name too", () => {
    const metrics = [
      "total_inference_ocr_count",
      "total_inference_text_ocr_count",
      "total_inference_x_count",
      "other",
    ];
    expect(deepSparseOnly(metrics, ["text-ocr"])).toEqual(["ocr", "x"]);
  });

  test("that still count their requests under our names have the times of the other ones", () => {
    const row = rowOf({
      traffic: traffic("text-ocr", "h:1", { "rate/success": "4", samples: "12" }),
      deepSparse: [
        one({ pipeline: "text_ocr", column: "total" }, "40"),
        one({ pipeline: "text_ocr", column: "rate" }, "4"),
        one({ pipeline: "text_ocr", column: "p95" }, "0.2"),
        one({ pipeline: "text_ocr", column: "sum", stage: "pre_process" }, "1"),
      ],
    });
    expect(row).toMatchObject({ name: "text-ocr", naming: "deepsparse", rate: 4, p95: 0.2 });
    expect(row?.stages).toHaveLength(1);
  });

  test("have what their names tell", () => {
    const series = (column: string, value: string, more: Record<string, string> = {}) =>
      one({ pipeline: "ocr", column, ...more }, value);
    const row = rowOf({
      targets: [target("h:1", "up")],
      deepSparse: [
        series("total", "40"),
        series("rate", "2"),
        series("samples", "12"),
        series("where", "1", { job: "inferometer", instance: "h:1" }),
        series("p95", "0.2"),
        series("sum", "3", { stage: "engine_forward" }),
        series("sum", "1", { stage: "pre_process" }),
      ],
    });
    expect(row).toMatchObject({
      name: "ocr",
      naming: "deepsparse",
      reach: "up",
      rate: 2,
      p95: 0.2,
      failed: null,
    });
    expect(row?.stages.map((stage) => stage.share)).toEqual([0.25, 0.75]);
  });
});

describe("sorting", () => {
  const rows = buildRows(
    {
      ...nothing,
      traffic: [
        ...traffic("b", "h:1", { "rate/success": "1", samples: "12" }),
        ...traffic("a", "h:1", { "rate/success": "3", samples: "12" }),
        ...traffic("c", "h:1", {}),
      ],
    },
    9,
  );
  const names = (text: string) =>
    sortRows(rows, parseSort(text))
      .map((row) => row.name)
      .join("");

  test("goes by any column, with what is missing last", () => {
    expect(names("name")).toBe("abc");
    expect(names("-name")).toBe("cba");
    expect(names("rate")).toBe("bac");
    expect(names("-rate")).toBe("abc");
  });

  test("is by name when the address says something else", () => {
    expect(parseSort("constructor")).toEqual({ key: "name", descending: false });
    expect(parseSort(null)).toEqual({ key: "name", descending: false });
    expect(printSort(parseSort("-p95"))).toBe("-p95");
  });

  test("filters by every word", () => {
    expect(filterRows(rows, " ").length).toBe(3);
    expect(filterRows(rows, "B").map((row) => row.name)).toEqual(["b"]);
    expect(filterRows(rows, "a b")).toEqual([]);
  });
});

test("errors are graver from one in twenty on", () => {
  const severity = (success: string, failure: string) => {
    const row = rowOf({
      traffic: traffic("a", "h:1", { "increase/success": success, "increase/failure": failure }),
    });
    return row === undefined ? undefined : errorSeverity(row);
  };
  expect(severity("100", "0")).toBe("ok");
  expect(severity("96", "4")).toBe("warn");
  expect(severity("95", "5")).toBe("bad");
});
