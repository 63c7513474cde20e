// SPDX-License-Identifier: Apache-2.0
// What the panels of a dashboard share, and the texts that depend on it: queries, titles, links with
// variables put in.
import {
  interpolate,
  interpolatePromql,
  type DataContext,
  type Scope,
  type VariableValue,
} from "../lib/interpolate";
import { alignRange, calculateInterval, queryStep, rateInterval, roundInterval } from "../lib/step";
import { formatDuration, parseDuration } from "../lib/duration";
import { all } from "./model";
import type { Scope as RepeatScope } from "./layout";
import type { Dashboard, Filter, Panel, Target, Variable } from "./model";
import { panelRange, type Plan } from "./queries";
import { autoInterval, autoIntervalMs, chosenOptions, type States } from "./variables";

export interface Env {
  readonly dashboard: Dashboard;
  readonly uid: string; // of the address
  readonly states: States;
  readonly filters: readonly Filter[];
  readonly scrapeMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rawFrom: string;
  readonly rawTo: string;
}

// The value of one variable, or of the repeat that holds it to one.
function valueOf(variable: Variable, env: Env, repeat: RepeatScope): VariableValue {
  const state = env.states.get(variable.name);
  const held = Object.hasOwn(repeat, variable.name) ? repeat[variable.name] : undefined;
  const isAll = held === undefined && state?.selected.includes(all) === true;
  const options = held === undefined ? chosenOptions(state) : [held];
  const auto = options.map((option) =>
    option.value.startsWith(autoInterval)
      ? { ...option, value: formatDuration(roundInterval(autoIntervalMs(variable, env.toMs - env.fromMs))) }
      : option,
  );
  // All of nothing is everything: a query that is to match each value of a variable without values finds all.
  const allValue = variable.allValue === "" && options.length === 0 ? ".*" : variable.allValue;
  return {
    name: variable.name,
    values: auto.map((option) => option.value),
    texts: isAll ? ["All"] : auto.map((option) => option.text),
    all: isAll,
    ...(allValue === "" ? {} : { allValue }),
    multi: variable.multi,
    includeAll: variable.includeAll,
    skipUrlSync: variable.skipUrlSync || variable.type === "constant" || variable.type === "datasource",
  };
}

// Old links and queries name the range's ends as variables too; those come with the scope itself.
export function scopeOf(env: Env, repeat: RepeatScope = {}, data?: DataContext): Scope {
  return {
    variables: env.dashboard.variables
      .filter((variable) => variable.type !== "adhoc" && variable.type !== "groupby")
      .map((variable) => valueOf(variable, env, repeat)),
    from: env.fromMs,
    to: env.toMs,
    rawFrom: env.rawFrom,
    rawTo: env.rawTo,
    dashboard: { title: env.dashboard.title, uid: env.uid }, // the address's: links to itself then work
    ...(data === undefined ? {} : { data }),
  };
}

export function textOf(text: string, env: Env, repeat: RepeatScope = {}): string {
  return text.includes("$") || text.includes("[[") ? interpolate(text, scopeOf(env, repeat)) : text;
}

// ">1m" asks for at least a minute.
function durationOf(text: string): number | null {
  const ms = parseDuration(text.replace(/^[<>=\s]+/, "").trim());
  return ms === null || ms <= 0 ? null : ms;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxDataPoints: number;
}

// Pixels of a point where each is a bar or cell of its own: else they could not be told apart.
const pointWidths: Readonly<Record<string, number>> = { barchart: 40, "status-history": 12 };

export function windowOf(panel: Panel, env: Env, width: number): Window {
  const each = pointWidths[panel.type];
  const wished = each === undefined ? Math.max(Math.floor(width), 100) : Math.ceil(width / each);
  const points = panel.maxDataPoints ?? wished;
  return { ...panelRange(panel, env.fromMs, env.toMs), maxDataPoints: points };
}

// One target as it is asked: its step, and its text with everything put in.
export function planOf(target: Target, panel: Panel, env: Env, repeat: RepeatScope, window: Window): Plan {
  const rangeMs = window.toMs - window.fromMs;
  const base = { ...scopeOf(env, repeat), from: window.fromMs, to: window.toMs };
  const own = durationOf(interpolate(target.interval, base));
  const least = own ?? durationOf(interpolate(panel.interval, base)) ?? env.scrapeMs;
  const interval = queryStep(rangeMs, calculateInterval(rangeMs, window.maxDataPoints, least));
  const stepMs = interval * target.intervalFactor;
  const scope: Scope = {
    ...base,
    intervalMs: interval,
    rateIntervalMs: rateInterval(interval, own ?? env.scrapeMs),
  };
  const [alignedFrom, alignedTo] = alignRange(window.fromMs, window.toMs, stepMs);
  return {
    target,
    expr: interpolatePromql(target.expr, scope),
    legend: interpolate(target.legend, scope),
    stepMs,
    fromMs: alignedFrom,
    toMs: target.instant && !target.range ? window.toMs : alignedTo,
  };
}
