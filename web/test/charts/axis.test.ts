// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { evenDecimals } from "../../src/charts/axistext";
import {
  axisRange,
  linearTicks,
  logTicks,
  niceStep,
  timeStep,
  timeText,
  timeTicks,
  timeTickText,
} from "../../src/charts/axis";

const minute = 60_000;
const noon = Date.UTC(2026, 10, 26, 12);

describe("axisRange", () => {
  it("sees values against zero where zero is near", () => {
    expect(axisRange(10, 100, {})[0]).toBe(0);
    expect(axisRange(-100, -10, {})[1]).toBe(0);
  });

  it("comes closer where the values are far from zero", () => {
    const [from, to] = axisRange(1000, 1010, {});
    expect(from).toBeGreaterThan(990);
    expect(to).toBeLessThan(1020);
  });

  it("holds zero where it is asked to", () => {
    expect(axisRange(1000, 1010, { zero: true })[0]).toBe(0);
  });

  it("has room around a constant, and around nothing", () => {
    expect(axisRange(5, 5, {})).toEqual([0, expect.closeTo(7.95)]);
    expect(axisRange(0, 0, {})[1]).toBeGreaterThan(0);
    expect(axisRange(-5, -5, {})[1]).toBe(0);
    expect(axisRange(null, null, {})).toEqual([0, 1]);
  });

  it("obeys hard limits, and soft ones where the values stay within", () => {
    expect(axisRange(10, 100, { min: 50, max: 60 })).toEqual([50, 60]);
    expect(axisRange(10, 20, { softMin: -5, softMax: 200 })).toEqual([-5, 200]);
    expect(axisRange(10, 300, { softMax: 200 })[1]).toBeGreaterThan(300);
  });

  it("never turns around", () => {
    for (const wish of [{ min: 500 }, { max: -500 }, { min: 5, max: 5 }, { min: 9, max: 1 }]) {
      const [from, to] = axisRange(10, 100, wish);
      expect(to).toBeGreaterThan(from);
    }
  });

  it("goes from power to power on a logarithmic axis", () => {
    expect(axisRange(0.02, 3, { log: 10 })).toEqual([expect.closeTo(0.01), 10]);
    expect(axisRange(3, 100, { log: 2 })).toEqual([2, 128]);
    expect(axisRange(null, null, { log: 10 })).toEqual([1, 10]);
    expect(axisRange(-4, -1, { log: 10 })[0]).toBeGreaterThan(0);
  });

  it("keeps very small and very large values apart", () => {
    for (const value of [1e-12, 1e15]) {
      const [from, to] = axisRange(value, value * 1.5, {});
      expect(linearTicks(from, to, 5).length).toBeGreaterThan(1);
    }
  });
});

describe("ticks", () => {
  it("are 1, 2 or 5 times a power of ten apart", () => {
    expect([0.03, 0.11, 2.2, 7, 10, 1e-13].map(niceStep)).toEqual([0.05, 0.2, 5, 10, 10, 1e-13]);
    expect(linearTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(linearTicks(-0.3, 0.3, 3)).toEqual([-0.2, 0, 0.2]);
  });

  it("are powers of two for bytes", () => {
    expect(linearTicks(0, 4096, 4, true)).toEqual([0, 1024, 2048, 3072, 4096]);
  });

  it("end, whatever they are asked for", () => {
    expect(linearTicks(0, Infinity, 5).length).toBeLessThan(10);
    expect(linearTicks(NaN, NaN, 5).length).toBeLessThan(10);
    expect(linearTicks(1e15, 1e15 + 1e-9, 5).length).toBeLessThan(10);
  });

  it("skip powers where there are too many", () => {
    expect(logTicks(0.01, 100, 10, 9)).toEqual([0.01, 0.1, 1, 10, 100].map((tick) => expect.closeTo(tick)));
    expect(logTicks(1e-9, 1e9, 10, 5).length).toBeLessThanOrEqual(5);
  });
});

describe("the texts of ticks", () => {
  it("have as many decimals as the one that needs most", () => {
    expect(evenDecimals(["0 s", "200 ms", "1 s", "1.20 s", "1.40 s"])).toEqual([
      "0 s",
      "200 ms",
      "1.0 s",
      "1.2 s",
      "1.4 s",
    ]);
    expect(evenDecimals(["0", "0.200", "1"])).toEqual(["0", "0.2", "1.0"]);
    expect(evenDecimals(["3 GiB", "3.25 GiB", "3.50 GiB"])).toEqual(["3.00 GiB", "3.25 GiB", "3.50 GiB"]);
    expect(evenDecimals(["0%", "20.0%", "100%"])).toEqual(["0%", "20%", "100%"]);
  });

  it("are left alone where they are no numbers, or in powers of ten", () => {
    expect(evenDecimals(["+Inf", "on", "-1.50 °C", "1.5e-12", ""])).toEqual([
      "+Inf",
      "on",
      "-1.5 °C",
      "1.5e-12",
      "",
    ]);
  });
});

describe("time ticks", () => {
  it("fall on round times", () => {
    expect(timeStep(60 * minute, 6)).toBe(10 * minute);
    const ticks = timeTicks(noon - 61 * minute, noon, 6, true);
    expect(ticks.every((tick) => tick % (15 * minute) === 0)).toBe(true);
    expect(ticks[ticks.length - 1]).toBe(noon);
  });

  it("fall on midnight over days", () => {
    const ticks = timeTicks(noon - 5 * 86_400_000, noon, 6, true);
    expect(ticks.map((tick) => tick % 86_400_000)).toEqual(new Array(ticks.length).fill(0));
  });

  it("stay within the range, ascending, in any zone", () => {
    for (const utc of [true, false]) {
      const ticks = timeTicks(noon - 7 * 3_600_000, noon, 8, utc);
      expect(ticks.length).toBeGreaterThan(2);
      expect(
        ticks.every((tick, i) => tick >= noon - 7 * 3_600_000 && (i === 0 || tick > (ticks[i - 1] ?? 0))),
      ).toBe(true);
    }
  });

  it("are written with as much as tells them apart, on a 24-hour clock", () => {
    const at = Date.UTC(2026, 10, 26, 15, 4, 5, 6);
    expect(timeTickText(at, 1, true)).toBe("15:04:05.006");
    expect(timeTickText(at, 1000, true)).toBe("15:04:05");
    expect(timeTickText(at, minute, true)).toBe("15:04");
    expect(timeTickText(Date.UTC(2026, 10, 26), 6 * 3_600_000, true)).toBe("26 Nov");
    expect(timeTickText(at, 365 * 86_400_000, true)).toBe("Nov 2026");
  });

  it("are told in full in a table", () => {
    expect(timeText(noon, true)).toBe("2026-11-26 12:00:00");
    expect(timeText(noon + 7, true, true)).toBe("2026-11-26 12:00:00.007");
    expect(timeText(NaN, true)).toBe("");
  });
});
