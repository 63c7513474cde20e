// SPDX-License-Identifier: Apache-2.0
// Ranges of queries: those of all of them as the bar at the head of the page wants it, and steps through
// them.
import type { Range } from "../app/range";
import { formatDuration } from "../lib/duration";
import { parseTime } from "../lib/time";
import type { QueryState } from "./state";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
export const rangeSteps: readonly number[] = [
  10_000,
  30_000,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
  28 * day,
  56 * day,
  112 * day,
  182 * day,
  365 * day,
];

export function longer(rangeMs: number): number {
  return rangeSteps.find((step) => step > rangeMs) ?? rangeMs;
}

export function shorter(rangeMs: number): number {
  return [...rangeSteps].reverse().find((step) => step < rangeMs) ?? rangeMs;
}

export type Span = Pick<QueryState, "rangeMs" | "endMs">;

const leastMs = 1000; // a drag of less is a slip of the hand

// An end that has not come yet is "now": the graph goes on from there.
export function spanOf(fromMs: number, toMs: number, nowMs: number): Span | null {
  const rangeMs = Math.round(toMs) - Math.round(fromMs);
  return rangeMs < leastMs ? null : { rangeMs, endMs: toMs >= nowMs ? null : Math.round(toMs) };
}

export function zoomOut(span: Span, nowMs: number): Span {
  const end = span.endMs ?? nowMs;
  const rangeMs = span.rangeMs * 2;
  const endMs = end + span.rangeMs / 2;
  return { rangeMs, endMs: span.endMs === null || endMs >= nowMs ? null : Math.round(endMs) };
}

// By a share of the range: -0.5 is half of it earlier.
export function panned(span: Span, by: number, nowMs: number): Span {
  const endMs = (span.endMs ?? nowMs) + by * span.rangeMs;
  return { rangeMs: span.rangeMs, endMs: endMs >= nowMs ? null : Math.round(endMs) };
}

// Around a point in time that keeps its place; `share`: where it stands in the range, 0 to 1.
export function zoomedAt(span: Span, share: number, factor: number, nowMs: number): Span {
  const end = span.endMs ?? nowMs;
  const at = end - span.rangeMs * (1 - share);
  const rangeMs = Math.max(Math.round(span.rangeMs * factor), leastMs);
  const endMs = at + rangeMs * (1 - share);
  return { rangeMs, endMs: endMs >= nowMs - rangeMs * 0.005 ? null : Math.round(endMs) };
}

// The bar of the page shows the first query's range and changes that of all.
export function barRange(shared: Range, first: Span, nowMs: number, change: (span: Span) => void): Range {
  const toMs = first.endMs ?? nowMs;
  const fromMs = toMs - first.rangeMs;
  const apply = (from: number, to: number) => {
    const span = spanOf(from, to, Date.now());
    if (span !== null) {
      change(span);
    }
  };
  return {
    ...shared,
    from: first.endMs === null ? `now-${formatDuration(first.rangeMs)}` : String(fromMs),
    to: first.endMs === null ? "now" : String(toMs),
    fromMs,
    toMs,
    set: (from, to) => {
      const now = Date.now();
      const begin = parseTime(from, now, false);
      const end = parseTime(to, now, true);
      if (begin !== null && end !== null) {
        apply(begin, end);
      }
    },
    zoom: apply,
  };
}
