// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  isScheme,
  resolveColor,
  schemeColor,
  seriesColor,
  seriesColorByName,
  shadeOf,
} from "../../src/lib/colors";
import { displayOf, extent, seriesColorOf } from "../../src/lib/display";
import type { FieldConfig } from "../../src/lib/frame";

const dark = { theme: "dark" } as const;

describe("colours", () => {
  test.each([
    ["green", "#73bf69", "#56a64b"],
    ["semi-dark-blue", "#3274d9", "#1f60c4"],
    ["super-light-yellow", "#fff899", "#ffee52"],
    ["transparent", "#00000000", "#ffffff00"],
    ["#ABC", "#abc", "#abc"],
    ["rgb(1, 2, 3)", "rgb(1, 2, 3)", "rgb(1, 2, 3)"],
    ["rebeccapurple", "rebeccapurple", "rebeccapurple"],
    ["url(x)", "#808080", "#808080"],
    ["constructor ", "constructor", "constructor"],
    ["", "#808080", "#808080"],
  ])("%s", (name, inDark, inLight) => {
    expect([resolveColor(name, "dark"), resolveColor(name, "light")]).toEqual([inDark, inLight]);
  });

  test("series count through the palette and begin again", () => {
    expect([0, 1, 2, 64].map((index) => seriesColor(index, "dark"))).toEqual([
      "#73bf69",
      "#f2cc0c",
      "#5794f2",
      "#73bf69",
    ]);
  });

  test("a name has the same colour everywhere", () => {
    expect(seriesColorByName("p95", "dark")).toBe(seriesColorByName("p95", "dark"));
  });

  test("schemes end where their colours do", () => {
    expect(isScheme("continuous-GrYlRd")).toBe(true);
    expect(isScheme("continuous-nope") || isScheme("GrYlRd")).toBe(false);
    expect([-1, 0, 1, 2].map((ratio) => schemeColor("continuous-GrYlRd", ratio, "dark"))).toEqual([
      "#73bf69",
      "#73bf69",
      "#f2495c",
      "#f2495c",
    ]);
    expect(schemeColor("continuous-viridis", 0.5, "dark")).toBe("#21918c");
  });

  test("shades differ", () => {
    const shades = [0, 1, 2, 3, 4].map((index) => shadeOf("blue", index, "dark"));
    expect(shades[0]).toBe("#5794f2");
    expect(new Set(shades).size).toBe(5);
  });
});

describe("displayOf", () => {
  const config: FieldConfig = {
    unit: "percentunit",
    thresholds: {
      mode: "absolute",
      steps: [
        { value: null, color: "red" },
        { value: 0.99, color: "green" },
      ],
    },
    mappings: [{ type: "special", options: { match: "nan", result: { text: "No traffic", color: "text" } } }],
    noValue: "-",
    min: 0,
    max: 1,
  };

  test("a number", () => {
    expect(displayOf(0.995, config, dark)).toEqual({
      text: "99.5",
      prefix: "",
      suffix: "%",
      full: "99.5%",
      color: "#73bf69",
      percent: 0.995,
      numeric: 0.995,
      state: "99% and above",
    });
    expect(displayOf(0.5, config, dark).state).toBe("below 99%");
  });

  test("a mapping stands alone", () => {
    const shown = displayOf(NaN, config, dark);
    expect([shown.full, shown.color, shown.numeric]).toEqual(["No traffic", "#ccccdc", null]);
  });

  test("no value", () => {
    expect(displayOf(null, config, dark).full).toBe("-");
    expect(displayOf(null, {}, dark).full).toBe("");
    expect(displayOf(NaN, {}, dark).full).toBe("NaN");
  });

  test("texts", () => {
    expect(displayOf("ready", {}, dark).full).toBe("ready");
    expect(displayOf("12", { unit: "s" }, dark).full).toBe("12 s");
    expect(displayOf("12", {}, dark).numeric).toBeNull();
  });

  test("points in time", () => {
    const shown = displayOf(0, { unit: "s" }, { ...dark, type: "time", utc: true });
    expect(shown.full).toBe("1970-01-01 00:00:00");
  });

  test.each<[FieldConfig["color"], string]>([
    [{ mode: "fixed", fixedColor: "purple" }, "#b877d9"],
    [{ mode: "palette-classic" }, "#5794f2"],
    [{ mode: "continuous-BlPu" }, "#b877d9"],
    [{ mode: "thresholds" }, "#73bf69"],
    [undefined, "#73bf69"],
  ])("the mode %j", (color, want) => {
    const all = { ...config, ...(color === undefined ? {} : { color }) };
    expect(displayOf(1, all, { ...dark, seriesIndex: 2 }).color).toBe(want);
  });

  test("a series has the colour of its last value, or what it says", () => {
    expect(seriesColorOf([1, 0.5], config, dark)).toBe("#f2495c");
    const byMax = { ...config, color: { mode: "thresholds", seriesBy: "max" } };
    expect(seriesColorOf([1, 0.5], byMax, dark)).toBe("#73bf69");
  });
});

test("extent", () => {
  expect(extent([{ values: [3, null, NaN] }, { values: [-1, "x"] }])).toEqual({ min: -1, max: 3 });
  expect(extent([])).toEqual({ min: 0, max: 100 });
});
