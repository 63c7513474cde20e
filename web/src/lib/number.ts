// SPDX-License-Identifier: Apache-2.0
// Numbers as text, with Grafana's digits: three that count where none are asked for, and none after a whole
// number.

// What formatters give; prefix and suffix stand without a space of their own.
export interface Formatted {
  readonly prefix?: string;
  readonly text: string;
  readonly suffix?: string;
}

export type Formatter = (value: number, decimals: number | undefined, utc: boolean) => Formatted;

const decimalsMax = 100; // of Number.toFixed()

function autoDecimals(value: number): number {
  if (value % 1 === 0) {
    return 0;
  }
  // The natural logarithm: just below a power of ten it may round up, and the digits are then Grafana's.
  return 2 - Math.floor(Math.log(Math.abs(value)) / Math.LN10);
}

// NaN and infinities have no digits.
function textOfNone(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
}

export function fixed(value: number, decimals?: number): string {
  if (!Number.isFinite(value)) {
    return textOfNone(value);
  }
  const places = Math.min(decimalsMax, Math.max(0, Math.round(decimals ?? autoDecimals(value))));
  const scale = 10 ** places;
  const rounded = Math.round(value * scale) / scale;
  if (!Number.isFinite(rounded)) {
    return String(value); // so large or so exact that the product is no number
  }
  const text = String(rounded);
  if (text.includes("e")) {
    return text;
  }
  const point = text.indexOf(".");
  const have = point < 0 ? 0 : text.length - point - 1;
  return have >= places ? text : (point < 0 ? `${text}.` : text) + "0".repeat(places - have);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

// Units of one kind, each `factor` times the one before; values are in that at `base`.
export function scaled(factor: number, names: readonly string[], base = 0): Formatter {
  return (value, decimals) => {
    if (!Number.isFinite(value)) {
      return { text: textOfNone(value) };
    }
    const wanted = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const power = clamp(wanted, -base, names.length - 1 - base);
    return { text: fixed(value / factor ** power, decimals), suffix: names[base + power] ?? "" };
  };
}

const siPrefixes = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const siBase = siPrefixes.indexOf("");
const iecPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

// `offset`: values are in kilo (1), mega (2), milli (-1), ...
export function si(unit: string, offset = 0): Formatter {
  return scaled(
    1000,
    siPrefixes.map((prefix) => ` ${prefix}${unit}`),
    siBase + offset,
  );
}

export function iec(unit: string, offset = 0): Formatter {
  return scaled(
    1024,
    iecPrefixes.map((prefix) => ` ${prefix}${unit}`),
    offset,
  );
}

// Of "kWh" 1: what its first letter says.
export function siOffset(letter: string): number {
  const index = siPrefixes.indexOf(letter.replace("μ", "µ")); // the Greek letter, too
  return index < 0 || letter === "" ? 0 : index - siBase;
}

const countNames = ["", "K", "M", "B", "T"];

// "12.3K req/s": how many of something.
export function count(unit: string): Formatter {
  const scale = scaled(1000, countNames);
  return (value, decimals, utc) => {
    const { text, suffix = "" } = scale(value, decimals, utc);
    return { text, suffix: `${suffix} ${unit}` };
  };
}

export function currency(symbol: string, behind = false): Formatter {
  const scale = scaled(1000, countNames);
  return (value, decimals, utc) => {
    const { text, suffix = "" } = scale(Math.abs(value), decimals, utc);
    const sign = value < 0 ? "-" : "";
    return behind
      ? { text, suffix: suffix + symbol, ...(sign === "" ? {} : { prefix: sign }) }
      : { prefix: sign + symbol, text, suffix };
  };
}

export function plain(unit: string): Formatter {
  return (value, decimals) => ({
    text: fixed(value, decimals),
    ...(unit === "" ? {} : { suffix: ` ${unit}` }),
  });
}
