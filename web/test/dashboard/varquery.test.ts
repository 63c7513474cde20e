// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { addFilters } from "../../src/dashboard/adhoc";
import type { Variable } from "../../src/dashboard/model";
import { parseDashboard } from "../../src/dashboard/parse";
import {
  customOptions,
  intervalOptions,
  optionsFrom,
  parseVariableQuery,
} from "../../src/dashboard/varquery";

describe("parseVariableQuery", () => {
  it.each([
    ["label_values(instance)", { kind: "label_values", selector: "", label: "instance" }],
    [
      'label_values(up{job=~"a|b", x="1,2"}, instance)',
      { kind: "label_values", selector: 'up{job=~"a|b", x="1,2"}', label: "instance" },
    ],
    [
      'label_values({__name__=~"vllm:.*"},model_name)',
      { kind: "label_values", selector: '{__name__=~"vllm:.*"}', label: "model_name" },
    ],
    ["label_names()", { kind: "label_names", selector: "" }],
    ["metrics(node_.*)", { kind: "metrics", regex: "node_.*" }],
    ["query_result(topk(3, sum by (a) (up)))", { kind: "query_result", expr: "topk(3, sum by (a) (up))" }],
    ['up{job="a"}', { kind: "series", selector: 'up{job="a"}' }],
    ["", null],
  ])("reads %s", (query, want) => {
    expect(parseVariableQuery(query)).toEqual(want);
  });
});

const variable = (more: object) =>
  parseDashboard({ panels: [], templating: { list: [{ name: "v", type: "query", ...more }] } })
    .variables[0] as Variable;

describe("optionsFrom", () => {
  const values = ["stage 10", "stage 9", "Other", "stage 9"];
  it.each([
    ["", 0, ["stage 10", "stage 9", "Other"]],
    ["", 1, ["Other", "stage 10", "stage 9"]],
    ["", 3, ["Other", "stage 9", "stage 10"]],
    ["", 4, ["stage 10", "stage 9", "Other"]],
    ["", 8, ["stage 10", "stage 9", "Other"]],
    ["/stage (\\d+)/", 3, ["9", "10"]],
    ["stage.*", 0, ["stage 10", "stage 9"]],
    ["/oth/i", 0, ["Other"]],
    ["/(/", 0, ["stage 10", "stage 9", "Other"]],
  ])("with the expression %j in order %d", (regex, sort, want) => {
    expect(optionsFrom(values, variable({ sort }), regex).map((one) => one.value)).toEqual(want);
  });

  it("takes text and value from named groups", () => {
    const regex = '/name="(?<text>[^"]+).*id="(?<value>[^"]+)/';
    expect(optionsFrom(['x{name="GPU",id="7"}'], variable({}), regex)).toEqual([{ text: "GPU", value: "7" }]);
  });
});

describe("customOptions", () => {
  it("reads texts with values, and values alone, with escaped commas", () => {
    expect(customOptions("100 ms : 0.1, 1 s : 1.0,a\\,b, up:x")).toEqual([
      { text: "100 ms", value: "0.1" },
      { text: "1 s", value: "1.0" },
      { text: "a,b", value: "a,b" },
      { text: "up:x", value: "up:x" },
    ]);
  });
  it("reads intervals", () => {
    expect(intervalOptions('1m,10m, "1h"').map((one) => one.value)).toEqual(["1m", "10m", "1h"]);
  });
});

describe("addFilters", () => {
  const filters = [{ key: "job", operator: "=~", value: 'a"b' }];
  const with_ = '{job=~"a\\"b"}';
  it.each([
    ["up", `up${with_}`],
    [
      'sum by (job, le) (rate(x_bucket{le="1"}[5m]))',
      'sum by (job, le) (rate(x_bucket{le="1",job=~"a\\"b"}[5m]))',
    ],
    [
      "sum(rate(x[5m])) by (pod) / on (pod) group_left (node) kube",
      `sum(rate(x${with_}[5m])) by (pod) / on (pod) group_left (node) kube${with_}`,
    ],
    ["a{} or vector(0)", `a${with_} or vector(0)`],
    ['{__name__="up",}', '{__name__="up",job=~"a\\"b"}'],
    ["x offset 5m > bool 1e3 and y", `x${with_} offset 5m > bool 1e3 and y${with_}`],
    ["x # a comment {\n+ y", `x${with_} # a comment {\n+ y${with_}`],
    ['label_replace(x, "a", "$1", "b", "(.*){")', `label_replace(x${with_}, "a", "$1", "b", "(.*){")`],
    ["histogram_quantile(0.9, sum(x) without(a))", `histogram_quantile(0.9, sum(x${with_}) without(a))`],
    ["x @ end() - NaN", `x${with_} @ end() - NaN`],
  ])("adds to the selectors of %s", (expr, want) => {
    expect(addFilters(expr, filters)).toBe(want);
  });
  it("changes nothing without a filter", () => {
    expect(addFilters("up", [{ key: "", operator: "=", value: "" }])).toBe("up");
  });
});
