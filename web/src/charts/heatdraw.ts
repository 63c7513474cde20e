// SPDX-License-Identifier: Apache-2.0
// The drawing of a heatmap: axes, cells and exemplars, in CSS pixels.
import { timeStep, timeTicks, timeTickText } from "./axis";
import { shortDecimals } from "./axistext";
import { canvasColors, withAlpha, type CanvasColors } from "./color";
import { colorIndex, type CountScale } from "./heatcolor";
import { boundText, seenColumns, spacedTicks, type HeatRows } from "./heatlayout";
import { drawMarker } from "./markers";
import type { ChartExemplar, HeatmapProps } from "./types";

export interface HeatInput {
  readonly props: HeatmapProps;
  readonly theme: string;
  readonly rows: HeatRows;
  readonly colors: readonly string[];
  readonly scale: CountScale | null; // null: nothing counted
  readonly onCount: (count: number | null) => void; // under the mouse
}

// Where the cells are, within the canvas.
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Context = CanvasRenderingContext2D;

const topRoom = 8; // half a label of the value axis
const bottomRoom = 24;
const rightRoom = 29; // half a label of the time axis, with seconds
const labelHeight = 18;
const timeLabelWidth = 64;
const gapFrom = 5; // pixels; smaller cells touch

export function timeX(input: HeatInput, frame: Frame, time: number): number {
  const { from, to } = input.props;
  return frame.left + ((time - from) / (to - from)) * frame.width;
}

export function exemplarSpot(input: HeatInput, frame: Frame, exemplar: ChartExemplar): [number, number] {
  const y = frame.top + frame.height * (1 - input.rows.place(exemplar.value));
  return [timeX(input, frame, exemplar.time), y];
}

// Draws all of it and says where the cells are.
export function drawHeat(ctx: Context, input: HeatInput, width: number, height: number): Frame {
  const colors = canvasColors(input.theme);
  ctx.clearRect(0, 0, width, height);
  ctx.font = colors.font;
  ctx.strokeStyle = colors.grid;
  ctx.fillStyle = colors.muted;
  ctx.lineWidth = 1;
  const frame = drawValueAxis(ctx, input, width, height);
  drawTimeAxis(ctx, input, frame);
  drawCells(ctx, input, frame);
  drawExemplars(ctx, input, frame, colors);
  return frame;
}

function drawValueAxis(ctx: Context, input: HeatInput, width: number, height: number): Frame {
  const inner = Math.max(10, height - bottomRoom - topRoom);
  const ticks = spacedTicks(input.rows.edges, labelHeight / inner);
  const texts = ticks.map((tick) => shortDecimals(boundText(tick.value, input.props.format)));
  const widest = texts.reduce((most, text) => Math.max(most, ctx.measureText(text).width), 0);
  const left = Math.max(20, Math.ceil(widest) + 10);
  const frame = { left, top: topRoom, width: Math.max(10, width - left - rightRoom), height: inner };
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  ctx.beginPath();
  ticks.forEach((tick, index) => {
    const y = Math.round(frame.top + inner * (1 - tick.at)) + 0.5;
    ctx.moveTo(left - 4, y);
    ctx.lineTo(left + frame.width, y);
    ctx.fillText(texts[index] ?? "", left - 6, y);
  });
  ctx.stroke();
  return frame;
}

function drawTimeAxis(ctx: Context, input: HeatInput, frame: Frame): void {
  const { from, to, timezone } = input.props;
  const utc = timezone === "utc";
  const count = Math.max(1, Math.floor(frame.width / timeLabelWidth));
  const step = timeStep(to - from, count);
  const bottom = frame.top + frame.height;
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  ctx.beginPath();
  for (const time of timeTicks(from, to, count, utc)) {
    const x = Math.round(timeX(input, frame, time)) + 0.5;
    ctx.moveTo(x, bottom);
    ctx.lineTo(x, bottom + 4);
    ctx.fillText(timeTickText(time, step, utc), x, bottom + 8);
  }
  ctx.stroke();
}

// The cells of each colour after another: setting a colour costs more than filling a cell.
function cellsByColor(input: HeatInput, scale: CountScale): readonly (readonly number[])[] {
  const { data, from, to } = input.props;
  const [first, end] = seenColumns(data.times, data.stepMs, from, to);
  const byColor: number[][] = input.colors.map(() => []);
  for (let column = first; column < end; column++) {
    data.counts[column]?.forEach((count, row) => {
      byColor[colorIndex(count, scale, input.colors.length)]?.push(column, row);
    });
  }
  return byColor;
}

function drawCells(ctx: Context, input: HeatInput, frame: Frame): void {
  if (input.scale === null) {
    return;
  }
  const { data, from, to } = input.props;
  const gap = (data.stepMs / (to - from)) * frame.width >= gapFrom ? 1 : 0;
  const edge = (share: number) => Math.round(frame.top + frame.height * (1 - share));
  const rows = input.rows.rows.map((row) => ({ top: edge(row.to), bottom: edge(row.from) }));
  ctx.save();
  ctx.beginPath();
  ctx.rect(frame.left, frame.top, frame.width, frame.height);
  ctx.clip();
  cellsByColor(input, input.scale).forEach((cells, index) => {
    ctx.fillStyle = input.colors[index] ?? "";
    for (let i = 0; i < cells.length; i += 2) {
      const end = data.times[cells[i] ?? 0] ?? 0;
      const { top = 0, bottom = 0 } = rows[cells[i + 1] ?? 0] ?? {};
      const left = Math.round(timeX(input, frame, end - data.stepMs));
      const right = Math.round(timeX(input, frame, end));
      const rowGap = gap === 1 && bottom - top >= gapFrom ? 1 : 0;
      ctx.fillRect(left, top, Math.max(1, right - left - gap), Math.max(1, bottom - top - rowGap));
    }
  });
  ctx.restore();
}

function drawExemplars(ctx: Context, input: HeatInput, frame: Frame, colors: CanvasColors): void {
  ctx.fillStyle = withAlpha(colors.accent, 0.85, input.theme);
  ctx.strokeStyle = colors.panel;
  for (const exemplar of input.props.exemplars ?? []) {
    const [x, y] = exemplarSpot(input, frame, exemplar);
    if (x >= frame.left && x <= frame.left + frame.width) {
      drawMarker(ctx, 3, x, y, 4);
      ctx.fill();
      ctx.stroke();
    }
  }
}
