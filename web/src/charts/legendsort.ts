// SPDX-License-Identifier: Apache-2.0
// The order of a legend's names, and what a click on one of them leaves to be seen.
import type { LegendItem } from "./types";

// Names by their digits' worth; values with those that have none at the end, whichever way the rest goes.
export function sortItems(items: readonly LegendItem[], by: string, desc: boolean): LegendItem[] {
  const sign = desc ? -1 : 1;
  const value = (item: LegendItem) => item.calcs.find((calc) => calc.name === by)?.value ?? null;
  return [...items].sort((a, b) => {
    if (by === "name") {
      return sign * a.name.localeCompare(b.name, "en", { numeric: true });
    }
    const [left, right] = [value(a), value(b)];
    const gone = (number: number | null) => number === null || Number.isNaN(number);
    if (gone(left) || gone(right)) {
      return Number(gone(left)) - Number(gone(right));
    }
    return sign * ((left ?? 0) - (right ?? 0));
  });
}

// The hidden ones after a click. Alone: only this one is left, or all come back where it already was alone.
export function toggled(
  keys: readonly string[],
  hidden: ReadonlySet<string>,
  key: string,
  alone: boolean,
): ReadonlySet<string> {
  if (!alone) {
    const next = new Set(hidden);
    if (!next.delete(key)) {
      next.add(key);
    }
    return next;
  }
  const isAlone = !hidden.has(key) && keys.every((other) => other === key || hidden.has(other));
  return isAlone ? new Set() : new Set(keys.filter((other) => other !== key));
}
