// SPDX-License-Identifier: Apache-2.0
// Targets by scrape pool, searched.
import type { Health, Target } from "../../api/types";
import { parseDuration } from "../../lib/duration";
import { intervalMs } from "../../overview/windows";
import { labelsText, matches } from "./search";

export interface Pool {
  readonly name: string;
  readonly targets: readonly Target[]; // those that are shown
  readonly all: number;
  readonly up: number;
  readonly down: number;
}

export function poolsOf(targets: readonly Target[], text: string, health: string, wanted = ""): Pool[] {
  const pools = new Map<string, Target[]>();
  for (const target of targets.filter((one) => wanted === "" || one.scrapePool === wanted)) {
    const pool = pools.get(target.scrapePool);
    if (pool === undefined) {
      pools.set(target.scrapePool, [target]);
    } else {
      pool.push(target);
    }
  }
  const count = (all: readonly Target[], state: Health) => all.filter((one) => one.health === state).length;
  return [...pools]
    .map(([name, all]) => ({
      name,
      targets: all.filter(
        (one) =>
          (health === "" || one.health === health) &&
          matches(text, () => [one.scrapeUrl, one.scrapePool, one.lastError, labelsText(one.labels)]),
      ),
      all: all.length,
      up: count(all, "up"),
      down: count(all, "down"),
    }))
    .filter((pool) => pool.targets.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

// A scrape that takes most of its time will soon take all of it.
export function isSlow(target: Target): boolean {
  const timeout = parseDuration(target.scrapeTimeout) ?? intervalMs(target);
  return target.health !== "unknown" && target.lastScrapeDuration * 1000 > 0.8 * timeout;
}
