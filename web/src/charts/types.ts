// SPDX-License-Identifier: Apache-2.0
// What the charts draw. They know nothing of dashboards or queries: times, numbers, colours and texts only.
import type { DataLink, Labels } from "../lib/frame";

export type Draw = "line" | "bars" | "points";
export type Interpolation = "linear" | "smooth" | "stepBefore" | "stepAfter";

export interface ChartSeries {
  readonly key: string; // stays the same from one refresh to the next
  readonly name: string; // what the legend says
  readonly labels?: Labels;
  readonly values: readonly (number | null)[]; // as many as there are times
  readonly color: string; // any CSS colour
  readonly format: (value: number | null) => string; // with the unit
  readonly formatAxis?: (value: number, step: number) => string; // of a tick; step: to the next one
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
  readonly unitKey?: string; // series of one key share an axis; its first word is the unit
  readonly axisLabel?: string;
  readonly softMin?: number;
  readonly softMax?: number;
  readonly min?: number;
  readonly max?: number;
  readonly log?: 2 | 10;
  readonly hidden?: boolean; // in the legend, but not drawn until it is asked for
  readonly hideFromLegend?: boolean;
  readonly hideFromTooltip?: boolean; // of several
  readonly links?: (index: number) => readonly DataLink[]; // of the value there
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
  readonly width?: number; // pixels, of a legend at the right
  readonly sortBy?: string; // one of the calcs, or "name"
  readonly sortDesc?: boolean;
}

// What every chart can do beside drawing. Its points are a table by a button and by the key d; a page
// that keeps that choice itself gives tableShown.
export interface ChartCommon {
  readonly title: string; // for those who cannot see it, and the name of the CSV file
  readonly height: number; // pixels, legend included
  readonly tableShown?: boolean;
  readonly onTable?: (shown: boolean) => void;
  readonly onCsv?: (csv: string, fileName: string) => void; // default: the browser saves the file
  readonly timezone?: "browser" | "utc";
}

export interface TimeSeriesProps extends ChartCommon {
  readonly data: ChartData;
  readonly from: number; // milliseconds: what the x axis shows
  readonly to: number;
  readonly legend?: Legend;
  readonly tooltip?: "single" | "multi" | "none";
  readonly tooltipSort?: "none" | "asc" | "desc";
  readonly tooltipHideZeros?: boolean;
  readonly tooltipMaxHeight?: number; // pixels
  readonly sharedTooltip?: boolean; // those of the same crosshair show their tooltips together
  readonly stacked?: boolean; // all of them, whatever the series say
  readonly annotations?: readonly ChartAnnotation[];
  readonly exemplars?: readonly ChartExemplar[];
  readonly crosshair?: string; // charts of the same name move their crosshairs together
  readonly onZoom?: (from: number, to: number) => void; // a range was dragged
  readonly onZoomOut?: () => void; // a double click
  readonly zeroBased?: boolean; // the y axes begin at zero
  readonly noLegendToggle?: boolean; // names are names only
  readonly focusKey?: string | null; // of a series that stands out: for a legend of the page's own
}

// A row of a heatmap is a bucket: lower < value <= upper. Rows ascend.
export interface HeatmapData {
  readonly times: readonly number[]; // milliseconds, ascending: the end of each column
  readonly stepMs: number;
  readonly bounds: readonly { readonly lower: number; readonly upper: number; readonly label: string }[];
  readonly counts: readonly (readonly (number | null)[])[]; // [time][bucket]
}

export interface HeatmapProps extends ChartCommon {
  readonly data: HeatmapData;
  readonly from: number;
  readonly to: number;
  readonly format: (bound: number) => string; // of the y axis
  readonly formatCount?: (count: number) => string;
  readonly scheme?: string; // Grafana's names: Oranges, Spectral, Viridis, ...
  readonly exponent?: number; // of the colour scale; 0.5
  readonly fill?: string; // one colour by opacity instead of a scheme
  readonly reverse?: boolean; // the scheme, from its other end
  readonly steps?: number; // colours of the scheme; 64
  readonly min?: number; // the count of the first colour; the least there is
  readonly max?: number;
  readonly legend?: boolean; // true
  readonly yLog?: 2 | 10; // bounds stand at their value; absent: rows are of equal height
  readonly exemplars?: readonly ChartExemplar[];
  readonly crosshair?: string;
  readonly tooltip?: "single" | "multi" | "none"; // multi: all buckets of the time
  readonly sharedTooltip?: boolean;
  readonly onZoom?: (from: number, to: number) => void;
  readonly onZoomOut?: () => void;
}

// One value of a stat, gauge or bar gauge, already formatted and coloured.
export interface SingleValue {
  readonly key: string;
  readonly name: string;
  readonly value: number | null;
  readonly text: string; // with the unit, or what a mapping or noValue says
  readonly color: string;
  readonly state?: string; // what the colour says, in words ("above 0.9"): read out and shown as a hint
  readonly links?: readonly DataLink[];
}

export interface StatValue extends SingleValue {
  readonly spark?: readonly (number | null)[]; // the series behind the value
  readonly sparkTip?: (index: number) => readonly [time: string, value: string]; // of a point of it
  readonly change?: number | null; // 0.1: ten percent more than at the start
}

export interface StatProps extends ChartCommon {
  readonly values: readonly StatValue[];
  readonly colorMode?: "value" | "background" | "background_solid" | "none"; // "value"
  readonly graphMode?: "area" | "none"; // "area"
  readonly textMode?: "auto" | "value" | "value_and_name" | "name" | "none";
  readonly orientation?: "auto" | "horizontal" | "vertical";
  readonly justifyMode?: "auto" | "center";
  readonly showChange?: boolean;
  readonly noValue?: string; // where there is no value at all: "No data"
}

// Absolute steps, ascending; the first may begin at minus infinity (null).
export interface ThresholdBand {
  readonly value: number | null;
  readonly color: string;
}

export interface GaugeValue extends SingleValue {
  readonly min: number;
  readonly max: number;
  readonly minText?: string;
  readonly maxText?: string;
  readonly thresholds?: readonly ThresholdBand[];
}

export interface GaugeProps extends ChartCommon {
  readonly values: readonly GaugeValue[];
  readonly orientation?: "auto" | "horizontal" | "vertical";
  readonly showThresholdMarkers?: boolean; // true
  readonly showThresholdLabels?: boolean;
  readonly formatThreshold?: (value: number) => string;
  readonly noValue?: string;
}

export interface BarGaugeProps extends ChartCommon {
  readonly values: readonly GaugeValue[];
  readonly displayMode?: "basic" | "lcd" | "gradient"; // "gradient"
  readonly orientation?: "auto" | "horizontal" | "vertical"; // "auto"
  readonly showUnfilled?: boolean; // true
  readonly valueMode?: "color" | "text" | "hidden"; // "color"
  readonly noValue?: string;
}

export interface PieProps extends ChartCommon {
  readonly values: readonly SingleValue[];
  readonly ring?: boolean; // with a hole in the middle
  readonly labels?: readonly string[]; // in the parts: "name", "value", "percent"
  readonly sort?: "desc" | "asc" | "none"; // "desc"
  readonly legend?: Legend; // calcs: "value", "percent"
  readonly noValue?: string;
}

// What one thing was, from when to when.
export interface TimelineSpan {
  readonly from: number; // milliseconds
  readonly to: number;
  readonly text: string;
  readonly color: string;
  readonly state?: string; // what the colour says, in words, where the text does not: for the legend
}

export interface TimelineRow {
  readonly key: string;
  readonly name: string;
  readonly spans: readonly TimelineSpan[]; // ascending, none over another
}

export interface TimelineProps extends ChartCommon {
  readonly rows: readonly TimelineRow[];
  readonly from: number;
  readonly to: number;
  readonly texts: boolean; // stand in their spans, where they fit
  readonly rowHeight: number; // share of its line that a row fills, 0 to 1
  readonly apart: boolean; // a gap after each span
  readonly legend?: Legend;
}

export interface BarSeries {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[]; // as many as there are categories
  readonly colors?: readonly string[]; // of each bar, where they differ
  readonly format: (value: number | null) => string;
}

export interface BarChartProps extends ChartCommon {
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  readonly orientation: "auto" | "horizontal" | "vertical"; // of the bars; "auto": standing
  readonly stacking: "none" | "normal" | "percent";
  readonly values: "auto" | "always" | "never"; // said at the bars; "auto": where there are few
  readonly groupWidth: number; // share of its place that a category fills, 0 to 1
  readonly min?: number;
  readonly max?: number;
  readonly legend?: Legend;
}

export type CellKind = "auto" | "color-text" | "color-background" | "gauge" | "json";
export type CellValue = number | string | null;

// The texts of a cell are asked for only when its row is on the page.
export interface TableColumn {
  readonly key: string;
  readonly name: string;
  readonly values: readonly CellValue[];
  readonly format?: (value: CellValue, row: number) => string; // default: as it is
  readonly color?: (value: CellValue, row: number) => string | undefined;
  readonly state?: (value: CellValue, row: number) => string | undefined; // the colour in words
  readonly ratio?: (value: CellValue, row: number) => number; // 0 to 1, of a gauge
  readonly links?: (value: CellValue, row: number) => readonly DataLink[];
  readonly kind?: CellKind; // "auto"
  readonly align?: "auto" | "left" | "center" | "right"; // "auto": numbers right
  readonly width?: number;
  readonly minWidth?: number;
  readonly filterable?: boolean;
  readonly description?: string;
}

export interface TableSort {
  readonly key: string;
  readonly desc: boolean;
}

export interface TableProps {
  readonly columns: readonly TableColumn[]; // all of the same length
  readonly title: string;
  readonly height?: number; // pixels; absent: as high as its rows
  readonly sort?: TableSort; // at first
  readonly onSort?: (sort: TableSort | null) => void;
  readonly showHeader?: boolean; // true
  readonly pageSize?: number; // 200
  readonly noValue?: string; // where there are no rows
  readonly onCsv?: (csv: string, fileName: string) => void;
}

// Small enough to stand in a table cell; draws without uPlot.
export interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly times?: readonly number[]; // default: evenly spaced
  readonly width?: number; // pixels; 120
  readonly height?: number; // 28
  readonly color?: string; // var(--accent)
  readonly fill?: boolean; // true
  readonly min?: number; // of the y axis; the least value, or 0 if that is near
  readonly max?: number;
  readonly label: string; // for those who cannot see it: "requests per second, last 15 minutes"
  readonly stretch?: boolean; // as wide as the place it stands in
}

export interface StackPart {
  readonly key: string;
  readonly name: string;
  readonly value: number;
  readonly color: string;
  readonly text?: string; // the formatted value
  readonly href?: string;
}

export interface StackBarProps {
  readonly parts: readonly StackPart[];
  readonly label: string; // "time by stage"
  readonly height?: number; // 18
  readonly names?: boolean; // names stand in the parts where they fit; true
  readonly legend?: boolean; // names and shares below
  readonly noValue?: string;
}

export interface LegendItem {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly draw: Draw;
  readonly dash?: readonly number[];
  readonly marker: number; // its shape: series of like colours differ by it
  readonly right?: boolean; // on the right axis
  readonly shown: boolean;
  readonly calcs: readonly { readonly name: string; readonly value: number | null; readonly text: string }[];
}

export interface LegendProps {
  readonly items: readonly LegendItem[];
  readonly mode: "list" | "table";
  readonly placement: "bottom" | "right";
  readonly sortBy?: string;
  readonly sortDesc?: boolean;
  readonly onToggle?: (key: string, others: boolean) => void; // others: this one alone
  readonly onHover?: (key: string | null) => void;
}
