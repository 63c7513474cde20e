// SPDX-License-Identifier: Apache-2.0
// What went wrong with a query, where in it, and what to do about it.
import { ApiError } from "../api/client";

export interface Place {
  readonly before: string; // of the line
  readonly at: string; // the marked part: never empty
  readonly after: string;
}

// The server counts lines from 1, and bytes of UTF-8 from 1.
export function placeOf(message: string, expr: string): Place | null {
  const found = /(?:^|[\s:])(\d+):(\d+): parse error/.exec(message);
  const line = found === null ? undefined : expr.split("\n")[Number(found[1]) - 1];
  if (found === null || line === undefined) {
    return null;
  }
  const start = tokenStart(line, charAt(line, Number(found[2]) - 1), message);
  const word = /^[\p{L}\p{N}_:]+/u.exec(line.slice(start))?.[0] ?? [...line.slice(start)][0] ?? "";
  return {
    before: line.slice(0, start),
    at: word === "" ? " " : word, // the end of the query
    after: line.slice(start + word.length),
  };
}

// Of some tokens that it did not expect the server tells the end: it says which they are.
function tokenStart(line: string, at: number, message: string): number {
  const token = /unexpected [^'"]*(?:'(.+?)'|"(.+?)")/.exec(message.slice(message.indexOf("parse error")));
  const text = token?.[1] ?? token?.[2] ?? "";
  const start = at - text.length;
  return text !== "" && start >= 0 && line.slice(start, at) === text && !line.startsWith(text, at)
    ? start
    : at;
}

function charAt(line: string, bytes: number): number {
  const encoder = new TextEncoder();
  let index = 0;
  let seen = 0;
  for (const char of line) {
    if (seen >= bytes) {
      break;
    }
    seen += encoder.encode(char).length;
    index += char.length;
  }
  return index;
}

// "invalid parameter "query": 1:5: parse error: unexpected end": what was wrong, without what the page shows
// anyway.
export function shortMessage(message: string): string {
  return message.replace(/^invalid parameter "query": /, "").replace(/^\d+:\d+: parse error: /, "");
}

export function adviceOf(error: Error): string | null {
  if (!(error instanceof ApiError)) {
    return null;
  }
  if (error.kind === "timeout") {
    return "Ask for a shorter range, a larger step or fewer series, or raise --query.timeout of the monitor.";
  }
  if (error.kind === "unavailable" || (error.status === 503 && error.kind !== "timeout")) {
    return "Try again in a few seconds.";
  }
  if (error.kind === "canceled") {
    return "Run it again; the monitor may have been stopping.";
  }
  if (error.kind === "execution" && /too many samples|max-samples/.test(error.message)) {
    return "Ask for a shorter range or fewer series, or raise --query.max-samples of the monitor.";
  }
  if (
    error.kind === "execution" &&
    /many-to-many|duplicate series|group_left|multiple matches/.test(error.message)
  ) {
    return "Say with on (...) or ignoring (...) which labels make a pair, or combine one side: sum by.";
  }
  return null;
}
