// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Dashboard } from "../../src/dashboard/model";
import { parseDashboard } from "../../src/dashboard/parse";
import {
  autoIntervalMs,
  inOrder,
  readFilter,
  resolveVariables,
  stale,
  writeFilter,
  type States,
} from "../../src/dashboard/variables";

// What the monitor answers, by path.
function answers(byPath: Record<string, unknown>, asked: string[] = []) {
  vi.stubGlobal("document", { baseURI: "http://monitor/" });
  vi.stubGlobal("window", { location: { host: "monitor" } });
  vi.stubGlobal("fetch", (address: URL) => {
    const path = decodeURIComponent(address.pathname + address.search);
    asked.push(path);
    const found = Object.keys(byPath).find((part) => path.includes(part));
    const body =
      found === undefined
        ? { status: "error", error: "no such label", errorType: "bad_data" }
        : { status: "success", data: byPath[found] };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
}

afterEach(() => vi.unstubAllGlobals());

function dashboard(list: object[]): Dashboard {
  return parseDashboard({ panels: [], templating: { list } });
}

function resolve(of: Dashboard, chosen: Record<string, string[]> = {}, timeKey = "", cache = new Map()) {
  return resolveVariables(of, {
    interpolate: (text: string, states: States) =>
      text.replace(/\$(\w+)/g, (whole, name: string) => states.get(name)?.selected.join("|") ?? whole),
    valuesOf: (name) => chosen[name] ?? null,
    fromMs: 0,
    toMs: 60_000,
    timeKey,
    signal: new AbortController().signal,
    cache,
  });
}

const job = { name: "job", type: "query", query: "label_values(up, job)", multi: true, includeAll: true };
const pipeline = {
  name: "pipeline",
  type: "query",
  query: 'label_values(x{job=~"$job"}, pipeline)',
  refresh: 2,
};

describe("resolveVariables", () => {
  it("asks for those that others name first, with their choice put in", async () => {
    const asked: string[] = [];
    answers({ "label/job/values": ["b", "a"], "label/pipeline/values": ["ocr"] }, asked);
    const states = await resolve(dashboard([pipeline, { ...job, sort: 1 }]), { job: ["a"] });
    expect(states.get("job")).toMatchObject({ selected: ["a"], options: [{ value: "a" }, { value: "b" }] });
    expect(states.get("pipeline")?.selected).toEqual(["ocr"]);
    expect(asked[1]).toContain('match[]=x{job=~"a"}');
  });

  it("has a sentence for the one that failed, and goes on", async () => {
    answers({ "label/pipeline/values": ["ocr"] });
    const states = await resolve(dashboard([job, pipeline]));
    expect(states.get("job")?.error).toMatch(/no such label/);
    expect(states.get("pipeline")?.options).toHaveLength(1);
  });

  it("asks again only when a query or, where it matters, the time has changed", async () => {
    const asked: string[] = [];
    answers({ "label/job/values": ["a"], "label/pipeline/values": ["ocr"] }, asked);
    const cache = new Map();
    await resolve(dashboard([job, pipeline]), {}, "1", cache);
    await resolve(dashboard([job, pipeline]), {}, "1", cache);
    expect(asked).toHaveLength(2);
    await resolve(dashboard([job, pipeline]), {}, "2", cache);
    expect(asked.map((path) => path.includes("/pipeline/"))).toEqual([false, true, true]);
  });

  it("chooses what the address has, else the JSON, else all, else the first", async () => {
    answers({ "label/job/values": ["a", "b"] });
    const chosen = async (more: object, given?: string[]) =>
      (await resolve(dashboard([{ ...job, ...more }]), given === undefined ? {} : { job: given })).get("job")
        ?.selected;
    expect(await chosen({}, ["b", "gone"])).toEqual(["b", "gone"]);
    expect(await chosen({}, ["All"])).toEqual(["$__all"]);
    expect(await chosen({ current: { text: ["b"], value: ["b"] } })).toEqual(["b"]);
    expect(await chosen({ current: { text: "gone", value: "gone" } })).toEqual(["$__all"]);
    expect(await chosen({ multi: false, includeAll: false })).toEqual(["a"]);
    expect(await chosen({ multi: false }, ["a", "b"])).toEqual(["a"]);
  });

  it("knows all kinds", async () => {
    const of = dashboard([
      { name: "ds", type: "datasource", query: "prometheus" },
      { name: "slo", type: "custom", query: "1 s : 1.0, 2 s : 2.0", current: { text: "2 s", value: "2.0" } },
      { name: "every", type: "interval", query: "1m,1h", auto: true, auto_count: 30, auto_min: "10s" },
      { name: "fixed", type: "constant", query: "x" },
      { name: "typed", type: "textbox", query: "start" },
      { name: "Filters", type: "adhoc", filters: [{ key: "a", operator: "=", value: "b|c" }] },
    ]);
    const states = await resolve(of, { typed: ["mine"] });
    const selected = (name: string) => states.get(name)?.selected;
    expect(selected("slo")).toEqual(["2.0"]);
    expect(selected("every")).toEqual(["$__auto_interval_every"]);
    expect(selected("fixed")).toEqual(["x"]);
    expect(selected("typed")).toEqual(["mine"]);
    expect(readFilter(selected("Filters")?.[0] ?? "")).toEqual({ key: "a", operator: "=", value: "b|c" });
    const every = of.variables.find((one) => one.name === "every");
    expect(every && autoIntervalMs(every, 3_600_000)).toBe(120_000);
    expect(every && autoIntervalMs(every, 1000)).toBe(10_000);
  });
});

describe("inOrder", () => {
  it("cuts circles", () => {
    const a = { name: "a", type: "query", query: 'label_values(x{b="$b"}, a)' };
    const b = { name: "b", type: "query", query: 'label_values(x{a="${a}"}, b)' };
    expect(inOrder(dashboard([a, b]).variables).map((one) => one.name)).toEqual(["b", "a"]);
  });
});

describe("stale", () => {
  it("is a choice that the options no longer have", () => {
    const [variable] = dashboard([job]).variables;
    const options = [{ value: "a", text: "a" }];
    const state = (selected: string[]) => ({ options, selected, error: "" });
    expect(variable && stale(variable, state(["a", "gone"]))).toBe(true);
    expect(variable && stale(variable, state(["$__all"]))).toBe(false);
    expect(variable && stale(variable, { ...state(["gone"]), options: [] })).toBe(false);
  });
});

describe("writeFilter", () => {
  it("keeps bars in values", () => {
    const filter = { key: "k", operator: "=~", value: "a|b" };
    expect(readFilter(writeFilter(filter))).toEqual(filter);
  });
});
