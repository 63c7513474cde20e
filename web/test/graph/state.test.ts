// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  formatMoment,
  gridOf,
  parseMoment,
  parseQueries,
  queriesMax,
  stepOf,
  usual,
  writeQueries,
  type QueryState,
} from "../../src/graph/state";

const read = (search: string) => parseQueries(new URLSearchParams(search));
const first = (search: string) => read(search)[0] as QueryState;

function written(queries: readonly QueryState[]): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(writeQueries(queries, new URLSearchParams()))) {
    if (value !== null) {
      params.set(name, value);
    }
  }
  return params;
}

describe("reading addresses", () => {
  test("an address without queries has an empty one", () => {
    expect(read("")).toEqual([usual]);
    expect(read("refresh=5s&g1.expr=up")).toEqual([usual]);
  });

  test("a link of Prometheus 3", () => {
    const query = first(
      "g0.expr=rate%28total_requests%5B1m%5D%29&g0.show_tree=0&g0.tab=graph&g0.range_input=6h" +
        "&g0.res_type=auto&g0.res_density=high&g0.display_mode=stacked&g0.show_exemplars=1&g0.y_axis_min=0" +
        "&g0.end_input=2026-01-31+13%3A00%3A05&g0.moment_input=2026-01-31+13%3A00%3A05",
    );
    expect(query).toMatchObject({
      expr: "rate(total_requests[1m])",
      tab: "graph",
      rangeMs: 6 * 3_600_000,
      display: "stacked",
      exemplars: true,
      zero: true,
      endMs: Date.UTC(2026, 0, 31, 13, 0, 5),
      resolution: { density: "high" },
    });
  });

  test("a link of Prometheus 2, and of an alert", () => {
    expect(first("g0.expr=up+%3D%3D+0&g0.tab=1")).toMatchObject({ expr: "up == 0", tab: "table" });
    expect(first("g0.expr=up&g0.tab=0&g0.stacked=1&g0.range_input=1h&g0.step_input=30")).toMatchObject({
      tab: "graph",
      display: "stacked",
      resolution: { stepMs: 30_000 },
    });
  });

  test("without a tab it is a table, as in Prometheus", () => {
    expect(first("g0.expr=up").tab).toBe("table");
  });

  test.each([
    ["g0.res_type=custom&g0.res_step=2.5", { stepMs: 2500 }],
    ["g0.res_type=fixed&g0.res_step=60", { stepMs: 60_000 }],
    ["g0.res_type=auto&g0.res_density=low&g0.step_input=30", { density: "low" }],
    ["g0.res_type=custom&g0.res_step=0", { density: "medium" }],
    ["g0.res_type=custom&g0.res_step=soon", { density: "medium" }],
  ])("resolution %s", (search, resolution) => {
    expect(first(`g0.expr=up&${search}`).resolution).toEqual(resolution);
  });

  test("what cannot be read is as usual", () => {
    const query = first("g0.expr=up&g0.tab=pie&g0.range_input=soon&g0.end_input=never&g0.display_mode=pie");
    expect(query).toEqual({ ...usual, expr: "up", tab: "table" });
  });

  test("several, up to the limit and to the first that is missing", () => {
    expect(read("g0.expr=a&g1.expr=b&g3.expr=d").map((query) => query.expr)).toEqual(["a", "b"]);
    const many = Array.from({ length: queriesMax + 1 }, (_value, index) => `g${index}.expr=up`).join("&");
    expect(read(many)).toHaveLength(queriesMax);
  });
});

describe("writing addresses", () => {
  test("what was written is read back", () => {
    const queries: QueryState[] = [
      { ...usual, expr: 'up{a="<b>&"}', tab: "table", endMs: Date.UTC(2026, 1, 3, 4, 5, 6, 789) },
      {
        ...usual,
        expr: "x",
        tab: "explain",
        display: "heatmap",
        rangeMs: 5_430_000,
        resolution: { stepMs: 1500 },
        exemplars: true,
        zero: true,
        hidden: true,
        collapsed: true,
      },
      { ...usual, expr: "", resolution: { density: "low" } },
    ];
    expect(parseQueries(written(queries))).toEqual(queries);
  });

  test("is short where all is as usual, and uses Prometheus's words", () => {
    expect(written([{ ...usual, expr: "up" }]).toString()).toBe("g0.expr=up&g0.tab=graph&g0.range_input=1h");
    expect(written([{ ...usual, expr: "up", display: "stacked", endMs: 0 }]).toString()).toContain(
      "g0.end_input=1970-01-01+00%3A00%3A00&g0.moment_input=1970-01-01+00%3A00%3A00&g0.display_mode=stacked",
    );
  });

  test("removes what stands there of queries that are gone, and nothing else", () => {
    const old = new URLSearchParams("g0.expr=a&g1.expr=b&g1.tab=table&refresh=5s&got.expr=x");
    const changes = writeQueries([{ ...usual, expr: "a" }], old);
    expect(changes).toMatchObject({ "g0.expr": "a", "g1.expr": null, "g1.tab": null });
    expect(changes).not.toHaveProperty("refresh");
    expect(Object.keys(changes)).not.toContain("got.expr");
  });
});

test.each([
  ["2026-01-31 13:00:05", Date.UTC(2026, 0, 31, 13, 0, 5)],
  ["2026-01-31 13:00", Date.UTC(2026, 0, 31, 13, 0)],
  ["2026-01-31T13:00:05Z", Date.UTC(2026, 0, 31, 13, 0, 5)],
  ["2026-01-31", Date.UTC(2026, 0, 31)],
  ["1700000000", 1_700_000_000_000],
  ["31.1.2026", null],
  ["", null],
])("moment %s", (text, ms) => {
  expect(parseMoment(text)).toBe(ms);
  if (ms !== null) {
    expect(parseMoment(formatMoment(ms))).toBe(ms);
  }
});

describe("steps", () => {
  const hour = { ...usual, expr: "up" };

  test("follow the width and the density", () => {
    const wide = stepOf(hour, 1200).stepMs;
    expect(stepOf(hour, 300).stepMs).toBeGreaterThan(wide);
    expect(stepOf({ ...hour, resolution: { density: "high" } }, 1200).stepMs).toBeLessThan(wide);
    expect(stepOf({ ...hour, resolution: { density: "low" } }, 1200).stepMs).toBeGreaterThan(wide);
    expect(stepOf({ ...hour, rangeMs: 10_000 }, 1200).stepMs).toBe(1000);
  });

  test("never ask for more points than are answered", () => {
    const { stepMs, limited } = stepOf(
      { ...hour, rangeMs: 30 * 86_400_000, resolution: { stepMs: 1000 } },
      1200,
    );
    expect(limited).toBe(true);
    expect((30 * 86_400_000) / stepMs + 1).toBeLessThanOrEqual(11_000);
    expect(stepOf({ ...hour, resolution: { stepMs: 1000 } }, 1200)).toEqual({ stepMs: 1000, limited: false });
  });

  test("stand on a grid that a refresh does not move", () => {
    expect(gridOf(1_000_003, 60_000, 5000, 1_000_003)).toEqual({ fromMs: 940_003, toMs: 1_000_003 });
    expect(gridOf(1_004_999, 60_000, 5000, 1_000_003)).toEqual({ fromMs: 945_003, toMs: 1_000_003 });
    expect(gridOf(900_000, 60_000, 7000, 1_000_000)).toMatchObject({ toMs: 895_000 });
  });
});
