// SPDX-License-Identifier: Apache-2.0
// The values a legend shows beside a name.
import { calcName, reduce } from "../lib/reduce";
import type { ChartSeries, LegendItem } from "./types";

// How many there are has no unit of the series, and neither has how often they changed.
const plain = new Set(["count", "changeCount", "distinctCount", "allIsZero", "allIsNull"]);

export function legendCalcs(
  series: Pick<ChartSeries, "values" | "format">,
  calcs: readonly string[],
): LegendItem["calcs"] {
  return calcs.map((calc) => {
    const value = reduce(calc, series.values);
    const text = plain.has(calc) ? (value === null ? "" : String(value)) : series.format(value);
    return { name: calcName(calc), value, text };
  });
}
