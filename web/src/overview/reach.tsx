// SPDX-License-Identifier: Apache-2.0
// Whether the targets of a pipeline are up, as a mark, a word and a colour.
import { formatAgo } from "./format";
import type { Row } from "./model";

export function ReachBadge({ row, now }: { row: Row; now: number }) {
  const up = row.targets.filter((target) => target.health === "up").length;
  const count = `${up}/${row.targets.length}`;
  switch (row.reach) {
    case "up":
      return <span class="badge ok">✓ {row.targets.length === 1 ? "up" : `${count} up`}</span>;
    case "some":
      return <span class="badge warn">▲ {count} up</span>;
    case "down":
      return <span class="badge bad">✕ down</span>;
    case "waiting":
      return <span class="badge">… not scraped yet</span>;
    case "gone":
      return (
        <span
          class="badge"
          title="No target has this pipeline any more: its program ended, or was taken out."
        >
          ○ gone{row.seenMs === null ? "" : `, ${formatAgo(row.seenMs, now)}`}
        </span>
      );
  }
}

// The error of the first target that is down.
export function reachError(row: Row): string {
  const down = row.targets.find((target) => target.health === "down");
  return down === undefined ? "" : `${down.labels["instance"] ?? down.scrapeUrl}: ${down.lastError}`;
}
