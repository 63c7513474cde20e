// SPDX-License-Identifier: Apache-2.0
// What is asked of Grafana's package and of ours.
import type { FieldConfig, FieldValue, ValueMapping } from "../src/lib/frame";

export const values = [
  0, 1, -1, 0.5, 1.005, 9.995, 12.345, -47.11, 59.999, 60, 99.95, 123.456, 999.99, 1000, 1023.9, 1024, 3600,
  5400, 86_399, 90_061, 604_800, 1_234_567.89, 31_536_000, 4_000_000_000, 1_700_000_000_123, 1.5e15, 2.5e-10,
  1.234e-7, 0.000_999_9, 0.0123, 0.999, -0.000_45,
];

export const units = (known: readonly string[]): string[] => [
  ...known.filter((unit) => !/^dateTime(AsLocal|FromNow)/.test(unit)),
  "",
  "furlongs",
  "suffix:cores",
  "prefix:~",
  "time:YYYY-MM-DD HH:mm:ss.SSS",
  "time:D MMM YY, h:mm a [at] ZZ",
  "si:W",
  "si:kWh",
  "si:mA",
  "si:µs",
  "count:tok/s",
  "currency:$",
  "currency:financial:€",
  "currency:financial:kr:suffix",
  "bool:in/out",
  "bool:yes",
];

// With decimals asked for.
export const decimalUnits = (
  "none short percent percentunit s ms ns µs m h d bytes decbytes Bps reqps hertz sci locale dtdurations " +
  "dtdurationms dthms clocks clockms currencyUSD count:x bool hex"
).split(" ");
export const decimals = [0, 1, 2, 3];

export const intervals = [
  0, 1, 9, 10, 14, 15, 34, 35, 74, 75, 149, 150, 349, 350, 749, 750, 1499, 1500, 3499, 3500, 7499, 7500,
  12_499, 12_500, 17_499, 17_500, 24_999, 25_000, 44_999, 45_000, 89_999, 90_000, 209_999, 210_000, 449_999,
  450_000, 749_999, 750_000, 1_049_999, 1_050_000, 1_499_999, 1_500_000, 2_699_999, 2_700_000, 5_399_999,
  5_400_000, 8_999_999, 9_000_000, 16_199_999, 16_200_000, 32_399_999, 32_400_000, 86_399_999, 86_400_000,
  604_799_999, 604_800_000, 1_813_999_999, 1_814_400_000, 3_628_799_999, 3_628_800_000, 1e12,
];

// "now" of the expressions below.
export const now = Date.UTC(2026, 2, 31, 13, 14, 15, 167);

export const expressions = (
  "now now-5m now-6h now-1d now/d now-1d/d now/h now/m now/s now/M now/y now/Q now-1M " +
  "now-1M/M now+2h now-1y/y now-1d/d+8h now-13M now-x now/ now-"
).split(" ");

export const series: readonly (readonly FieldValue[])[] = [
  [],
  [null, null],
  [5],
  [0, 0, 0],
  [1, 2, 3, 4],
  [4, 3, 9, 1, 1, 7],
  [null, 4, null, 2, 8, null],
  [10, 20, 5, 15, 15, 30],
  [-3, -1.5, 0, 2.25],
  [1e-9, 1e9],
  Array.from({ length: 101 }, (_, index) => ((index * 37) % 101) / 7),
];

const mappings: ValueMapping[] = [
  {
    type: "value",
    options: { "0": { text: "down", color: "red" }, "1": { text: "up", index: 1 }, on: { color: "blue" } },
  },
  { type: "range", options: { from: 10, to: 20, result: { text: "between" } } },
  { type: "range", options: { from: null, to: -5, result: { text: "low", color: "dark-red" } } },
  { type: "range", options: { from: 1000, to: null, result: { text: "many" } } },
  {
    type: "regex",
    options: { pattern: "/^v(\\d+)\\..*/i", result: { text: "version $1", color: "purple" } },
  },
  { type: "regex", options: { pattern: "gpu\\d", result: { color: "green" } } },
  { type: "special", options: { match: "nan", result: { text: "No traffic" } } },
  { type: "special", options: { match: "null", result: { text: "gone" } } },
  { type: "special", options: { match: "empty", result: { text: "empty" } } },
  { type: "special", options: { match: "true", result: { text: "on" } } },
];
const nullAndNan: ValueMapping[] = [
  { type: "special", options: { match: "null+nan", result: { text: "N/A", color: "text" } } },
];

export const mapped: readonly FieldValue[] = [
  0,
  1,
  2,
  10,
  15,
  20,
  20.01,
  999,
  1000,
  -5,
  -4,
  NaN,
  null,
  Infinity,
  -Infinity,
  "",
  "on",
  "true",
  "false",
  "0",
  "15",
  "v12.3",
  "V3.x",
  "gpu0",
  "a gpu0",
  "x",
];

const steps = [
  { value: null, color: "red" },
  { value: 10, color: "semi-dark-yellow" },
  { value: 1000, color: "#123456" },
];

export const configs: readonly FieldConfig[] = [
  {},
  { mappings },
  { mappings: nullAndNan, noValue: "-" },
  { unit: "s", decimals: 1, thresholds: { mode: "absolute", steps } },
  {
    unit: "percentunit",
    min: 0,
    max: 20,
    thresholds: { mode: "percentage", steps: [...steps.slice(0, 1), { value: 50, color: "blue" }] },
  },
  { unit: "short", color: { mode: "fixed", fixedColor: "light-purple" } },
  { min: 0, max: 20, color: { mode: "continuous-GrYlRd" } },
  { min: -5, max: 5, color: { mode: "continuous-BlYlRd" } },
  { min: 0, max: 10, color: { mode: "continuous-blues" } },
];

export const ratios = [-0.5, 0, 0.1, 0.25, 1 / 3, 0.5, 0.6, 0.75, 0.9, 1, 1.5];
export const names = ["", "up", "p95", 'http_requests_total{job="a"}', "Größe", "ocr / detect"];
export const safe = [0, 1, 2, 7, 8, 9];
export const shades = [0, 1, 2, 3, 7, 10, 11];
