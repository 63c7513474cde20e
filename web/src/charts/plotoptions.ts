// SPDX-License-Identifier: Apache-2.0
// The options that uPlot is built with, from the model of a chart. Numbers are not part of them: ranges and
// texts are asked of the model that is current when a chart draws.
import uPlot from "uplot";
import { linearTicks, logTicks, timeStep, timeTicks, timeTickText } from "./axis";
import { axisTexts } from "./axistext";
import { withAlpha, type CanvasColors } from "./color";
import { rangeOf, type PlotModel, type ScalePlan } from "./plotmodel";
import type { ChartSeries } from "./types";

export interface OptionsInput {
  readonly model: () => PlotModel;
  readonly colors: CanvasColors;
  readonly width: number;
  readonly height: number;
  readonly utc: boolean;
  readonly hooks: uPlot.Hooks.Arrays;
  readonly zooms: boolean;
  readonly onZoomOut: () => void;
}

const tickSize = 4;
const labelGap = 4;
const cursorPointsMax = 40; // series; more points than that hide the lines

function pathsOf(series: ChartSeries): uPlot.Series.PathBuilder {
  const paths = uPlot.paths;
  const none: uPlot.Series.PathBuilder = () => null;
  if (series.draw === "points") {
    return none;
  }
  if (series.draw === "bars") {
    return paths.bars?.({ size: [0.8, 80, 1] }) ?? none;
  }
  switch (series.interpolation) {
    case "smooth":
      return paths.spline?.() ?? none;
    case "stepBefore":
      return paths.stepped?.({ align: -1 }) ?? none;
    case "stepAfter":
      return paths.stepped?.({ align: 1 }) ?? none;
    default:
      return paths.linear?.() ?? none;
  }
}

function fillOf(series: ChartSeries, theme: string): uPlot.Series.Fill | undefined {
  const opacity = (series.fillOpacity ?? 0) / 100;
  if (opacity <= 0) {
    return undefined;
  }
  if (series.gradient !== true) {
    return withAlpha(series.color, opacity, theme);
  }
  return (u) => {
    if (!Number.isFinite(u.bbox.top) || !Number.isFinite(u.bbox.height)) {
      return withAlpha(series.color, opacity, theme);
    }
    const gradient = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + u.bbox.height);
    gradient.addColorStop(0, withAlpha(series.color, opacity, theme));
    gradient.addColorStop(1, withAlpha(series.color, opacity * 0.05, theme));
    return gradient;
  };
}

// A value between two gaps has no line to be seen by.
function lonelyPoints(u: uPlot, index: number, shown: boolean): number[] | null {
  if (shown) {
    return null; // all of them
  }
  const column = u.data[index] as (number | null | undefined)[];
  const [first, last] = u.series[0]?.idxs ?? [0, column.length - 1];
  const lonely: number[] = [];
  for (let i = first ?? 0; i <= (last ?? -1); i++) {
    if (column[i] !== null && column[i] !== undefined && column[i - 1] == null && column[i + 1] == null) {
      if (column[i - 1] === null || column[i + 1] === null || column.length === 1 || i === 0) {
        lonely.push(i);
      }
    }
  }
  return lonely;
}

function pointsOf(series: ChartSeries, color: string): uPlot.Series.Points {
  const always = series.points === "always" || series.draw === "points";
  const look = { size: Math.max(4, (series.lineWidth ?? 1) + 4), fill: color, stroke: color, width: 1 };
  if (series.draw === "bars") {
    return { show: false };
  }
  if (always) {
    return { ...look, show: true };
  }
  const filter = series.spanNulls === true ? undefined : lonelyPoints;
  return series.points === "never" ? { ...look, show: false, filter } : { ...look, space: 24, filter };
}

function seriesOf(series: ChartSeries, scale: string, shown: boolean, theme: string): uPlot.Series {
  const color = withAlpha(series.color, 1, theme);
  return {
    scale,
    show: shown,
    stroke: color,
    width: series.draw === "points" ? 0 : (series.lineWidth ?? 1),
    dash: series.dash === undefined ? undefined : [...series.dash],
    fill: fillOf(series, theme),
    paths: pathsOf(series),
    points: pointsOf(series, color),
    spanGaps: series.spanNulls === true,
  };
}

const edgeRoom = 29; // half a label of the time axis, with seconds

function xAxis(input: OptionsInput): uPlot.Axis {
  const { colors, utc } = input;
  const room = (u: uPlot, min: number, max: number) => {
    const width = u.bbox?.width > 0 ? u.bbox.width / uPlot.pxRatio : u.width - 60;
    const count = Math.max(1, Math.floor(width / 62));
    return timeStep(max - min, count) >= 60_000 ? count : Math.max(1, Math.floor(width / 82)); // with seconds
  };
  return {
    scale: "x",
    stroke: colors.muted,
    font: colors.font,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { stroke: colors.grid, width: 1, size: tickSize },
    size: 24,
    gap: labelGap,
    splits: (u, _axis, min, max) => timeTicks(min, max, room(u, min, max), utc),
    values: (u, splits) => {
      const { min = 0, max = 0 } = u.scales["x"] ?? {};
      const step = timeStep((max ?? 0) - (min ?? 0), room(u, min ?? 0, max ?? 0));
      return splits.map((time) => timeTickText(time, step, utc));
    },
  };
}

// As wide as its widest text.
function axisSize(u: uPlot, texts: string[] | null, font: string): number {
  const ctx = u.ctx;
  ctx.save();
  ctx.font = font;
  const widest = (texts ?? []).reduce((most, text) => Math.max(most, ctx.measureText(text).width), 0);
  ctx.restore();
  return Math.ceil(widest) + tickSize + labelGap + 6;
}

const binaryUnits = /^(bytes|bits|kbytes|mbytes|gbytes|binBps|binbps|KiBs|MiBs|GiBs)$/;

function yAxis(plan: ScalePlan, index: number, input: OptionsInput): uPlot.Axis {
  const { colors, model } = input;
  const first = () => model().series[plan.series[0] ?? 0];
  const count = (u: uPlot) => {
    const height = u.bbox?.height > 0 ? u.bbox.height / uPlot.pxRatio : u.height - 40;
    return Math.max(2, Math.floor(height / 26));
  };
  return {
    scale: plan.key,
    show: plan.side !== "hidden",
    side: plan.side === "right" ? 1 : 3,
    stroke: colors.muted,
    font: colors.font,
    grid: { show: index === 0, stroke: colors.grid, width: 1 },
    ticks: { stroke: colors.grid, width: 1, size: tickSize },
    gap: labelGap,
    size: (u, texts) => axisSize(u, texts, colors.font),
    label: plan.label === "" ? undefined : plan.label,
    labelFont: colors.font,
    labelSize: 18,
    labelGap: 2,
    splits: (u, _axis, min, max) =>
      plan.wish.log !== undefined
        ? logTicks(min, max, plan.wish.log, count(u))
        : linearTicks(min, max, count(u), binaryUnits.test(first()?.unitKey?.split(" ")[0] ?? "")),
    values: (_u, splits) => axisTexts(first(), plan, splits),
    filter: (_u, splits) => splits,
  };
}

function scalesOf(input: OptionsInput): uPlot.Scales {
  const { model } = input;
  const scales: uPlot.Scales = { x: { time: true, range: () => [model().from, model().to] } };
  for (const plan of model().scales) {
    const current = () => model().scales.find((one) => one.key === plan.key) ?? plan;
    scales[plan.key] = {
      distr: plan.wish.log === undefined ? 1 : 3,
      log: plan.wish.log ?? 10,
      range: () => rangeOf(model(), current()),
    };
  }
  return scales;
}

export function bandsOf(model: PlotModel): uPlot.Band[] {
  return model.drawn.bands.map((band) => ({ series: [band.from + 1, band.to + 1], dir: band.down ? 1 : -1 }));
}

export function dataOf(model: PlotModel): uPlot.AlignedData {
  return [model.times as number[], ...model.drawn.columns];
}

export function plotOptions(input: OptionsInput): uPlot.Options {
  const model = input.model();
  const { theme } = input.colors;
  const right = model.scales.some((plan) => plan.side === "right");
  const left = model.scales.some((plan) => plan.side === "left");
  return {
    width: input.width,
    height: input.height,
    ms: 1,
    padding: [8, right ? 4 : edgeRoom, 0, left ? 2 : edgeRoom],
    legend: { show: false },
    focus: { alpha: 0.2 },
    cursor: {
      y: false,
      points: model.series.length <= cursorPointsMax ? { size: 7 } : { show: false },
      drag: { x: input.zooms, y: false, setScale: false, dist: 4 },
      bind: {
        dblclick: () => () => {
          input.onZoomOut();
          return null;
        },
      },
    },
    scales: scalesOf(input),
    axes: [xAxis(input), ...model.scales.map((plan, index) => yAxis(plan, index, input))],
    series: [
      {},
      ...model.series.map((one, index) =>
        seriesOf(one, model.scaleOf[index] ?? "y", model.shown[index] === true, theme),
      ),
    ],
    bands: bandsOf(model),
    hooks: input.hooks,
  };
}
