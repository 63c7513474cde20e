// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { explain, kindOf } from "../../src/graph/explain";
import { childrenOf, nodeQuery, nodeText, nodeTitle, type TreeNode } from "../../src/graph/tree";

const plain = { offset: 0, timestamp: null, startOrEnd: null } as const;
const up: TreeNode = {
  ...plain,
  type: "vectorSelector",
  name: "up",
  matchers: [{ name: "__name__", type: "=", value: "up" }],
};
const number = (val: string): TreeNode => ({ type: "numberLiteral", val });

const range: TreeNode = {
  type: "matrixSelector",
  name: "up",
  range: 300_000,
  offset: 60_000,
  timestamp: null,
  startOrEnd: null,
  matchers: [
    { name: "a", type: "=", value: 'say "b"\n' },
    { name: "c.d", type: "!~", value: "x|y" },
    { name: "__name__", type: "=", value: "up" },
  ],
};

const rate: TreeNode = { type: "call", func: { name: "rate", returnType: "vector" }, args: [range] };

const matched: TreeNode = {
  type: "binaryExpr",
  op: "/",
  bool: false,
  lhs: up,
  rhs: up,
  matching: {
    card: "many-to-one",
    labels: ["job"],
    on: true,
    include: ["x"],
    fillValues: { lhs: null, rhs: 0 },
  },
};

const rows: readonly [string, TreeNode][] = [
  ["up", up],
  ['up{a="say \\"b\\"\\n", "c.d"!~"x|y"}[5m] offset 1m', range],
  ['rate(up{a="say \\"b\\"\\n", "c.d"!~"x|y"}[5m] offset 1m)', rate],
  ['{"a.b"}', { ...up, name: "", matchers: [{ name: "__name__", type: "=", value: "a.b" }] } as TreeNode],
  [
    '{__name__=~"a.*"}',
    { ...up, name: "", matchers: [{ name: "__name__", type: "=~", value: "a.*" }] } as TreeNode,
  ],
  ["up @ 5.000 offset -10s", { ...up, timestamp: 5000, offset: -10_000 } as TreeNode],
  ["up @ end()", { ...up, startOrEnd: "end" } as TreeNode],
  ["up / on (job) group_left (x) fill_right (0) up", matched],
  ["up > bool 1", { type: "binaryExpr", op: ">", bool: true, lhs: up, rhs: number("1"), matching: null }],
  [
    'sum by (job, "a b") (up)',
    { type: "aggregation", op: "sum", expr: up, param: null, grouping: ["job", "a b"], without: false },
  ],
  [
    "topk without (job) (3, up)",
    { type: "aggregation", op: "topk", expr: up, param: number("3"), grouping: ["job"], without: true },
  ],
  [
    "(-up)[5m:10s] offset 1m",
    {
      ...plain,
      offset: 60_000,
      type: "subquery",
      range: 300_000,
      step: 10_000,
      expr: { type: "parenExpr", expr: { type: "unaryExpr", op: "-", expr: up } },
    },
  ],
  ["up[5m:]", { ...plain, type: "subquery", range: 300_000, step: 0, expr: up }],
  ['"a \\\\ b"', { type: "stringLiteral", val: "a \\ b" }],
];

test.each(rows)("a node is text again: %s", (text, node) => {
  expect(nodeText(node)).toBe(text);
});

test.each(rows)("a node has a kind, a line and a sentence: %s", (_text, node) => {
  expect(kindOf(node)).not.toBe("");
  expect(nodeTitle(node)).not.toBe("");
  expect(explain(node)).toMatch(/^["A-Z0-9].*\.$/s);
});

describe("the result of a node", () => {
  test("is that of its text", () => {
    expect(nodeQuery(rate)).toBe(nodeText(rate));
  });

  test("of raw samples is their number", () => {
    expect(nodeQuery({ ...range, matchers: [], offset: 0 } as TreeNode)).toBe("count_over_time(up[5m])");
  });

  test("is not asked for where the tree does not tell the window", () => {
    const computed: TreeNode = { ...range, range: 0 } as TreeNode;
    expect(nodeQuery(computed)).toBeNull();
    expect(nodeQuery({ ...rate, args: [computed] } as TreeNode)).toBeNull();
    expect(nodeQuery({ type: "stringLiteral", val: "x" })).toBeNull();
  });
});

test("children stand in the order of the text", () => {
  const aggregation: TreeNode = {
    type: "aggregation",
    op: "quantile",
    expr: up,
    param: number("0.9"),
    grouping: [],
    without: false,
  };
  expect(childrenOf(aggregation)).toEqual([number("0.9"), up]);
  expect(childrenOf(up)).toEqual([]);
});

test("a function or aggregation that is not known is explained by its signature", () => {
  const call: TreeNode = { type: "call", func: { name: "new_one", returnType: "scalar" }, args: [] };
  expect(explain(call)).toContain("new_one");
  const odd: TreeNode = {
    type: "aggregation",
    op: "mode",
    expr: up,
    param: null,
    grouping: [],
    without: false,
  };
  expect(explain(odd)).toContain("mode");
});
