// SPDX-License-Identifier: Apache-2.0
// Ad hoc filters: label matchers that are added to every selector of every query. A selector is found by its
// tokens, not by a parser: what is no PromQL passes through unchanged and fails at the monitor, which says
// why.
import { quote } from "../lib/promtext";
import type { Filter } from "./model";

// What is no metric where a name may stand.
const words = new Set(
  (
    "by without on ignoring group_left group_right offset bool and or unless atan2 start end smoothed " +
    "anchored inf nan sum avg count min max group stddev stdvar topk bottomk quantile count_values limitk " +
    "limit_ratio fill fill_left fill_right"
  ).split(" "),
);
const listWords = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);

const token =
  /\s+|#[^\n]*|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|`[^`]*`|[A-Za-z_:][\w:.]*|\d[\w.+]*|\[[^\]]*\]|[^]/g;

export function matcherOf(filter: Filter): string {
  const operator = ["=", "!=", "=~", "!~"].includes(filter.operator) ? filter.operator : "=";
  const key = /^[A-Za-z_]\w*$/.test(filter.key) ? filter.key : quote(filter.key);
  return `${key}${operator}${quote(filter.value)}`;
}

function nextSolid(tokens: readonly string[], from: number): string {
  for (let i = from; i < tokens.length; i++) {
    const text = tokens[i] as string;
    if (!/^\s/.test(text) && !text.startsWith("#")) {
      return text;
    }
  }
  return "";
}

// The index after the list in parentheses that begins at or after `from`.
function afterList(tokens: readonly string[], from: number): number {
  const end = tokens.indexOf(")", from);
  return nextSolid(tokens, from) === "(" && end >= 0 ? end + 1 : from;
}

// The index of the brace that closes the one at `open`. Quoted braces are inside of tokens of their own.
function closing(tokens: readonly string[], open: number): number {
  const end = tokens.indexOf("}", open);
  return end < 0 ? tokens.length : end;
}

export function addFilters(expr: string, filters: readonly Filter[]): string {
  const matchers = filters
    .filter((filter) => filter.key !== "")
    .map(matcherOf)
    .join(",");
  if (matchers === "") {
    return expr;
  }
  const tokens = expr.match(token) ?? [];
  const out: string[] = [];
  let i = 0;
  while (i < tokens.length) {
    const text = tokens[i] as string;
    const name = /^[A-Za-z_:]/.test(text);
    if (text === "{") {
      const end = closing(tokens, i);
      const inner = tokens
        .slice(i + 1, end)
        .join("")
        .trim()
        .replace(/,$/, "");
      out.push(`{${inner}${inner === "" ? "" : ","}${matchers}`);
      i = end;
    } else if (name && listWords.has(text.toLowerCase())) {
      const end = afterList(tokens, i + 1);
      out.push(...tokens.slice(i, end));
      i = Math.max(end, i + 1);
    } else {
      const next = nextSolid(tokens, i + 1);
      const metric = name && !words.has(text.toLowerCase()) && next !== "(" && next !== "{";
      out.push(metric ? `${text}{${matchers}}` : text);
      i++;
    }
  }
  return out.join("");
}
