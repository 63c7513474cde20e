// SPDX-License-Identifier: Apache-2.0
// What of a time series chart is under the mouse: an exemplar, the nearest series, and the next one up or
// down for the keys.
import uPlot from "uplot";
import { exemplarPlace } from "./overlay";
import { valueNear, type PlotModel } from "./plotmodel";
import type { ChartExemplar } from "./types";

const exemplarReachPx = 8;

interface Spot {
  readonly series: number;
  readonly top: number; // pixels
}

// Where each shown series has its value at a time.
function spotsAt(u: uPlot, model: PlotModel, index: number, reach: number): Spot[] {
  return model.series.flatMap((series, at) => {
    const found = model.shown[at] === true ? valueNear(model.times, series.values, index, reach) : null;
    const drawn = found === null ? null : model.drawn.columns[at]?.[found];
    const top = drawn == null ? NaN : u.valToPos(drawn, model.scaleOf[at] ?? "");
    return Number.isNaN(top) ? [] : [{ series: at, top }];
  });
}

export function nearestSeries(
  u: uPlot,
  model: PlotModel,
  index: number,
  reach: number,
  top: number,
): number | null {
  let nearest: number | null = null;
  let least = Infinity;
  for (const spot of spotsAt(u, model, index, reach)) {
    const distance = Math.abs(spot.top - top);
    if (distance < least) {
      [nearest, least] = [spot.series, distance];
    }
  }
  return nearest;
}

// The place of the series that is the next below (1) or above (-1), round and round.
export function nextSpot(
  u: uPlot,
  model: PlotModel,
  index: number,
  now: number | null,
  by: number,
): number | null {
  const spots = spotsAt(u, model, index, 0).sort((a, b) => a.top - b.top);
  const at = spots.findIndex((spot) => spot.series === now);
  const next = at < 0 ? 0 : (at + by + spots.length) % spots.length;
  return spots[next]?.top ?? null;
}

export function exemplarAt(
  u: uPlot,
  model: PlotModel,
  exemplars: readonly ChartExemplar[],
  left: number,
  top: number,
): ChartExemplar | null {
  const ratio = uPlot.pxRatio;
  for (const exemplar of exemplars) {
    const place = exemplarPlace(u, model, exemplar);
    const dx = place === null ? Infinity : (place[0] - u.bbox.left) / ratio - left;
    const dy = place === null ? Infinity : (place[1] - u.bbox.top) / ratio - top;
    if (Math.hypot(dx, dy) <= exemplarReachPx) {
      return exemplar;
    }
  }
  return null;
}
