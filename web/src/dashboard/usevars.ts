// SPDX-License-Identifier: Apache-2.0
// The variables of a dashboard as state. What is chosen stands in the address, so that it can be shared and
// taken back; what may not stand there is kept here.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isAbort } from "../api/client";
import type { Range } from "../app/range";
import { navigate, useLocation } from "../app/url";
import { interpolatePromql } from "../lib/interpolate";
import { addressWith, valuesIn } from "./address";
import { all } from "./model";
import { scopeOf, type Env } from "./env";
import type { Dashboard, Variable } from "./model";
import { dependsOn, resolveVariables, stale, type States } from "./variables";

const againMs = 30_000; // options of a moving range are asked for no more often

export interface Variables {
  readonly states: States | undefined; // undefined: not yet known
  readonly error: Error | undefined;
  readonly select: (variable: Variable, values: readonly string[]) => void;
}

function bareEnv(dashboard: Dashboard, uid: string, states: States, range: Range): Env {
  return {
    dashboard,
    uid,
    states,
    filters: [],
    scrapeMs: 0,
    fromMs: range.fromMs,
    toMs: range.toMs,
    rawFrom: range.from,
    rawTo: range.to,
  };
}

// The choices of variables, after one was changed, that its dependents no longer have.
function staleChanges(dashboard: Dashboard, states: States, changed: string): Map<string, readonly string[]> {
  const changes = new Map<string, readonly string[]>();
  for (const variable of dashboard.variables) {
    const state = states.get(variable.name);
    if (state !== undefined && dependsOn(variable).includes(changed) && stale(variable, state)) {
      const left = state.selected.filter((value) => state.options.some((option) => option.value === value));
      changes.set(variable.name, left);
    }
  }
  return changes;
}

export function useVariables(dashboard: Dashboard, uid: string, range: Range): Variables {
  const { params } = useLocation();
  const [found, setFound] = useState<{ states?: States; error?: Error }>({});
  const local = useRef(new Map<string, readonly string[]>());
  const cache = useRef(new Map<string, readonly string[]>());
  const changed = useRef("");
  const [localVersion, setLocalVersion] = useState(0);
  const chosen = [...params.entries()].filter(([name]) => name.startsWith("var-"));
  const moving = range.to.includes("now") || range.from.includes("now");
  const timeKey = `${range.from} ${range.to} ${moving ? Math.floor(range.toMs / againMs) : ""}`;

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    resolveVariables(dashboard, {
      interpolate: (text, states) => interpolatePromql(text, scopeOf(bareEnv(dashboard, uid, states, range))),
      valuesOf: (name) => local.current.get(name) ?? valuesIn(params, name),
      fromMs: range.fromMs,
      toMs: range.toMs,
      timeKey,
      signal,
      cache: cache.current,
    }).then(
      (states) => {
        const changes = changed.current === "" ? new Map() : staleChanges(dashboard, states, changed.current);
        changed.current = "";
        if (changes.size > 0) {
          navigate(addressWith(changes), true);
        } else if (!signal.aborted) {
          setFound({ states });
        }
      },
      (error: unknown) => {
        if (!isAbort(error) && !signal.aborted) {
          setFound((old) => ({ ...old, error: error as Error }));
        }
      },
    );
    return () => controller.abort();
  }, [dashboard, JSON.stringify(chosen), timeKey, localVersion]);

  const select = (variable: Variable, values: readonly string[]) => {
    changed.current = variable.name;
    if (variable.skipUrlSync) {
      local.current.set(variable.name, values);
      setLocalVersion((version) => version + 1);
    } else {
      const kept =
        values.length === 0 && variable.type !== "adhoc" ? [variable.includeAll ? all : ""] : values;
      navigateKeepingPlace(addressWith(new Map([[variable.name, kept]])));
    }
  };
  return useMemo(() => ({ states: found.states, error: found.error, select }), [found]);
}

// A choice is an entry of the history, but the page stays where it is.
function navigateKeepingPlace(address: string): void {
  const { scrollX, scrollY } = window;
  navigate(address);
  window.scrollTo(scrollX, scrollY);
}
