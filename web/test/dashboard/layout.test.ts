// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { layOut, maxPlaced, type Placed } from "../../src/dashboard/layout";
import type { Option } from "../../src/dashboard/model";
import { parseDashboard } from "../../src/dashboard/parse";

const stages: Option[] = ["detect", "crop", "read"].map((value) => ({ value, text: value }));

function place(panels: object[], values: readonly Option[] = stages, closed: string[] = []): Placed[] {
  const dashboard = parseDashboard({ panels });
  return layOut({
    panels: dashboard.panels,
    valuesOf: (name) => (name === "stage" ? values : []),
    isOpen: (key, row) => !row.collapsed && !closed.includes(key),
  });
}

function at(placed: readonly Placed[]): string[] {
  return placed.map(({ key, pos }) => `${key} ${pos.x},${pos.y} ${pos.w}x${pos.h}`);
}

const box = (id: number, x: number, y: number, w: number, h: number, more: object = {}) => ({
  id,
  type: "stat",
  gridPos: { x, y, w, h },
  ...more,
});

describe("layOut", () => {
  it("lets panels rise into gaps, each as far as the ones above it in its columns", () => {
    expect(at(place([box(1, 0, 5, 12, 4), box(2, 12, 9, 12, 4), box(3, 0, 20, 24, 2)]))).toEqual([
      "1 0,0 12x4",
      "2 12,0 12x4",
      "3 0,4 24x2",
    ]);
  });

  it("repeats a panel to the right, in lines of maxPerRow, and moves down what is below", () => {
    const panels = [box(1, 0, 0, 8, 4, { repeat: "stage", maxPerRow: 2 }), box(2, 0, 4, 24, 3)];
    expect(at(place(panels))).toEqual([
      "1:detect 0,0 12x4",
      "1:crop 12,0 12x4",
      "1:read 0,4 12x4",
      "2 0,8 24x3",
    ]);
  });

  it("repeats a panel downwards in its own columns", () => {
    const panels = [box(1, 6, 0, 6, 2, { repeat: "stage", repeatDirection: "v" }), box(2, 0, 2, 24, 3)];
    expect(at(place(panels))).toEqual(["1:detect 6,0 6x2", "1:crop 6,2 6x2", "1:read 6,4 6x2", "2 0,6 24x3"]);
  });

  it("repeats a row with its panels, which keep the value of the row", () => {
    const placed = place(
      [
        box(9, 0, 0, 24, 2),
        { id: 1, type: "row", repeat: "stage", gridPos: { x: 0, y: 2, w: 24, h: 1 } },
        box(2, 0, 3, 12, 4),
        box(3, 12, 3, 12, 4, { repeat: "stage" }),
      ],
      stages.slice(0, 2),
    );
    expect(at(placed)).toEqual([
      "9 0,0 24x2",
      "1:detect 0,2 24x1",
      "2:detect 0,3 12x4",
      "3:detect 12,3 12x4",
      "1:crop 0,7 24x1",
      "2:crop 0,8 12x4",
      "3:crop 12,8 12x4",
    ]);
    expect(placed[2]?.scope["stage"]?.value).toBe("detect");
  });

  it("shows one panel where the variable of a repeat has no value", () => {
    expect(at(place([box(1, 0, 0, 8, 4, { repeat: "stage" })], []))).toEqual(["1 0,0 8x4"]);
  });

  it("hides the panels of a closed row and keeps their number", () => {
    const placed = place(
      [
        {
          id: 1,
          type: "row",
          collapsed: true,
          gridPos: { x: 0, y: 0, w: 24, h: 1 },
          panels: [box(2, 0, 1, 24, 4)],
        },
        { id: 3, type: "row", gridPos: { x: 0, y: 1, w: 24, h: 1 } },
        box(4, 0, 2, 24, 4),
      ],
      [],
      ["3"],
    );
    expect(at(placed)).toEqual(["1 0,0 24x1", "3 0,1 24x1"]);
    expect(placed.map((one) => one.count)).toEqual([1, 1]);
  });

  it("holds repeats to a number that can be looked at", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ value: String(i), text: String(i) }));
    expect(place([box(1, 0, 0, 8, 4, { repeat: "stage" })], many)).toHaveLength(100);
  });

  it("places no more than can be drawn, however often it is repeated", () => {
    const values = Array.from({ length: 1000 }, (_, i) => ({ value: `v${i}`, text: `v${i}` }));
    const rows = [
      { id: 1, type: "row", repeat: "stage", gridPos: { x: 0, y: 0, w: 24, h: 1 } },
      ...Array.from({ length: 50 }, (_, i) => box(i + 2, 0, i + 1, 24, 1)),
    ];
    expect(place(rows, values)).toHaveLength(maxPlaced);
    const panels = Array.from({ length: 900 }, (_, i) => box(i + 1, 0, i, 24, 1, { repeat: "stage" }));
    expect(place(panels, values)).toHaveLength(maxPlaced);
  });
});
