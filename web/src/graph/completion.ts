// SPDX-License-Identifier: Apache-2.0
// What the editor completes with: the names, labels and values of this monitor. Answers are kept for a
// minute, for each keystroke would ask again. A monitor that does not answer completes nothing; the query
// itself says why.
import type { PrometheusClient } from "@prometheus-io/codemirror-promql/dist/esm/client/prometheus";
import { api, type Params } from "../api/client";
import type { Labels } from "../lib/frame";
import { selectorText, type Matcher } from "./promql";

const keepMs = 60_000;
const answersMax = 200; // a session of typing; the oldest go first
const valuesMax = 10_000; // more than anybody scrolls through
const matchTypes = ["=", "!=", "=~", "!~"] as const;

// What codemirror-promql tells of a matcher: its type is a number of the grammar, told apart by its methods.
interface TypedMatcher {
  readonly name: string;
  readonly value: string;
  readonly type: number;
  matchesEmpty(): boolean;
}

export type MatcherName = (type: number) => (typeof matchTypes)[number] | undefined;

interface Kept {
  readonly at: number;
  readonly answer: Promise<unknown>;
}

const kept = new Map<string, Kept>();

function ask<T>(path: string, params: Params, otherwise: T): Promise<T> {
  const key = path + "?" + JSON.stringify(params);
  const old = kept.get(key);
  if (old !== undefined && Date.now() - old.at < keepMs) {
    return old.answer as Promise<T>;
  }
  const answer = api<T>(path, params).then(
    (got) => got.data,
    () => {
      kept.delete(key); // asked again with the next keystroke
      return otherwise;
    },
  );
  kept.delete(key);
  kept.set(key, { at: Date.now(), answer });
  if (kept.size > answersMax) {
    kept.delete(kept.keys().next().value ?? "");
  }
  return answer;
}

// Those of the matchers that narrow down the values of `label`: not the one that is being typed.
function selector(
  metric: string,
  matchers: readonly TypedMatcher[],
  label: string,
  typeName: MatcherName,
): string {
  const narrowing: Matcher[] = [];
  for (const matcher of matchers) {
    const type = typeName(matcher.type);
    if (type !== undefined && matcher.name !== label && matcher.value !== "" && matcher.name !== "__name__") {
      narrowing.push({ name: matcher.name, type, value: matcher.value });
    }
  }
  return selectorText(metric, narrowing);
}

const labelPath = (name: string) =>
  `api/v1/label/${/^[a-zA-Z_]\w*$/.test(name) ? name : encodeURIComponent(escapedName(name))}/values`;

// As Prometheus writes names with other characters into paths: "a.b" is U__a_2e_b.
export function escapedName(name: string): string {
  let escaped = "U__";
  for (const char of name) {
    escaped += /[a-zA-Z0-9]/.test(char)
      ? char
      : char === "_"
        ? "__"
        : `_${char.codePointAt(0)?.toString(16) ?? ""}_`;
  }
  return escaped;
}

export function completionClient(typeName: MatcherName): PrometheusClient {
  const matched = (metric: string | undefined, matchers: readonly TypedMatcher[], label: string): Params => {
    const match = selector(metric ?? "", matchers, label, typeName);
    return match === "" ? { limit: valuesMax } : { "match[]": match, limit: valuesMax };
  };
  return {
    labelNames: (metric) => ask("api/v1/labels", matched(metric, [], ""), [] as string[]),
    labelValues: (label, metric, matchers = []) =>
      ask(labelPath(label), matched(metric, matchers as unknown as TypedMatcher[], label), [] as string[]),
    metricMetadata: () => ask("api/v1/metadata", {}, {}),
    metricNames: () => ask(labelPath("__name__"), { limit: valuesMax }, [] as string[]),
    flags: () => ask("api/v1/status/flags", {}, {} as Record<string, string>),
    series: (metric, matchers = [], label = "") =>
      ask(
        "api/v1/series",
        matched(metric, matchers as unknown as TypedMatcher[], label),
        [] as Labels[],
      ) as Promise<never>,
  };
}
