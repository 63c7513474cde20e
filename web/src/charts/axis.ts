// SPDX-License-Identifier: Apache-2.0
// Arithmetic of axes: ranges, ticks and their texts. Times are on a 24-hour clock.

export interface RangeWish {
  readonly min?: number; // hard
  readonly max?: number;
  readonly softMin?: number; // at least so far, where the values do not go further
  readonly softMax?: number;
  readonly log?: 2 | 10;
  readonly zero?: boolean; // zero belongs to it: bars, stacks, or by wish
}

const headroom = 0.06; // of the range, so that a line does not run along the frame
const nearZero = 0.6; // values whose least is below so much of the greatest are seen against zero

function linearRange(low: number, high: number, wish: RangeWish): [number, number] {
  let from = low;
  let to = high;
  if (from === to) {
    const by = from === 0 ? 1 : Math.abs(from);
    [from, to] = from >= 0 ? [0, from + by * (from === 0 ? 1 : 0.5)] : [from - by * 0.5, 0];
  } else if (from >= 0 && from <= to * nearZero) {
    from = 0;
  } else if (to <= 0 && to >= from * nearZero) {
    to = 0;
  }
  if (wish.zero === true) {
    from = Math.min(from, 0);
    to = Math.max(to, 0);
  }
  const pad = (to - from) * headroom;
  return [from === 0 ? 0 : from - pad, to === 0 ? 0 : to + pad];
}

function logRange(low: number, high: number, wish: RangeWish, base: number): [number, number] {
  const exponent = (value: number) => Math.log(value) / Math.log(base);
  const softMin = wish.softMin !== undefined && wish.softMin > 0 ? Math.min(low, wish.softMin) : low;
  const softMax = wish.softMax !== undefined && wish.softMax > 0 ? Math.max(high, wish.softMax) : high;
  let from = base ** Math.floor(exponent(softMin) + 1e-9);
  let to = base ** Math.ceil(exponent(softMax) - 1e-9);
  if (wish.min !== undefined && wish.min > 0) {
    from = wish.min;
  }
  if (wish.max !== undefined && wish.max > 0) {
    to = wish.max;
  }
  return to > from ? [from, to] : [from, from * base];
}

// Of an axis whose values lie between low and high (null where there are none).
export function axisRange(low: number | null, high: number | null, wish: RangeWish): [number, number] {
  if (wish.log !== undefined) {
    const least = low !== null && low > 0 ? low : 1;
    return logRange(least, Math.max(high ?? least, least), wish, wish.log);
  }
  let [from, to] = low === null || high === null ? [0, 1] : linearRange(low, high, wish);
  if (low === null && wish.softMax !== undefined && wish.softMax > 0) {
    to = wish.softMax;
  }
  from = wish.min ?? Math.min(from, wish.softMin ?? from);
  to = wish.max ?? Math.max(to, wish.softMax ?? to);
  if (to > from) {
    return [from, to];
  }
  return wish.max !== undefined && wish.min === undefined ? [to - 1, to] : [from, from + 1];
}

// The 1, 2 or 5 times a power of ten that is not below `least`.
export function niceStep(least: number): number {
  if (!(least > 0) || !Number.isFinite(least)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(least));
  for (const times of [1, 2, 5]) {
    if (times * power >= least * (1 - 1e-9)) {
      return times * power;
    }
  }
  return 10 * power;
}

// The power of two that is not below `least`: of bytes counted by 1024.
export function binaryStep(least: number): number {
  return least > 0 && Number.isFinite(least) ? 2 ** Math.ceil(Math.log2(least) - 1e-9) : 1;
}

export function linearTicks(from: number, to: number, countMax: number, binary = false): number[] {
  const least = (to - from) / Math.max(1, countMax);
  const step = binary && least > 0.5 ? binaryStep(least) : niceStep(least);
  const ticks: number[] = [];
  const first = Math.ceil(from / step - 1e-9);
  for (let i = 0; first + i <= to / step + 1e-9 && i <= countMax + 2; i++) {
    ticks.push(Number(((first + i) * step).toPrecision(12)));
  }
  return ticks;
}

export function logTicks(from: number, to: number, base: number, countMax: number): number[] {
  const log = (value: number) => Math.log(value) / Math.log(base);
  const first = Math.ceil(log(from) - 1e-9);
  const last = Math.floor(log(to) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, countMax)));
  const ticks: number[] = [];
  for (let exponent = first; exponent <= last; exponent += every) {
    ticks.push(base ** exponent);
  }
  return ticks;
}

// Steps of a time axis, milliseconds: what clocks and calendars are divided by. Uneven months and years
// follow.
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
export const day = 24 * hour;
export const timeSteps: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365].map((n) => n * day),
];

export function timeStep(range: number, countMax: number): number {
  const least = range / Math.max(1, countMax);
  return timeSteps.find((step) => step >= least) ?? Math.ceil(least / (365 * day)) * 365 * day;
}

// Minutes to add to UTC at that time, for the browser's own time zone.
export function zoneOffsetMs(time: number, utc: boolean): number {
  return utc ? 0 : -new Date(time).getTimezoneOffset() * minute;
}

// Multiples of the step as clocks there show them: a step of six hours falls on 00:00, 06:00, ... also where
// daylight saving time begins in between.
export function timeTicks(from: number, to: number, countMax: number, utc: boolean): number[] {
  const step = timeStep(to - from, countMax);
  const ticks: number[] = [];
  const first = Math.floor((from + zoneOffsetMs(from, utc)) / step) * step;
  for (let local = first, i = 0; i < countMax * 2 + 4; local += step, i++) {
    let time = local - zoneOffsetMs(local, utc);
    time = local - zoneOffsetMs(time, utc);
    if (time > to) {
      break;
    }
    if (time >= from && time !== ticks[ticks.length - 1]) {
      ticks.push(time);
    }
  }
  return ticks;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number) => String(value).padStart(2, "0");

function local(time: number, utc: boolean): Date {
  return new Date(time + zoneOffsetMs(time, utc)); // its UTC parts are those of the zone
}

// The text of a tick: as much of the time as tells neighbours apart, and the date at midnight.
export function timeTickText(time: number, step: number, utc: boolean): string {
  const date = local(time, utc);
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (step < second) {
    return `${clock}:${two(date.getUTCSeconds())}.${String(date.getUTCMilliseconds()).padStart(3, "0")}`;
  }
  if (step < minute) {
    return `${clock}:${two(date.getUTCSeconds())}`;
  }
  if (step < day && clock !== "00:00") {
    return clock;
  }
  const month = months[date.getUTCMonth()] ?? "";
  return step < 180 * day ? `${date.getUTCDate()} ${month}` : `${month} ${date.getUTCFullYear()}`;
}

// A time in full: of tooltips and tables. Milliseconds only where they tell points apart.
export function timeText(time: number, utc: boolean, withMs = false): string {
  if (!Number.isFinite(time)) {
    return "";
  }
  const iso = local(time, utc).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, withMs ? 23 : 19)}`;
}
