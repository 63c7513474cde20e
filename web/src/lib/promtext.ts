// SPDX-License-Identifier: Apache-2.0
// Series, labels and numbers as Prometheus writes them.
import type { Labels } from "./frame";

// In double quotes, with \\, \" and \n.
export function quote(value: string): string {
  return `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

// UTF-8 names stand in quotes.
export function labelName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quote(name);
}

export function isMetricName(name: string): boolean {
  return /^[A-Za-z_:][\w:]*$/.test(name);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// {a="b", c="d"}, by name; "{}" of none.
export function labelsText(labels: Labels): string {
  const names = Object.keys(labels)
    .filter((name) => name !== "__name__")
    .sort(byCodePoint);
  return `{${names.map((name) => `${labelName(name)}=${quote(labels[name] as string)}`).join(", ")}}`;
}

// name{a="b", c="d"}
export function seriesText(labels: Labels): string {
  const name = labels["__name__"] ?? "";
  const inner = labelsText(labels);
  if (name === "") {
    return inner;
  }
  if (isMetricName(name)) {
    return inner === "{}" ? name : name + inner;
  }
  return inner === "{}" ? `{${quote(name)}}` : `{${quote(name)}, ${inner.slice(1)}`;
}

// A number as Prometheus writes it.
export function floatText(value: number): string {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
}
