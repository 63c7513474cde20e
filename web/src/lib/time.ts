// SPDX-License-Identifier: Apache-2.0
// Points in time as Grafana's addresses write them ("now-6h", "now/d", milliseconds), and as people read
// them.
import { formatDate } from "./dateformat";
import { parseDuration } from "./duration";

export interface QuickRange {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

export const QUICK_RANGES: readonly QuickRange[] = [
  { label: "Last 5 minutes", from: "now-5m", to: "now" },
  { label: "Last 15 minutes", from: "now-15m", to: "now" },
  { label: "Last 30 minutes", from: "now-30m", to: "now" },
  { label: "Last 1 hour", from: "now-1h", to: "now" },
  { label: "Last 3 hours", from: "now-3h", to: "now" },
  { label: "Last 6 hours", from: "now-6h", to: "now" },
  { label: "Last 12 hours", from: "now-12h", to: "now" },
  { label: "Last 24 hours", from: "now-24h", to: "now" },
  { label: "Last 2 days", from: "now-2d", to: "now" },
  { label: "Last 7 days", from: "now-7d", to: "now" },
  { label: "Last 30 days", from: "now-30d", to: "now" },
  { label: "Today so far", from: "now/d", to: "now" },
  { label: "Yesterday", from: "now-1d/d", to: "now-1d/d" },
];

type Unit = "y" | "Q" | "M" | "w" | "d" | "h" | "m" | "s";

const fixedMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

// Calendar dates in the browser's zone or in UTC: days that change to summer time have 23 hours.
function shift(time: number, count: number, unit: string, utc: boolean): number {
  const ms = fixedMs[unit];
  if (ms !== undefined) {
    return time + count * ms;
  }
  if (unit === "d" || unit === "w") {
    return addDays(time, count * (unit === "w" ? 7 : 1), utc);
  }
  const months = Math.trunc(count * (unit === "y" ? 12 : unit === "Q" ? 3 : 1));
  return addMonths(time, months, utc);
}

function addDays(time: number, days: number, utc: boolean): number {
  const date = new Date(time);
  const whole = Math.trunc(days);
  if (utc) {
    date.setUTCDate(date.getUTCDate() + whole);
  } else {
    date.setDate(date.getDate() + whole);
  }
  return date.getTime() + (days - whole) * 86_400_000;
}

// A month after January 31st is the last day of February.
function addMonths(time: number, months: number, utc: boolean): number {
  const date = new Date(time);
  if (utc) {
    const day = date.getUTCDate();
    date.setUTCMonth(date.getUTCMonth() + months);
    return date.getUTCDate() === day ? date.getTime() : date.setUTCDate(0);
  }
  const day = date.getDate();
  date.setMonth(date.getMonth() + months);
  return date.getDate() === day ? date.getTime() : date.setDate(0);
}

// Weeks begin on Mondays (ISO 8601).
function startOf(time: number, unit: Unit, utc: boolean): number {
  const date = new Date(time);
  const [year, month, day, weekday] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getDay()];
  const at = (...parts: [number, number, number]) =>
    utc ? Date.UTC(...parts) : new Date(...parts).getTime();
  switch (unit) {
    case "y":
      return at(year, 0, 1);
    case "Q":
      return at(year, month - (month % 3), 1);
    case "M":
      return at(year, month, 1);
    case "w":
      return at(year, month, day - ((weekday + 6) % 7));
    case "d":
      return at(year, month, day);
    default: {
      // Zones are whole minutes away from UTC, but not whole hours.
      const zone = utc || unit !== "h" ? 0 : date.getTimezoneOffset() * 60_000;
      const ms = fixedMs[unit] as number;
      return Math.floor((time - zone) / ms) * ms + zone;
    }
  }
}

function endOf(time: number, unit: Unit, utc: boolean): number {
  return startOf(shift(startOf(time, unit, utc), 1, unit, utc), unit, utc) - 1;
}

const amount = String.raw`\d{1,9}(?:\.\d+)?(?:ms|[yQMwdhms])`;
const operation = new RegExp(String.raw`([+-])((?:${amount})+)|/([yQMwdhms])`, "y");

function calculate(text: string, now: number, roundUp: boolean, utc: boolean): number | null {
  let time = now;
  operation.lastIndex = 0;
  while (operation.lastIndex < text.length) {
    const found = operation.exec(text);
    if (found === null) {
      return null;
    }
    const unit = found[3] as Unit | undefined;
    if (unit !== undefined) {
      time = roundUp ? endOf(time, unit, utc) : startOf(time, unit, utc);
      continue;
    }
    const sign = found[1] === "-" ? -1 : 1;
    for (const [part] of (found[2] as string).matchAll(new RegExp(amount, "g"))) {
      time = shift(time, sign * parseFloat(part), part.replace(/^[\d.]+/, ""), utc);
    }
  }
  return time;
}

// A date without a zone is in the browser's, or in UTC.
function parseDate(text: string, utc: boolean): number | null {
  const parts =
    /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
  const found = parts.exec(text);
  if (found === null) {
    return null;
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] = found;
  const colon = zone?.replace(/^([+-]\d{2}):?(\d{2})$/, "$1:$2") ?? (utc ? "Z" : "");
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${colon}`);
  return Number.isNaN(ms) ? null : ms;
}

// Milliseconds, or null where the text is no time. `roundUp`: the end of a range; "now/d" is then the day's
// end.
export function parseTime(text: string, now: number, roundUp: boolean, utc = false): number | null {
  const trimmed = text.trim();
  if (/^-?\d{9,15}$/.test(trimmed)) {
    return Number(trimmed);
  }
  const time = trimmed.startsWith("now")
    ? calculate(trimmed.slice("now".length).replace(/\s/g, ""), now, roundUp, utc)
    : parseDate(trimmed, utc);
  return time === null || !Number.isFinite(time) || Math.abs(time) > 8.64e15 ? null : time;
}

// "2026-11-26 02:54:17"
export function formatDateTime(ms: number, timezone: "browser" | "utc" = "browser"): string {
  return formatDate(ms, "YYYY-MM-DD HH:mm:ss", timezone === "utc");
}

const unitNames: Readonly<Record<string, string>> = {
  y: "year",
  M: "month",
  w: "week",
  d: "day",
  h: "hour",
  m: "minute",
  s: "second",
};

// One end of a range for people: milliseconds, and what dashboards hold ("2026-01-31T12:00:00.000Z"), as a date.
export function endText(text: string, timezone: "browser" | "utc" = "browser"): string {
  const ms = text.startsWith("now") ? null : parseTime(text, 0, false, timezone === "utc");
  return ms === null ? text : formatDateTime(ms, timezone);
}

// "Last 6 hours", or both ends.
export function describeRange(from: string, to: string, timezone: "browser" | "utc" = "browser"): string {
  const quick = QUICK_RANGES.find((range) => range.from === from && range.to === to);
  if (quick !== undefined) {
    return quick.label;
  }
  const last = to === "now" ? /^now-(\d+)([yMwdhms])$/.exec(from) : null;
  if (last !== null) {
    return `Last ${last[1]} ${unitNames[last[2] as string]}${last[1] === "1" ? "" : "s"}`;
  }
  const length = to === "now" && from.startsWith("now-") && parseDuration(from.slice(4)) !== null;
  return length ? `Last ${from.slice(4)}` : `${endText(from, timezone)} to ${endText(to, timezone)}`;
}
