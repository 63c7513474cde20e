// SPDX-License-Identifier: Apache-2.0
// The canvas of a heatmap: cells, axes, and what the mouse does on it.
import { timeStep, timeText, timeTicks, timeTickText } from "./axis";
import { canvasColors, withAlpha, type CanvasColors } from "./color";
import { joinCrosshair, moveCrosshair, type Follower } from "./crosshair";
import { colorIndex, type CountScale } from "./heatcolor";
import {
  boundsText,
  boundText,
  columnAt,
  rowAt,
  seenColumns,
  spacedTicks,
  type HeatRows,
} from "./heatlayout";
import { drawMarker } from "./markers";
import { drawNever, drawSoon, watchPlace, watchSize } from "./observe";
import { exemplarTip } from "./plottip";
import { hideTip, showTip, type TipLine } from "./tooltip";
import type { ChartExemplar, HeatmapProps } from "./types";

export interface HeatInput {
  readonly props: HeatmapProps;
  readonly theme: string;
  readonly rows: HeatRows;
  readonly colors: readonly string[];
  readonly scale: CountScale | null; // null: nothing counted
  readonly onCount: (count: number | null) => void; // under the mouse
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const bottomRoom = 24;
const rightRoom = 20; // half a label of the time axis
const labelHeight = 18;
const gapFrom = 5; // pixels; smaller cells touch
const exemplarReachPx = 8;

export class HeatPlot implements Follower {
  private input: HeatInput | null = null;
  private near = false;
  private width = 0;
  private height = 0;
  private frame: Frame = { left: 0, top: 0, width: 0, height: 0 };
  private dragFrom: number | null = null;
  private at: readonly [column: number, row: number] | null = null; // by the keys
  private group: { name: string; leave: () => void } | null = null;
  private readonly canvas = document.createElement("canvas");
  private readonly line = document.createElement("div");
  private readonly select = document.createElement("div");
  private readonly unwatch: (() => void)[];
  private readonly draw = () => this.drawNow();

  constructor(private readonly place: HTMLElement) {
    this.canvas.className = "heat-canvas";
    this.line.className = "u-cursor-x";
    this.select.className = "u-select";
    this.line.hidden = true;
    this.select.hidden = true;
    place.append(this.canvas, this.line, this.select);
    this.unwatch = [
      watchSize(place, (width, height) => {
        [this.width, this.height] = [Math.floor(width), Math.floor(height)];
        this.request();
      }),
      watchPlace(place, (near) => {
        this.near = near;
        this.request();
      }),
      this.listen("mousemove", (event) => this.onMove(event)),
      this.listen("mouseleave", () => this.leave()),
      this.listen("mousedown", (event) => this.onDown(event)),
      this.listen("dblclick", () => this.input?.props.onZoomOut?.()),
    ];
  }

  update(input: HeatInput): void {
    this.input = input;
    const name = input.props.crosshair ?? "";
    if (this.group?.name !== name) {
      this.group?.leave();
      this.group = name === "" ? null : { name, leave: joinCrosshair(name, this) };
    }
    this.request();
  }

  destroy(): void {
    this.unwatch.forEach((stop) => stop());
    this.group?.leave();
    drawNever(this.draw);
    hideTip(this);
    this.place.replaceChildren();
  }

  follow(time: number | null): void {
    this.showLine(time);
  }

  leave(): void {
    this.at = null;
    hideTip(this);
    this.input?.onCount(null);
    this.showLine(null);
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, null);
    }
  }

  // By the keys, from cell to cell.
  step(columns: number, rows: number): void {
    const data = this.input?.props.data;
    if (data === undefined || data.times.length === 0) {
      return;
    }
    const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
    const [column, row] = this.at ?? [data.times.length - 1 - columns, 0];
    this.at = [clamp(column + columns, data.times.length), clamp(row + rows, data.bounds.length)];
    const middle = (data.times[this.at[0]] ?? 0) - data.stepMs / 2;
    const place = this.input?.rows.rows[this.at[1]];
    const y = this.frame.top + this.frame.height * (1 - ((place?.from ?? 0) + (place?.to ?? 0)) / 2);
    this.tell(this.x(middle), y);
  }

  private listen(
    type: "mousemove" | "mouseleave" | "mousedown" | "dblclick",
    on: (event: MouseEvent) => void,
  ) {
    this.place.addEventListener(type, on);
    return () => this.place.removeEventListener(type, on);
  }

  private request(): void {
    if (this.near && this.input !== null && this.width > 0 && this.height > 0) {
      drawSoon(this.draw);
    }
  }

  private x(time: number): number {
    const { from, to } = (this.input as HeatInput).props;
    return this.frame.left + ((time - from) / (to - from)) * this.frame.width;
  }

  private time(x: number): number {
    const { from, to } = (this.input as HeatInput).props;
    return from + ((x - this.frame.left) / Math.max(1, this.frame.width)) * (to - from);
  }

  private showLine(time: number | null): void {
    const x = time === null || this.input === null ? -1 : this.x(time);
    const inside = x >= this.frame.left && x <= this.frame.left + this.frame.width;
    this.line.hidden = !inside;
    this.line.style.transform = `translate(${Math.round(x)}px, 0)`;
    this.line.style.height = `${this.frame.top + this.frame.height}px`;
  }

  private drawNow(): void {
    const { input, canvas } = this;
    const ctx = canvas.getContext("2d");
    if (input === null || ctx === null) {
      return;
    }
    const ratio = window.devicePixelRatio;
    const size: readonly [number, number] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, this.width, this.height);
    const colors = canvasColors(input.theme);
    ctx.font = colors.font;
    this.drawAxes(ctx, input, colors);
    this.drawCells(ctx, input);
    this.drawExemplars(ctx, input, colors);
  }

  private drawAxes(ctx: CanvasRenderingContext2D, input: HeatInput, colors: CanvasColors): void {
    const { props, rows } = input;
    const height = Math.max(10, this.height - bottomRoom - 8);
    const ticks = spacedTicks(rows.edges, labelHeight / height);
    const texts = ticks.map((tick) => boundText(tick.value, props.format));
    const widest = texts.reduce((most, text) => Math.max(most, ctx.measureText(text).width), 0);
    const left = Math.max(20, Math.ceil(widest) + 10);
    this.frame = { left, top: 8, width: Math.max(10, this.width - left - rightRoom), height };
    const { top, width } = this.frame;
    ctx.strokeStyle = colors.grid;
    ctx.fillStyle = colors.muted;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    ctx.beginPath();
    ticks.forEach((tick, index) => {
      const y = Math.round(top + height * (1 - tick.at)) + 0.5;
      ctx.moveTo(left - 4, y);
      ctx.lineTo(left + width, y);
      ctx.fillText(texts[index] ?? "", left - 6, y);
    });
    const utc = props.timezone === "utc";
    const times = timeTicks(props.from, props.to, Math.floor(width / 64), utc);
    const step = timeStep(props.to - props.from, Math.floor(width / 64));
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    for (const time of times) {
      const x = Math.round(this.x(time)) + 0.5;
      ctx.moveTo(x, top + height);
      ctx.lineTo(x, top + height + 4);
      ctx.fillText(timeTickText(time, step, utc), x, top + height + 8);
    }
    ctx.stroke();
  }

  private drawCells(ctx: CanvasRenderingContext2D, input: HeatInput): void {
    const { data, from, to } = input.props;
    const { top, height, left, width } = this.frame;
    if (input.scale === null) {
      return;
    }
    const [first, end] = seenColumns(data.times, data.stepMs, from, to);
    const byColor: number[][] = input.colors.map(() => []);
    for (let column = first; column < end; column++) {
      data.counts[column]?.forEach((count, row) => {
        const index = colorIndex(count, input.scale as CountScale, input.colors.length);
        byColor[index]?.push(column, row);
      });
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    const cellWidth = (data.stepMs / (to - from)) * width;
    const gap = cellWidth >= gapFrom ? 1 : 0;
    byColor.forEach((cells, index) => {
      ctx.fillStyle = input.colors[index] ?? "";
      for (let i = 0; i < cells.length; i += 2) {
        const place = input.rows.rows[cells[i + 1] ?? 0];
        const x0 = Math.round(this.x((data.times[cells[i] ?? 0] ?? 0) - data.stepMs));
        const x1 = Math.round(this.x(data.times[cells[i] ?? 0] ?? 0));
        const y0 = Math.round(top + height * (1 - (place?.to ?? 0)));
        const y1 = Math.round(top + height * (1 - (place?.from ?? 0)));
        const rowGap = gap === 1 && y1 - y0 >= gapFrom ? 1 : 0;
        ctx.fillRect(x0, y0, Math.max(1, x1 - x0 - gap), Math.max(1, y1 - y0 - rowGap));
      }
    });
    ctx.restore();
  }

  private exemplarPlace(exemplar: ChartExemplar): [number, number] {
    const rows = (this.input as HeatInput).rows;
    return [this.x(exemplar.time), this.frame.top + this.frame.height * (1 - rows.place(exemplar.value))];
  }

  private drawExemplars(ctx: CanvasRenderingContext2D, input: HeatInput, colors: CanvasColors): void {
    ctx.fillStyle = withAlpha(colors.accent, 0.85, input.theme);
    ctx.strokeStyle = colors.panel;
    for (const exemplar of input.props.exemplars ?? []) {
      const [x, y] = this.exemplarPlace(exemplar);
      if (x >= this.frame.left && x <= this.frame.left + this.frame.width) {
        drawMarker(ctx, 3, x, y, 4);
        ctx.fill();
        ctx.stroke();
      }
    }
  }

  private inside(event: MouseEvent): readonly [number, number] | null {
    const box = this.place.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { left, top, width, height } = this.frame;
    return x >= left && x <= left + width && y >= top && y <= top + height ? [x, y] : null;
  }

  private onMove(event: MouseEvent): void {
    const at = this.input === null ? null : this.inside(event);
    if (at === null) {
      this.leave();
    } else if (this.dragFrom === null) {
      this.tell(at[0], at[1]);
    }
  }

  private onDown(event: MouseEvent): void {
    const at = this.input === null ? null : this.inside(event);
    if (at === null || event.button !== 0 || this.input?.props.onZoom === undefined) {
      return;
    }
    event.preventDefault();
    this.place.focus({ preventScroll: true });
    this.dragFrom = at[0];
    const { left, top, width, height } = this.frame;
    const boxLeft = this.place.getBoundingClientRect().left;
    const xOf = (moved: MouseEvent) => Math.min(left + width, Math.max(left, moved.clientX - boxLeft));
    const onMove = (moved: MouseEvent) => {
      const [from, to] = [at[0], xOf(moved)].sort((a, b) => a - b) as [number, number];
      this.select.hidden = false;
      Object.assign(this.select.style, {
        left: `${from}px`,
        top: `${top}px`,
        width: `${to - from}px`,
        height: `${height}px`,
      });
    };
    const onUp = (up: MouseEvent) => {
      window.removeEventListener("mousemove", onMove);
      window.removeEventListener("mouseup", onUp);
      this.dragFrom = null;
      this.select.hidden = true;
      const [from, to] = [at[0], xOf(up)].sort((a, b) => a - b) as [number, number];
      if (to - from >= 4) {
        this.leave();
        this.input?.props.onZoom?.(this.time(from), this.time(to));
      }
    };
    window.addEventListener("mousemove", onMove);
    window.addEventListener("mouseup", onUp);
  }

  private tell(x: number, y: number): void {
    const input = this.input as HeatInput;
    const { data, timezone } = input.props;
    const utc = timezone === "utc";
    const time = this.time(x);
    this.showLine(time);
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, time);
    }
    const box = this.place.getBoundingClientRect();
    const exemplar = input.props.exemplars?.find((one) => {
      const [ex, ey] = this.exemplarPlace(one);
      return Math.hypot(ex - x, ey - y) <= exemplarReachPx;
    });
    if (exemplar !== undefined) {
      const tip = exemplarTip(exemplar, input.props.format(exemplar.value), utc);
      showTip(this, tip, box.left + x, box.top + y);
      return;
    }
    const column = columnAt(data.times, data.stepMs, time);
    const row = rowAt(input.rows.rows, 1 - (y - this.frame.top) / this.frame.height);
    const count = column === null || row === null ? null : (data.counts[column]?.[row] ?? null);
    input.onCount(count);
    if (column === null || row === null) {
      hideTip(this);
      return;
    }
    const lines = this.cellLines(input, column, row);
    const end = data.times[column] ?? 0;
    const head = `${timeText(end - data.stepMs, utc)} to ${timeText(end, utc).slice(11)}`;
    showTip(this, { head, lines }, box.left + x, box.top + y);
  }

  private cellLines(input: HeatInput, column: number, row: number): TipLine[] {
    const { data, formatCount = String, format } = input.props;
    const bound = data.bounds[row];
    const counts = data.counts[column] ?? [];
    const count = counts[row] ?? null;
    const total = counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    const index = input.scale === null ? -1 : colorIndex(count, input.scale, input.colors.length);
    const name = bound === undefined ? "" : boundsText(bound, format);
    const share = count !== null && total > 0 ? ` (${Math.round((count / total) * 1000) / 10} %)` : "";
    const value = count === null ? "no samples" : `${formatCount(count)}${share}`;
    return [{ color: input.colors[index] ?? "transparent", name, value, strong: true }];
  }
}
