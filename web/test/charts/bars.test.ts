// SPDX-License-Identifier: Apache-2.0
// Where parts of pies, bars and states stand.
import { describe, expect, it } from "vitest";
import { barLayout } from "../../src/charts/barlayout";
import { pieParts } from "../../src/charts/pielayout";
import { placeOf, shapesOf } from "../../src/charts/timeshapes";
import type { SingleValue } from "../../src/charts/types";

const value = (name: string, number: number | null): SingleValue => ({
  key: name,
  name,
  value: number,
  text: String(number),
  color: "#123456",
});

describe("pieParts", () => {
  it("orders the greatest first, each beginning where the last one ends", () => {
    const parts = pieParts([value("a", 1), value("b", 3), value("c", null), value("d", -2), value("e", 0)]);
    expect(parts.map((one) => [one.value.name, one.share, one.start])).toEqual([
      ["b", 0.75, 0],
      ["a", 0.25, 0.75],
    ]);
    const names = (sort: "asc" | "none") =>
      pieParts([value("a", 2), value("b", 1), value("c", 3)], sort).map((one) => one.value.name);
    expect(names("asc")).toEqual(["b", "a", "c"]);
    expect(names("none")).toEqual(["a", "b", "c"]);
  });

  it("has no part of nothing", () => {
    expect(pieParts([value("a", 0), value("b", NaN), value("c", null)])).toEqual([]);
  });
});

const series = (...values: (number | null)[]) => ({
  key: "k",
  name: "n",
  color: "red",
  values,
  format: String,
});

describe("barLayout", () => {
  const shape = { categories: ["x", "y"], stacking: "none" as const, groupWidth: 0.8, min: 0, max: 10 };

  it("stands series side by side within their category", () => {
    const { bars } = barLayout({ ...shape, series: [series(5, null), series(10, 2)] }, 5);
    const rounded = bars.map((bar) => [
      bar.series,
      bar.category,
      bar.from,
      bar.to,
      bar.at.toFixed(2),
      bar.size,
    ]);
    expect(rounded).toEqual([
      [0, 0, 0, 0.5, "0.05", 0.2],
      [1, 0, 0, 1, "0.25", 0.2],
      [1, 1, 0, 0.2, "0.75", 0.2],
    ]);
  });

  it("stacks what is above zero upwards and what is below downwards", () => {
    const stacked = { ...shape, stacking: "normal" as const, min: -10 };
    const { bars } = barLayout({ ...stacked, series: [series(4, 0), series(-5, 0), series(6, 0)] }, 5);
    const first = bars.filter((bar) => bar.category === 0);
    expect(first.map((bar) => [bar.from, bar.to])).toEqual([
      [0.5, 0.7],
      [0.25, 0.5],
      [0.7, 1],
    ]);
    expect(new Set(first.map((bar) => bar.size))).toEqual(new Set([0.4]));
  });

  it("stacks shares up to the whole", () => {
    const { bars, ticks } = barLayout(
      { ...shape, stacking: "percent", max: 77, series: [series(1, 0), series(3, 0)] },
      5,
    );
    expect(bars.filter((bar) => bar.category === 0).map((bar) => [bar.from, bar.to])).toEqual([
      [0, 0.25],
      [0.25, 1],
    ]);
    expect(ticks[ticks.length - 1]).toEqual({ at: 1, value: 1 });
  });

  it("begins at zero, and survives no values at all", () => {
    const free = { categories: ["x"], stacking: "none" as const, groupWidth: 1, series: [series(100)] };
    expect(barLayout(free, 5).bars[0]?.from).toBe(0);
    const none = barLayout({ ...free, series: [series(null)] }, 5);
    expect(none.bars).toEqual([]);
    expect(none.ticks.every((tick) => tick.at >= 0 && tick.at <= 1)).toBe(true);
    expect(barLayout({ ...free, categories: [], series: [] }, 5).bars).toEqual([]);
  });
});

describe("shapesOf", () => {
  const shown = { from: 0, to: 100, apart: false };
  const span = (from: number, to: number, color: string) => ({ from, to, color, text: "" });

  it("is one shape for each colour, and leaves gaps", () => {
    const spans = [span(-10, 20, "red"), span(50, 60, "blue"), span(60, 200, "red"), span(300, 400, "red")];
    expect([...shapesOf(spans, shown)]).toEqual([
      ["red", "M0 0h20v1h-20zM60 0h40v1h-40z"],
      ["blue", "M50 0h10v1h-10z"],
    ]);
  });

  it("sets cells apart where they are to be counted", () => {
    expect(shapesOf([span(0, 50, "red")], { ...shown, apart: true }).get("red")).toBe("M0 0h45v1h-45z");
  });

  it("keeps places within what is shown", () => {
    expect([-5, 0, 25, 500].map((time) => placeOf({ from: 0, to: 50 }, time))).toEqual([0, 0, 50, 100]);
  });
});
