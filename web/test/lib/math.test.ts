// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Frame, Labels } from "../../src/lib/frame";
import { evaluateExpression, expressionInputs } from "../../src/lib/math";

function series(refId: string, labels: Labels, values: readonly (number | null)[], times?: number[]): Frame {
  return {
    refId,
    fields: [
      { name: "Time", type: "time", values: times ?? values.map((_, index) => index), config: {} },
      { name: "Value", type: "number", labels, values, config: {} },
    ],
  };
}

const inputs = new Map<string, Frame[]>([
  ["A", [series("A", { __name__: "a", job: "x" }, [1, 2, null]), series("A", { job: "y" }, [10, 20, 30])]],
  ["B", [series("B", { job: "y" }, [2, 4, 0]), series("B", { job: "z" }, [1, 1, 1])]],
  ["C", [series("C", { other: "1" }, [4, 8], [1, 2])]],
  ["N", [series("N", {}, [5])]],
]);

function values(expression: string, type = "math", more: object = {}) {
  const { frames, error } = evaluateExpression({ refId: "X", type, expression, ...more }, inputs);
  return error === "" ? frames.map((frame) => frame.fields[1]?.values) : error;
}

test.each<[string, unknown]>([
  ["1 + 2 * 3", [[7]]],
  ["(1 + 2) * 3", [[9]]],
  ["-2 ** 2", [[-4]]],
  ["2 ** 3 ** 2", [[512]]],
  ["2 ** -1", [[0.5]]],
  ["10 - 4 - 3", [[3]]],
  ["7 % 4", [[3]]],
  ["1 < 2 && 3 != 3 || 2 >= 2", [[1]]],
  ["!0 + .5e1", [[6]]],
  ["round(2.5) + round(-2.5) + abs(-1) + ceil(0.1) + floor(0.9)", [[2]]],
  ["is_nan(nan()) + is_inf(inf())", [[2]]],
  ["$A * 1000", [[1000, 2000, null], [10_000, 20_000, 30_000]]],
  ["$A / $B", [[5, 5, Infinity]]],
  ["is_null($A)", [[0, 0, 1], [0, 0, 0]]],
  ["$A > 5", [[0, 0, null], [1, 1, 1]]],
  ["$C + $N", [[9, 13]]],
  ["100 - ${C}", [[96, 92]]],
])("%s", (expression, want) => expect(values(expression)).toEqual(want)); // prettier-ignore

test("series without common labels go together where each is the only one, at their common times", () => {
  inputs.set("D", [series("D", { job: "y" }, [1, 2, 3], [0, 1, 2])]);
  expect(values("$C + $D")).toEqual([[6, 11]]);
});

test("the result has the labels, without the metric's name", () => {
  const { frames } = evaluateExpression({ refId: "X", type: "math", expression: "$A" }, inputs);
  expect(frames.map((frame) => [frame.refId, frame.fields[1]?.name, frame.fields[1]?.labels])).toEqual([
    ["X", "X", { job: "x" }],
    ["X", "X", { job: "y" }],
  ]);
});

test("reduce", () => {
  expect(values("A", "reduce", { reducer: "mean" })).toEqual([[1.5], [20]]);
  expect(values("$B", "reduce", { reducer: "last" })).toEqual([[0], [1]]);
});

describe("what cannot be calculated says why", () => {
  test.each([
    ["$Q + 1", 'there is no query "Q"'],
    ["1 +", "it ends too early"],
    ["(1", 'a ")" is missing'],
    ["sin(1)", 'there is no function "sin"'],
    ["constructor(1)", 'there is no function "constructor"'],
    ["1 2", '"2" is not expected there'],
    ["1 ? 2", 'it cannot be read from "? 2" on'],
    ["(".repeat(1000), "it is nested more than 100 deep"],
    ["-".repeat(5000) + "1", "it is nested more than 100 deep"],
  ])("%s", (expression, why) => expect(values(expression)).toBe(`could not calculate expression X: ${why}`));

  test.each(["resample", "threshold", "sql", "classic_conditions"])("%s", (type) =>
    expect(values("A", type)).toBe(
      `could not calculate expression X: expressions of the type "${type}" are not known here`,
    ),
  );
});

test("the queries an expression builds on", () => {
  expect(expressionInputs("$A / ${B} + $A")).toEqual(["A", "B"]);
});
