// SPDX-License-Identifier: Apache-2.0
// Numbers and times as the Overview and the status pages write them: three digits, a unit, a 24-hour clock.

const none = "–";

function digits(value: number, count = 3): string {
  const size = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(Number(value.toPrecision(count))))) + 1;
  return value.toFixed(Math.max(0, Math.min(count - size, 6)));
}

function isMissing(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

// Of the steps (smallest first), the last that is not greater than the value.
function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const size = Math.abs(value);
  let [factor, unit] = steps[0] ?? [1, ""];
  for (const [above, name] of steps) {
    // What would be written "1000 ms" is "1.00 s".
    if (size >= above * 0.9995) {
      [factor, unit] = [above, name];
    }
  }
  return `${digits(value / factor)}${unit}`;
}

const seconds = [
  [1e-9, " ns"],
  [1e-6, " µs"],
  [1e-3, " ms"],
  [1, " s"],
  [60, " min"],
  [3600, " h"],
] as const;
const counts = [
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "G"],
  [1e12, "T"],
] as const;
const sizes = [
  [1, " B"],
  [1024, " KiB"],
  [1024 ** 2, " MiB"],
  [1024 ** 3, " GiB"],
  [1024 ** 4, " TiB"],
] as const;

export function formatSeconds(value: number | null | undefined): string {
  if (isMissing(value)) {
    return none;
  }
  return !Number.isFinite(value) ? (value > 0 ? "∞" : "-∞") : value === 0 ? "0 s" : scaled(value, seconds);
}

// Per second, with enough digits for one a minute.
export function formatRate(value: number | null | undefined): string {
  if (isMissing(value)) {
    return none;
  }
  return value === 0
    ? "0"
    : Math.abs(value) < 1
      ? String(Number(value.toPrecision(2)))
      : scaled(value, counts);
}

// A whole number: exact up to 9,999, then with three digits and k, M, G.
export function formatCount(value: number | null | undefined): string {
  if (isMissing(value)) {
    return none;
  }
  return Math.abs(value) < 10_000 ? String(Math.round(value)) : scaled(value, counts);
}

export function formatExact(value: number | null | undefined): string {
  return isMissing(value) ? none : Math.round(value).toLocaleString("en");
}

export function formatBytes(value: number | null | undefined): string {
  if (isMissing(value)) {
    return none;
  }
  return Math.abs(value) < 1024 ? `${Math.round(value)} B` : scaled(value, sizes);
}

// 0.0123 is "1.2 %". What is not nothing is never written as nothing.
export function formatPercent(ratio: number | null | undefined): string {
  if (isMissing(ratio)) {
    return none;
  }
  const percent = ratio * 100;
  if (percent === 0) {
    return "0 %";
  }
  return percent < 0.01 ? "<0.01 %" : `${digits(percent, percent < 10 ? 2 : 3)} %`;
}

const two = (value: number) => String(value).padStart(2, "0");

// "13:04:05", with the date before it when that is another day than `now`.
export function formatClock(ms: number, now: number = Date.now()): string {
  const date = new Date(ms);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return new Date(now).toDateString() === date.toDateString() ? clock : `${day} ${clock}`;
}

// How long something takes or took: "3 s", "12 min", "5 h 12 min", "3 d 4 h".
export function formatSpan(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (total < 60) {
    return `${total} s`;
  }
  if (total < 600) {
    return pair(Math.floor(total / 60), "min", total % 60, "s");
  }
  if (total < 3600) {
    return `${Math.floor(total / 60)} min`;
  }
  if (total < 86_400) {
    return pair(Math.floor(total / 3600), "h", Math.floor((total % 3600) / 60), "min");
  }
  return pair(Math.floor(total / 86_400), "d", Math.floor((total % 86_400) / 3600), "h");
}

export function formatAgo(ms: number, now: number): string {
  return now - ms < 1000 ? "just now" : `${formatSpan(now - ms)} ago`;
}

// Of RFC 3339, milliseconds; null for Go's zero time, which means never.
export function readTime(text: string | undefined): number | null {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) || text?.startsWith("0001-") ? null : ms;
}
