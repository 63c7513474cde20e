// SPDX-License-Identifier: Apache-2.0
// Points in time by a pattern ("YYYY-MM-DD HH:mm:ss"), in the browser's zone or in UTC. Names are English.

const months = "January February March April May June July August September October November December".split(
  " ",
);
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

export interface Parts {
  readonly year: number;
  readonly month: number; // 0 to 11
  readonly day: number;
  readonly weekday: number; // 0: Sunday
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  readonly offset: number; // minutes east of UTC
}

export function partsOf(time: number, utc: boolean): Parts {
  const date = new Date(time);
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const local = new Date(time + offset * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    ms: local.getUTCMilliseconds(),
    offset,
  };
}

export function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

function zone(offset: number, colon: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${colon}${pad(minutes % 60)}`;
}

function ordinal(day: number): string {
  const teen = day % 100 > 10 && day % 100 < 14;
  return day + (teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th"));
}

function token(name: string, parts: Parts, time: number): string {
  const twelve = parts.hour % 12 === 0 ? 12 : parts.hour % 12;
  const texts: Record<string, () => string> = {
    YYYY: () => pad(parts.year, 4),
    YY: () => pad(parts.year % 100),
    MMMM: () => months[parts.month] ?? "",
    MMM: () => (months[parts.month] ?? "").slice(0, 3),
    MM: () => pad(parts.month + 1),
    M: () => String(parts.month + 1),
    Q: () => String(Math.floor(parts.month / 3) + 1),
    DD: () => pad(parts.day),
    Do: () => ordinal(parts.day),
    D: () => String(parts.day),
    dddd: () => days[parts.weekday] ?? "",
    ddd: () => (days[parts.weekday] ?? "").slice(0, 3),
    dd: () => (days[parts.weekday] ?? "").slice(0, 2),
    d: () => String(parts.weekday),
    HH: () => pad(parts.hour),
    H: () => String(parts.hour),
    hh: () => pad(twelve),
    h: () => String(twelve),
    mm: () => pad(parts.minute),
    m: () => String(parts.minute),
    ss: () => pad(parts.second),
    s: () => String(parts.second),
    SSS: () => pad(parts.ms, 3),
    A: () => (parts.hour < 12 ? "AM" : "PM"),
    a: () => (parts.hour < 12 ? "am" : "pm"),
    Z: () => zone(parts.offset, ":"),
    ZZ: () => zone(parts.offset, ""),
    X: () => String(Math.floor(time / 1000)),
    x: () => String(time),
  };
  return texts[name]?.() ?? name;
}

const tokens = /\[([^\]]*)\]|\\(.)|YYYY|YY|M{1,4}|Q|DD|Do|D|d{2,4}|d|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x/g;

export function formatDate(time: number, pattern: string, utc: boolean): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) {
    return "Invalid date";
  }
  const parts = partsOf(time, utc);
  return pattern.replace(
    tokens,
    (whole, bracketed: string | undefined, escaped: string | undefined) =>
      bracketed ?? escaped ?? token(whole, parts, time),
  );
}

// The same moment by a calendar: times before `from`, in the units of `step` words.
function distance(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(seconds / 3600);
  const whole = Math.round(seconds / 86_400);
  const month = Math.round(seconds / 86_400 / 30.436875);
  const years = Math.round(seconds / 86_400 / 365.2425);
  if (Math.round(seconds) < 45) {
    return "a few seconds";
  }
  const rungs: readonly [count: number, below: number, one: string, many: string][] = [
    [minutes, 45, "a minute", "minutes"],
    [hours, 22, "an hour", "hours"],
    [whole, 26, "a day", "days"],
    [month, 11, "a month", "months"],
    [years, Infinity, "a year", "years"],
  ];
  const [count, , one, many] = rungs.find(([number, below]) => number <= 1 || number < below) ?? rungs[4]!;
  return count <= 1 ? one : `${count} ${many}`;
}

// "5 minutes ago", "in an hour".
export function formatAgo(time: number, now: number): string {
  if (!Number.isFinite(time)) {
    return "Invalid date";
  }
  const text = distance(Math.abs(now - time) / 1000);
  return time > now ? `in ${text}` : `${text} ago`;
}
