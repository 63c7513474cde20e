// SPDX-License-Identifier: Apache-2.0
// Numbers with units, as Grafana writes them. The ids, scales and texts are facts of @grafana/data (Apache-2.0), with
// which web/compat compares them.

export interface Formatted {
  readonly prefix?: string;
  readonly text: string;
  readonly suffix?: string;
}

type Formatter = (value: number, decimals: number | undefined) => Formatted;

// Decimals that show three significant digits of a number of this size.
function autoDecimals(value: number): number {
  if (value === 0 || !Number.isFinite(value)) {
    return 0;
  }
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  const magnitude = 10 ** (exponent - 1);
  const normalised = Math.abs(value) / 10 ** exponent;
  // As many as tell numbers of this size apart, one fewer where the first digits alone do.
  let decimals = -exponent + 1;
  if (normalised >= 10) {
    decimals--;
  }
  void magnitude;
  return Math.max(0, decimals);
}

// A fixed number of decimals; without one, as many as its size wants, and no zeros at the end.
export function fixed(value: number, decimals?: number): string {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  if (value === 0) {
    return (0).toFixed(clamp(decimals ?? 0));
  }
  const places = decimals ?? autoDecimals(value);
  const text = value.toFixed(clamp(places));
  const plain = decimals === undefined && places > 0 ? text.replace(/\.?0+$/, "") : text;
  return plain === "-0" ? "0" : plain;
}

function clamp(decimals: number): number {
  return Math.min(100, Math.max(0, Math.round(decimals)));
}

// Units of one kind, each `factor` of the one before, beginning at `start`.
function scaled(factor: number, names: readonly string[], start = 0): Formatter {
  return (value, decimals) => {
    let at = start;
    let rest = value;
    while (Math.abs(rest) >= factor && at < names.length - 1) {
      rest /= factor;
      at++;
    }
    return { text: fixed(rest, decimals), suffix: names[at] ?? "" };
  };
}

const siNames = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const siBase = 5;
const iecNames = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

// SI prefixes, also below one; `offset` is the prefix that the value is in.
function si(unit: string, offset = 0): Formatter {
  const names = siNames.map((name) => ` ${name}${unit}`);
  return (value, decimals) => {
    if (value === 0 || !Number.isFinite(value)) {
      return { text: fixed(value, decimals), suffix: names[siBase + offset] ?? "" };
    }
    let at = Math.floor(Math.log10(Math.abs(value)) / 3 + 1e-12);
    at = Math.max(-siBase, Math.min(siNames.length - 1 - siBase, at + offset)) - offset;
    return { text: fixed(value / 1000 ** at, decimals), suffix: names[siBase + offset + at] ?? "" };
  };
}

function iec(unit: string, offset = 0): Formatter {
  return scaled(1024, iecNames.map((name) => ` ${name}${unit}`), offset);
}

function plain(suffix: string): Formatter {
  return (value, decimals) => ({ text: fixed(value, decimals), ...(suffix === "" ? {} : { suffix }) });
}

const shortNames = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
const short = scaled(1000, shortNames);

// "12.3 K req/s": counts of something.
function count(unit: string): Formatter {
  return (value, decimals) => {
    const text = short(value, decimals);
    return { text: text.text, suffix: `${text.suffix ?? ""} ${unit}` };
  };
}

// Time: the unit is the largest that leaves a number of at least one.
const timeUnits: readonly (readonly [name: string, seconds: number])[] = [
  [" year", 31_536_000],
  [" week", 604_800],
  [" day", 86_400],
  [" hour", 3600],
  [" min", 60],
  [" s", 1],
  [" ms", 1e-3],
  [" µs", 1e-6],
  [" ns", 1e-9],
];

function seconds(scale: number): Formatter {
  return (value, decimals) => {
    const total = value * scale;
    const size = Math.abs(total);
    const own = timeUnits.find(([, unit]) => Math.abs(unit - scale) < unit * 1e-9) ?? [" s", 1];
    // A tiny slack: 60 * 1000 ms are a minute whatever the multiplication leaves.
    const found = size === 0 ? own : (timeUnits.find(([, unit]) => size >= unit * (1 - 1e-12)) ?? [" ns", 1e-9]);
    const plural = found[1] >= 86_400 && fixed(total / found[1], decimals) !== "1" ? "s" : "";
    return { text: fixed(total / found[1], decimals), suffix: found[0] + plural };
  };
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}

function clock(value: number): Formatted {
  const total = Math.abs(value);
  const text = `${pad(total / 3600)}:${pad((total % 3600) / 60)}:${pad(total % 60)}`;
  return { text: (value < 0 ? "-" : "") + text };
}

// "2 hours, 3 minutes"
function spoken(value: number, decimals: number | undefined): Formatted {
  const names: readonly (readonly [string, number])[] = [
    ["year", 31_536_000], ["month", 2_628_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60],
    ["second", 1], ["millisecond", 1e-3],
  ];
  let rest = Math.abs(value);
  const parts: string[] = [];
  for (const [name, size] of names) {
    const many = Math.floor(rest / size + 1e-9);
    if (many > 0 && parts.length <= (decimals ?? 0)) {
      parts.push(`${many} ${name}${many === 1 ? "" : "s"}`);
      rest -= many * size;
    } else if (parts.length > 0) {
      break;
    }
  }
  return { text: parts.length === 0 ? "0 seconds" : parts.join(", "), ...(value < 0 ? { suffix: " ago" } : {}) };
}

function isoDate(ms: number): Formatted {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) {
    return { text: "Invalid date" };
  }
  const date = new Date(ms);
  return {
    text:
      `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
      `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
  };
}

function fromNow(ms: number): Formatted {
  const past = (Date.now() - ms) / 1000;
  const text = spoken(Math.abs(past), 0).text;
  return { text: past >= 0 ? `${text} ago` : `in ${text}` };
}

function percent(scale: number): Formatter {
  return (value, decimals) => ({ text: fixed(value * scale, decimals), suffix: "%" });
}

function bool(yes: string, no: string): Formatter {
  return (value) => ({ text: value !== 0 ? yes : no });
}

function scientific(value: number, decimals: number | undefined): Formatted {
  return { text: value.toExponential(decimals === undefined ? undefined : clamp(decimals)) };
}

function locale(value: number, decimals: number | undefined): Formatted {
  const [whole = "", fraction] = fixed(value, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return { text: fraction === undefined ? grouped : `${grouped}.${fraction}` };
}

const formatters: Readonly<Record<string, Formatter>> = {
  none: plain(""),
  short,
  sishort: si(""),
  string: plain(""),
  locale,
  sci: scientific,
  percent: percent(1),
  percentunit: percent(100),
  ns: seconds(1e-9),
  "µs": seconds(1e-6),
  ms: seconds(1e-3),
  s: seconds(1),
  m: seconds(60),
  h: seconds(3600),
  d: seconds(86_400),
  dtdurationms: (value, decimals) => spoken(value / 1000, decimals),
  dtdurations: spoken,
  dthms: clock,
  dthmsms: (value) => clock(value / 1000),
  clocks: clock,
  clockms: (value) => clock(value / 1000),
  dateTimeAsIso: isoDate,
  dateTimeAsUS: isoDate,
  dateTimeAsLocal: isoDate,
  dateTimeFromNow: fromNow,
  bits: iec("b"),
  bytes: iec("B"),
  decbits: si("b"),
  decbytes: si("B"),
  kbytes: iec("B", 1),
  mbytes: iec("B", 2),
  gbytes: iec("B", 3),
  deckbytes: si("B", 1),
  decmbytes: si("B", 2),
  decgbytes: si("B", 3),
  Bps: si("B/s"),
  binBps: iec("B/s"),
  bps: si("b/s"),
  binbps: iec("b/s"),
  KBs: si("B/s", 1),
  MBs: si("B/s", 2),
  GBs: si("B/s", 3),
  pps: si("p/s"),
  cps: count("c/s"),
  ops: count("ops/s"),
  reqps: count("req/s"),
  rps: count("rd/s"),
  wps: count("wr/s"),
  iops: count("io/s"),
  eps: count("evt/s"),
  mps: count("msg/s"),
  recps: count("rec/s"),
  rowsps: count("rows/s"),
  opm: count("ops/m"),
  rpm: count("rd/m"),
  wpm: count("wr/m"),
  cpm: count("c/m"),
  hertz: si("Hz"),
  rothz: si("Hz"),
  celsius: plain(" °C"),
  fahrenheit: plain(" °F"),
  kelvin: plain(" K"),
  watt: si("W"),
  kwatt: si("W", 1),
  joule: si("J"),
  watth: si("Wh"),
  volt: si("V"),
  amp: si("A"),
  degree: plain("°"),
  bool: bool("True", "False"),
  bool_yes_no: bool("Yes", "No"),
  bool_on_off: bool("On", "Off"),
};

const siOffsets: Readonly<Record<string, number>> = {
  f: -5, p: -4, n: -3, µ: -2, m: -1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6, Z: 7, Y: 8,
};

// Units that carry their text: "suffix:items", "si:kWh", "count:tok/s", "currency:$", "bool:in/out", "time:HH:mm".
function custom(kind: string, rest: string): Formatter | undefined {
  switch (kind) {
    case "suffix":
      return plain(rest);
    case "prefix":
      return (value, decimals) => ({ prefix: rest, text: fixed(value, decimals) });
    case "count":
      return count(rest);
    case "si": {
      const offset = siOffsets[rest.charAt(0)];
      return offset === undefined || rest.length < 2 ? si(rest) : si(rest.slice(1), offset);
    }
    case "currency":
      return (value, decimals) => {
        const text = scaled(1000, ["", "K", "M", "B", "T"])(value, decimals);
        return { prefix: rest, ...text };
      };
    case "bool": {
      const [yes = "", no = ""] = rest.split("/");
      return bool(yes, no);
    }
    case "time":
      return (value) => isoDate(value);
    default:
      return undefined;
  }
}

function formatterOf(unit: string): Formatter {
  if (Object.hasOwn(formatters, unit)) {
    return formatters[unit] ?? plain("");
  }
  const colon = unit.indexOf(":");
  const made = colon > 0 ? custom(unit.slice(0, colon), unit.slice(colon + 1)) : undefined;
  return made ?? plain(unit === "" ? "" : ` ${unit}`); // an unknown one is said as it is
}

export function isKnownUnit(unit: string): boolean {
  return Object.hasOwn(formatters, unit) || custom(unit.split(":")[0] ?? "", "x") !== undefined;
}

// Null is "": what stands for no value is the panel's decision.
export function formatValue(value: number | null, unit = "", decimals?: number): Formatted {
  return value === null ? { text: "" } : formatterOf(unit)(value, decimals);
}

export function joined(formatted: Formatted): string {
  return `${formatted.prefix ?? ""}${formatted.text}${formatted.suffix ?? ""}`;
}

export function formatText(value: number | null, unit = "", decimals?: number): string {
  return joined(formatValue(value, unit, decimals));
}

