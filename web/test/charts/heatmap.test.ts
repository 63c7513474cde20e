// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { colorIndex, countRange, mixAlong, palette } from "../../src/charts/heatcolor";
import { boundsText, columnAt, heatRows, rowAt, seenColumns, spacedTicks } from "../../src/charts/heatlayout";

const bounds = [0, 0.1, 1, Infinity]
  .slice(1)
  .map((upper, i) => ({ lower: [0, 0.1, 1][i] ?? 0, upper, label: "" }));

describe("colours of counts", () => {
  const scale = { min: 1, max: 101, exponent: 0.5 };

  it("draw nothing where there is nothing", () => {
    expect([0, -1, NaN, null, undefined].map((count) => colorIndex(count, scale, 64))).toEqual(
      new Array(5).fill(-1),
    );
  });

  it("go from the first to the last, by the exponent", () => {
    expect([1, 26, 101, 1e9, Infinity].map((count) => colorIndex(count, scale, 64))).toEqual([
      0, 32, 63, 63, 63,
    ]);
    expect(colorIndex(26, { ...scale, exponent: 1 }, 64)).toBe(16);
    expect(colorIndex(7, { min: 7, max: 7, exponent: 1 }, 64)).toBe(63);
  });

  it("take their range from counts above zero", () => {
    expect(
      countRange([
        [0, 3, null],
        [9, NaN, Infinity],
      ]),
    ).toEqual([3, 9]);
    expect(countRange([[0, null]])).toBeNull();
    expect(countRange([])).toBeNull();
  });

  it("exist in every scheme, each colour different from the next", () => {
    for (const scheme of ["Oranges", "RdBu", "Viridis", "Turbo", "Rainbow", "no such scheme"]) {
      const colors = palette({ scheme, theme: "dark", steps: 16 });
      expect(colors).toHaveLength(16);
      expect(colors.every((color) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);
      expect(new Set(colors).size).toBeGreaterThan(12);
    }
  });

  it("run from their other end in the other theme, and reversed", () => {
    const dark = palette({ scheme: "Oranges", theme: "dark", steps: 8 });
    const light = palette({ scheme: "Oranges", theme: "light", steps: 8 });
    expect(dark).not.toEqual(light);
    expect(palette({ scheme: "Oranges", theme: "dark", steps: 8, reverse: true })).toEqual(light);
  });

  it("can be one colour by opacity", () => {
    const colors = palette({ fill: [10, 20, 30], theme: "dark", steps: 3 });
    expect(colors).toEqual(["rgba(10,20,30,0.14)", "rgba(10,20,30,0.57)", "rgba(10,20,30,1)"]);
  });

  it("are mixed between their neighbours", () => {
    expect(
      mixAlong(
        [
          [0, 0, 0],
          [100, 100, 100],
          [200, 0, 0],
        ],
        0.25,
      ),
    ).toEqual([50, 50, 50]);
    expect(
      mixAlong(
        [
          [0, 0, 0],
          [100, 0, 0],
        ],
        7,
      ),
    ).toEqual([100, 0, 0]);
  });
});

describe("rows", () => {
  it("have equal height, and edges at their bounds", () => {
    const { rows, edges, place } = heatRows(bounds, undefined);
    expect(rows[1]).toEqual({ from: 1 / 3, to: 2 / 3 });
    expect(edges.map((edge) => edge.value)).toEqual([0, 0.1, 1, Infinity]);
    expect(place(0.55)).toBeCloseTo(0.5);
    expect(place(50)).toBeCloseTo(5 / 6);
  });

  it("stand at their value on a logarithmic axis, open ends at its ends", () => {
    const { rows, place } = heatRows(bounds, 10);
    expect(rows[0]?.from).toBe(0);
    expect(rows[2]?.to).toBe(1);
    expect(rows[0]?.to).toBeCloseTo(rows[1]?.from ?? -1);
    expect(place(0.1)).toBeLessThan(place(0.5));
  });

  it("do not need any bounds, or any above zero", () => {
    expect(heatRows([], 10).rows).toEqual([]);
    expect(heatRows([{ lower: -1, upper: 0, label: "" }], 2).rows).toHaveLength(1);
  });

  it("label edges that keep their distance", () => {
    const edges = [0, 0.02, 0.2, 0.25, 1].map((at) => ({ at, value: at }));
    expect(spacedTicks(edges, 0.1).map((edge) => edge.at)).toEqual([0, 0.2, 1]);
  });

  it("are found by a place, and named", () => {
    const { rows } = heatRows(bounds, undefined);
    expect([0, 0.5, 0.99, 1, -1].map((share) => rowAt(rows, share))).toEqual([0, 1, 2, null, null]);
    expect(bounds.map((bound) => boundsText(bound, String))).toEqual(["0 to 0.1", "0.1 to 1", "above 1"]);
    expect(boundsText({ lower: -Infinity, upper: 5, label: "" }, String)).toBe("up to 5");
  });
});

describe("columns", () => {
  const times = [10, 20, 30, 50];

  it("cover the step before their time", () => {
    expect([5, 10, 10.1, 30, 35, 45, 50, 51].map((time) => columnAt(times, 10, time))).toEqual([
      0,
      0,
      1,
      2,
      null,
      3,
      3,
      null,
    ]);
    expect(columnAt([], 10, 5)).toBeNull();
  });

  it("are seen where they overlap the range", () => {
    expect(seenColumns(times, 10, 15, 25)).toEqual([1, 3]);
    expect(seenColumns(times, 10, 100, 200)).toEqual([4, 4]);
  });
});
