// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { linesFor } from "../../src/charts/tooltip";
import { pinched } from "../../src/charts/touch";

describe("two fingers", () => {
  const pair = (distance: number, middle: number) => ({ distance, middle });

  it("that go apart show less, around what is between them", () => {
    expect(pinched(400, pair(100, 200), pair(200, 200))).toEqual([100, 300]);
    expect(pinched(400, pair(100, 0), pair(200, 0))).toEqual([0, 200]);
  });

  it("that come together show more", () => {
    expect(pinched(400, pair(200, 200), pair(100, 200))).toEqual([-200, 600]);
  });

  it("that move together move the range", () => {
    expect(pinched(400, pair(100, 200), pair(100, 250))).toEqual([-50, 350]);
  });

  it("on one place are no division by zero", () => {
    const [from, to] = pinched(400, pair(100, 200), pair(0, 200));
    expect(to - from).toBe(400 * 20);
  });
});

describe("the height of a tooltip", () => {
  it("is a number of lines, at least one", () => {
    expect(linesFor(undefined)).toBe(24);
    expect(linesFor(600)).toBe(32);
    expect(linesFor(10)).toBe(1);
  });
});
