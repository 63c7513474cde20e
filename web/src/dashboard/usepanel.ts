// SPDX-License-Identifier: Apache-2.0
// The data of one panel as state: asked for when it is near the window, again at each refresh and change, and
// drawn in a task of its own. What was there stays until the next answer; a slow answer is waited for, not
// asked for again.
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../api/client";
import { drawSoon } from "../charts/observe";
import { panelData, wanted, type PanelData } from "./data";
import { planOf, windowOf, type Env } from "./env";
import type { Scope } from "./layout";
import type { Panel } from "./model";
import { askAll, type Plan } from "./queries";
import { inTurn } from "./queue";

export interface PanelState {
  readonly data: PanelData | undefined;
  readonly env: Env; // as of the data
  readonly loading: boolean;
}

interface Wish {
  readonly panel: Panel;
  readonly env: Env;
  readonly repeat: Scope;
  readonly width: number;
  readonly near: boolean; // far ones neither ask nor draw
  readonly priority: number;
  readonly tick: number; // of the refresh
}

// From the request to the picture, for whoever measures the page (bench/web_bench.mjs). Charts draw
// themselves in the frames after their effects have run; this stands behind them in the same line.
function measureDrawn(begun: number): void {
  requestAnimationFrame(() =>
    window.setTimeout(() =>
      drawSoon(() => {
        performance.measure("inferometer-panel", { start: begun });
        if (performance.getEntriesByName("inferometer-panel").length > measuresMax) {
          performance.clearMeasures("inferometer-panel");
        }
      }),
    ),
  );
}

const measuresMax = 1000; // kept by the browser until then

interface Flight {
  readonly controller: AbortController;
  readonly question: string;
}

// What makes a new question: not the moving end of the range.
function questionOf(plans: readonly Plan[], { env }: Wish): string {
  const asked = plans.map((plan) => [plan.target.refId, plan.expr, plan.stepMs]);
  return JSON.stringify([asked, env.rawFrom, env.rawTo, env.filters]);
}

export function usePanelData(wish: Wish): PanelState {
  const { panel, env, near, width, tick } = wish;
  const [state, setState] = useState<PanelState>({ data: undefined, env, loading: false });
  const flight = useRef<Flight | null>(null);
  const last = useRef<{ question: string; tick: number } | null>(null);

  const start = (plans: readonly Plan[], question: string, window: { fromMs: number; toMs: number }) => {
    flight.current?.controller.abort();
    const mine: Flight = { controller: new AbortController(), question };
    flight.current = mine;
    last.current = { question, tick };
    const { signal } = mine.controller;
    const begun = performance.now();
    setState((old) => ({ ...old, loading: true }));
    const asked = plans.filter((plan) => plan.target.source.kind === "prometheus");
    askAll(asked, { priority: wish.priority, filters: env.filters, signal }).then(
      (answered) => {
        const cancel = inTurn(() => {
          flight.current = null;
          setState({ data: panelData(panel, answered, plans, window), env, loading: false });
          measureDrawn(begun);
        });
        signal.addEventListener("abort", cancel);
      },
      (error: unknown) => {
        if (!isAbort(error) && !signal.aborted) {
          flight.current = null;
          const failures = [{ refId: "", message: error instanceof Error ? error.message : String(error) }];
          const none = { frames: [], answered: [], failures, notes: [], ...window, stepMs: 0 };
          setState((old) => ({ data: old.data ?? none, env, loading: false }));
        }
      },
    );
  };

  useEffect(() => {
    if (!near || width <= 0) {
      return;
    }
    const window = windowOf(panel, env, width);
    const plans = wanted(panel.targets).map((target) => planOf(target, panel, env, wish.repeat, window));
    const question = questionOf(plans, wish);
    const same = last.current?.question === question;
    if (same && (last.current?.tick === tick || flight.current !== null)) {
      // Links may name a variable that no query does.
      setState((old) => (old.env.states === env.states ? old : { ...old, env }));
      return; // nothing new, or its answer is on the way
    }
    start(plans, question, window);
  }, [near, width, env, tick]);
  useEffect(() => () => flight.current?.controller.abort(), []);
  return state;
}
