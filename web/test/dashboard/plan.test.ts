// SPDX-License-Identifier: Apache-2.0
// What is asked for a panel: steps, intervals and texts, as Grafana would ask.
import { describe, expect, it } from "vitest";
import { planOf, windowOf, type Env } from "../../src/dashboard/env";
import { parseDashboard } from "../../src/dashboard/parse";
import { kindsOf, panelRange, refusal } from "../../src/dashboard/queries";
import type { VariableState } from "../../src/dashboard/variables";

const hour = 3_600_000;

function setUp(panel: object, more: object = {}, states: [string, VariableState][] = []) {
  const dashboard = parseDashboard({ panels: [panel], ...more });
  const shared: Env = {
    dashboard,
    uid: "u",
    states: new Map(states),
    filters: [],
    scrapeMs: 15_000,
    fromMs: 1000 * hour + 7000,
    toMs: 1006 * hour + 7000,
    rawFrom: "now-6h",
    rawTo: "now",
  };
  const [first] = dashboard.panels;
  if (first === undefined) {
    throw new Error("no panel");
  }
  const plan = (width: number, scope = {}) => {
    const [target] = first.targets;
    if (target === undefined) {
      throw new Error("no target");
    }
    return planOf(target, first, shared, scope, windowOf(first, shared, width));
  };
  return { plan, panel: first };
}

const expr = "rate(x[$__rate_interval]) + rate(x[$__interval]) + $__range_s";

describe("planOf", () => {
  it.each([
    [{ targets: [{ expr }] }, 800, 30_000, "rate(x[1m]) + rate(x[30s]) + 21600"],
    [{ targets: [{ expr }] }, 3000, 15_000, "rate(x[1m]) + rate(x[15s]) + 21600"],
    [{ targets: [{ expr, interval: "1m" }] }, 800, 60_000, "rate(x[4m]) + rate(x[1m]) + 21600"],
    [{ interval: ">2m", targets: [{ expr }] }, 800, 120_000, "rate(x[2m15s]) + rate(x[2m]) + 21600"],
    [{ maxDataPoints: 100, targets: [{ expr }] }, 800, 300_000, "rate(x[5m15s]) + rate(x[5m]) + 21600"],
    [{ targets: [{ expr, intervalFactor: 2 }] }, 800, 60_000, "rate(x[1m]) + rate(x[30s]) + 21600"],
  ])("asks as Grafana would: case %#", (panel, width, stepMs, text) => {
    const plan = setUp(panel).plan(width);
    expect(plan.stepMs).toBe(stepMs);
    expect(plan.expr.replace("135s", "2m15s").replace("315s", "5m15s")).toBe(text);
    expect(plan.fromMs % stepMs).toBe(0);
    expect(plan.toMs % stepMs).toBe(0);
  });

  const options = ["a", "b.c"].map((value) => ({ value, text: value }));
  const list = [{ name: "v", type: "query", query: "label_values(v)", multi: true, includeAll: true }];
  const state = (selected: string[], all = options): [string, VariableState] => [
    "v",
    { options: all, selected, error: "" },
  ];

  it.each([
    ["several", state(["a", "b.c"]), {}, 'x{v=~"(a|b\\\\.c)"}'],
    ["all of them", state(["$__all"]), {}, 'x{v=~"(a|b\\\\.c)"}'],
    ["all of none", state(["$__all"], []), {}, 'x{v=~".*"}'],
    ["the one of a repeat", state(["$__all"]), { v: { value: "a", text: "a" } }, 'x{v=~"a"}'],
  ])("puts in %s", (_, chosen, scope, text) => {
    const { plan } = setUp({ targets: [{ expr: 'x{v=~"$v"}' }] }, { templating: { list } }, [chosen]);
    expect(plan(800, scope).expr).toBe(text);
  });

  it("asks for an instant at the very end of the range", () => {
    const { plan } = setUp({ targets: [{ expr: "up", instant: true, range: false }] });
    expect(plan(800).toMs).toBe(1006 * hour + 7000);
  });
});

describe("panelRange", () => {
  it("has the panel's own range and shift", () => {
    const { panel } = setUp({ timeFrom: "2h", timeShift: "1d" });
    const range = panelRange(panel, 0, 100 * hour);
    expect(range).toEqual({ fromMs: (98 - 24) * hour, toMs: (100 - 24) * hour });
  });
});

describe("kindsOf and refusal", () => {
  const target = (more: object) => {
    const [first] = setUp({ targets: [{ expr: "up", ...more }] }).panel.targets;
    if (first === undefined) {
      throw new Error("no target");
    }
    return first;
  };
  it("asks for ranges, instants or both", () => {
    expect(kindsOf(target({}))).toEqual(["range"]);
    expect(kindsOf(target({ instant: true }))).toEqual(["instant"]);
    expect(kindsOf(target({ instant: true, range: true }))).toEqual(["range", "instant"]);
    expect(kindsOf(target({ instant: true, range: true, format: "table" }))).toEqual(["instant"]);
  });
  it("says why it cannot ask", () => {
    expect(refusal(target({}))).toBe("");
    expect(refusal(target({ expr: " " }))).toMatch(/empty/);
    expect(refusal(target({ datasource: { type: "loki", uid: "x" } }))).toMatch(/"loki"/);
    expect(refusal(target({ datasource: { uid: "-- Grafana --" } }))).toMatch(/Grafana itself/);
  });
});
