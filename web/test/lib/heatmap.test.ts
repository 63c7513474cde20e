// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Frame, Histogram } from "../../src/lib/frame";
import {
  calculateHeatmap,
  classicHeatmap,
  filterValues,
  hasHistograms,
  nativeHeatmap,
} from "../../src/lib/heatmap";

function bucket(
  le: string,
  values: (number | null)[],
  times = values.map((_, index) => index * 1000),
): Frame {
  return {
    refId: "A",
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      { name: "Value", type: "number", labels: { le }, values, config: {} },
    ],
  };
}

describe("classic buckets", () => {
  test("are sorted by their bounds and lose what is below", () => {
    const found = [
      bucket("+Inf", [6, 6]),
      bucket("0.1", [1, 2]),
      bucket("10.0", [5, 6]),
      bucket("2", [4, 2]),
    ];
    const data = classicHeatmap(found, 1000);
    expect(data.bounds).toEqual([
      { lower: 0, upper: 0.1, label: "0.1" },
      { lower: 0.1, upper: 2, label: "2" },
      { lower: 2, upper: 10, label: "10" },
      { lower: 10, upper: Infinity, label: "+Inf" },
    ]);
    expect(data.counts).toEqual([
      [1, 3, 1, 1],
      [2, 0, 4, 0],
    ]);
    expect([data.times, data.stepMs]).toEqual([[0, 1000], 1000]);
  });

  test("of floats that differ by nothing are empty, and never below zero", () => {
    const data = classicHeatmap([bucket("1", [0.3, 5]), bucket("2", [0.1 + 0.2, 4])], 1000);
    expect(data.counts).toEqual([
      [0.3, 0],
      [5, 0],
    ]);
  });

  test("of several histograms are added", () => {
    const data = classicHeatmap(
      [bucket("1", [1]), bucket("2", [2]), bucket("1", [10]), bucket("2", [30])],
      1000,
    );
    expect(data.counts).toEqual([[11, 21]]);
  });

  test("that are not there at a time are no zeros", () => {
    const data = classicHeatmap([bucket("1", [1, NaN], [0, 1000]), bucket("2", [3], [1000])], 1000);
    expect(data.counts).toEqual([
      [1, null],
      [null, 3],
    ]);
  });

  test("below zero begin nowhere", () => {
    expect(classicHeatmap([bucket("-1", [1]), bucket("0", [1])], 1).bounds[0]?.lower).toBe(-Infinity);
  });

  test("without bounds are nothing", () => {
    expect(classicHeatmap([bucket("no number", [1])], 1).bounds).toEqual([]);
    expect(classicHeatmap([], 1).times).toEqual([]);
  });
});

function native(buckets: [lower: number, upper: number, count: number][]): Histogram {
  const all = buckets.map(([lower, upper, count]) => ({
    lower,
    upper,
    count,
    lowerInclusive: false,
    upperInclusive: true,
  }));
  return { count: all.reduce((sum, one) => sum + one.count, 0), sum: 0, buckets: all };
}

function histograms(...values: Histogram[]): Frame {
  return {
    refId: "A",
    fields: [
      { name: "Time", type: "time", values: values.map((_, index) => index * 1000), config: {} },
      { name: "Value", type: "histogram", values, config: {} },
    ],
  };
}

function rows(data: ReturnType<typeof nativeHeatmap>): number[][] {
  return data.bounds.map(({ lower, upper }) => [lower, upper]);
}

describe("native histograms", () => {
  test("share the bounds that no bucket has inside of it", () => {
    const fine = native([[1, 2, 1], [2, 4, 2], [4, 8, 3]]); // prettier-ignore
    const coarse = native([[1, 4, 10]]);
    const data = nativeHeatmap([histograms(fine, coarse)], 1000);
    expect(rows(data)).toEqual([
      [1, 4],
      [4, 8],
    ]);
    expect(data.counts).toEqual([
      [3, 3],
      [10, 0],
    ]);
  });

  test("have rows also for buckets that nothing fell into", () => {
    const data = nativeHeatmap([histograms(native([[1, 2, 1], [16, 32, 2]]))], 1000); // prettier-ignore
    expect(rows(data)).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
      [8, 16],
      [16, 32],
    ]);
    expect(data.counts).toEqual([[1, 0, 0, 0, 2]]);
  });

  test("have a zero bucket, which reaches from zero where nothing is below", () => {
    const data = nativeHeatmap([histograms(native([[-0.5, 0.5, 3], [1, 2, 1]]))], 1000); // prettier-ignore
    expect(rows(data)).toEqual([
      [0, 0.5],
      [0.5, 1],
      [1, 2],
    ]);
    expect(data.counts).toEqual([[3, 0, 1]]);
  });

  test("may be of numbers below zero", () => {
    const found = native([[-4, -2, 5], [-1, 1, 1], [2, 4, 2]]); // prettier-ignore
    const data = nativeHeatmap([histograms(found)], 1000);
    expect(rows(data)).toEqual([
      [-4, -2],
      [-2, -1],
      [-1, 1],
      [1, 2],
      [2, 4],
    ]);
    expect(data.counts).toEqual([[5, 0, 1, 0, 2]]);
  });

  test("of several series are added", () => {
    const one = histograms(native([[1, 2, 1]]));
    expect(nativeHeatmap([one, one], 1000).counts).toEqual([[2]]);
  });

  test("keep every observation, however many rows there are", () => {
    const many = Array.from({ length: 1000 }, (_, i): [number, number, number] => [
      1.01 ** i,
      1.01 ** (i + 1),
      1,
    ]);
    const data = nativeHeatmap([histograms(native(many))], 1000);
    expect(data.bounds.length).toBeLessThanOrEqual(300);
    expect(data.counts[0]?.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(1000);
  });

  test("are told from numbers", () => {
    expect([hasHistograms([histograms()]), hasHistograms([bucket("1", [])])]).toEqual([true, false]);
  });
});

describe("values that are counted", () => {
  test("fall into cells of nice sizes", () => {
    const data = calculateHeatmap([bucket("", [0, 12, 99, 100], [0, 500, 1000, 1999])], { xBucketMs: 1000 });
    expect(data.times).toEqual([1000, 2000]);
    expect(rows(data).slice(0, 2)).toEqual([
      [0, 10],
      [10, 20],
    ]);
    expect(data.counts.map((column) => column.filter((count) => count === 1).length)).toEqual([2, 2]);
  });

  test("stand at powers, with a row for what is not above zero", () => {
    const data = calculateHeatmap([bucket("", [0, 1, 9, 10, 500])], { yLog: 10, xBucketMs: 10_000 });
    expect(rows(data)).toEqual([
      [-Infinity, 1],
      [1, 10],
      [10, 100],
      [100, 1000],
    ]);
    expect(data.counts).toEqual([[1, 2, 1, 1]]);
  });

  test("all the same, or none", () => {
    expect(
      calculateHeatmap([bucket("", [5, 5])])
        .counts.flat()
        .reduce((a: number, b) => a + (b ?? 0), 0),
    ).toBe(2);
    expect(calculateHeatmap([]).counts).toEqual([]);
  });
});

test("filtered counts are as none", () => {
  const data = classicHeatmap([bucket("1", [0, 5, 100])], 1000);
  expect(filterValues(data, { le: 1e-9, ge: 100 }).counts).toEqual([[null], [5], [null]]);
});
