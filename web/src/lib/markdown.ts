// SPDX-License-Identifier: Apache-2.0
// A small Markdown as a tree of nodes. Never as HTML: whoever draws the tree puts its texts into text nodes.
// Tags are dropped and their text kept; of images the text stays; links lead to http, https and relative
// addresses only.
import { parseInline } from "./markinline";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "break" };

export type Align = "left" | "center" | "right" | null;

export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3 | 4 | 5 | 6; readonly children: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly (readonly Block[])[] }
  | {
      readonly kind: "table";
      readonly align: readonly Align[];
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: "rule" };

const depthMax = 12; // of quotes and lists in each other
const lengthMax = 200_000; // characters: no page of text is longer

// None of these can match in two ways: a long line must not keep the page busy.
const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const heading = /^ {0,3}(#{1,6})(?:\s(.*))?$/;
const rule = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const quote = /^ {0,3}>\s?/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(?:(\s+)(.*))?$/;
const tableRule = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/;

interface Taken {
  readonly block: Block;
  readonly next: number; // the line after it
}

function takeFence(lines: readonly string[], at: number): Taken | null {
  const open = fence.exec(lines[at] as string);
  if (open === null) {
    return null;
  }
  const mark = open[1] as string;
  const closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`);
  const found = lines.findIndex((line, index) => index > at && closing.test(line));
  const end = found < 0 ? lines.length : found;
  const text = lines.slice(at + 1, end).join("\n");
  return {
    block: { kind: "code", language: (open[2] as string).trim().split(/\s/)[0] as string, text },
    next: end + 1,
  };
}

function takeQuote(lines: readonly string[], at: number, depth: number): Taken | null {
  if (!quote.test(lines[at] as string)) {
    return null;
  }
  let end = at;
  while (end < lines.length && (quote.test(lines[end] as string) || isText(lines, end))) {
    end++;
  }
  const inner = lines.slice(at, end).map((line) => line.replace(quote, ""));
  return { block: { kind: "quote", children: blocks(inner, depth + 1) }, next: end };
}

function cells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function takeTable(lines: readonly string[], at: number): Taken | null {
  const [head, under] = [lines[at] as string, lines[at + 1] ?? ""];
  if (!head.includes("|") || !under.includes("-") || !tableRule.test(under.trim())) {
    return null;
  }
  const titles = cells(head);
  const marks = cells(under);
  if (titles.length !== marks.length) {
    return null;
  }
  const align = marks.map((mark): Align => {
    const [left, right] = [mark.startsWith(":"), mark.endsWith(":")];
    return left && right ? "center" : right ? "right" : left ? "left" : null;
  });
  let end = at + 2;
  while (end < lines.length && (lines[end] as string).trim() !== "" && (lines[end] as string).includes("|")) {
    end++;
  }
  const rows = lines.slice(at + 2, end).map((line) => {
    const row = cells(line);
    return titles.map((_, index) => parseInline(row[index] ?? ""));
  });
  return { block: { kind: "table", align, head: titles.map(parseInline), rows }, next: end };
}

// "- a" and "1. a" are lists of their own kinds; a number begins one where it stands first.
function kindOf(mark: string): string {
  return /^\d/.test(mark) ? (mark[mark.length - 1] as string) : mark;
}

interface Item {
  readonly lines: string[];
  readonly next: number;
}

// The lines of one item: those below it that stand as far in as its text, or go on with its paragraph.
function takeItem(lines: readonly string[], at: number, begin: RegExpExecArray): Item {
  const [, indent = "", mark = "", space = " ", first = ""] = begin;
  const width = indent.length + mark.length + Math.min(space.length, 4);
  const own = [first];
  let end = at + 1;
  for (; end < lines.length; end++) {
    const line = lines[end] as string;
    const inside = line.length - line.trimStart().length >= Math.min(width, 2 + indent.length);
    const after = lines[end - 1] as string;
    if (line.trim() === "") {
      const next = lines[end + 1] ?? "";
      if (next.trim() === "" || next.length - next.trimStart().length < Math.min(width, 2 + indent.length)) {
        break;
      }
      own.push("");
    } else if (inside) {
      own.push(line.replace(new RegExp(`^ {0,${width}}`), ""));
    } else if (after.trim() !== "" && isText(lines, end)) {
      own.push(line.trim());
    } else {
      break;
    }
  }
  return { lines: own, next: end };
}

function takeList(lines: readonly string[], at: number, depth: number): Taken | null {
  const first = item.exec(lines[at] as string);
  if (first === null) {
    return null;
  }
  const kind = kindOf(first[2] as string);
  const items: Block[][] = [];
  let next = at;
  for (;;) {
    const blank = (lines[next] ?? "").trim() === "" ? next + 1 : next;
    const line = lines[blank];
    const begin = line === undefined || rule.test(line) ? null : item.exec(line);
    if (begin === null || kindOf(begin[2] as string) !== kind) {
      break;
    }
    const taken = takeItem(lines, blank, begin);
    items.push(blocks(taken.lines, depth + 1));
    next = taken.next;
  }
  const start = /^\d/.test(first[2] as string) ? parseInt(first[2] as string, 10) : null;
  return { block: { kind: "list", start, items }, next };
}

// A line that can only go on with a paragraph.
function isText(lines: readonly string[], at: number): boolean {
  const line = lines[at] as string;
  return (
    line.trim() !== "" &&
    !fence.test(line) &&
    !heading.test(line) &&
    !rule.test(line) &&
    !quote.test(line) &&
    !item.test(line)
  );
}

function takeParagraph(lines: readonly string[], at: number): Taken {
  let end = at + 1;
  let level: 1 | 2 | null = null;
  while (
    end < lines.length &&
    level === null &&
    (isText(lines, end) || /^ {0,3}-+\s*$/.test(lines[end] as string))
  ) {
    const line = lines[end] as string;
    level = /^ {0,3}=+\s*$/.test(line) ? 1 : /^ {0,3}-+\s*$/.test(line) ? 2 : null;
    end++;
  }
  const own = lines.slice(at, level === null ? end : end - 1);
  const children = parseInline(own.map((line) => line.trimStart()).join("\n"));
  const block: Block =
    level === null ? { kind: "paragraph", children } : { kind: "heading", level, children };
  return { block, next: end };
}

function takeHeading(lines: readonly string[], at: number): Taken | null {
  const found = heading.exec(lines[at] as string);
  if (found === null) {
    return null;
  }
  const title = (found[2] ?? "").trim().replace(/(?:^|\s)#+$/, "");
  const level = (found[1] as string).length as 1 | 2 | 3 | 4 | 5 | 6;
  return { block: { kind: "heading", level, children: parseInline(title) }, next: at + 1 };
}

function takeRule(lines: readonly string[], at: number): Taken | null {
  return rule.test(lines[at] as string) ? { block: { kind: "rule" }, next: at + 1 } : null;
}

function take(lines: readonly string[], at: number, depth: number): Taken {
  const nested = depth < depthMax;
  return (
    takeFence(lines, at) ??
    takeHeading(lines, at) ??
    takeRule(lines, at) ??
    takeTable(lines, at) ??
    (nested ? (takeQuote(lines, at, depth) ?? takeList(lines, at, depth)) : null) ??
    takeParagraph(lines, at)
  );
}

function blocks(lines: readonly string[], depth: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if ((lines[at] as string).trim() === "") {
      at++;
      continue;
    }
    const taken = take(lines, at, depth);
    // What held nothing but tags leaves nothing.
    if (taken.block.kind !== "paragraph" || taken.block.children.length > 0) {
      found.push(taken.block);
    }
    at = taken.next;
  }
  return found;
}

export function parseMarkdown(text: string): Block[] {
  return blocks(text.slice(0, lengthMax).replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"), 0);
}

const breaks = /<\/?(?:p|div|h[1-6]|ul|ol|table|tr|section|article|header|footer|blockquote|pre)\b[^<>]*>/gi;

// The tags of a text panel in mode "html" go; headings, items, links and emphasis stay what they are.
export function parseHtmlText(html: string): Block[] {
  const text = html
    .slice(0, lengthMax)
    .replace(/<!--[^]*?(?:-->|$)/g, "")
    .replace(/<(script|style|iframe|object|template|svg)\b[^]*?(?:<\/\1\s*>|$)/gi, "")
    .replace(/\s+/g, " ")
    .replace(/<h([1-6])\b[^<>]*>/gi, (_, level: string) => `\n\n${"#".repeat(Number(level))} `)
    .replace(/<li\b[^<>]*>/gi, "\n- ")
    .replace(/<\/?(?:strong|b)(?:\s[^<>]*)?>/gi, "**")
    .replace(/<\/?(?:em|i)(?:\s[^<>]*)?>/gi, "*")
    .replace(/<br\b[^<>]*>/gi, "  \n")
    .replace(
      /<a\s[^<>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')[^<>]*>([^]{0,2000}?)<\/a\s*>/gi,
      (_, one, other, inner) => {
        return `[${String(inner).replace(/[[\]]/g, "")}](<${String(one ?? other).replace(/[<>]/g, "")}>)`;
      },
    )
    .replace(breaks, "\n\n");
  return parseMarkdown(text.replace(/\n +/g, "\n"));
}
