// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Field, FieldConfig, Frame, Labels } from "../../src/lib/frame";
import { applyFieldConfig, displayName, type OverrideLike } from "../../src/lib/overrides";

function value(name: string, config: FieldConfig = {}, labels?: Labels): Field {
  return { name, type: "number", values: [1, 5], config, ...(labels === undefined ? {} : { labels }) };
}

function frame(refId: string, ...fields: Field[]): Frame {
  return { refId, fields: [{ name: "Time", type: "time", values: [1, 2], config: {} }, ...fields] };
}

const frames = [
  frame("A", value("Value", { displayNameFromDS: "p95" }, { stage: "ocr" })),
  frame("B", value("Value", { displayNameFromDS: "p50" }, { stage: "crop" })),
];

function configs(
  overrides: readonly OverrideLike[],
  defaults: FieldConfig = {},
): (FieldConfig | undefined)[] {
  return applyFieldConfig(frames, { defaults, overrides }).frames.map((one) => one.fields[1]?.config);
}

const purple = [{ id: "color", value: { mode: "fixed", fixedColor: "purple" } }];

describe("which fields an override is about", () => {
  test.each<[string, unknown, number[]]>([
    ["byName", "p95", [0]],
    ["byName", "Value", [0, 1]],
    ["byNames", { mode: "include", names: ["p50", "x"] }, [1]],
    ["byNames", { mode: "exclude", names: ["p50"] }, [0]],
    ["byRegexp", "/p9\\d/", [0]],
    ["byRegexp", "p", []],
    ["byRegexp", "p.*", [0, 1]],
    ["byRegexp", "(", []],
    ["byFrameRefID", "B", [1]],
    ["byType", "number", [0, 1]],
    ["byType", "string", []],
    ["byValue", { reducer: "max", op: "gte", value: 5 }, [0, 1]],
    ["byValue", { reducer: "max", op: "lt", value: 5 }, []],
    ["byValue", { reducer: "allIsZero" }, []],
  ])("%s %j", (id, options, want) => {
    const found = configs([{ matcher: { id, options }, properties: purple }]);
    expect(found.flatMap((config, index) => (config?.color === undefined ? [] : [index]))).toEqual(want);
  });

  test("the last one that fits wins", () => {
    const unit = (id: string, options: string, text: string) => ({
      matcher: { id, options },
      properties: [{ id: "unit", value: text }],
    });
    const found = configs([unit("byName", "p95", "s"), unit("byType", "number", "ms")], { unit: "short" });
    expect(found.map((config) => config?.unit)).toEqual(["ms", "ms"]);
  });

  test("names are those from before any override renames", () => {
    const rename = {
      matcher: { id: "byName", options: "p95" },
      properties: [{ id: "displayName", value: "p50" }],
    };
    const found = configs([rename, { matcher: { id: "byName", options: "p50" }, properties: purple }]);
    expect(found.map((config) => config?.color !== undefined)).toEqual([false, true]);
  });
});

describe("properties", () => {
  const all = (properties: OverrideLike["properties"], defaults: FieldConfig = {}) =>
    configs([{ matcher: { id: "byName", options: "p95" }, properties }], defaults)[0];

  test("custom ones go into their places", () => {
    const defaults: FieldConfig = { custom: { lineWidth: 1, stacking: { mode: "none", group: "A" } } };
    const found = all(
      [
        { id: "custom.lineWidth", value: 2 },
        { id: "custom.stacking.mode", value: "normal" },
      ],
      defaults,
    );
    expect(found?.custom).toEqual({ lineWidth: 2, stacking: { mode: "normal", group: "A" } });
    expect(defaults.custom).toEqual({ lineWidth: 1, stacking: { mode: "none", group: "A" } });
  });

  test("without a value take the default away", () => {
    expect(all([{ id: "unit" }, { id: "max", value: null }], { unit: "s", max: 1 })).toEqual({
      displayNameFromDS: "p95",
      custom: {},
    });
  });

  test("of objects' inner life are left alone", () => {
    all([{ id: "custom.__proto__.polluted", value: 1 }]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("that are not known are said", () => {
    const { unsupported } = applyFieldConfig(frames, {
      defaults: {},
      overrides: [
        { matcher: { id: "byName", options: "p95" }, properties: [{ id: "actions", value: [] }] },
        { matcher: { id: "byMoon" }, properties: [] },
      ],
    });
    expect(unsupported).toEqual([
      'cannot apply the property "actions" of an override',
      'cannot apply an override: fields cannot be chosen by "byMoon" here',
    ]);
  });
});

test("what a transformation named stays named", () => {
  const renamed = [frame("A", value("x", { displayName: "Requests" }))];
  const { frames: done } = applyFieldConfig(renamed, {
    defaults: { displayName: "all", unit: "s" },
    overrides: [],
  });
  expect(done[0]?.fields[1]?.config).toMatchObject({ displayName: "Requests", unit: "s" });
});

describe("displayName", () => {
  const name = (...all: Frame[]) => all.map((one) => displayName(one.fields[1] as Field, one, all));

  test("is what the configuration says, with its templates", () => {
    const source = {
      defaults: { displayName: "${__field.labels.stage} of ${__series.name}" },
      overrides: [],
    };
    const { frames: done } = applyFieldConfig([{ ...(frames[0] as Frame), name: "pipeline" }], source);
    expect(name(...done)).toEqual(["ocr of pipeline"]);
  });

  test.each<[string, Frame[], string[]]>([
    ["the legend", frames, ["p95", "p50"]],
    [
      "the only label",
      [frame("A", value("Value", {}, { a: "1" })), frame("B", value("Value", {}, { a: "2" }))],
      ["1", "2"],
    ],
    ["all labels", [frame("A", value("Value", {}, { b: "2", a: "1" }))], ['{a="1", b="2"}']],
    ["name and labels", [frame("A", value("C", {}, { b: "2", a: "1" }))], ['C {a="1", b="2"}']],
    ["the frame", [{ ...frame("A", value("Value")), name: "up" }], ["up"]],
    ["the field", [frame("A", value("Value #A"))], ["Value #A"]],
  ])("is %s", (_, all, want) => expect(name(...all)).toEqual(want));

  test("counts columns of one name", () => {
    const twice = frame("A", value("x"), value("x"));
    expect(twice.fields.map((field) => displayName(field, twice, [twice]))).toEqual(["Time", "x 1", "x 2"]);
  });
});
