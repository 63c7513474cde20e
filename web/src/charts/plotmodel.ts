// SPDX-License-Identifier: Apache-2.0
// From the properties of a time series chart to what is drawn: which series, on which axis, in which range.
// A chart whose shape() stays the same takes new numbers without being built anew.
import { axisRange, type RangeWish } from "./axis";
import { drawnColumns, type Drawn } from "./stack";
import type { ChartSeries, TimeSeriesProps } from "./types";

export interface ScalePlan {
  readonly key: string;
  readonly side: "left" | "right" | "hidden";
  readonly series: readonly number[]; // indices
  readonly wish: RangeWish;
  readonly label: string;
  readonly percent: boolean; // shares of a stack
}

export interface PlotModel {
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly series: readonly ChartSeries[];
  readonly shown: readonly boolean[];
  readonly scales: readonly ScalePlan[];
  readonly scaleOf: readonly string[];
  readonly drawn: Drawn;
  readonly shape: string;
}

function least(
  values: readonly (number | undefined)[],
  pick: (...numbers: number[]) => number,
): number | undefined {
  const numbers = values.filter((value): value is number => value !== undefined);
  return numbers.length === 0 ? undefined : pick(...numbers);
}

function scaleKey(series: ChartSeries): string {
  const percent = series.stackPercent === true && (series.stack ?? "") !== "" ? "%" : "";
  return `y:${series.axis ?? "left"}:${series.unitKey ?? ""}:${series.log ?? ""}:${percent}`;
}

function planOf(
  key: string,
  indices: readonly number[],
  all: readonly ChartSeries[],
  zero: boolean,
): ScalePlan {
  const members = indices.map((index) => all[index] as ChartSeries);
  const first = members[0] as ChartSeries;
  const percent = key.endsWith(":%");
  const stacked = members.some((series) => (series.stack ?? "") !== "");
  const bars = members.some((series) => series.draw === "bars");
  return {
    key,
    side: first.axis ?? "left",
    series: indices,
    label: members.find((series) => (series.axisLabel ?? "") !== "")?.axisLabel ?? "",
    percent,
    wish: {
      min: least(
        members.map((series) => series.min),
        Math.min,
      ),
      max: least(
        members.map((series) => series.max),
        Math.max,
      ),
      softMin: least(
        members.map((series) => series.softMin),
        Math.min,
      ),
      softMax: least(
        members.map((series) => series.softMax),
        Math.max,
      ),
      log: first.log,
      zero: zero || stacked || bars,
    },
  };
}

// One unit is one axis; a second unit that asks for none goes to the right.
export function planScales(series: readonly ChartSeries[], zero: boolean): ScalePlan[] {
  const members = new Map<string, number[]>();
  series.forEach((one, index) => {
    const key = scaleKey(one);
    const list = members.get(key);
    if (list === undefined) {
      members.set(key, [index]);
    } else {
      list.push(index);
    }
  });
  const plans = [...members].map(([key, indices]) => planOf(key, indices, series, zero));
  const left = plans.filter((plan) => plan.side === "left");
  return plans.map((plan) => {
    const asked = plan.series.some((index) => series[index]?.axis !== undefined);
    return plan === left[0] || asked || plan.side !== "left" ? plan : { ...plan, side: "right" };
  });
}

// The look of a chart without its numbers.
function shapeOf(series: readonly ChartSeries[], scales: readonly ScalePlan[]): string {
  const looks = series.map((one) => [
    one.key,
    one.color,
    one.draw,
    one.interpolation,
    one.lineWidth,
    one.fillOpacity,
    one.gradient,
    one.dash,
    one.points,
    one.spanNulls === true,
    one.stack,
    scaleKey(one),
  ]);
  return JSON.stringify([looks, scales.map((plan) => [plan.key, plan.side, plan.label, plan.wish.log])]);
}

export function plotModel(props: TimeSeriesProps, hidden: ReadonlySet<string>, seriesMax: number): PlotModel {
  const all = props.data.series.slice(0, seriesMax);
  const series = props.stacked === true ? all.map((one) => ({ ...one, stack: one.stack || "all" })) : all;
  const shown = series.map((one) => !hidden.has(one.key));
  const scales = planScales(series, props.zeroBased === true);
  const scaleOf: string[] = [];
  scales.forEach((plan) => plan.series.forEach((index) => (scaleOf[index] = plan.key)));
  return {
    times: props.data.times,
    from: props.from,
    to: props.to,
    series,
    shown,
    scales,
    scaleOf,
    drawn: drawnColumns(props.data.times, series, (index) => shown[index] === true),
    shape: shapeOf(series, scales),
  };
}

// The first and last index of the times that are seen.
function seen(times: readonly number[], from: number, to: number): [number, number] {
  let first = 0;
  while (first < times.length && (times[first] ?? 0) < from) {
    first++;
  }
  let last = times.length - 1;
  while (last >= first && (times[last] ?? 0) > to) {
    last--;
  }
  return [first, last];
}

// Over the shown series of the axis, within the times seen, thresholds left out: they are drawn where they
// fall.
export function rangeOf(model: PlotModel, plan: ScalePlan): [number, number] {
  const [first, last] = seen(model.times, model.from, model.to);
  let low: number | null = null;
  let high: number | null = null;
  for (const index of plan.series) {
    if (model.shown[index] !== true) {
      continue;
    }
    const column = model.drawn.columns[index] ?? [];
    for (let i = first; i <= last; i++) {
      const value = column[i];
      if (value !== null && value !== undefined) {
        low = low === null || value < low ? value : low;
        high = high === null || value > high ? value : high;
      }
    }
  }
  const wish = plan.percent && low !== null && low >= 0 ? { ...plan.wish, min: 0, max: 1 } : plan.wish;
  return axisRange(low, high, wish);
}

// The index whose time is nearest, or null where there are none.
export function nearestIndex(times: readonly number[], time: number): number | null {
  if (times.length === 0) {
    return null;
  }
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return time - (times[low] ?? 0) <= (times[high] ?? 0) - time ? low : high;
}

// The nearest index that has a value, not further away than `reach` milliseconds.
export function valueNear(
  times: readonly number[],
  values: readonly (number | null)[],
  index: number,
  reach: number,
): number | null {
  const at = times[index] ?? 0;
  const has = (i: number) => values[i] !== null && values[i] !== undefined;
  if (has(index)) {
    return index;
  }
  for (let by = 1; index - by >= 0 || index + by < times.length; by++) {
    const before = at - (times[index - by] ?? -Infinity);
    const after = (times[index + by] ?? Infinity) - at;
    if (before > reach && after > reach) {
      return null;
    }
    if (before <= reach && has(index - by)) {
      return index - by;
    }
    if (after <= reach && has(index + by)) {
      return index + by;
    }
  }
  return null;
}
