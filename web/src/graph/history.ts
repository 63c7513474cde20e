// SPDX-License-Identifier: Apache-2.0
// The queries that were run in this browser, the newest first, each once.
export interface Run {
  readonly expr: string;
  readonly at: number; // milliseconds
}

export const runsMax = 500; // some 50 KB of a browser's 5 MB
const exprMax = 20_000; // what is longer was pasted, and is not kept

export function addRun(runs: readonly Run[], expr: string, at: number): Run[] {
  const trimmed = expr.trim();
  if (trimmed === "" || trimmed.length > exprMax) {
    return [...runs];
  }
  return [{ expr: trimmed, at }, ...runs.filter((run) => run.expr !== trimmed)].slice(0, runsMax);
}

// Those that have every word of the search in them.
export function searchRuns(runs: readonly Run[], search: string): Run[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return runs.filter((run) => {
    const text = run.expr.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function parseRuns(text: string | null): Run[] {
  try {
    const read: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(read) ? read.filter(isRun).slice(0, runsMax) : [];
  } catch {
    return []; // written by something else
  }
}

function isRun(value: unknown): value is Run {
  const run = value as Partial<Run> | null;
  return (
    typeof run === "object" && run !== null && typeof run.expr === "string" && typeof run.at === "number"
  );
}

// A walk through the runs with Ctrl-Up and Ctrl-Down: what was being typed stands at its end and comes back.
export interface Walk {
  readonly at: number; // -1: what is being typed
  readonly draft: string;
}

export const walkBegin: Walk = { at: -1, draft: "" };

export function step(
  walk: Walk,
  runs: readonly Run[],
  current: string,
  by: number,
): { walk: Walk; expr: string } {
  const draft = walk.at === -1 ? current : walk.draft;
  const first = runs[0]?.expr === current.trim() && walk.at === -1 ? 1 : 0; // passes over what stands there
  const next = by < 0 ? (walk.at === -1 ? first : walk.at + 1) : walk.at - 1;
  if (next >= runs.length) {
    return { walk: { at: walk.at, draft }, expr: current };
  }
  const at = Math.max(next, -1);
  return { walk: { at, draft }, expr: runs[at]?.expr ?? draft };
}
