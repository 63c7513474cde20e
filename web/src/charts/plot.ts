// SPDX-License-Identifier: Apache-2.0
// One uPlot in its place: built when it comes near to the window, given new numbers while its shape stays,
// built anew when that changes, and never drawn where nobody looks.
import uPlot from "uplot";
import { canvasColors } from "./color";
import { joinCrosshair, moveCrosshair, type Follower } from "./crosshair";
import { drawNever, drawSoon, watchPlace, watchSize } from "./observe";
import { hideLinks, safeLinks, showLinks } from "./linkmenu";
import { drawOver, drawUnder, type Overlay } from "./overlay";
import { exemplarAt, nearestSeries, nextSpot } from "./plothover";
import { nearestIndex, plotModel, valueNear, type PlotModel } from "./plotmodel";
import { bandsOf, dataOf, plotOptions } from "./plotoptions";
import { exemplarTip, linksHint, notesAt, rangeTip, seriesTip } from "./plottip";
import { hideTip, showTip, type Tip } from "./tooltip";
import { watchTouch } from "./touch";
import type { TimeSeriesProps } from "./types";

export interface PlotInput {
  readonly props: TimeSeriesProps;
  readonly hidden: ReadonlySet<string>;
  readonly seriesMax: number;
  readonly theme: string;
}

const reachPx = 16; // of the mouse to a value or a line

export class TimePlot implements Follower {
  private u: uPlot | null = null;
  private input: PlotInput | null = null;
  private model: PlotModel | null = null; // of what is drawn; made when it is, not when it is asked for
  private built = ""; // shape, theme and zone of what stands there
  private near = false;
  private here = false; // the crosshair is this chart's own, not that of another
  private width = 0;
  private height = 0;
  private followed: number | null = null; // time of another chart's crosshair
  private group: { name: string; leave: () => void } | null = null;
  private readonly unwatch: (() => void)[];
  private readonly draw = () => this.drawNow();

  constructor(private readonly place: HTMLElement) {
    this.unwatch = [
      watchSize(place, (width, height) => {
        this.width = Math.floor(width);
        this.height = Math.floor(height);
        this.request();
      }),
      watchPlace(place, (near) => {
        this.near = near;
        this.request();
      }),
      watchTouch(place, {
        plot: () => this.u?.over.getBoundingClientRect() ?? null,
        point: (x, y) => this.point(x, y),
        leave: () => this.leave(),
        choose: (range, done) => this.choose(range, done),
      }),
    ];
  }

  update(input: PlotInput): void {
    this.input = input;
    this.joinGroup(input.props.crosshair ?? "");
    this.request();
  }

  destroy(): void {
    this.unwatch.forEach((stop) => stop());
    this.group?.leave();
    drawNever(this.draw);
    hideTip(this);
    this.u?.destroy();
    this.u = null;
  }

  focus(index: number | null): void {
    if (this.u !== null && (index === null || this.u.series[index + 1]?.show === true)) {
      this.u.setSeries(index === null ? null : index + 1, { focus: index !== null });
    }
  }

  // The crosshair of another chart, and what there is at its time where tooltips are shared.
  follow(time: number | null, share: number): void {
    const u = this.u;
    this.followed = time;
    this.here = false;
    if (u === null || !this.near) {
      return;
    }
    const left = time === null ? -10 : u.valToPos(time, "x");
    const seen = left >= 0 && left <= u.bbox.width / uPlot.pxRatio;
    const height = u.bbox.height / uPlot.pxRatio;
    u.setCursor({ left: seen ? left : -10, top: seen ? 0 : -10 }, false);
    if (this.input?.props.sharedTooltip !== true) {
      return;
    }
    const box = u.over.getBoundingClientRect();
    if (seen && time !== null && box.bottom > 0 && box.top < window.innerHeight) {
      this.tell(u, left, share * height, time, true);
    } else {
      hideTip(this);
    }
  }

  // By the keys: to the next point with a time.
  step(by: number): void {
    const u = this.u;
    const times = this.model?.times ?? [];
    if (u === null || times.length === 0) {
      return;
    }
    const [first, last] = u.series[0]?.idxs ?? [0, times.length - 1];
    const now = u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null;
    const next = now === null ? (by > 0 ? (first ?? 0) : (last ?? 0)) : now + by;
    this.here = true;
    const index = Math.min(last ?? times.length - 1, Math.max(first ?? 0, next));
    const top = (u.cursor.top ?? -1) < 0 ? u.bbox.height / uPlot.pxRatio / 3 : u.cursor.top;
    u.setCursor({ left: u.valToPos(times[index] ?? 0, "x"), top: top as number });
  }

  // By the keys: to the next series above or below.
  stepSeries(by: number): void {
    const { u, model } = this;
    const index = u?.cursor.idx ?? null;
    if (u === null || model === null || index === null || (u.cursor.left ?? -1) < 0) {
      this.step(-1); // the crosshair first
      return;
    }
    const now = nearestSeries(u, model, index, 0, u.cursor.top ?? 0);
    const top = nextSpot(u, model, index, now, by);
    if (top !== null) {
      const height = u.bbox.height / uPlot.pxRatio;
      u.setCursor({ left: u.cursor.left as number, top: Math.min(height, Math.max(0, top)) });
    }
  }

  // The menu of the links of the value under the mouse, or where the keys have gone.
  openLinks(): void {
    const { u, model } = this;
    const { left = -10, top = -10 } = u?.cursor ?? {};
    if (u === null || model === null || left < 0 || top < 0) {
      return;
    }
    const at = this.valueAt(u, left, top);
    const series = model.series[at.nearest ?? -1];
    const found = series && valueNear(model.times, series.values, at.index, at.reach);
    if (series?.links === undefined || found == null) {
      return;
    }
    const box = u.over.getBoundingClientRect();
    const title = `${series.name}: ${series.format(series.values[found] ?? null)}`;
    showLinks(title, series.links(found), { x: box.left + left, y: box.top + top }, this.place);
    hideTip(this);
  }

  leave(): void {
    this.u?.setCursor({ left: -10, top: -10 });
  }

  private joinGroup(name: string): void {
    if (this.group?.name === name) {
      return;
    }
    this.group?.leave();
    this.group = name === "" ? null : { name, leave: joinCrosshair(name, this) };
  }

  private request(): void {
    if (this.near && this.input !== null && this.width > 0 && this.height > 0) {
      drawSoon(this.draw);
    }
  }

  private drawNow(): void {
    const { input } = this;
    if (input === null) {
      return;
    }
    const model = plotModel(input.props, input.hidden, input.seriesMax);
    this.model = model;
    const { timezone = "", onZoom } = input.props;
    const key = `${input.theme} ${timezone} ${onZoom !== undefined} ${model.shape}`;
    if (this.u === null || this.built !== key) {
      this.build(input, model);
      this.built = key;
      return;
    }
    const u = this.u;
    u.batch(() => {
      if (u.width !== this.width || u.height !== this.height) {
        u.setSize({ width: this.width, height: this.height });
      }
      model.shown.forEach((shown, index) => {
        if (u.series[index + 1]?.show !== shown) {
          u.setSeries(index + 1, { show: shown }, false);
        }
      });
      u.delBand(null);
      bandsOf(model).forEach((band) => u.addBand(band));
      u.setData(dataOf(model));
    });
    if (!this.here && this.followed !== null) {
      this.follow(this.followed, 0); // the same time stands elsewhere now
    }
  }

  private build(input: PlotInput, model: PlotModel): void {
    this.u?.destroy();
    const options = plotOptions({
      model: () => this.model ?? model,
      colors: canvasColors(input.theme),
      width: this.width,
      height: this.height,
      utc: input.props.timezone === "utc",
      zooms: input.props.onZoom !== undefined,
      onZoomOut: () => {
        hideLinks(); // of the first of the two clicks
        this.input?.props.onZoomOut?.();
      },
      hooks: {
        drawAxes: [(u) => drawUnder(u, this.overlay())],
        draw: [(u) => drawOver(u, this.overlay(), uPlot.pxRatio)],
        setCursor: [(u) => this.onCursor(u)],
        setSelect: [(u) => this.onSelect(u)],
      },
    });
    const u = new uPlot(options, dataOf(model), this.place);
    u.over.addEventListener("mouseenter", () => {
      this.here = true;
      u.syncRect(true);
    });
    u.over.addEventListener("mouseleave", () => this.onLeave());
    u.over.addEventListener("click", () => this.openLinks()); // not after a drag: uPlot sees to that
    this.u = u;
  }

  private overlay(): Overlay {
    const { props, theme } = this.input as PlotInput;
    return {
      model: this.model as PlotModel,
      annotations: props.annotations ?? [],
      exemplars: props.exemplars ?? [],
      colors: canvasColors(theme),
    };
  }

  private onSelect(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 4) {
      return;
    }
    const from = u.posToVal(left, "x");
    const to = u.posToVal(left + width, "x");
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    hideTip(this);
    this.input?.props.onZoom?.(from, to);
  }

  private onLeave(): void {
    hideTip(this);
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, null);
    }
  }

  private onCursor(u: uPlot): void {
    const { left = -10, top = -10 } = u.cursor;
    if (!this.here) {
      return;
    }
    if (left < 0 || top < 0) {
      this.onLeave();
      return;
    }
    const time = u.posToVal(left, "x");
    this.tell(u, left, top, time, false);
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, time, (top * uPlot.pxRatio) / Math.max(1, u.bbox.height));
    }
  }

  private valueAt(u: uPlot, left: number, top: number) {
    const model = this.model as PlotModel;
    const perPx = (model.to - model.from) / Math.max(1, u.bbox.width / uPlot.pxRatio);
    const step = (model.times[1] ?? 0) - (model.times[0] ?? 0);
    const reach = Math.max(reachPx * perPx, step / 2);
    const index = nearestIndex(model.times, u.posToVal(left, "x")) ?? -1;
    return { index, reach, perPx, nearest: index < 0 ? null : nearestSeries(u, model, index, reach, top) };
  }

  private tell(u: uPlot, left: number, top: number, time: number, follows: boolean): void {
    const { props } = this.input as PlotInput;
    const model = this.model as PlotModel;
    const mode = props.tooltip ?? "single";
    const utc = props.timezone === "utc";
    const box = u.over.getBoundingClientRect();
    const show = (tip: Tip | null) =>
      tip === null ? hideTip(this) : showTip(this, tip, box.left + left, box.top + top, follows);
    const exemplar = follows ? null : exemplarAt(u, model, props.exemplars ?? [], left, top);
    if (exemplar !== null) {
      const format = model.series[0]?.format ?? String;
      show(exemplarTip(exemplar, format(exemplar.value), utc));
      return;
    }
    const { index, reach, perPx, nearest } = this.valueAt(u, left, top);
    const notes = notesAt(props.annotations ?? [], time, 5 * perPx);
    if (mode === "none" || index < 0) {
      hideTip(this);
      return;
    }
    const { tooltipSort: sort = "none", tooltipHideZeros: hideZeros = false } = props;
    const tip = seriesTip(model, { index, reach, nearest, mode, sort, hideZeros, utc, notes });
    const links = follows ? [] : safeLinks(model.series[nearest ?? -1]?.links?.(index));
    show(tip && { ...tip, more: linksHint(links), maxHeight: props.tooltipMaxHeight });
  }

  // A finger is there.
  private point(x: number, y: number): void {
    const { u } = this;
    if (u !== null) {
      const box = u.over.getBoundingClientRect();
      const inside = (at: number, size: number) => Math.min(size, Math.max(0, at));
      this.here = true;
      u.setCursor({ left: inside(x - box.left, box.width), top: inside(y - box.top, box.height) });
    }
  }

  // Fingers choose a range.
  private choose(range: readonly [number, number] | null, done: boolean): void {
    const { u } = this;
    const { onZoom, timezone } = this.input?.props ?? {};
    if (u === null || onZoom === undefined) {
      return;
    }
    const { width, height, left, top } = u.over.getBoundingClientRect();
    const [from, to] = range === null || done ? [0, 0] : range;
    const [start, end] = [Math.max(0, from), Math.min(width, to)];
    u.setSelect({ left: start, top: 0, width: end - start, height: done ? 0 : height }, false);
    if (range === null || done) {
      hideTip(this);
    } else {
      const tip = rangeTip(u.posToVal(from, "x"), u.posToVal(to, "x"), timezone === "utc");
      showTip(this, tip, left + start, top - 40);
    }
    if (range !== null && done) {
      onZoom(u.posToVal(range[0], "x"), u.posToVal(range[1], "x"));
    }
  }
}
