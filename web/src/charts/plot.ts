// SPDX-License-Identifier: Apache-2.0
// One uPlot in its place: built when it comes near to the window, given new numbers while its shape stays,
// built anew when that changes, and never drawn where nobody looks.
import uPlot from "uplot";
import { canvasColors } from "./color";
import { joinCrosshair, moveCrosshair, type Follower } from "./crosshair";
import { drawNever, drawSoon, watchPlace, watchSize } from "./observe";
import { drawOver, drawUnder, exemplarPlace, type Overlay } from "./overlay";
import { nearestIndex, plotModel, valueNear, type PlotModel } from "./plotmodel";
import { bandsOf, dataOf, plotOptions } from "./plotoptions";
import { exemplarTip, notesAt, seriesTip } from "./plottip";
import { hideTip, showTip } from "./tooltip";
import type { ChartExemplar, TimeSeriesProps } from "./types";

export interface PlotInput {
  readonly props: TimeSeriesProps;
  readonly hidden: ReadonlySet<string>;
  readonly seriesMax: number;
  readonly theme: string;
}

const reachPx = 16; // of the mouse to a value or a line
const exemplarReachPx = 8;

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

  // The crosshair of another chart.
  follow(time: number | null): void {
    const u = this.u;
    this.followed = time;
    this.here = false;
    if (u === null || !this.near) {
      return;
    }
    const left = time === null ? -10 : u.valToPos(time, "x");
    const seen = left >= 0 && left <= u.bbox.width / uPlot.pxRatio;
    u.setCursor({ left: seen ? left : -10, top: seen ? 0 : -10 }, false);
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
    u.setCursor({ left: u.valToPos(times[index] ?? 0, "x"), top: u.bbox.height / uPlot.pxRatio / 3 });
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
      this.follow(this.followed); // the same time stands elsewhere now
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
      onZoomOut: () => this.input?.props.onZoomOut?.(),
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
    if (this.group !== null) {
      moveCrosshair(this.group.name, this, time);
    }
    this.tell(u, left, top, time);
  }

  private tell(u: uPlot, left: number, top: number, time: number): void {
    const { props } = this.input as PlotInput;
    const model = this.model as PlotModel;
    const mode = props.tooltip ?? "single";
    const utc = props.timezone === "utc";
    const perPx = (model.to - model.from) / Math.max(1, u.bbox.width / uPlot.pxRatio);
    const exemplar = this.exemplarAt(u, left, top);
    const box = u.over.getBoundingClientRect();
    const show = (tip: ReturnType<typeof seriesTip>) =>
      tip === null ? hideTip(this) : showTip(this, tip, box.left + left, box.top + top);
    if (exemplar !== null) {
      const format = model.series[0]?.format ?? String;
      show(exemplarTip(exemplar, format(exemplar.value), utc));
      return;
    }
    const notes = notesAt(props.annotations ?? [], time, 5 * perPx);
    const index = nearestIndex(model.times, time);
    if (mode === "none" || index === null) {
      hideTip(this);
      return;
    }
    const step = (model.times[1] ?? 0) - (model.times[0] ?? 0);
    const reach = Math.max(reachPx * perPx, step / 2);
    const nearest = this.nearestSeries(u, index, reach, top);
    show(seriesTip(model, { index, reach, nearest, mode, sort: props.tooltipSort ?? "none", utc, notes }));
  }

  private nearestSeries(u: uPlot, index: number, reach: number, top: number): number | null {
    const model = this.model as PlotModel;
    let nearest: number | null = null;
    let least = Infinity;
    model.series.forEach((series, at) => {
      const found = model.shown[at] === true ? valueNear(model.times, series.values, index, reach) : null;
      const drawn = found === null ? null : model.drawn.columns[at]?.[found];
      if (drawn === null || drawn === undefined) {
        return;
      }
      const distance = Math.abs(u.valToPos(drawn, model.scaleOf[at] ?? "") - top);
      if (distance < least) {
        [nearest, least] = [at, distance];
      }
    });
    return nearest;
  }

  private exemplarAt(u: uPlot, left: number, top: number): ChartExemplar | null {
    const model = this.model as PlotModel;
    const ratio = uPlot.pxRatio;
    for (const exemplar of this.input?.props.exemplars ?? []) {
      const place = exemplarPlace(u, model, exemplar);
      const dx = place === null ? Infinity : (place[0] - u.bbox.left) / ratio - left;
      const dy = place === null ? Infinity : (place[1] - u.bbox.top) / ratio - top;
      if (Math.hypot(dx, dy) <= exemplarReachPx) {
        return exemplar;
      }
    }
    return null;
  }
}
