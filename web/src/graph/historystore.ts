// SPDX-License-Identifier: Apache-2.0
// Where the history is kept: in this browser alone, and nowhere where it refuses.
import { remember, remembered } from "../app/theme";
import { addRun, parseRuns, type Run } from "./history";

const key = "inferometer.graph.history";

export function storedRuns(): Run[] {
  return parseRuns(remembered(key));
}

export function storeRun(expr: string): void {
  remember(key, JSON.stringify(addRun(storedRuns(), expr, Date.now())));
}

export function clearRuns(): void {
  remember(key, null);
}
