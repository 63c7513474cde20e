// SPDX-License-Identifier: Apache-2.0
// Whatever JSON is dropped on the page: a dashboard, or a sentence.
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { layOut } from "../../src/dashboard/layout";
import { NotDashboard, parseDashboard } from "../../src/dashboard/parse";

const shipped = new URL("../../../dashboards/", import.meta.url);
const sources = readdirSync(shipped)
  .filter((name) => name.endsWith(".json"))
  .map((name) => readFileSync(new URL(name, shipped), "utf8"));

// A generator of its own, so that a failure can be run again.
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296;
  };
}

const strange: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  NaN,
  "",
  "x",
  "$__all",
  [],
  [null],
  [[]],
  {},
  { value: {} },
  { "": 1 },
  "__proto__",
  [{}],
  { steps: 3 },
  { type: "row" },
  "constructor",
  ["a", 1, {}],
];

function mutate(value: unknown, next: () => number, depth = 0): unknown {
  if (next() < 0.03) {
    return strange[Math.floor(next() * strange.length)];
  }
  if (Array.isArray(value)) {
    const out = value.map((one) => mutate(one, next, depth + 1));
    return next() < 0.05 ? [...out, ...out] : out;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(() => next() > 0.02)
        .map(([key, one]) => [next() < 0.01 ? "__proto__" : key, mutate(one, next, depth + 1)]),
    );
  }
  return value;
}

describe("any JSON", () => {
  it("is a dashboard or refused by a sentence, and can be laid out", () => {
    const originals = sources.map((source) => JSON.parse(source) as unknown);
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const value = mutate(originals[seed % originals.length], next);
      try {
        const dashboard = parseDashboard(value);
        const placed = layOut({
          panels: dashboard.panels,
          valuesOf: () => [{ text: "a", value: "a" }],
          isOpen: () => true,
        });
        for (const { pos } of placed) {
          expect(pos.x + pos.w, `seed ${seed}`).toBeLessThanOrEqual(24);
          expect(Number.isInteger(pos.y) && pos.y >= 0 && pos.h > 0, `seed ${seed}`).toBe(true);
        }
        expect(new Set(placed.map((one) => one.key)).size, `seed ${seed}`).toBe(placed.length);
      } catch (error) {
        expect(error, `seed ${seed}`).toBeInstanceOf(NotDashboard);
      }
    }
  });

  it.each(strange.map((value) => [JSON.stringify(value) ?? "undefined", value]))(
    "survives %s everywhere",
    (_, value) => {
      for (const name of [
        "panels",
        "rows",
        "templating",
        "annotations",
        "links",
        "time",
        "__inputs",
        "__elements",
      ]) {
        expect(() => parseDashboard({ panels: [], [name]: value })).not.toThrow(TypeError);
      }
      for (const name of [
        "gridPos",
        "targets",
        "fieldConfig",
        "options",
        "transformations",
        "links",
        "panels",
        "styles",
        "yaxes",
        "seriesOverrides",
        "legend",
        "datasource",
        "maxPerRow",
        "libraryPanel",
      ]) {
        for (const type of ["graph", "singlestat", "table", "heatmap", "gauge", "row", "text"]) {
          expect(() => parseDashboard({ panels: [{ type, [name]: value }] })).not.toThrow();
        }
      }
    },
  );

  it("leaves the prototypes of objects alone", () => {
    parseDashboard(
      JSON.parse(
        '{"panels":[{"fieldConfig":{"defaults":{"custom":{"__proto__":{"polluted":1}},' +
          '"mappings":[{"type":"value","options":{"__proto__":{"text":"polluted"}}}]}}}]}',
      ),
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
