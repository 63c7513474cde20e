// SPDX-License-Identifier: Apache-2.0
// Over how long the Overview averages, from how often targets are scraped.
import type { Target } from "../api/types";
import { formatDuration, parseDuration } from "../lib/duration";
import type { Windows } from "./queries";

const usualIntervalMs = 5000; // the monitor's own default
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const historyPoints = 180; // as many as a chart of a stage can show
const historyPointsOfMany = 60; // where each of many pipelines has two small ones
const many = 20;

export function targetKey(job: string | undefined, instance: string | undefined): string {
  return JSON.stringify([job ?? "", instance ?? ""]);
}

export function intervalMs(target: Target): number {
  const parsed = parseDuration(target.scrapeInterval);
  return parsed === null || parsed <= 0 ? usualIntervalMs : parsed;
}

// The longest interval of the targets that have pipelines (`keys`), or of all while none is known. One of
// five minutes that has nothing to do with a pipeline must not slow down what is shown.
export function longestInterval(targets: readonly Target[], keys: ReadonlySet<string>): number {
  const known = targets.filter((target) =>
    keys.has(targetKey(target.labels["job"], target.labels["instance"])),
  );
  if (known.length > 0) {
    return Math.max(...known.map(intervalMs));
  }
  return targets.length === 0 ? usualIntervalMs : Math.min(Math.max(...targets.map(intervalMs)), minute);
}

// "Now" is a minute, or four scrapes where that is longer: two samples are left when one scrape fails.
export function windowsFor(interval: number, rangeMs: number): Windows {
  return {
    now: formatDuration(Math.max(minute, 4 * interval)),
    errors: formatDuration(
      Math.round(Math.min(Math.max(rangeMs, minute, 4 * interval), hour) / second) * second,
    ),
    keep: formatDuration(
      Math.round(Math.max(Math.min(rangeMs, hour), 5 * minute, 4 * interval) / second) * second,
    ),
  };
}

export interface History {
  readonly stepMs: number;
  readonly points: number;
  readonly window: string;
}

// `young`: no pipeline is older than the window of "now", of which two are shown, in steps that let a line
// begin with the second scrape.
export function historyFor(interval: number, rangeMs: number, pipelines: number, young: boolean): History {
  const now = Math.max(minute, 4 * interval);
  if (young && rangeMs > 2 * now) {
    const stepMs = Math.max(second, Math.round(interval / 5));
    return { stepMs, points: Math.floor((2 * now) / stepMs), window: formatDuration(4 * interval) };
  }
  const most = pipelines > many ? historyPointsOfMany : historyPoints;
  const stepMs = Math.max(interval, Math.ceil(rangeMs / most / second) * second);
  const points = Math.max(1, Math.floor(rangeMs / stepMs));
  return { stepMs, points, window: formatDuration(Math.max(4 * interval, stepMs + interval)) };
}
