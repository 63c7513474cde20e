// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { legible, luminance, mix, parseHex, textOn, toHex } from "../../src/charts/color";
import { csvName, toCsv } from "../../src/charts/csv";
import { safeHref } from "../../src/charts/href";
import { sortItems, toggled } from "../../src/charts/legendsort";
import { percentText, sharesOf, sharesText } from "../../src/charts/shares";
import { sparkPaths, sparkRange } from "../../src/charts/sparkpath";
import { compareCells, nextSort, rowOrder } from "../../src/charts/tableorder";
import { chosenLines, tipPlace } from "../../src/charts/tooltip";
import type { CellValue, LegendItem, TableColumn } from "../../src/charts/types";

describe("colours", () => {
  it("are read and written", () => {
    expect(parseHex("#abc")).toEqual([170, 187, 204]);
    expect(parseHex("#a0b0c0ff")).toEqual([160, 176, 192]);
    expect(parseHex("red")).toBeNull();
    expect(toHex(mix([0, 0, 0], [255, 255, 255], 0.5))).toBe("#808080");
  });

  it("carry text that can be read", () => {
    expect(textOn([255, 255, 0])).toBe("#000000");
    expect(textOn([0, 0, 120])).toBe("#ffffff");
  });

  it("are made legible on a ground, and left alone where they are", () => {
    const yellow = parseHex("#FADE2A") ?? [0, 0, 0];
    const onWhite = luminance(legible(yellow, [255, 255, 255]));
    expect(1.05 / (onWhite + 0.05)).toBeGreaterThanOrEqual(4.5);
    expect(legible(yellow, [0, 0, 0])).toEqual(yellow);
  });
});

describe("CSV", () => {
  it("quotes what must be quoted", () => {
    expect(
      toCsv(
        ["a", 'b"'],
        [
          [1.5, "x,y"],
          [null, "two\nlines"],
        ],
      ),
    ).toBe('a,"b"""\r\n1.5,"x,y"\r\n,"two\nlines"\r\n');
  });

  it("gives no formula to a spreadsheet", () => {
    expect(toCsv(["a"], [["=cmd|' /C calc'!A0"], ["@x"], ["-5"], [-5]])).toBe(
      "a\r\n'=cmd|' /C calc'!A0\r\n'@x\r\n-5\r\n-5\r\n",
    );
  });

  it("names the file after the chart", () => {
    expect(csvName("Time by stage (p99)")).toBe("time-by-stage-p99.csv");
    expect(csvName("../../<b>")).toBe("b.csv");
    expect(csvName("!!")).toBe("chart.csv");
  });
});

describe("links", () => {
  it("lead to paths and to the web only", () => {
    expect(safeHref("d/abc?x=1")).toBe("d/abc?x=1");
    expect(safeHref("/d/a:b")).toBe("/d/a:b");
    expect(safeHref("https://example.org/x")).toBe("https://example.org/x");
    for (const bad of [
      "javascript:alert(1)",
      " java\nscript:alert(1)",
      "JAVASCRIPT:x",
      "data:text/html,x",
      "vbscript:x",
      "",
    ]) {
      expect(safeHref(bad)).toBeNull();
    }
  });
});

describe("legend", () => {
  const item = (key: string, value: number | null): LegendItem => ({
    key,
    name: `series ${key}`,
    color: "",
    draw: "line",
    marker: 0,
    shown: true,
    calcs: [{ name: "Max", value, text: "" }],
  });
  const keys = (items: readonly LegendItem[]) => items.map((one) => one.key).join("");

  it("sorts by value with missing ones last, and by name as people count", () => {
    const items = [item("2", null), item("10", 5), item("1", 9)];
    expect(keys(sortItems(items, "Max", true))).toBe("1102");
    expect(keys(sortItems(items, "Max", false))).toBe("1012");
    expect(keys(sortItems(items, "name", false))).toBe("1210");
  });

  it("leaves one alone, brings all back, and hides one", () => {
    const all = ["a", "b", "c"];
    const alone = toggled(all, new Set(), "b", true);
    expect([...alone]).toEqual(["a", "c"]);
    expect([...toggled(all, alone, "b", true)]).toEqual([]);
    expect([...toggled(all, alone, "a", true)]).toEqual(["b", "c"]);
    expect([...toggled(all, alone, "a", false)]).toEqual(["c"]);
    expect([...toggled(all, new Set(), "a", false)]).toEqual(["a"]);
  });
});

describe("shares", () => {
  const part = (name: string, value: number) => ({ key: name, name, value, color: "" });

  it("are of the sum of what is above zero", () => {
    const shares = sharesOf([part("a", 3), part("b", 1), part("c", 0), part("d", NaN), part("e", -4)]);
    expect(shares.map((one) => [one.part.name, one.share])).toEqual([
      ["a", 0.75],
      ["b", 0.25],
    ]);
    expect(sharesText("stages", shares)).toBe("stages: a 75 %; b 25 %");
    expect(sharesOf([part("a", 0)])).toEqual([]);
  });

  it("tell little from nothing", () => {
    expect([0, 0.001, 0.01, 0.5, NaN].map(percentText)).toEqual(["0 %", "<1 %", "1 %", "50 %", "0 %"]);
  });
});

describe("sparklines", () => {
  const frame = { width: 100, height: 20 };

  it("see values against zero where zero is near", () => {
    expect(sparkRange([1, 5, null], frame)).toEqual([0, 5]);
    expect(sparkRange([100, 101], frame)).toEqual([100, 101]);
    expect(sparkRange([NaN, null], frame)).toEqual([0, 1]);
    expect(sparkRange([0, 0], frame)).toEqual([0, 1]);
  });

  it("leave gaps open and show a lone value", () => {
    const paths = sparkPaths([1, 2, null, 3, NaN, 4, 5], undefined, frame);
    expect(paths.line.match(/M/g)).toHaveLength(2);
    expect(paths.dots).toHaveLength(1);
    expect(paths.line).not.toMatch(/NaN|Infinity/);
  });

  it("stand at their times", () => {
    expect(sparkPaths([1, 1, 1], [0, 90, 100], frame).line).toMatch(/^M0 .*L90 .*L100 /);
    expect(sparkPaths([], undefined, frame)).toEqual({ line: "", area: "", dots: [] });
  });
});

describe("tables", () => {
  const column = (key: string, values: CellValue[]): TableColumn => ({ key, name: key, values });

  it("order numbers before texts, and texts by the worth of their digits", () => {
    expect(compareCells(2, 10)).toBeLessThan(0);
    expect(compareCells("v2", "v10")).toBeLessThan(0);
    expect(compareCells(5, "a")).toBeLessThan(0);
  });

  it("put what is missing last, whichever way they are sorted", () => {
    const columns = [column("a", [3, null, NaN, 1])];
    expect(rowOrder(columns, { key: "a", desc: false }, {})).toEqual([3, 0, 1, 2]);
    expect(rowOrder(columns, { key: "a", desc: true }, {})).toEqual([0, 3, 1, 2]);
  });

  it("filter by what is written", () => {
    const columns = [column("a", ["Decode", "detect", "crop"])];
    expect(rowOrder(columns, null, { a: "DE" })).toEqual([0, 1]);
    expect(rowOrder([], null, {})).toEqual([]);
  });

  it("sort numbers from the greatest, then the other way, then not at all", () => {
    const columns = [column("a", [1, 2]), column("b", ["x"])];
    const first = nextSort(columns, null, "a");
    expect(first).toEqual({ key: "a", desc: true });
    expect(nextSort(columns, first, "a")).toEqual({ key: "a", desc: false });
    expect(nextSort(columns, { key: "a", desc: false }, "a")).toBeNull();
    expect(nextSort(columns, first, "b")).toEqual({ key: "b", desc: false });
  });
});

describe("the tooltip", () => {
  it("stays within the window", () => {
    expect(tipPlace(100, 50, 1000, 10)).toBe(110);
    expect(tipPlace(980, 50, 1000, 10)).toBe(920);
    expect(tipPlace(150, 300, 320, 10)).toBe(16);
    expect(tipPlace(10, 5000, 320, 10)).toBe(4);
  });

  it("keeps the line under the mouse among the first ones", () => {
    const lines = Array.from({ length: 9 }, (_, i) => ({ name: String(i), strong: i === 8 }));
    expect(chosenLines(lines, 4).map((line) => line.name)).toEqual(["0", "1", "2", "8"]);
    expect(chosenLines(lines.slice(0, 4), 4)).toHaveLength(4);
  });
});
