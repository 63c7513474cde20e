// SPDX-License-Identifier: Apache-2.0
// What service discovery found, by scrape pool; and what a step of relabelling changes.
import type { Targets } from "../../api/types";
import type { Labels } from "../../lib/frame";
import { labelsText, matches } from "./search";

export interface Found {
  readonly discovered: Labels;
  readonly labels: Labels | null; // null: dropped
}

export interface FoundPool {
  readonly name: string;
  readonly found: readonly Found[]; // those that are shown
  readonly active: number;
  readonly dropped: number; // more than are listed, where the list is cut
}

export function foundPools(targets: Targets, text: string, kind: string, only = ""): FoundPool[] {
  const pools = new Map<string, Found[]>();
  const add = (pool: string, found: Found) => {
    const known = pools.get(pool);
    if (only !== "" && pool !== only) {
      return;
    }
    if (known === undefined) {
      pools.set(pool, [found]);
    } else {
      known.push(found);
    }
  };
  targets.activeTargets.forEach((one) =>
    add(one.scrapePool, { discovered: one.discoveredLabels, labels: one.labels }),
  );
  targets.droppedTargets.forEach((one) =>
    add(one.scrapePool, { discovered: one.discoveredLabels, labels: null }),
  );
  const wanted = (one: Found) =>
    (kind === "" || (kind === "dropped") === (one.labels === null)) &&
    matches(text, () => [labelsText(one.discovered), labelsText(one.labels ?? {})]);
  return [...pools]
    .map(([name, found]) => {
      const dropped = found.filter((one) => one.labels === null).length;
      return {
        name,
        found: found.filter(wanted),
        active: found.length - dropped,
        dropped: targets.droppedTargetCounts?.[name] ?? dropped,
      };
    })
    .filter((pool) => pool.found.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

// --- Steps ---

export interface RelabelRule {
  source_labels?: string[];
  separator?: string;
  regex?: string;
  modulus?: number;
  target_label?: string;
  replacement?: string;
  action: string;
}

export interface RelabelStep {
  rule: RelabelRule;
  output: Labels;
  keep: boolean;
}

export interface LabelChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function changesOf(before: Labels, after: Labels): LabelChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: before[name], after: after[name] }));
}

export function ruleText(rule: RelabelRule): string {
  const parts = [`action: ${rule.action}`];
  if ((rule.source_labels ?? []).length > 0) {
    parts.push(`source_labels: [${(rule.source_labels ?? []).join(", ")}]`);
  }
  if (rule.regex !== undefined && rule.regex !== "(.*)" && rule.regex !== "") {
    parts.push(`regex: ${rule.regex}`);
  }
  if ((rule.modulus ?? 0) > 0) {
    parts.push(`modulus: ${rule.modulus}`);
  }
  if ((rule.target_label ?? "") !== "") {
    parts.push(`target_label: ${rule.target_label}`, `replacement: ${rule.replacement ?? ""}`);
  }
  return parts.join("  ");
}
