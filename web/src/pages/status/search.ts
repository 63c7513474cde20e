// SPDX-License-Identifier: Apache-2.0
// Searching what the status pages list: every word has to be in it, in any case and any order.
import type { Labels } from "../../lib/frame";

// What is searched is asked for only where something is looked for: of thousands it is long.
export function matches(text: string, searched: () => readonly string[]): boolean {
  if (text.trim() === "") {
    return true;
  }
  const all = searched().join("\n").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

// As people type them: name=value and name="value".
export function labelsText(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}\n${name}="${value}"`)
    .join("\n");
}

// The address carries lists as JSON: the names of pools and groups have commas in them.
export function parseList(text: string | null): string[] {
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function toggled(list: readonly string[], one: string): string | null {
  const changed = list.includes(one) ? list.filter((each) => each !== one) : [...list, one];
  return changed.length === 0 ? null : JSON.stringify(changed);
}

// Only what a browser opens as a page: an address of a target comes from outside.
export function webAddress(text: string): string | undefined {
  return /^https?:\/\//i.test(text) ? text : undefined;
}
