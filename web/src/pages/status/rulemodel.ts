// SPDX-License-Identifier: Apache-2.0
// Groups of rules, filtered; and the state of an alerting rule from those of its alerts.
import type { Alert, Rule, RuleGroup } from "../../api/types";
import { labelsText, matches } from "./search";

export const groupsMost = 20; // that are shown at first

export type AlertState = Alert["state"];

const order: readonly AlertState[] = ["firing", "pending", "inactive", "unknown"];

export function stateOf(rule: Rule): AlertState {
  const states = (rule.alerts ?? []).map((alert) => alert.state);
  return rule.state ?? order.find((state) => states.includes(state)) ?? "inactive";
}

export interface ShownGroup {
  readonly group: RuleGroup;
  readonly rules: readonly Rule[]; // those that are shown
}

const alertText = (alert: Alert) => labelsText(alert.labels) + "\n" + labelsText(alert.annotations);

function ruleText(group: RuleGroup, rule: Rule): string[] {
  return [
    group.name,
    group.file,
    rule.name,
    rule.query,
    labelsText(rule.labels),
    labelsText(rule.annotations),
    rule.lastError ?? "",
  ];
}

// Those alerts of a rule that the search is for: all, where it finds the rule itself.
export function alertsOf(group: RuleGroup, rule: Rule, text: string): readonly Alert[] {
  const all = rule.alerts ?? [];
  const about = ruleText(group, rule);
  return matches(text, () => about)
    ? all
    : all.filter((alert) => matches(text, () => [...about, alertText(alert)]));
}

export function groupsOf(
  groups: readonly RuleGroup[],
  text: string,
  wanted: (rule: Rule) => boolean,
): ShownGroup[] {
  return groups
    .map((group) => ({
      group,
      rules: group.rules.filter(
        (rule) =>
          wanted(rule) &&
          (matches(text, () => ruleText(group, rule)) || alertsOf(group, rule, text).length > 0),
      ),
    }))
    .filter((shown) => shown.rules.length > 0);
}

// How many rules are in each state.
export function countStates(groups: readonly RuleGroup[]): Record<AlertState, number> {
  const counts = { firing: 0, pending: 0, inactive: 0, unknown: 0 };
  for (const rule of groups.flatMap((group) => group.rules)) {
    if (rule.type === "alerting") {
      counts[stateOf(rule)]++;
    }
  }
  return counts;
}

export function urgency(rule: Rule): number {
  return rule.type === "alerting" ? order.indexOf(stateOf(rule)) : order.length;
}

// Those that fire first, then by name; within a group the file's order is the reader's.
export function byState(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => urgency(a) - urgency(b));
}

// "rules.yml" of a long path.
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

// "1e+00" as it comes; with at most six digits.
export function valueText(text: string): string {
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? text : String(Number(value.toPrecision(6)));
}
