// SPDX-License-Identifier: Apache-2.0
// What each variable of a dashboard can be and is: options by its type, asked from the monitor where it is a
// query, in an order in which each finds those it names already resolved; and the choice: the address's, else
// the JSON's, else the first.
import { parseDuration } from "../lib/duration";
import { all } from "./model";
import type { Dashboard, Filter, Option, Variable } from "./model";
import { ask, customOptions, intervalOptions, optionsFrom, parseVariableQuery } from "./varquery";

export interface VariableState {
  readonly options: readonly Option[]; // without "All"
  readonly selected: readonly string[]; // values; [all] for all of them
  readonly error: string; // a sentence, or ""
}

export type States = ReadonlyMap<string, VariableState>;

export const autoInterval = "$__auto_interval_";

// What variables hold where their text is put into a query.
export interface Resolver {
  readonly interpolate: (text: string, states: States) => string;
  readonly valuesOf: (name: string) => readonly string[] | null; // chosen by the visitor
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeKey: string; // changes when options that depend on the time range are to be asked for again
  readonly signal: AbortSignal;
  readonly cache: Map<string, readonly string[]>; // answers, by query
}

function names(text: string): string[] {
  return [...text.matchAll(/\$(\w+)|\$\{(\w+)|\[\[(\w+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

export function dependsOn(variable: Variable): string[] {
  return [...new Set(names(`${variable.query} ${variable.regex}`))].filter((name) => name !== variable.name);
}

// Those that others name come first. A circle is cut where it is found.
export function inOrder(variables: readonly Variable[]): Variable[] {
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  const ordered: Variable[] = [];
  const seen = new Set<string>();
  const visit = (variable: Variable): void => {
    if (seen.has(variable.name)) {
      return;
    }
    seen.add(variable.name);
    dependsOn(variable).forEach((name) => {
      const other = known.get(name);
      if (other !== undefined) {
        visit(other);
      }
    });
    ordered.push(variable);
  };
  variables.forEach(visit);
  return ordered;
}

// The options of this page's only data source.
const monitor: Option = { value: "inferometer", text: "this monitor" };

function withoutAll(options: readonly Option[]): Option[] {
  return options.filter((option) => option.value !== all && !option.value.startsWith(autoInterval));
}

async function queryOptions(variable: Variable, states: States, resolver: Resolver): Promise<Option[]> {
  const written = parseVariableQuery(resolver.interpolate(variable.query, states));
  if (written === null) {
    return [];
  }
  if (variable.refresh === 0 && withoutAll(variable.options).length > 0) {
    return withoutAll(variable.options);
  }
  const key = JSON.stringify([written, variable.refresh === 2 ? resolver.timeKey : ""]);
  let values = resolver.cache.get(key);
  if (values === undefined) {
    values = await ask(written, resolver);
    resolver.cache.set(key, values);
  }
  return optionsFrom(values, variable, resolver.interpolate(variable.regex, states));
}

async function optionsOf(variable: Variable, states: States, resolver: Resolver): Promise<Option[]> {
  switch (variable.type) {
    case "datasource":
      return [monitor];
    case "query":
      return queryOptions(variable, states, resolver);
    case "custom":
      return customOptions(resolver.interpolate(variable.query, states));
    case "interval": {
      const auto = variable.auto ? [{ value: autoInterval + variable.name, text: "auto" }] : [];
      return [...auto, ...intervalOptions(resolver.interpolate(variable.query, states))];
    }
    case "constant": {
      const value = resolver.interpolate(variable.query, states);
      return [{ value, text: value }];
    }
    case "switch":
      return withoutAll(variable.options);
    case "textbox":
    case "adhoc":
    case "groupby":
      return [];
  }
}

// The choice that the JSON has, as far as it can still be chosen.
function savedChoice(variable: Variable, options: readonly Option[]): string[] {
  const saved = variable.current.map((option) => (option.value === "" ? option.text : option.value));
  if (saved.includes(all) || (variable.includeAll && variable.current.some((one) => one.text === "All"))) {
    return [all];
  }
  return saved.filter((value) => options.some((option) => option.value === value));
}

function firstChoice(variable: Variable, options: readonly Option[]): string[] {
  const saved = savedChoice(variable, options);
  if (saved.length > 0) {
    return variable.multi ? saved : saved.slice(0, 1);
  }
  const first = options[0];
  return variable.includeAll ? [all] : first === undefined ? [] : [first.value];
}

export function choose(
  variable: Variable,
  options: readonly Option[],
  given: readonly string[] | null,
): readonly string[] {
  switch (variable.type) {
    case "datasource":
    case "constant":
      return options.map((option) => option.value);
    case "textbox":
      return [given?.[0] ?? variable.current[0]?.value ?? variable.query];
    case "adhoc":
      return given ?? variable.filters.map(writeFilter);
    default: {
      const wanted = given?.map((value) => byText(options, value));
      if (wanted === undefined || wanted.length === 0) {
        return firstChoice(variable, options);
      }
      const everything = wanted.some((value) => value === all || value === "All");
      return everything ? [all] : variable.multi ? wanted : wanted.slice(0, 1);
    }
  }
}

// Addresses written by hand may have the text of an option.
function byText(options: readonly Option[], value: string): string {
  const exact = options.some((option) => option.value === value);
  return exact ? value : (options.find((option) => option.text === value)?.value ?? value);
}

// Choices that an answer no longer has, after another variable was changed: they go.
export function stale(variable: Variable, state: VariableState): boolean {
  const checked = variable.type === "query" && state.error === "" && state.options.length > 0;
  return (
    checked &&
    state.selected.some((value) => value !== all && !state.options.some((option) => option.value === value))
  );
}

// Resolves all variables of a dashboard. One that fails has its sentence and the others go on; only giving up
// rejects.
export async function resolveVariables(dashboard: Dashboard, resolver: Resolver): Promise<States> {
  const states = new Map<string, VariableState>();
  for (const variable of inOrder(dashboard.variables)) {
    let options: Option[] = [];
    let error = "";
    try {
      options = await optionsOf(variable, states, resolver);
    } catch (failure) {
      if (resolver.signal.aborted) {
        throw failure;
      }
      error = failure instanceof Error ? failure.message : String(failure);
    }
    const selected = choose(variable, options, resolver.valuesOf(variable.name));
    states.set(variable.name, { options, selected, error });
  }
  return states;
}

// The values that stand for a choice in a query. All of nothing is everything.
export function chosenOptions(state: VariableState | undefined): readonly Option[] {
  if (state === undefined) {
    return [];
  }
  if (state.selected.includes(all)) {
    return state.options;
  }
  return state.selected.map(
    (value) => state.options.find((option) => option.value === value) ?? { value, text: value },
  );
}

// "auto" of an interval: the time range in so many steps, and not below the least.
export function autoIntervalMs(variable: Variable, rangeMs: number): number {
  return Math.max(rangeMs / variable.autoCount, parseDuration(variable.autoMin) ?? 0);
}

// "key|operator|value", as Grafana's addresses have ad hoc filters.
export function writeFilter(filter: Filter): string {
  const escape = (text: string) => text.replace(/\|/g, "__gfp__");
  return [filter.key, filter.operator, filter.value].map(escape).join("|");
}

export function readFilter(text: string): Filter | null {
  const [key, operator, ...value] = text.split("|").map((part) => part.replace(/__gfp__/g, "|"));
  return key === undefined || operator === undefined ? null : { key, operator, value: value.join("|") };
}

export function filtersOf(dashboard: Dashboard, states: States): Filter[] {
  return dashboard.variables
    .filter((variable) => variable.type === "adhoc")
    .flatMap((variable) => states.get(variable.name)?.selected ?? [])
    .map(readFilter)
    .filter((filter): filter is Filter => filter !== null && filter.key !== "");
}
