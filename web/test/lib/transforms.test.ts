// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Field, FieldValue, Frame, Labels } from "../../src/lib/frame";
import { displayName } from "../../src/lib/overrides";
import { applyTransformations, type TransformationLike } from "../../src/lib/transforms";

type Columns = Readonly<Record<string, readonly FieldValue[]>>;

function typeOf(name: string, values: readonly FieldValue[]): Field["type"] {
  return name === "Time" ? "time" : values.some((value) => typeof value === "string") ? "string" : "number";
}

function table(refId: string, columns: Columns): Frame {
  const fields = Object.entries(columns).map(([name, values]): Field => ({
    name,
    type: typeOf(name, values),
    values,
    config: {},
  }));
  return { refId, fields };
}

function series(
  refId: string,
  name: string,
  labels: Labels,
  times: number[],
  values: (number | null)[],
): Frame {
  return {
    refId,
    name,
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      { name: "Value", type: "number", labels, values, config: { displayNameFromDS: name } },
    ],
  };
}

function run(frames: readonly Frame[], ...list: TransformationLike[]) {
  return applyTransformations(frames, list);
}

// Each frame as its columns by name.
function shown(frames: readonly Frame[], id: string, options: object = {}): Columns[] {
  const { frames: done, unsupported } = run(frames, { id, options: options as Record<string, unknown> });
  expect(unsupported).toEqual([]);
  return done.map((frame) =>
    Object.fromEntries(frame.fields.map((field) => [displayName(field, frame, [frame]), field.values])),
  );
}

const a = table("A", { Time: [1, 1], pipeline: ["x", "y"], "Value #A": [1, 2] });
const b = table("B", { Time: [1, 1], pipeline: ["y", "z"], "Value #B": [20, 30] });
const p95 = series("A", "p95", { stage: "ocr", job: "a" }, [1, 2, 3], [10, 20, 30]);
const p50 = series("B", "p50", { stage: "crop", job: "a" }, [2, 3, 4], [1, 2, null]);

describe("merge", () => {
  test("joins tables by what they have in common", () => {
    expect(shown([a, b], "merge")).toEqual([
      {
        Time: [1, 1, 1],
        pipeline: ["x", "y", "z"],
        "Value #A": [1, 2, null],
        "Value #B": [null, 20, 30],
      },
    ]);
  });

  test("keeps rows that say different things", () => {
    const one = table("A", { k: ["x"], v: [1] });
    const other = table("B", { k: ["x"], v: [2] });
    expect(shown([one, other], "merge")).toEqual([{ k: ["x", "x"], v: [1, 2] }]);
  });

  test("does not take values apart that look alike together", () => {
    const one = table("A", { k: ["a", "ab"], l: ["bc", "c"], v: [1, 2] });
    const other = table("B", { k: ["a"], l: ["bc"], w: [3] });
    expect(shown([one, other], "merge")).toEqual([
      { k: ["a", "ab"], l: ["bc", "c"], v: [1, 2], w: [3, null] },
    ]);
  });

  test("leaves tables without a common column, and one table alone", () => {
    expect(
      run([table("A", { a: [1] }), table("B", { b: [1] })], { id: "merge", options: {} }).frames,
    ).toHaveLength(2);
    expect(shown([a], "merge")).toHaveLength(1);
  });
});

test("organize hides, orders and renames", () => {
  const options = {
    excludeByName: { Time: true, pipeline: false },
    indexByName: { "Value #A": 0, pipeline: 1 },
    renameByName: { "Value #A": "Requests/s", pipeline: "" },
  };
  const [columns] = shown([a], "organize", options);
  expect(Object.keys(columns as Columns)).toEqual(["Requests/s", "pipeline"]);
});

test("the tables of the dashboards: merge, then organize", () => {
  const { frames } = run(
    [a, b],
    { id: "merge", options: {} },
    { id: "organize", options: { excludeByName: { Time: true }, renameByName: { "Value #B": "Errors" } } },
  );
  expect(frames[0]?.fields.map((field) => field.config.displayName ?? field.name)).toEqual([
    "pipeline",
    "Value #A",
    "Errors",
  ]);
});

test("renameByRegex", () => {
  const columns = shown([p95, p50], "renameByRegex", { regex: "p(\\d+)", renamePattern: "percentile $1" });
  expect(columns.map((one) => Object.keys(one)[1])).toEqual(["percentile 95", "percentile 50"]);
});

test("filterFieldsByName", () => {
  expect(shown([a], "filterFieldsByName", { include: { names: ["pipeline"] } })).toEqual([
    { pipeline: ["x", "y"] },
  ]);
  const [columns] = shown([a], "filterFieldsByName", { exclude: { pattern: "/Value.*/" } });
  expect(Object.keys(columns as Columns)).toEqual(["Time", "pipeline"]);
});

test("filterByRefId", () => {
  expect(shown([a, b], "filterByRefId", { include: "B" })).toHaveLength(1);
  expect(shown([a, b], "filterByRefId", { include: "/A|B/" })).toHaveLength(2);
  expect(shown([a, b], "filterByRefId", { exclude: "A" })).toHaveLength(1);
});

test("sortBy", () => {
  const mixed = table("A", { n: [3, null, 10, 1], t: ["stage 10", "stage 9", "a", ""] });
  const sort = (field: string, desc: boolean) =>
    shown([mixed], "sortBy", { sort: [{ field, desc }] })[0]?.[field];
  expect(sort("n", false)).toEqual([null, 1, 3, 10]);
  expect(sort("n", true)).toEqual([10, 3, 1, null]);
  expect(sort("t", true)).toEqual(["stage 10", "stage 9", "a", ""]);
  expect(sort("gone", true)).toBeUndefined();
});

test("limit", () => {
  expect(shown([p95], "limit", { limitField: 2 })[0]?.["p95"]).toEqual([10, 20]);
  expect(shown([p95], "limit", { limitField: -1 })[0]?.["p95"]).toEqual([30]);
  expect(run([p95], { id: "limit", options: { limitField: "x" } }).unsupported).toHaveLength(1);
});

describe("reduce", () => {
  test("has a row for each series", () => {
    expect(shown([p95, p50], "reduce", { reducers: ["lastNotNull", "max"] })).toEqual([
      { Field: ["p95", "p50"], "Last *": [30, 2], Max: [30, 2] },
    ]);
  });

  test("may have labels as columns", () => {
    expect(shown([p95, p50], "reduce", { reducers: ["max"], labelsToFields: true })).toEqual([
      { Field: ["Value", "Value"], stage: ["ocr", "crop"], job: ["a", "a"], Max: [30, 2] },
    ]);
  });

  test("may leave the fields where they are", () => {
    expect(shown([p95], "reduce", { reducers: ["max"], mode: "reduceFields" })).toEqual([{ p95: [30] }]);
  });

  test("says which calculation is not known", () => {
    expect(run([p95], { id: "reduce", options: { reducers: ["odd"] } }).unsupported).toEqual([
      'cannot apply the transformation "reduce": there is no calculation "odd"',
    ]);
  });
});

test("labelsToFields", () => {
  expect(shown([p95], "labelsToFields", { keepLabels: ["stage"] })).toEqual([
    { Time: [1, 2, 3], p95: [10, 20, 30], stage: ["ocr", "ocr", "ocr"] },
  ]);
  expect(shown([p95], "labelsToFields", { valueLabel: "stage", keepLabels: ["stage"] })).toEqual([
    { Time: [1, 2, 3], ocr: [10, 20, 30] },
  ]);
  expect(shown([p95], "labelsToFields", { mode: "rows" })).toEqual([
    { label: ["stage", "job"], value: ["ocr", "a"] },
  ]);
});

describe("joinByField", () => {
  test.each(["joinByField", "seriesToColumns"])("%s lays series on common times", (id) => {
    expect(shown([p95, p50], id, { byField: "Time" })).toEqual([
      { Time: [1, 2, 3, 4], p95: [10, 20, 30, null], p50: [null, 1, 2, null] },
    ]);
  });

  const left = table("A", { k: ["x", "y"], l: [1, 2] });
  const right = table("B", { k: ["y", "y", "z"], r: [20, 21, 30] });

  test("keeps what both have", () => {
    expect(shown([left, right], "joinByField", { byField: "k", mode: "inner" })).toEqual([
      { k: ["y", "y"], l: [2, 2], r: [20, 21] },
    ]);
  });

  test("keeps all rows of tables", () => {
    expect(shown([left, right], "joinByField", { byField: "k", mode: "outerTabular" })).toEqual([
      { k: ["y", "y", "x", "z"], l: [2, 2, 1, null], r: [20, 21, null, 30] },
    ]);
  });
});

test("seriesToRows puts the latest first", () => {
  expect(shown([p95, p50], "seriesToRows")).toEqual([
    {
      Time: [4, 3, 3, 2, 2, 1],
      Metric: ["p50", "p95", "p50", "p95", "p50", "p95"],
      Value: [null, 30, 2, 20, 1, 10],
    },
  ]);
});

test("groupBy", () => {
  const rows = table("A", { stage: ["ocr", "crop", "ocr"], ms: [10, 5, 30], other: [1, 2, 3] });
  const fields = {
    stage: { operation: "groupby", aggregations: [] },
    ms: { operation: "aggregate", aggregations: ["mean", "max"] },
  };
  expect(shown([rows], "groupBy", { fields })).toEqual([
    { stage: ["ocr", "crop"], "ms (mean)": [20, 5], "ms (max)": [30, 5] },
  ]);
});

test("concatenate", () => {
  expect(shown([table("A", { a: [1, 2] }), table("B", { b: [3] })], "concatenate")).toEqual([
    { a: [1, 2], b: [3, null] },
  ]);
});

describe("filterByValue", () => {
  const rows = table("A", { n: [1, 5, null, 10], t: ["ab", "b", "c", ""] });
  const kept = (id: string, options: object, type = "include", fieldName = "n") =>
    shown([rows], "filterByValue", {
      type,
      match: "any",
      filters: [{ fieldName, config: { id, options } }],
    })[0]?.["n"];

  test.each<[string, object, FieldValue[]]>([
    ["greater", { value: 1 }, [5, 10]],
    ["greaterOrEqual", { value: "5" }, [5, 10]],
    ["lower", { value: 5 }, [1, null]],
    ["lowerOrEqual", { value: 5 }, [1, 5, null]],
    ["between", { from: 1, to: 10 }, [5]],
    ["equal", { value: "5" }, [5]],
    ["notEqual", { value: 5 }, [1, null, 10]],
    ["isNull", {}, [null]],
    ["isNotNull", {}, [1, 5, 10]],
  ])("%s %j", (id, options, want) => expect(kept(id, options)).toEqual(want));

  test("texts", () => {
    expect(kept("substring", { value: "B" }, "include", "t")).toEqual([1, 5]);
    expect(kept("regex", { value: "^[bc]$" }, "include", "t")).toEqual([5, null]);
  });

  test("exclude, and all of several", () => {
    expect(kept("greater", { value: 1 }, "exclude")).toEqual([1, null]);
    const filters = ["greater", "lower"].map((id, index) => ({
      fieldName: "n",
      config: { id, options: { value: index === 0 ? 1 : 10 } },
    }));
    expect(shown([rows], "filterByValue", { type: "include", match: "all", filters })[0]?.["n"]).toEqual([5]);
  });
});

test("convertFieldType", () => {
  const rows = table("A", { n: ["1,000", "x"], at: ["2026-01-02T03:04:05Z", ""] });
  const conversions = [
    { targetField: "n", destinationType: "number" },
    { targetField: "at", destinationType: "time" },
  ];
  expect(shown([rows], "convertFieldType", { conversions })).toEqual([
    { n: [1000, null], at: [Date.UTC(2026, 0, 2, 3, 4, 5), null] },
  ]);
});

describe("calculateField", () => {
  const last = (options: object) => {
    const [columns] = shown([p95, p50], "calculateField", options);
    return Object.entries(columns as Columns).pop();
  };

  test.each<[object, string, FieldValue[]]>([
    [{ mode: "reduceRow", reduce: { reducer: "sum" } }, "Total", [10, 21, 32, 0]],
    [
      { mode: "binary", binary: { left: "p95", operator: "-", right: "p50" } },
      "p95 - p50",
      [null, 19, 28, null],
    ],
    [
      { mode: "binary", alias: "twice", binary: { left: "p95", operator: "/", right: "p95" } },
      "twice",
      [1, 1, 1, null],
    ],
    [
      {
        mode: "binary",
        binary: {
          left: { matcher: { id: "byName", options: "p95" } },
          operator: "+",
          right: { matcher: { id: "byName", options: "p50" } },
        },
      },
      "p95 + p50",
      [null, 21, 32, null],
    ],
    [{ mode: "unary", unary: { operator: "abs", fieldName: "p95" } }, "abs(p95)", [10, 20, 30, null]],
    [
      { mode: "cumulativeFunctions", cumulative: { reducer: "sum", field: "p95" } },
      "cumulative sum(p95)",
      [10, 30, 60, 60],
    ],
    [{ mode: "index" }, "Row", [0, 1, 2, 3]],
  ])("%j", (options, name, values) => expect(last(options)).toEqual([name, values]));

  test("moves a window", () => {
    const window = {
      reducer: "mean",
      field: "p95",
      windowSize: 2,
      windowSizeMode: "fixed",
      windowAlignment: "trailing",
    };
    expect(last({ mode: "windowFunctions", alias: "m", window })).toEqual(["m", [10, 15, 25, 30]]);
  });

  test("may replace the fields", () => {
    const options = {
      mode: "binary",
      alias: "x",
      replaceFields: true,
      binary: { left: "p95", operator: "*", right: "2" },
    };
    expect(shown([p95], "calculateField", options)).toEqual([{ Time: [1, 2, 3], x: [20, 40, 60] }]);
  });
});

describe("prepareTimeSeries and timeSeriesTable", () => {
  const both = [
    series("A", "a", { pod: "x" }, [1, 2], [10, 20]),
    series("A", "b", { pod: "y", zone: "z" }, [1, 2], [5, null]),
  ];

  test("makes one frame of all, rows, or leaves them as they are", () => {
    const joined = run(both, { id: "prepareTimeSeries", options: { format: "wide" } }).frames;
    expect(joined).toHaveLength(1);
    expect(joined[0]?.fields.map((field) => field.values)).toEqual([
      [1, 2],
      [10, 20],
      [5, null],
    ]);
    const rows = run(both, { id: "prepareTimeSeries", options: { format: "long" } }).frames;
    expect(rows[0]?.fields[0]?.values).toHaveLength(4);
    expect(run(both, { id: "prepareTimeSeries", options: { format: "multi" } })).toEqual({
      frames: both,
      unsupported: [],
    });
  });

  test("has a row for each series, with its labels and last number", () => {
    const text = table("B", { name: ["n"] });
    expect(shown([...both, text], "timeSeriesTable")).toEqual([
      { pod: ["x", "y"], zone: ["", "z"], "Trend #A": [20, 5] },
      { name: ["n"] },
    ]);
    const least = { A: { stat: "min" } };
    expect(shown(both, "timeSeriesTable", least)[0]?.["Trend #A"]).toEqual([10, 5]);
  });
});

describe("what is not done", () => {
  test("is said, and the data stays", () => {
    const { frames, unsupported } = run([a], { id: "extractFields", options: {} });
    expect(frames).toEqual([a]);
    expect(unsupported).toEqual([
      'cannot apply the transformation "extractFields": it is not known here; the data is shown without it',
    ]);
  });

  test.each(["constructor", "toString"])("%s is no transformation", (id) =>
    expect(run([a], { id, options: {} }).unsupported).toHaveLength(1),
  );

  test("because it is disabled, is not said", () => {
    const { frames, unsupported } = run([a, b], { id: "merge", options: {}, disabled: true });
    expect([frames.length, unsupported]).toEqual([2, []]);
  });

  test("to frames of other queries", () => {
    const filter = { id: "byRefId", options: "A" };
    const { frames } = run([p95, p50], { id: "limit", options: { limitField: 1 }, filter });
    expect(frames.map((frame) => frame.fields[1]?.values.length)).toEqual([1, 3]);
  });
});
