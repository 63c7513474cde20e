// SPDX-License-Identifier: Apache-2.0
// Points in time as Grafana's addresses write them ("now-6h", "now/d", milliseconds), and as people read
// them.
import { parseDuration } from "./duration";

export const QUICK_RANGES: readonly { label: string; from: string; to: string }[] = [
  { label: "Last 5 minutes", from: "now-5m", to: "now" },
  { label: "Last 15 minutes", from: "now-15m", to: "now" },
  { label: "Last 1 hour", from: "now-1h", to: "now" },
  { label: "Last 6 hours", from: "now-6h", to: "now" },
  { label: "Last 24 hours", from: "now-24h", to: "now" },
  { label: "Last 7 days", from: "now-7d", to: "now" },
  { label: "Last 30 days", from: "now-30d", to: "now" },
];

// Milliseconds, or null where the text is no time. `roundUp`: the end of a range, "now/d" is then the day's
// end.
export function parseTime(text: string, now: number, _roundUp: boolean): number | null {
  const trimmed = text.trim();
  if (/^\d{10,}$/.test(trimmed)) {
    return Number(trimmed);
  }
  const relative = /^now(?:([+-])(.+))?$/.exec(trimmed);
  if (relative !== null) {
    const ms = relative[2] === undefined ? 0 : parseDuration(relative[2]);
    return ms === null ? null : relative[1] === "+" ? now + ms : now - ms;
  }
  const date = Date.parse(trimmed.replace(" ", "T"));
  return Number.isNaN(date) ? null : date;
}

export function describeRange(from: string, to: string): string {
  const quick = QUICK_RANGES.find((range) => range.from === from && range.to === to);
  return quick?.label ?? `${from} to ${to}`;
}
