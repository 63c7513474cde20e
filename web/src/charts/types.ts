// SPDX-License-Identifier: Apache-2.0
// What the charts draw. They know nothing of dashboards or queries: times, numbers, colours and texts only.
import type { Labels } from "../lib/frame";

export type Draw = "line" | "bars" | "points";
export type Interpolation = "linear" | "smooth" | "stepBefore" | "stepAfter";

export interface ChartSeries {
  readonly key: string; // stays the same from one refresh to the next
  readonly name: string; // what the legend says
  readonly labels?: Labels;
  readonly values: readonly (number | null)[]; // as many as there are times
  readonly color: string; // any CSS colour
  readonly format: (value: number | null) => string; // with the unit
  readonly draw?: Draw; // "line"
  readonly interpolation?: Interpolation; // "linear"
  readonly lineWidth?: number; // 1
  readonly fillOpacity?: number; // 0 to 100; 0
  readonly gradient?: boolean;
  readonly dash?: readonly number[];
  readonly points?: "auto" | "always" | "never"; // "auto": where they are far apart
  readonly spanNulls?: boolean | number; // or: gaps up to so many milliseconds
  readonly stack?: string; // series of the same name are stacked; "" or absent: not
  readonly stackPercent?: boolean;
  readonly axis?: "left" | "right" | "hidden";
  readonly unitKey?: string; // series of one unit share an axis
  readonly axisLabel?: string;
  readonly softMin?: number;
  readonly softMax?: number;
  readonly min?: number;
  readonly max?: number;
  readonly log?: 2 | 10;
  readonly hidden?: boolean; // in the legend, but not drawn until it is asked for
  readonly hideFromLegend?: boolean;
  readonly thresholds?: readonly { readonly value: number; readonly color: string; readonly area: boolean }[];
}

export interface ChartData {
  readonly times: readonly number[]; // milliseconds, ascending, shared by all series
  readonly series: readonly ChartSeries[];
}

export interface ChartAnnotation {
  readonly from: number; // milliseconds
  readonly to?: number; // a region
  readonly text: string;
  readonly color: string;
}

export interface ChartExemplar {
  readonly time: number;
  readonly value: number;
  readonly labels: Labels; // of the exemplar itself
  readonly series: Labels;
}

export interface Legend {
  readonly show: boolean;
  readonly mode: "list" | "table";
  readonly placement: "bottom" | "right";
  readonly calcs: readonly string[]; // lastNotNull, mean, max, ...: see lib/reduce.ts
}

export interface TimeSeriesProps {
  readonly data: ChartData;
  readonly from: number; // milliseconds: what the x axis shows
  readonly to: number;
  readonly title: string; // for those who cannot see it
  readonly height: number; // pixels, legend included
  readonly legend?: Legend;
  readonly tooltip?: "single" | "multi" | "none";
  readonly tooltipSort?: "none" | "asc" | "desc";
  readonly stacked?: boolean; // all of them, whatever the series say
  readonly annotations?: readonly ChartAnnotation[];
  readonly exemplars?: readonly ChartExemplar[];
  readonly crosshair?: string; // charts of the same name move their crosshairs together
  readonly onZoom?: (from: number, to: number) => void; // a range was dragged
}

// A row of a heatmap is a bucket: lower < value <= upper.
export interface HeatmapData {
  readonly times: readonly number[]; // milliseconds, ascending: the end of each column
  readonly stepMs: number;
  readonly bounds: readonly { readonly lower: number; readonly upper: number; readonly label: string }[]; // ascending
  readonly counts: readonly (readonly (number | null)[])[]; // [time][bucket]
}

export interface HeatmapProps {
  readonly data: HeatmapData;
  readonly from: number;
  readonly to: number;
  readonly title: string;
  readonly height: number;
  readonly format: (bound: number) => string; // of the y axis
  readonly formatCount?: (count: number) => string;
  readonly scheme?: string; // Grafana's names: Oranges, Spectral, Viridis, ...
  readonly exponent?: number; // of the colour scale; 0.5
  readonly fill?: string; // one colour by opacity instead of a scheme
  readonly yLog?: 2 | 10;
  readonly crosshair?: string;
  readonly onZoom?: (from: number, to: number) => void;
}
