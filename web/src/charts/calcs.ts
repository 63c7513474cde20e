// SPDX-License-Identifier: Apache-2.0
// The values a legend shows beside a name.
import type { ChartSeries } from "./types";

type Calc = LegendCalc[];
export interface LegendCalc {
  readonly name: string;
  readonly value: number | null;
  readonly text: string;
}

function reduceSimple(values: readonly (number | null)[], calc: string): number | null {
  const numbers = values.filter((value): value is number => value !== null && !Number.isNaN(value));
  switch (calc) {
    case "min":
      return numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b));
    case "max":
      return numbers.length === 0 ? null : numbers.reduce((a, b) => Math.max(a, b));
    case "mean":
      return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0) / numbers.length;
    case "sum":
      return numbers.reduce((a, b) => a + b, 0);
    default:
      return numbers[numbers.length - 1] ?? null;
  }
}

export function legendCalcs(series: ChartSeries, calcs: readonly string[]): Calc {
  return calcs.map((calc) => {
    const value = reduceSimple(series.values, calc);
    return { name: calc, value, text: series.format(value) };
  });
}
