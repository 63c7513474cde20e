// SPDX-License-Identifier: Apache-2.0
// A dashboard as it is drawn: Grafana's classic JSON after parse.ts has read it. Only what panels of this
// page understand has a type; options of a panel stay as they came and are read where they are used.
import type { DataLink, FieldConfig } from "../lib/frame";
import type { Json } from "./read";

// Where a query goes. "prometheus" is always this monitor, whatever name or uid the JSON has for it.
export type SourceKind = "prometheus" | "expression" | "grafana" | "mixed" | "dashboard" | "other";

export interface Source {
  readonly kind: SourceKind;
  readonly type: string; // as the JSON says: "prometheus", "loki", ...
}

export type Format = "time_series" | "table" | "heatmap";

export interface Target {
  readonly refId: string;
  readonly source: Source;
  readonly expr: string;
  readonly legend: string;
  readonly hide: boolean;
  readonly instant: boolean;
  readonly range: boolean;
  readonly format: Format;
  readonly interval: string; // min step; may hold variables
  readonly intervalFactor: number; // of old dashboards: the resolution 1/n
  readonly exemplar: boolean;
  readonly raw: Json; // what expressions have besides
}

export interface Override {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface PanelFieldConfig {
  readonly defaults: FieldConfig;
  readonly overrides: readonly Override[];
}

export interface Transformation {
  readonly id: string;
  readonly options: Json;
  readonly disabled: boolean;
  readonly filter?: unknown;
}

export interface GridPos {
  readonly x: number; // 0 to 23
  readonly y: number;
  readonly w: number; // 1 to 24
  readonly h: number;
}

export interface Panel {
  readonly id: number;
  readonly type: string; // of today: "graph" has become "timeseries"
  readonly wasType: string; // as the JSON says
  readonly title: string;
  readonly description: string;
  readonly transparent: boolean;
  readonly gridPos: GridPos;
  readonly source: Source;
  readonly targets: readonly Target[];
  readonly fieldConfig: PanelFieldConfig;
  readonly options: Json;
  readonly transformations: readonly Transformation[];
  readonly links: readonly DataLink[];
  readonly repeat: string; // the name of a variable, or ""
  readonly repeatDirection: "h" | "v";
  readonly maxPerRow: number;
  readonly maxDataPoints?: number;
  readonly interval: string;
  readonly timeFrom: string; // "2h": its own range; "" for the dashboard's
  readonly timeShift: string;
  readonly hideTimeOverride: boolean;
  readonly collapsed: boolean; // of a row
  readonly panels: readonly Panel[]; // of a collapsed row
}

export type VariableType =
  "datasource" | "query" | "interval" | "custom" | "constant" | "textbox" | "adhoc" | "groupby" | "switch";

export const all = "$__all"; // the value of a variable that stands for each of its options

export interface Option {
  readonly text: string;
  readonly value: string;
}

export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly label: string;
  readonly description: string;
  readonly query: string;
  readonly regex: string;
  readonly sort: number; // Grafana's 0 to 8
  readonly refresh: 0 | 1 | 2; // never, when the dashboard opens, when the time range changes
  readonly hide: 0 | 1 | 2; // no, the label, the whole variable
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue: string;
  readonly options: readonly Option[];
  readonly current: readonly Option[]; // chosen in the JSON; "$__all" for all
  readonly auto: boolean;
  readonly autoCount: number;
  readonly autoMin: string;
  readonly skipUrlSync: boolean;
  readonly source: Source;
  readonly filters: readonly Filter[]; // of "adhoc"
}

export interface Filter {
  readonly key: string;
  readonly operator: string; // = != =~ !~
  readonly value: string;
}

export interface Annotation {
  readonly name: string;
  readonly source: Source;
  readonly enable: boolean;
  readonly hide: boolean; // its switch
  readonly color: string;
  readonly expr: string;
  readonly step: string;
  readonly titleFormat: string;
  readonly textFormat: string;
  readonly tagKeys: readonly string[];
  readonly useValueForTime: boolean;
}

export interface DashboardLink {
  readonly type: "dashboards" | "link";
  readonly title: string;
  readonly tooltip: string;
  readonly url: string;
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly includeVars: boolean;
  readonly keepTime: boolean;
  readonly targetBlank: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly utc: boolean;
  readonly graphTooltip: 0 | 1 | 2; // each for itself, a shared crosshair, a shared tooltip
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly links: readonly DashboardLink[];
  readonly annotations: readonly Annotation[];
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
  readonly remarks: readonly string[]; // what could not be read, in sentences
}
