// SPDX-License-Identifier: Apache-2.0
// Counting of the cardinality explorer: how many series have which value of which label; sizes of flags.
import type { SeriesResult } from "../../api/types";
import type { Labels } from "../../lib/frame";
import { quote } from "../../lib/promtext";

export interface Count {
  readonly name: string;
  readonly count: number;
}

// Of the labels of some series: how many values each has.
export function valuesByLabel(series: readonly Labels[]): Count[] {
  const values = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const [name, value] of Object.entries(labels)) {
      if (name !== "__name__") {
        const known = values.get(name) ?? new Set();
        known.add(value);
        values.set(name, known);
      }
    }
  }
  return [...values].map(([name, known]) => ({ name, count: known.size })).sort(byCount);
}

function byCount(a: Count, b: Count): number {
  return b.count - a.count || (a.name < b.name ? -1 : 1);
}

// A metric or label of any name; those with characters of their own need quotes.
function labelName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quote(name);
}

export function selector(metric: string, more = ""): string {
  return metric === "" ? `{__name__!=""${more}}` : `{__name__=${quote(metric)}${more}}`;
}

export function countQuery(metric: string, label: string, most: number): string {
  const name = labelName(label);
  return `topk(${most}, count by (${name}) (${selector(metric, `,${name}!=""`)}))`;
}

export function countsOf(answer: readonly SeriesResult[], label: string): Count[] {
  return answer
    .map((one) => ({ name: one.metric[label] ?? "", count: Number(one.value?.[1] ?? 0) }))
    .sort(byCount);
}

// "2GB", as the flag writes it.
export function parseSize(text: string | undefined): number {
  const parts = /^([\d.]+)\s*([KMGTPE]?)i?B?$/i.exec(text ?? "");
  const power = "KMGTPE".indexOf((parts?.[2] ?? "").toUpperCase()) + 1;
  return parts === null ? NaN : Number(parts[1]) * 1024 ** ((parts[2] ?? "") === "" ? 0 : power);
}
