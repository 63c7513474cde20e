// SPDX-License-Identifier: Apache-2.0
// The canvas of a heatmap in its place: drawn when it comes near to the window, and what mouse and keys do
// on it.
import { joinCrosshair, moveCrosshair, type Follower } from "./crosshair";
import { colorIndex } from "./heatcolor";
import { drawHeat, exemplarSpot, timeX, type Frame, type HeatInput } from "./heatdraw";
import { columnAt, rowAt } from "./heatlayout";
import { cellTip } from "./heattip";
import { drawNever, drawSoon, watchPlace, watchSize } from "./observe";
import { exemplarTip, rangeTip } from "./plottip";
import { hideTip, showTip, type Tip } from "./tooltip";
import { watchTouch } from "./touch";

const exemplarReachPx = 8;
const dragLeastPx = 4;

export class HeatPlot implements Follower {
  private input: HeatInput | null = null;
  private near = false;
  private width = 0;
  private height = 0;
  private frame: Frame = { left: 0, top: 0, width: 0, height: 0 };
  private dragging = false;
  private at: readonly [column: number, row: number] | null = null; // by the keys
  private group: { name: string; leave: () => void } | null = null;
  private readonly canvas = document.createElement("canvas");
  private readonly line = document.createElement("div");
  private readonly select = document.createElement("div");
  private readonly unwatch: (() => void)[];
  private readonly draw = () => this.drawNow();

  constructor(private readonly place: HTMLElement) {
    this.canvas.className = "heat-canvas";
    this.line.className = "u-cursor-x u-off";
    this.select.className = "u-select u-off";
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
      watchTouch(place, {
        plot: () => this.plotRect(),
        point: (x, y) => this.onMove(new MouseEvent("mousemove", { clientX: x, clientY: y })),
        leave: () => this.leave(),
        choose: (range, done) => this.choose(range, done),
      }),
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

  // The crosshair of another chart, and the cell there where tooltips are shared.
  follow(time: number | null, share: number): void {
    this.showLine(time);
    if (this.input?.props.sharedTooltip !== true) {
      return;
    }
    const box = this.place.getBoundingClientRect();
    const x = time === null ? -1 : timeX(this.input, this.frame, time);
    const { left, top, width, height } = this.frame;
    if (x >= left && x <= left + width && box.bottom > 0 && box.top < window.innerHeight) {
      this.say(x, top + share * height, this.time(x), true);
    } else {
      hideTip(this);
    }
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

  // By the keys, from cell to cell, beginning with the newest column and the lowest row.
  step(columns: number, rows: number): void {
    const data = this.input?.props.data;
    if (this.input === null || data === undefined || data.times.length === 0) {
      return;
    }
    const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
    const [column, row] = this.at ?? [data.times.length - 1 - columns, -rows];
    this.at = [clamp(column + columns, data.times.length), clamp(row + rows, data.bounds.length)];
    const middle = (data.times[this.at[0]] ?? 0) - data.stepMs / 2;
    const place = this.input.rows.rows[this.at[1]];
    const share = ((place?.from ?? 0) + (place?.to ?? 0)) / 2;
    this.tell(timeX(this.input, this.frame, middle), this.frame.top + this.frame.height * (1 - share));
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

  private drawNow(): void {
    const { input, canvas } = this;
    const ctx = canvas.getContext("2d");
    if (input === null || ctx === null) {
      return;
    }
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.frame = drawHeat(ctx, input, this.width, this.height);
  }

  private plotRect(): DOMRect {
    const { left, top } = this.place.getBoundingClientRect();
    const { frame } = this;
    return new DOMRect(left + frame.left, top + frame.top, frame.width, frame.height);
  }

  // Fingers choose a range.
  private choose(range: readonly [number, number] | null, done: boolean): void {
    const { left } = this.frame;
    const props = this.input?.props;
    if (props?.onZoom === undefined) {
      return;
    }
    hideTip(this);
    this.select.classList.add("u-off");
    if (range === null) {
      return;
    }
    const [from, to] = [left + range[0], left + range[1]];
    if (done) {
      props.onZoom(this.time(from), this.time(to));
      return;
    }
    const start = Math.max(left, from);
    this.showSelect(start, Math.min(left + this.frame.width, to));
    const box = this.plotRect();
    const tip = rangeTip(this.time(from), this.time(to), props.timezone === "utc");
    showTip(this, tip, box.left - left + start, box.top - 40);
  }

  private time(x: number): number {
    const { from, to } = (this.input as HeatInput).props;
    return from + ((x - this.frame.left) / Math.max(1, this.frame.width)) * (to - from);
  }

  private showLine(time: number | null): void {
    const x = time === null || this.input === null ? -1 : timeX(this.input, this.frame, time);
    const inside = x >= this.frame.left && x <= this.frame.left + this.frame.width;
    this.line.classList.toggle("u-off", !inside);
    this.line.style.transform = `translate(${Math.round(x)}px, ${this.frame.top}px)`;
    this.line.style.height = `${this.frame.height}px`;
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
    } else if (!this.dragging) {
      this.tell(at[0], at[1]);
    }
  }

  private onDown(event: MouseEvent): void {
    const at = this.input === null ? null : this.inside(event);
    if (at === null || event.button !== 0 || this.input?.props.onZoom === undefined) {
      return;
    }
    event.preventDefault(); // no text is to be selected
    this.place.focus({ preventScroll: true });
    this.dragging = true;
    const span = (moved: MouseEvent): [number, number] => {
      const { left, width } = this.frame;
      const x = moved.clientX - this.place.getBoundingClientRect().left;
      const to = Math.min(left + width, Math.max(left, x));
      return [Math.min(at[0], to), Math.max(at[0], to)];
    };
    const onMove = (moved: MouseEvent) => this.showSelect(...span(moved));
    const onUp = (up: MouseEvent) => {
      window.removeEventListener("mousemove", onMove);
      window.removeEventListener("mouseup", onUp);
      this.dragging = false;
      this.select.classList.add("u-off");
      const [from, to] = span(up);
      if (to - from >= dragLeastPx) {
        const range = [this.time(from), this.time(to)] as const;
        this.leave();
        this.input?.props.onZoom?.(...range);
      }
    };
    window.addEventListener("mousemove", onMove);
    window.addEventListener("mouseup", onUp);
  }

  private showSelect(from: number, to: number): void {
    hideTip(this);
    this.select.classList.remove("u-off");
    const { style } = this.select;
    style.left = `${from}px`;
    style.width = `${to - from}px`;
    style.top = `${this.frame.top}px`;
    style.height = `${this.frame.height}px`;
  }

  private tell(x: number, y: number): void {
    const time = this.time(x);
    this.showLine(time);
    this.say(x, y, time, false);
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, time, (y - this.frame.top) / Math.max(1, this.frame.height));
    }
  }

  private say(x: number, y: number, time: number, follows: boolean): void {
    const input = this.input as HeatInput;
    const { data, timezone, exemplars, format, tooltip } = input.props;
    const box = this.place.getBoundingClientRect();
    const exemplar = exemplars?.find((one) => {
      const [left, top] = exemplarSpot(input, this.frame, one);
      return Math.hypot(left - x, top - y) <= exemplarReachPx;
    });
    const column = columnAt(data.times, data.stepMs, time);
    const row = rowAt(input.rows.rows, 1 - (y - this.frame.top) / this.frame.height);
    const count = column === null || row === null ? null : (data.counts[column]?.[row] ?? null);
    if (!follows) {
      input.onCount(count);
    }
    const colorOf = (one: number | null) =>
      input.colors[input.scale === null ? -1 : colorIndex(one, input.scale, input.colors.length)];
    const show = (tip: Tip) => showTip(this, tip, box.left + x, box.top + y, follows);
    if (exemplar !== undefined && !follows) {
      show(exemplarTip(exemplar, format(exemplar.value), timezone === "utc"));
    } else if (column !== null && row !== null && tooltip !== "none") {
      show(cellTip(input.props, column, row, colorOf));
    } else {
      hideTip(this);
    }
  }
}
