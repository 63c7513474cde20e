// SPDX-License-Identifier: Apache-2.0
// Where the bars of a bar chart stand, in shares of it: along the values from 0 to 1, across them by
// category.
import { axisRange, linearTicks } from "./axis";
import type { BarChartProps } from "./types";

export interface Bar {
  readonly series: number;
  readonly category: number;
  readonly from: number; // along the values
  readonly to: number;
  readonly at: number; // across
  readonly size: number;
}

export interface BarLayout {
  readonly bars: readonly Bar[];
  readonly ticks: readonly { readonly at: number; readonly value: number }[];
}

type Shape = Pick<BarChartProps, "series" | "stacking" | "groupWidth" | "min" | "max"> & {
  readonly categories: { readonly length: number };
};

interface Piece {
  readonly series: number;
  readonly category: number;
  readonly low: number;
  readonly high: number;
}

// Stacks grow upwards from zero with what is above it, and downwards with what is below.
function piecesOf({ series, categories, stacking }: Shape): Piece[] {
  const pieces: Piece[] = [];
  for (let category = 0; category < categories.length; category++) {
    const values = series.map((one) => one.values[category] ?? null);
    const whole = values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
    const ends = { up: 0, down: 0 };
    values.forEach((value, index) => {
      if (value === null || !Number.isFinite(value)) {
        return;
      }
      const size = stacking === "percent" ? (whole === 0 ? 0 : value / whole) : value;
      const side = size < 0 ? "down" : "up";
      const start = stacking === "none" ? 0 : ends[side];
      ends[side] = start + size;
      pieces.push({ series: index, category, low: start, high: start + size });
    });
  }
  return pieces;
}

export function barLayout(shape: Shape, ticksMax: number): BarLayout {
  const { series, categories, stacking, groupWidth } = shape;
  const pieces = piecesOf(shape);
  const ends = pieces.flatMap((piece) => [piece.low, piece.high]);
  const low = ends.reduce((a, b) => Math.min(a, b), 0);
  const high = ends.reduce((a, b) => Math.max(a, b), 0);
  const { min, max } = stacking === "percent" ? { min: low, max: high > 0 ? 1 : 0 } : shape;
  const wish = { zero: true, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const [from, to] = axisRange(low, high, wish);
  const place = (value: number) => Math.min(1, Math.max(0, (value - from) / (to - from)));
  const side = stacking === "none" ? Math.max(1, series.length) : 1; // by side
  const size = groupWidth / categories.length / side;
  const bars = pieces.map(({ series: index, category, low: a, high: b }) => ({
    series: index,
    category,
    from: place(Math.min(a, b)),
    to: place(Math.max(a, b)),
    at: (category + (1 - groupWidth) / 2) / categories.length + (stacking === "none" ? index * size : 0),
    size,
  }));
  return {
    bars,
    ticks: linearTicks(from, to, ticksMax).map((value) => ({ value, at: place(value) })),
  };
}
