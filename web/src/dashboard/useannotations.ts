// SPDX-License-Identifier: Apache-2.0
// The annotations of a dashboard as state: switched on and off in the address, asked for again at each
// refresh.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { navigate, useLocation } from "../app/url";
import type { ChartAnnotation } from "../charts/types";
import { askAnnotation, chartAnnotations, type Event } from "./annotations";
import type { Env } from "./env";
import type { Annotation } from "./model";

export interface Switch {
  readonly annotation: Annotation;
  readonly on: boolean;
  readonly count: number;
  readonly error: string;
  readonly toggle: () => void;
}

interface Answer {
  readonly events: readonly Event[];
  readonly error: string;
}

// "annotations=Alerts,Deploys" in the address: those that are not as the dashboard has them.
function toggledIn(params: URLSearchParams): Set<string> {
  return new Set(params.getAll("annotations"));
}

export function useAnnotations(
  env: Env | null,
  all: readonly Annotation[],
  tick: number,
): { switches: readonly Switch[]; annotations: readonly ChartAnnotation[] } {
  const { params } = useLocation();
  const toggled = toggledIn(params);
  const isOn = (annotation: Annotation) => annotation.enable !== toggled.has(annotation.name);
  const on = all.filter(isOn).map((annotation) => annotation.name);
  const [answers, setAnswers] = useState<ReadonlyMap<string, Answer>>(new Map());
  const theme = useTheme();
  const before = useRef("");

  useEffect(() => {
    if (env === null) {
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const asked = all.filter((annotation) => on.includes(annotation.name));
    Promise.all(
      asked.map(async (annotation): Promise<[string, Answer]> => {
        try {
          return [annotation.name, { events: await askAnnotation(annotation, env, signal), error: "" }];
        } catch (error) {
          return [
            annotation.name,
            { events: [], error: error instanceof Error ? error.message : String(error) },
          ];
        }
      }),
    ).then((found) => {
      const said = JSON.stringify(found);
      if (!signal.aborted && said !== before.current) {
        before.current = said; // charts are drawn again only for what has changed
        setAnswers(new Map(found));
      }
    });
    return () => controller.abort();
  }, [env, tick, on.join("\n")]);

  const annotations = useMemo(
    () =>
      chartAnnotations(
        all.filter(isOn).flatMap((one) => answers.get(one.name)?.events ?? []),
        theme,
      ),
    [answers, theme, on.join("\n")],
  );
  const switches = all
    .filter((annotation) => !annotation.hide)
    .map((annotation) => ({
      annotation,
      on: isOn(annotation),
      count: answers.get(annotation.name)?.events.length ?? 0,
      error: answers.get(annotation.name)?.error ?? "",
      toggle: () => toggleIn(toggled, annotation.name),
    }));
  return { switches, annotations };
}

function toggleIn(toggled: Set<string>, name: string): void {
  if (!toggled.delete(name)) {
    toggled.add(name);
  }
  const params = new URLSearchParams(window.location.search);
  params.delete("annotations");
  toggled.forEach((one) => params.append("annotations", one));
  navigate(`${window.location.pathname}?${params.toString()}`, true);
}
