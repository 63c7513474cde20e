// SPDX-License-Identifier: Apache-2.0
// What stands in a line of Markdown: emphasis, code, links. See markdown.ts.
import type { Inline } from "./markdown";

const depthMax = 12;
const spanMax = 2000; // characters of a link's text, or of what is emphasised

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  middot: "·",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  rarr: "→",
  larr: "←",
  times: "×",
  micro: "µ",
};

function entity(whole: string, name: string): string {
  if (!name.startsWith("#")) {
    return Object.hasOwn(entities, name) ? (entities[name] as string) : whole;
  }
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{2,8});/gi, entity);
}

// Relative, http or https; null for all others. Browsers skip control characters when they read a scheme.
export function safeLink(address: string): string | null {
  const plain = decoded(address).replace(/[\u0000-\u0020\u007f]/g, "");
  const scheme = /^([^/?#]*?):/.exec(plain)?.[1];
  return plain !== "" && (scheme === undefined || /^https?$/i.test(scheme)) ? plain : null;
}

interface Taken {
  readonly nodes: readonly Inline[];
  readonly length: number; // of the text that it stood in
}

// The place of the bracket that closes the one at `open`, or -1.
function closing(text: string, open: number): number {
  let depth = 0;
  const end = Math.min(text.length, open + spanMax);
  for (let i = open; i < end; i++) {
    const letter = text[i];
    if (letter === "\\") {
      i++;
    } else if (letter === "[") {
      depth++;
    } else if (letter === "]" && --depth === 0) {
      return i;
    }
  }
  return -1;
}

// "(address)", "(<address>)", '(address "title")' at the beginning of a text.
const target = /^\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/;

function takeLink(text: string, at: number, depth: number): Taken | null {
  const image = text[at] === "!";
  const open = image ? at + 1 : at;
  const end = text[open] === "[" ? closing(text, open) : -1;
  const found = end < 0 ? null : target.exec(text.slice(end + 1, end + 4000));
  if (found === null) {
    return null;
  }
  const inner = text.slice(open + 1, end);
  const length = end + 1 + found[0].length - at;
  if (image) {
    return { nodes: inner === "" ? [] : [{ kind: "text", text: decoded(inner) }], length };
  }
  const href = safeLink((found[1] ?? found[2] ?? "").replace(/\\(.)/g, "$1"));
  const children = inline(inner, depth + 1);
  return { nodes: href === null ? children : [{ kind: "link", href, children }], length };
}

function takeCode(text: string, at: number): Taken | null {
  const mark = /^`+/.exec(text.slice(at, at + 20))?.[0] ?? "";
  let end = text.indexOf(mark, at + mark.length);
  while (end >= 0 && text[end + mark.length] === "`") {
    const run = /^`+/.exec(text.slice(end))?.[0].length ?? 1;
    end = text.indexOf(mark, end + run);
  }
  if (end < 0) {
    return null;
  }
  const inner = text.slice(at + mark.length, end).replace(/\n/g, " ");
  const trimmed = /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner;
  return { nodes: [{ kind: "code", text: trimmed }], length: end + mark.length - at };
}

const marks: readonly (readonly [mark: string, kind: "strong" | "em" | "del"])[] = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
];

// Underscores inside of words are names of things, not emphasis.
function takeEmphasis(text: string, at: number, depth: number): Taken | null {
  for (const [mark, kind] of marks) {
    if (!text.startsWith(mark, at) || /\s/.test(text[at + mark.length] ?? " ")) {
      continue;
    }
    const word = mark.startsWith("_");
    if (word && /\w/.test(text[at - 1] ?? " ")) {
      continue;
    }
    const end = emphasisEnd(text, at + mark.length, mark, word);
    if (end > 0) {
      const children = inline(text.slice(at + mark.length, end), depth + 1);
      return { nodes: [{ kind, children }], length: end + mark.length - at };
    }
  }
  return null;
}

function emphasisEnd(text: string, from: number, mark: string, word: boolean): number {
  const last = from + spanMax;
  for (let end = text.indexOf(mark, from + 1); end > 0 && end <= last; end = text.indexOf(mark, end + 1)) {
    const single = mark.length === 1;
    const part = single && (text[end + 1] === mark || text[end - 1] === mark); // of a double mark
    const inside = word && /\w/.test(text[end + mark.length] ?? " ");
    if (!part && !inside && !/[\s\\]/.test(text[end - 1] as string)) {
      return end;
    }
  }
  return -1;
}

function takeTag(text: string, at: number): Taken | null {
  const rest = text.slice(at, at + 4000);
  const auto = /^<(https?:\/\/[^\s<>]+)>/i.exec(rest);
  if (auto !== null) {
    const href = auto[1] as string;
    return {
      nodes: [{ kind: "link", href, children: [{ kind: "text", text: href }] }],
      length: auto[0].length,
    };
  }
  if (/^<br\s*\/?>/i.test(rest)) {
    return { nodes: [{ kind: "break" }], length: rest.indexOf(">") + 1 };
  }
  const tag = /^<(?:\/?[a-z][^<>]*|!--[^]*?--|![a-z][^<>]*|\?[^<>]*)>/i.exec(rest);
  return tag === null ? null : { nodes: [], length: tag[0].length };
}

function takeAddress(text: string, at: number): Taken | null {
  const found = /^https?:\/\/[^\s<>"'`\]]+/i.exec(text.slice(at, at + 2000));
  if (found === null || /\w/.test(text[at - 1] ?? " ")) {
    return null;
  }
  const href = found[0].replace(/[.,;:!?)*_]+$/, "");
  return { nodes: [{ kind: "link", href, children: [{ kind: "text", text: href }] }], length: href.length };
}

function takeOne(text: string, at: number, depth: number): Taken | null {
  const letter = text[at] as string;
  if (letter === "\\") {
    const next = text[at + 1] ?? "";
    if (next === "\n") {
      return { nodes: [{ kind: "break" }], length: 2 };
    }
    return /[!-/:-@[-`{-~]/.test(next) ? { nodes: [{ kind: "text", text: next }], length: 2 } : null;
  }
  if (letter === "`") {
    return takeCode(text, at);
  }
  if (letter === "<") {
    return takeTag(text, at);
  }
  if (letter === "h" || letter === "H") {
    return takeAddress(text, at);
  }
  if (letter === "\n") {
    const hard = text.slice(0, at).endsWith("  ");
    return hard ? { nodes: [{ kind: "break" }], length: 1 } : null;
  }
  if (depth >= depthMax) {
    return null;
  }
  return letter === "[" || letter === "!" ? takeLink(text, at, depth) : takeEmphasis(text, at, depth);
}

// Texts beside each other are one.
function joined(nodes: readonly Inline[]): Inline[] {
  const out: Inline[] = [];
  for (const node of nodes) {
    const last = out[out.length - 1];
    if (node.kind === "text" && last?.kind === "text") {
      out[out.length - 1] = { kind: "text", text: last.text + node.text };
    } else if (node.kind !== "text" || node.text !== "") {
      out.push(node);
    }
  }
  return out;
}

const stops = /[\\`<[!*_~\nhH]/g;

function inline(text: string, depth: number): Inline[] {
  const nodes: Inline[] = [];
  let begin = 0;
  let at = 0;
  const plain = (end: number) => nodes.push({ kind: "text", text: decoded(text.slice(begin, end)) });
  while (at < text.length) {
    stops.lastIndex = at;
    const stop = stops.exec(text);
    if (stop === null) {
      break;
    }
    const taken = takeOne(text, stop.index, depth);
    if (taken === null) {
      at = stop.index + 1;
      continue;
    }
    plain(stop.index);
    nodes.push(...taken.nodes);
    at = stop.index + taken.length;
    begin = at;
  }
  plain(text.length);
  return joined(nodes);
}

const inlineMax = 20_000; // characters of one paragraph that are looked at for marks

export function parseInline(text: string): Inline[] {
  const trimmed = text.trim();
  return trimmed.length > inlineMax ? [{ kind: "text", text: trimmed }] : inline(trimmed, 0);
}
