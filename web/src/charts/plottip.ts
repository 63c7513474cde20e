// SPDX-License-Identifier: Apache-2.0
// What the tooltip of a time series chart says about a place in it.
import { timeText } from "./axis";
import { valueNear, type PlotModel } from "./plotmodel";
import type { DataLink } from "../lib/frame";
import type { Tip, TipLine } from "./tooltip";
import type { ChartAnnotation, ChartExemplar, TimeSeriesProps } from "./types";

export interface Hover {
  readonly index: number; // of the nearest time
  readonly reach: number; // milliseconds to where a value counts as under the mouse
  readonly nearest: number | null; // the series nearest to the mouse
  readonly mode: NonNullable<TimeSeriesProps["tooltip"]>;
  readonly sort: NonNullable<TimeSeriesProps["tooltipSort"]>;
  readonly hideZeros?: boolean; // of several
  readonly utc: boolean;
  readonly notes: readonly ChartAnnotation[]; // there
}

interface Valued extends TipLine {
  readonly number: number;
}

function withMs(times: readonly number[]): boolean {
  return times.length > 1 && (times[1] ?? 0) - (times[0] ?? 0) < 1000;
}

export function seriesTip(model: PlotModel, hover: Hover): Tip | null {
  const time = model.times[hover.index];
  if (time === undefined) {
    return null;
  }
  const lines: Valued[] = [];
  model.series.forEach((series, index) => {
    const left = hover.mode === "single" ? index !== hover.nearest : series.hideFromTooltip === true;
    if (model.shown[index] !== true || left) {
      return;
    }
    const at = valueNear(model.times, series.values, hover.index, hover.reach);
    const value = at === null ? null : (series.values[at] ?? null);
    if (value !== null && !(hover.hideZeros === true && hover.mode === "multi" && value === 0)) {
      const strong = index === hover.nearest && hover.mode === "multi";
      lines.push({
        color: series.color,
        name: series.name,
        value: series.format(value),
        strong,
        number: value,
      });
    }
  });
  if (hover.sort !== "none") {
    const sign = hover.sort === "asc" ? 1 : -1;
    lines.sort((a, b) => sign * ((Number.isNaN(a.number) ? -Infinity : a.number) - b.number) || 0);
  }
  const notes = hover.notes.map(({ text, color }): TipLine => ({ name: text, color }));
  if (lines.length === 0 && notes.length === 0) {
    return null;
  }
  return { head: timeText(time, hover.utc, withMs(model.times)), lines: [...notes, ...lines] };
}

export function exemplarTip(exemplar: ChartExemplar, value: string, utc: boolean): Tip {
  const own = Object.entries(exemplar.labels);
  const series = Object.entries(exemplar.series).filter(([name]) => name !== "__name__");
  const line = ([name, text]: [string, string]): TipLine => ({ name, value: text });
  return {
    head: `Exemplar, ${timeText(exemplar.time, utc, true)}`,
    lines: [{ name: "value", value, strong: true }, ...own.map(line), ...series.map(line)],
  };
}

// The annotations at a time, within `reach` milliseconds of their lines.
export function notesAt(
  annotations: readonly ChartAnnotation[],
  time: number,
  reach: number,
): readonly ChartAnnotation[] {
  return annotations.filter(({ from, to }) => time >= from - reach && time <= (to ?? from) + reach);
}

// Of the value under the mouse.
export function linksHint(links: readonly DataLink[]): string | undefined {
  const [first] = links;
  return (
    first && `click: ${links.length === 1 && first.title !== "" ? first.title : `${links.length} links`}`
  );
}

// Of a range that fingers choose.
export function rangeTip(from: number, to: number, utc: boolean): Tip {
  return { head: `${timeText(from, utc)} to ${timeText(to, utc)}`, lines: [] };
}
