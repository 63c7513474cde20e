// SPDX-License-Identifier: Apache-2.0
// Pieces of PromQL as text.
import { isMetricName, labelName, quote } from "../lib/promtext";

export interface Matcher {
  readonly name: string;
  readonly type: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

export function matcherText({ name, type, value }: Matcher): string {
  return labelName(name) + type + quote(value);
}

// metric{label="value"}; a name with other characters stands in the braces, in quotes.
export function selectorText(metric: string, matchers: readonly Matcher[]): string {
  const plain = isMetricName(metric);
  const inside = [...(plain || metric === "" ? [] : [quote(metric)]), ...matchers.map(matcherText)];
  return (plain ? metric : "") + (inside.length === 0 ? "" : `{${inside.join(", ")}}`);
}
