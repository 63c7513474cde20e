// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  addRun,
  parseRuns,
  runsMax,
  searchRuns,
  step,
  walkBegin,
  type Run,
  type Walk,
} from "../../src/graph/history";

const runsOf = (...exprs: string[]): Run[] => exprs.map((expr, at) => ({ expr, at }));

describe("what was run", () => {
  test("is kept newest first, each once", () => {
    const runs = addRun(addRun(addRun([], "a", 1), "b", 2), " a ", 3);
    expect(runs).toEqual([
      { expr: "a", at: 3 },
      { expr: "b", at: 2 },
    ]);
  });

  test("nothing and too much are not kept", () => {
    expect(addRun([], "  ", 1)).toEqual([]);
    expect(addRun([], "x".repeat(20_000), 1)).toHaveLength(1);
    expect(addRun([], "x".repeat(20_001), 1)).toEqual([]);
  });

  test("the oldest goes when there are too many", () => {
    const full = Array.from({ length: runsMax }, (_value, at) => ({ expr: `q${at}`, at }));
    const runs = addRun(full, "new", 9);
    expect(runs).toHaveLength(runsMax);
    expect(runs[0]?.expr).toBe("new");
    expect(runs.at(-1)?.expr).toBe(`q${runsMax - 2}`);
  });

  test("is found by words in any order", () => {
    const runs = runsOf("rate(http_requests_total[5m])", "up");
    expect(searchRuns(runs, "HTTP rate")).toEqual([runs[0]]);
    expect(searchRuns(runs, "")).toEqual(runs);
    expect(searchRuns(runs, "down")).toEqual([]);
  });

  test.each([null, "", "{", "3", '{"a":1}', '[1,{"expr":2},null]'])("stored %s is no history", (text) => {
    expect(parseRuns(text)).toEqual([]);
  });
});

describe("a walk through it", () => {
  const runs = runsOf("newest", "older", "oldest");
  const go = (from: { walk: Walk; expr: string }, by: number) => step(from.walk, runs, from.expr, by);

  test("goes back to the oldest and returns to what was being typed", () => {
    const a = go({ walk: walkBegin, expr: "typed" }, -1);
    const b = go(a, -1);
    const c = go(b, -1);
    const end = go(c, -1);
    expect([a.expr, b.expr, c.expr, end.expr]).toEqual(["newest", "older", "oldest", "oldest"]);
    const back = go(go(go(end, 1), 1), 1);
    expect(back).toEqual({ walk: { at: -1, draft: "typed" }, expr: "typed" });
    expect(go(back, 1).expr).toBe("typed");
  });

  test("passes over the one that stands there already", () => {
    expect(go({ walk: walkBegin, expr: "newest" }, -1).expr).toBe("older");
  });

  test("an empty history leaves what is there", () => {
    expect(step(walkBegin, [], "typed", -1).expr).toBe("typed");
  });
});
