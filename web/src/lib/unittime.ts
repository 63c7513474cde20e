// SPDX-License-Identifier: Apache-2.0
// Units of time: durations that grow from nanoseconds to years, spelt out, and as clocks show them.
import { fixed, type Formatted, type Formatter } from "./number";
import { formatAgo, formatDate, pad } from "./dateformat";

type Rung = readonly [below: number, divisor: number, suffix: string];

// "2 hours", but "1 hour" and "0.5 hour".
function plural(value: number, suffix: string): string {
  return Math.abs(value) > 1 && /(min|hour|day|week|year)$/.test(suffix) ? `${suffix}s` : suffix;
}

// The first rung that the value is below. `own`: the unit without a plural, where values are in it.
function ladder(rungs: readonly Rung[], own: string): Formatter {
  return (value, decimals) => {
    const size = Math.abs(value);
    const [, divisor, suffix] = rungs.find(([below]) => size < below) ?? rungs[rungs.length - 1]!;
    const shown = value / divisor;
    return { text: fixed(shown, decimals), suffix: suffix === own ? suffix : plural(shown, suffix) };
  };
}

const day = 86_400;
const week = 604_800;
const year = 31_536_000;

// Which units each climbs through, and how long a year is, differs from one to the next in Grafana.
const nanoseconds = ladder(
  [
    [1e3, 1, " ns"],
    [1e6, 1e3, " µs"],
    [1e9, 1e6, " ms"],
    [6e10, 1e9, " s"],
    [3.6e12, 6e10, " min"],
    [8.64e13, 3.6e12, " hour"],
    [Infinity, 8.64e13, " day"],
  ],
  " ns",
);
const microseconds = ladder(
  [
    [1e3, 1, " µs"],
    [1e6, 1e3, " ms"],
    [Infinity, 1e6, " s"],
  ],
  " µs",
);
const milliseconds = ladder(
  [
    [1e3, 1, " ms"],
    [6e4, 1e3, " s"],
    [3.6e6, 6e4, " min"],
    [1e3 * day, 3.6e6, " hour"],
    [1e3 * year, 1e3 * day, " day"],
    [Infinity, 1e3 * year, " year"],
  ],
  " ms",
);
const secondsUp = ladder(
  [
    [60, 1, " s"],
    [3600, 60, " min"],
    [day, 3600, " hour"],
    [week, day, " day"],
    [year, week, " week"],
    [Infinity, 31_556_900, " year"],
  ],
  " s",
);
const minutes = ladder(
  [
    [60, 1, " min"],
    [1440, 60, " hour"],
    [10_080, 1440, " day"],
    [604_800, 10_080, " week"],
    [Infinity, 525_948, " year"],
  ],
  " min",
);
const hours = ladder(
  [
    [24, 1, " hour"],
    [168, 24, " day"],
    [8760, 168, " week"],
    [Infinity, 8760, " year"],
  ],
  " hour",
);
const days = ladder(
  [
    [7, 1, " day"],
    [365, 7, " week"],
    [Infinity, 365, " year"],
  ],
  "",
);

// Below a second values are multiplied, not divided: the last digits are then Grafana's.
function seconds(value: number, decimals: number | undefined, utc: boolean): Formatted {
  const size = Math.abs(value);
  if (value === 0) {
    return { text: "0", suffix: " s" };
  }
  if (size < 1e-6) {
    return { text: fixed(value * 1e9, decimals), suffix: " ns" };
  }
  if (size < 1e-3) {
    return { text: fixed(value * 1e6, decimals), suffix: " µs" };
  }
  return size < 1 ? { text: fixed(value * 1e3, decimals), suffix: " ms" } : secondsUp(value, decimals, utc);
}

const spokenUnits: readonly [name: string, ms: number][] = [
  ["year", year * 1000],
  ["month", 2_592_000_000],
  ["week", week * 1000],
  ["day", day * 1000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
];

// "2 hours, 3 minutes": the largest unit, and as many below it as there are decimals.
function spoken(unit: "second" | "millisecond"): Formatter {
  return (value, decimals) => {
    if (value === 0) {
      return { text: "0", suffix: ` ${unit}s` };
    }
    let rest = Math.abs(value) * (unit === "second" ? 1000 : 1);
    let more = decimals ?? 0;
    const parts: string[] = [];
    for (const [name, size] of spokenUnits) {
      if (more >= 0 && (rest / size >= 1 || parts.length > 0)) {
        const count = Math.floor(rest / size);
        parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
        rest %= size;
        more--;
      }
    }
    return { text: parts.join(", "), ...(value < 0 ? { suffix: " ago" } : {}) };
  };
}

// "01h:02m:03s:004ms", and less of it the fewer decimals there are.
function clock(value: number, decimals: number | undefined): Formatted {
  const ms = Math.trunc(value);
  const at = (divisor: number, modulus: number) => ((Math.floor(ms / divisor) % modulus) + modulus) % modulus;
  const parts = [`${pad(at(60_000, 60))}m`, `${pad(at(1000, 60))}s`, `${pad(at(1, 1000), 3)}ms`];
  const first = value < 1000 ? 2 : value < 60_000 ? 1 : 0;
  if (value < 3_600_000) {
    const whole = parts.slice(first);
    return { text: (decimals === undefined || first === 2 ? whole : whole.slice(0, decimals + 1)).join(":") };
  }
  const all = [`${Math.floor(value / 3_600_000)}h`, ...parts];
  return { text: (decimals === undefined ? all : all.slice(0, decimals + 1)).join(":") };
}

function hms(value: number): Formatted {
  const size = Math.abs(value);
  const parts = [size / 3600, (size % 3600) / 60, (size % 3600) % 60].map((part) => pad(Math.floor(part)));
  return { text: parts.join(":"), ...(value < 0 ? { suffix: " ago" } : {}) };
}

function dayHms(value: number): Formatted {
  const size = Math.abs(value);
  const whole = Math.floor(size / day);
  const text = (whole > 0 ? `${whole} d ` : "") + hms(size - whole * day).text;
  return { text, ...(value < 0 ? { suffix: " ago" } : {}) };
}

export function dateBy(pattern: string, today?: string): Formatter {
  return (value, _decimals, utc) => {
    const sameDay = (time: number) => formatDate(time, "YYYY-MM-DD", utc);
    const isToday = today !== undefined && sameDay(value) === sameDay(Date.now());
    return { text: formatDate(value, isToday ? today : pattern, utc) };
  };
}

const iso = "YYYY-MM-DD HH:mm:ss";
const american = "MM/DD/YYYY h:mm:ss a";

export const timeFormatters: Readonly<Record<string, Formatter>> = {
  ns: nanoseconds,
  µs: microseconds,
  ms: milliseconds,
  s: seconds,
  m: minutes,
  h: hours,
  d: days,
  dtdurationms: spoken("millisecond"),
  dtdurations: spoken("second"),
  dthms: hms,
  dtdhms: dayHms,
  timeticks: (value, decimals, utc) => seconds(value / 100, decimals, utc),
  clockms: clock,
  clocks: (value, decimals) => clock(value * 1000, decimals),
  dateTimeAsIso: dateBy(iso),
  dateTimeAsIsoNoDateIfToday: dateBy(iso, "HH:mm:ss"),
  dateTimeAsUS: dateBy(american),
  dateTimeAsUSNoDateIfToday: dateBy(american, "h:mm:ss a"),
  // The day first or last, by the visitor's language, would tell two visitors two things.
  dateTimeAsLocal: dateBy(iso),
  dateTimeAsLocalNoDateIfToday: dateBy(iso, "HH:mm:ss"),
  dateTimeAsSystem: dateBy(iso),
  dateTimeFromNow: (value) => ({ text: formatAgo(value, Date.now()) }),
};
