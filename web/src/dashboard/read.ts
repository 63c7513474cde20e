// SPDX-License-Identifier: Apache-2.0
// Reads values of an unknown JSON: what has the wrong type counts as absent. Nothing here throws, and nothing
// looks below the value it is given, so that depth and size are the caller's to bound.

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A property of its own: "constructor" is no property of a document that does not say so.
export function get(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => get(inner, name), value);
}

export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : otherwise;
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

// Old dashboards write numbers as texts.
export function optionalNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function number(value: unknown, otherwise: number): number {
  return optionalNumber(value) ?? otherwise;
}

export function whole(value: unknown, otherwise: number, min: number, max: number): number {
  return Math.min(Math.max(Math.round(number(value, otherwise)), min), max);
}

export function flag(value: unknown, otherwise = false): boolean {
  return typeof value === "boolean" ? value : otherwise;
}

export function texts(value: unknown): string[] {
  return list(value).filter((one): one is string => typeof one === "string");
}

export function oneOf<const T extends readonly string[]>(
  value: unknown,
  known: T,
  otherwise: NoInfer<T[number]>,
): T[number] {
  return known.find((one) => one === value) ?? otherwise;
}
