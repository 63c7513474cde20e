// SPDX-License-Identifier: Apache-2.0
// The monitor's own metrics, as it serves them: also of one that does not scrape itself.
import { ApiError } from "../../api/client";

export type OwnMetrics = ReadonlyMap<string, number>;

// The sum of the series of each name: what is asked for here has few, or one. Labels are not read.
export function parseOwnMetrics(text: string): OwnMetrics {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const parts = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})? (\S+)/.exec(line);
    const value = Number(parts?.[2] ?? NaN);
    if (parts !== null && !Number.isNaN(value)) {
      found.set(parts[1] ?? "", (found.get(parts[1] ?? "") ?? 0) + value);
    }
  }
  return found;
}

export async function loadOwnMetrics(signal: AbortSignal): Promise<OwnMetrics> {
  const response = await fetch(new URL("metrics", document.baseURI), {
    signal,
    headers: { Accept: "text/plain" },
  });
  if (!response.ok) {
    throw new ApiError(
      `could not load the monitor's own metrics: status ${response.status}`,
      "answer",
      response.status,
    );
  }
  return parseOwnMetrics(await response.text());
}
