// SPDX-License-Identifier: Apache-2.0
// Annotations of a dashboard: where a query has samples, or at the times that its values are.
import { api } from "../api/client";
import type { QueryData, SeriesResult } from "../api/types";
import type { ChartAnnotation } from "../charts/types";
import { resolveColor, type Theme } from "../lib/colors";
import { parseDuration } from "../lib/duration";
import { interpolatePromql, type Scope } from "../lib/interpolate";
import { legendFor } from "../lib/legend";
import { addFilters } from "./adhoc";
import { scopeOf, type Env } from "./env";
import type { Annotation } from "./model";

const eventsMax = 500; // of one query: more cannot be told apart
const defaultStepMs = 60_000;
const pointsMax = 2000; // of a range query: a step of seconds over weeks would have more

export interface Event {
  readonly from: number; // milliseconds
  to: number;
  readonly title: string;
  readonly text: string;
  readonly color: string;
}

export function stepOf(annotation: Annotation, rangeMs: number): number {
  const own = parseDuration(annotation.step) ?? defaultStepMs;
  return Math.max(own > 0 ? own : defaultStepMs, Math.ceil(rangeMs / pointsMax / 1000) * 1000);
}

// Samples that follow each other without a gap are one event from the first to the last.
export function eventsOf(series: readonly SeriesResult[], annotation: Annotation, stepMs: number): Event[] {
  const found: Event[] = [];
  for (const one of series) {
    const title = legendFor(annotation.titleFormat || annotation.name, one.metric, annotation.name);
    const tags = annotation.tagKeys.map((key) => one.metric[key] ?? "").filter((tag) => tag !== "");
    const detail = annotation.textFormat === "" ? "" : legendFor(annotation.textFormat, one.metric, "");
    const text = [detail.trim(), tags.join(", ")].filter((part) => part !== "").join(" · ");
    const base = { title, text, color: annotation.color };
    let open: Event | null = null;
    for (const [seconds, value] of one.values ?? []) {
      const time = seconds * 1000;
      if (annotation.useValueForTime) {
        const at = Number(value);
        if (
          Number.isFinite(at) &&
          at > 0 &&
          !found.some((event) => event.from === at && event.title === title)
        ) {
          found.push({ ...base, from: at, to: at });
        }
      } else if (Number(value) !== 0) {
        if (open !== null && time - open.to <= stepMs * 1.5) {
          open.to = time;
        } else {
          open = { ...base, from: time, to: time };
          found.push(open);
        }
      }
      if (found.length >= eventsMax) {
        return found;
      }
    }
  }
  return found;
}

export async function askAnnotation(annotation: Annotation, env: Env, signal: AbortSignal): Promise<Event[]> {
  const rangeMs = env.toMs - env.fromMs;
  const stepMs = stepOf(annotation, rangeMs);
  const scope: Scope = {
    ...scopeOf(env),
    intervalMs: stepMs,
    rateIntervalMs: Math.max(stepMs, 4 * env.scrapeMs),
  };
  const query = addFilters(interpolatePromql(annotation.expr, scope), env.filters);
  const params = {
    query,
    start: Math.floor(env.fromMs / stepMs) * (stepMs / 1000),
    end: Math.floor(env.toMs / stepMs) * (stepMs / 1000),
    step: stepMs / 1000,
  };
  const { data } = await api<QueryData>("api/v1/query_range", params, { signal, post: true });
  const series = data.resultType === "matrix" ? data.result : [];
  return eventsOf(series, annotation, stepMs).filter(
    (event) => event.to >= env.fromMs && event.from <= env.toMs,
  );
}

export function chartAnnotations(events: readonly Event[], theme: Theme): ChartAnnotation[] {
  return events.map((event) => ({
    from: event.from,
    ...(event.to > event.from ? { to: event.to } : {}),
    text: event.text === "" ? event.title : `${event.title}: ${event.text}`,
    color: resolveColor(event.color, theme),
  }));
}
