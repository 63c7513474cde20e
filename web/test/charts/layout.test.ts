// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { arcPath, gaugeBox } from "../../src/charts/arc";
import { barBox, barFill, lcdCells } from "../../src/charts/bars";
import { fitFont, gridOf, pieceAt, ratioOf, thresholdPieces } from "../../src/charts/layout";
import { changeText, showsName, statFonts } from "../../src/charts/statlayout";
import type { GaugeValue, StatValue } from "../../src/charts/types";

const measure = (text: string) => text.length * 0.6;
const measures = { bold: measure, plain: measure };
const steps = [
  { value: null, color: "green" },
  { value: 60, color: "yellow" },
  { value: 90, color: "red" },
];

function gauge(value: number | null, text = String(value)): GaugeValue {
  return { key: text, name: `name ${text}`, value, text, color: "red", min: 0, max: 100, thresholds: steps };
}

describe("gridOf", () => {
  it("puts values side by side in a wide panel and below each other in a narrow one", () => {
    expect(gridOf(4, 800, 100).columns).toBe(4);
    expect(gridOf(4, 100, 400, { minWidth: 80 }).columns).toBe(1);
    expect(gridOf(4, 400, 200).columns).toBe(2);
  });

  it("obeys an orientation", () => {
    expect(gridOf(3, 900, 100, { orientation: "horizontal" }).rows).toBe(3);
    expect(gridOf(3, 100, 900, { orientation: "vertical", minWidth: 10 }).columns).toBe(3);
  });

  it("fills the panel and no more", () => {
    for (const count of [1, 2, 3, 5, 9, 50]) {
      const grid = gridOf(count, 500, 200, { gap: 4 });
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      expect(grid.cellWidth * grid.columns + 4 * (grid.columns - 1)).toBeLessThanOrEqual(500.01);
    }
    expect(gridOf(3, 0, 0).cellWidth).toBe(0);
  });
});

describe("fitFont", () => {
  const limits = { min: 10, max: 60 };

  it("takes the size at which the longest text fits", () => {
    const size = fitFont(["1", "1234567890"], 120, 500, measure, limits);
    expect(size).toBe(20);
    expect(measure("1234567890") * size).toBeLessThanOrEqual(120);
  });

  it("is bound by the height and by the limits", () => {
    expect(fitFont(["1"], 1000, 23, measure, limits)).toBe(20);
    expect(fitFont(["1"], 1000, 1000, measure, limits)).toBe(60);
    expect(fitFont(["x".repeat(1000)], 100, 100, measure, limits)).toBe(10);
    expect(fitFont([], 100, 1000, measure, limits)).toBe(60);
  });
});

describe("ratios and thresholds", () => {
  it("clamps, and takes what is no number for nothing", () => {
    expect([-5, 0, 50, 100, 500, NaN, null, Infinity].map((value) => ratioOf(value, 0, 100))).toEqual([
      0, 0, 0.5, 1, 1, 0, 0, 1,
    ]);
    expect(ratioOf(5, 10, 10)).toBe(0);
  });

  it("cuts the range into pieces", () => {
    expect(thresholdPieces(steps, 0, 100)).toEqual([
      { from: 0, to: 0.6, color: "green" },
      { from: 0.6, to: 0.9, color: "yellow" },
      { from: 0.9, to: 1, color: "red" },
    ]);
    expect(thresholdPieces(steps, 0, 50)).toEqual([{ from: 0, to: 1, color: "green" }]);
    expect(thresholdPieces([], 0, 1)).toEqual([]);
  });

  it("finds the colour of a place", () => {
    const pieces = thresholdPieces(steps, 0, 100);
    expect([0, 0.6, 0.95, 1].map((at) => pieceAt(pieces, at))).toEqual(["green", "yellow", "red", "red"]);
    expect(pieceAt([], 0.5)).toBeUndefined();
  });
});

describe("bars", () => {
  it("lie in a high panel and stand in a wide one", () => {
    const wish = { values: [gauge(1), gauge(2)] };
    expect(barBox(wish, 200, 300, measures).vertical).toBe(false);
    expect(barBox(wish, 600, 200, measures).vertical).toBe(true);
  });

  it("leave room for their texts", () => {
    const box = barBox({ values: [gauge(1, "123456 ms")], orientation: "horizontal" }, 400, 30, measures);
    expect(box.valueWidth).toBeGreaterThanOrEqual(measure("123456 ms") * box.valueFont);
    expect(box.length + box.valueWidth + box.nameWidth).toBeLessThanOrEqual(400);
  });

  it("put names above where rows are high", () => {
    expect(barBox({ values: [gauge(1)], orientation: "horizontal" }, 400, 80, measures).nameAbove).toBe(true);
    const many = Array.from({ length: 10 }, (_, i) => gauge(i));
    expect(barBox({ values: many, orientation: "horizontal" }, 400, 200, measures).nameAbove).toBe(false);
  });

  it("fill with the colours on the way", () => {
    expect(barFill(gauge(95), "basic", false)).toBe("red");
    expect(barFill(gauge(95), "gradient", false)).toMatch(
      /^linear-gradient\(90deg, green 0%, yellow 63\.2%, red 94\.7%/,
    );
    expect(barFill(gauge(null), "gradient", false)).toBe("red");
  });

  it("light as many cells as the value is worth", () => {
    const on = (value: number | null) => lcdCells(gauge(value), 120).filter((cell) => cell.on).length;
    expect([null, 0, 0.1, 50, 100].map(on)).toEqual([0, 0, 1, 5, 10]);
    expect(lcdCells(gauge(50), 1e9).length).toBeLessThanOrEqual(120);
  });
});

describe("stat", () => {
  const value = (text: string, spark?: number[]): StatValue => ({
    key: text,
    name: text,
    value: 1,
    text,
    color: "",
    spark,
  });
  const kit = { bold: measure, plain: measure, fit: fitFont };

  it("names values where there are several", () => {
    expect(showsName({ values: [value("a")] })).toBe(false);
    expect(showsName({ values: [value("a"), value("b")] })).toBe(true);
    expect(showsName({ values: [value("a"), value("b")], textMode: "value" })).toBe(false);
  });

  it("fits its value into the cell", () => {
    const fonts = statFonts({ values: [value("123 456 req/s")] }, gridOf(1, 200, 100), kit);
    expect(measure("123 456 req/s") * fonts.value).toBeLessThanOrEqual(200);
    expect(fonts.value).toBeGreaterThan(12);
  });

  it("keeps the line out of the value where there is room", () => {
    const wish = { values: [value("1", [1, 2, 3])] };
    expect(statFonts(wish, gridOf(1, 200, 120), kit).above).toBe(true);
    expect(statFonts(wish, gridOf(1, 200, 40), kit).above).toBe(false);
    expect(statFonts({ ...wish, graphMode: "none" }, gridOf(1, 200, 120), kit).above).toBe(false);
  });

  it("says a change with its sign", () => {
    const texts = [0.123, -0.05, 0, null, NaN].map(changeText);
    expect(texts).toEqual(["▲ +12 %", "▼ −5.0 %", "0.0 %", "", ""]);
  });
});

describe("gauge", () => {
  it("stays within its box, whatever its size", () => {
    for (const [width, height] of [
      [60, 60],
      [400, 120],
      [120, 400],
    ] as const) {
      const box = gaugeBox(width, height, false);
      const outer = box.radius + box.thick / 2 + box.rim;
      expect(box.centerX - outer).toBeGreaterThanOrEqual(0);
      expect(box.centerY - outer).toBeGreaterThanOrEqual(-1);
      expect(box.point(outer, 0).y).toBeLessThanOrEqual(height + 1);
    }
  });

  it("runs from the left end over the top to the right", () => {
    const box = gaugeBox(200, 200, false);
    expect(box.point(box.radius, 0).x).toBeLessThan(box.point(box.radius, 1).x);
    expect(box.point(box.radius, 0.5).y).toBeCloseTo(box.centerY - box.radius);
    expect(arcPath(box, 50, 0, 1)).toContain(" 1 1 "); // the long way round
    expect(arcPath(box, 50, 0, 0.5)).toContain(" 0 1 ");
  });
});
