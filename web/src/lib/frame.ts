// SPDX-License-Identifier: Apache-2.0
// Data frames: what a query answers, what transformations change and what panels draw. The model is Grafana's
// (@grafana/data, DataFrame), so that its dashboards mean the same here.

export type Labels = Readonly<Record<string, string>>;

// A bucket of a native histogram: bounds, count, and which bounds belong to it.
export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
}

export interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly HistogramBucket[];
}

export type FieldType = "time" | "number" | "string" | "histogram";

// Times are milliseconds since 1970. A number is null where there is no sample; NaN and infinities are
// values.
export type FieldValue = number | string | Histogram | null;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly labels?: Labels;
  readonly values: readonly FieldValue[];
  readonly config: FieldConfig;
}

export interface Frame {
  readonly refId: string;
  readonly name?: string; // of a series: what its legend says
  readonly fields: readonly Field[]; // all of the same length
}

export type ThresholdMode = "absolute" | "percentage";

export interface ThresholdStep {
  readonly value: number | null; // null: from minus infinity
  readonly color: string;
}

export interface Thresholds {
  readonly mode: ThresholdMode;
  readonly steps: readonly ThresholdStep[];
}

export interface MappingResult {
  readonly text?: string;
  readonly color?: string;
  readonly index?: number;
}

export type ValueMapping =
  | { readonly type: "value"; readonly options: Readonly<Record<string, MappingResult>> }
  | {
      readonly type: "range";
      readonly options: { from: number | null; to: number | null; result: MappingResult };
    }
  | { readonly type: "regex"; readonly options: { pattern: string; result: MappingResult } }
  | { readonly type: "special"; readonly options: { match: string; result: MappingResult } };

export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
}

// fieldConfig.defaults of a panel, with the overrides that fit the field laid over it.
export interface FieldConfig {
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly displayName?: string;
  readonly displayNameFromDS?: string; // the legend format of the query
  readonly description?: string;
  readonly mappings?: readonly ValueMapping[];
  readonly thresholds?: Thresholds;
  readonly color?: { readonly mode: string; readonly fixedColor?: string; readonly seriesBy?: string };
  readonly links?: readonly DataLink[];
  readonly custom?: Readonly<Record<string, unknown>>;
}

export function frameLength(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}
