// SPDX-License-Identifier: Apache-2.0
// Numbers of a query, which have no unit: short on an axis, exact where they are read.

const prefixes: readonly [number, string][] = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

export function special(value: number): string | null {
  return Number.isNaN(value) ? "NaN" : value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : null;
}

// Six digits say enough in a tooltip: 0.0123457, 1234570, 1.5e-9.
export function plainNumber(value: number | null): string {
  if (value === null) {
    return "no value";
  }
  const odd = special(value);
  if (odd !== null) {
    return odd;
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) {
    return String(value);
  }
  return size !== 0 && (size < 1e-4 || size >= 1e15)
    ? Number(value.toPrecision(6)).toExponential()
    : String(Number(value.toPrecision(6)));
}

// A tick of an axis whose next one is `step` away: as many digits as tell them apart.
export function axisNumber(value: number, step: number): string {
  const size = Math.max(Math.abs(value), Math.abs(step));
  const [unit, name] = prefixes.find(([least]) => size >= least * 10) ?? [1, ""];
  if (value === 0 && name !== "") {
    return "0";
  }
  if ((size !== 0 && size < 1e-4) || size >= 1e18) {
    return value === 0
      ? "0"
      : value.toExponential(Math.min(digitsFor(step / 10 ** Math.floor(Math.log10(size))), 4));
  }
  return (value / unit).toFixed(Math.min(digitsFor(step / unit), 8)) + name;
}

function digitsFor(step: number): number {
  return step <= 0 || !Number.isFinite(step) ? 0 : Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString("en")} ${value === 1 ? one : many}`;
}

export function sizeText(chars: number): string {
  return chars < 1000
    ? `${chars} B`
    : chars < 1e6
      ? `${(chars / 1e3).toFixed(1)} KB`
      : `${(chars / 1e6).toFixed(1)} MB`;
}

export function msText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
