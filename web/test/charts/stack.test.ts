// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { closeGaps, drawnColumns, placeable, type SeriesLook } from "../../src/charts/stack";

const all = () => true;
const times = [0, 10, 20];
const stacked = (values: (number | null)[], more: Partial<SeriesLook> = {}): SeriesLook => ({
  values,
  stack: "a",
  ...more,
});

describe("placeable", () => {
  it("leaves out what has no place on an axis", () => {
    expect([NaN, Infinity, -Infinity, null, undefined].map((value) => placeable(value, false))).toEqual(
      new Array(5).fill(null),
    );
    expect(placeable(0, false)).toBe(0);
    expect(placeable(0, true)).toBeNull();
    expect(placeable(1e-12, true)).toBe(1e-12);
  });
});

describe("closeGaps", () => {
  it("closes gaps that are not longer than the limit", () => {
    const longer = closeGaps([0, 10, 20, 100, 110], [1, null, 2, null, 3], 20);
    expect(longer).toEqual([1, undefined, 2, null, 3]);
  });

  it("leaves open what has no value before or after it", () => {
    expect(closeGaps(times, [null, 1, null], 1000)).toEqual([null, 1, null]);
  });
});

describe("drawnColumns", () => {
  it("sums a stack in the order of its series", () => {
    const { columns, bands } = drawnColumns(times, [stacked([1, 2, 3]), stacked([10, 20, 30])], all);
    expect(columns).toEqual([
      [1, 2, 3],
      [11, 22, 33],
    ]);
    expect(bands).toEqual([{ from: 1, to: 0, down: false }]);
  });

  it("keeps a gap of one series and counts it as nothing for the others", () => {
    const { columns } = drawnColumns(times, [stacked([1, null, NaN]), stacked([10, 20, 30])], all);
    expect(columns).toEqual([
      [1, null, null],
      [11, 20, 30],
    ]);
  });

  it("leaves out what is hidden, and closes the stack over it", () => {
    const series = [stacked([1, 1, 1]), stacked([2, 2, 2]), stacked([4, 4, 4])];
    const { columns, bands } = drawnColumns(times, series, (index) => index !== 1);
    expect(columns[2]).toEqual([5, 5, 5]);
    expect(columns[1]).toEqual([null, null, null]);
    expect(bands).toEqual([{ from: 2, to: 0, down: false }]);
  });

  it("stacks what is below zero downwards, apart", () => {
    const { columns, bands } = drawnColumns(
      times,
      [stacked([1, 1, 1]), stacked([-2, -2, -2]), stacked([-3, -3, -3])],
      all,
    );
    expect(columns[0]).toEqual([1, 1, 1]);
    expect(columns[2]).toEqual([-5, -5, -5]);
    expect(bands).toEqual([{ from: 2, to: 1, down: true }]);
  });

  it("makes shares of a whole, and none of nothing", () => {
    const percent = { stackPercent: true };
    const { columns } = drawnColumns(
      times,
      [stacked([1, 0, null], percent), stacked([3, 0, 5], percent)],
      all,
    );
    expect(columns).toEqual([
      [0.25, 0, null],
      [1, 0, 1],
    ]);
  });

  it("keeps stacks of different names apart", () => {
    const { columns } = drawnColumns(times, [stacked([1, 1, 1]), stacked([2, 2, 2], { stack: "b" })], all);
    expect(columns[1]).toEqual([2, 2, 2]);
  });

  it("gives every series as many values as there are times", () => {
    const { columns } = drawnColumns(times, [{ values: [1] }, stacked([1])], all);
    expect(columns.every((column) => column.length === 3)).toBe(true);
  });
});
