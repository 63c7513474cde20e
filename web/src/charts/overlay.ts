// SPDX-License-Identifier: Apache-2.0
// What is drawn over and under the lines of a time series chart: thresholds, annotations, exemplars, and a
// marker at the end of each line.
import type uPlot from "uplot";
import { withAlpha, type CanvasColors } from "./color";
import { drawMarker } from "./markers";
import type { PlotModel } from "./plotmodel";
import type { ChartAnnotation, ChartExemplar } from "./types";

export interface Overlay {
  readonly model: PlotModel;
  readonly annotations: readonly ChartAnnotation[];
  readonly exemplars: readonly ChartExemplar[];
  readonly colors: CanvasColors;
}

const endMarkersMax = 16; // lines; more would be a column of dots

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function frameOf(u: uPlot): Frame {
  const { left, top, width, height } = u.bbox;
  return { left, top, right: left + width, bottom: top + height };
}

function inside(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value));
}

// Each threshold once for each axis it stands on.
function thresholds(
  u: uPlot,
  over: Overlay,
  area: boolean,
  draw: (y: number, next: number, color: string) => void,
) {
  for (const plan of over.model.scales) {
    const owner = plan.series
      .map((index) => over.model.series[index])
      .find((one) => one?.thresholds !== undefined);
    const steps = (owner?.thresholds ?? []).filter((step) => step.area === area);
    const low = u.scales[plan.key]?.min ?? null;
    if (low === null) {
      continue;
    }
    const y = (value: number) => u.valToPos(Math.max(value, low), plan.key, true);
    steps.forEach((step, index) => {
      const next = steps[index + 1]?.value ?? Infinity;
      draw(y(step.value), Number.isFinite(next) ? y(next) : -Infinity, step.color);
    });
  }
}

function thresholdAreas(u: uPlot, over: Overlay): void {
  const frame = frameOf(u);
  thresholds(u, over, true, (y, next, color) => {
    const from = inside(y, frame.top, frame.bottom);
    const to = inside(next, frame.top, frame.bottom);
    u.ctx.fillStyle = withAlpha(color, 0.12, over.colors.theme);
    u.ctx.fillRect(frame.left, to, frame.right - frame.left, from - to);
  });
}

function thresholdLines(u: uPlot, over: Overlay, ratio: number): void {
  const frame = frameOf(u);
  thresholds(u, over, false, (y, _next, color) => {
    if (y < frame.top || y > frame.bottom || !Number.isFinite(y)) {
      return;
    }
    u.ctx.strokeStyle = withAlpha(color, 0.9, over.colors.theme);
    u.ctx.lineWidth = ratio;
    u.ctx.setLineDash([6 * ratio, 4 * ratio]);
    u.ctx.beginPath();
    u.ctx.moveTo(frame.left, Math.round(y) + 0.5);
    u.ctx.lineTo(frame.right, Math.round(y) + 0.5);
    u.ctx.stroke();
  });
  u.ctx.setLineDash([]);
}

function regions(u: uPlot, over: Overlay): void {
  const frame = frameOf(u);
  for (const { from, to, color } of over.annotations) {
    if (to === undefined || to <= over.model.from || from >= over.model.to) {
      continue;
    }
    const x = inside(u.valToPos(from, "x", true), frame.left, frame.right);
    const end = inside(u.valToPos(to, "x", true), frame.left, frame.right);
    u.ctx.fillStyle = withAlpha(color, 0.14, over.colors.theme);
    u.ctx.fillRect(x, frame.top, end - x, frame.bottom - frame.top);
    u.ctx.fillStyle = withAlpha(color, 0.9, over.colors.theme);
    u.ctx.fillRect(x, frame.bottom - 3, end - x, 3);
  }
}

function annotationLines(u: uPlot, over: Overlay, ratio: number): void {
  const frame = frameOf(u);
  const { ctx } = u;
  for (const { from, to, color } of over.annotations) {
    const ends = to === undefined ? [from] : [from, to];
    for (const time of ends) {
      if (time < over.model.from || time > over.model.to) {
        continue;
      }
      const x = Math.round(u.valToPos(time, "x", true)) + 0.5;
      ctx.strokeStyle = withAlpha(color, 0.9, over.colors.theme);
      ctx.fillStyle = ctx.strokeStyle;
      ctx.lineWidth = ratio;
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, frame.top);
      ctx.lineTo(x, frame.bottom);
      ctx.stroke();
      ctx.setLineDash([]);
      drawMarker(ctx, 2, x, frame.bottom - 3 * ratio, 4 * ratio);
      ctx.fill();
    }
  }
}

// Where an exemplar stands, in canvas pixels; one beyond the axis stands at its edge.
export function exemplarPlace(
  u: uPlot,
  model: PlotModel,
  exemplar: ChartExemplar,
): [x: number, y: number] | null {
  const key = model.scales[0]?.key;
  if (
    key === undefined ||
    u.scales[key]?.min == null ||
    exemplar.time < model.from ||
    exemplar.time > model.to
  ) {
    return null;
  }
  const frame = frameOf(u);
  const y = u.valToPos(exemplar.value, key, true);
  return [
    u.valToPos(exemplar.time, "x", true),
    inside(Number.isFinite(y) ? y : frame.bottom, frame.top, frame.bottom),
  ];
}

function exemplars(u: uPlot, over: Overlay, ratio: number): void {
  u.ctx.fillStyle = withAlpha(over.colors.accent, 0.75, over.colors.theme);
  u.ctx.strokeStyle = over.colors.panel;
  u.ctx.lineWidth = ratio;
  for (const exemplar of over.exemplars) {
    const place = exemplarPlace(u, over.model, exemplar);
    if (place !== null) {
      drawMarker(u.ctx, 3, place[0], place[1], 4 * ratio);
      u.ctx.fill();
      u.ctx.stroke();
    }
  }
}

function lastPoint(u: uPlot, column: number): [number, number] | null {
  const values = u.data[column] as (number | null | undefined)[];
  const [first, last] = u.series[0]?.idxs ?? [0, -1];
  for (let i = last ?? -1; i >= (first ?? 0); i--) {
    const value = values[i];
    if (value !== null && value !== undefined) {
      return [u.data[0][i] ?? 0, value];
    }
  }
  return null;
}

function endMarkers(u: uPlot, over: Overlay, ratio: number): void {
  const lines = over.model.series.filter((one, index) => over.model.shown[index] && one.draw !== "bars");
  if (lines.length < 2 || lines.length > endMarkersMax) {
    return; // one line needs no name, and a crowd has no room for them
  }
  over.model.series.forEach((series, index) => {
    const point = over.model.shown[index] && series.draw !== "bars" ? lastPoint(u, index + 1) : null;
    if (point === null || point[0] > over.model.to) {
      return;
    }
    const x = u.valToPos(point[0], "x", true);
    const y = u.valToPos(point[1], over.model.scaleOf[index] ?? "", true);
    if (Number.isFinite(y)) {
      u.ctx.fillStyle = withAlpha(series.color, 1, over.colors.theme);
      drawMarker(u.ctx, index, x, y, 3.2 * ratio);
      u.ctx.fill();
    }
  });
}

function clipped(u: uPlot, by: number, draw: () => void): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left - by, top - by, width + 2 * by, height + 2 * by);
  u.ctx.clip();
  draw();
  u.ctx.restore();
}

export function drawUnder(u: uPlot, over: Overlay): void {
  clipped(u, 0, () => {
    thresholdAreas(u, over);
    regions(u, over);
  });
}

export function drawOver(u: uPlot, over: Overlay, ratio: number): void {
  clipped(u, 5 * ratio, () => {
    thresholdLines(u, over, ratio);
    annotationLines(u, over, ratio);
    endMarkers(u, over, ratio);
    exemplars(u, over, ratio);
  });
}
