// SPDX-License-Identifier: Apache-2.0
// The monitor in one line: targets, alerts, series, samples, failures. Each leads to where more of it is
// said.
import { href } from "../app/url";
import { formatCount, formatRate } from "./format";
import { graphHref } from "./links";
import type { Snapshot } from "./load";

interface CellProps {
  readonly name: string;
  readonly value: string;
  readonly to: string;
  readonly state?: "ok" | "warn" | "bad" | undefined;
  readonly note?: string | undefined;
  readonly title: string;
}

const marks = { ok: "✓ ", warn: "▲ ", bad: "✕ " } as const;

function Cell({ name, value, to, state, note, title }: CellProps) {
  return (
    <li>
      <a href={to} title={title}>
        <span class="strip-name">{name}</span>
        <span class={`strip-value${state === undefined ? "" : ` ${state}`}`}>
          {state === undefined ? "" : marks[state]}
          {value}
          {note !== undefined && <span class="strip-note"> {note}</span>}
        </span>
      </a>
    </li>
  );
}

function TargetsCell({ snapshot }: { snapshot: Snapshot }) {
  const all = snapshot.targets.activeTargets;
  const up = all.filter((target) => target.health === "up").length;
  const down = all.filter((target) => target.health === "down").length;
  return (
    <Cell
      name="Targets up"
      value={`${up}/${all.length}`}
      state={all.length === 0 ? undefined : down > 0 ? "bad" : up === all.length ? "ok" : "warn"}
      note={down > 0 ? `${down} down` : undefined}
      to={href("targets", down > 0 ? { health: "down" } : {})}
      title="Targets whose last scrape succeeded"
    />
  );
}

function AlertsCell({ firing, pending }: { firing: number | null; pending: number | null }) {
  return (
    <Cell
      name="Alerts firing"
      value={firing === null ? "–" : String(firing)}
      state={firing === null ? undefined : firing > 0 ? "bad" : (pending ?? 0) > 0 ? "warn" : "ok"}
      note={(pending ?? 0) > 0 ? `${pending} pending` : undefined}
      to={href("alerts")}
      title="Alerts that fire now"
    />
  );
}

export function Strip({ snapshot, old }: { snapshot: Snapshot; old: boolean }) {
  const { monitor, windows } = snapshot;
  return (
    <ul class={`strip panel${old ? " old" : ""}`} aria-label="The monitor">
      <TargetsCell snapshot={snapshot} />
      <AlertsCell firing={snapshot.firing} pending={snapshot.pending} />
      <Cell
        name={`Failed scrapes, ${windows.errors}`}
        value={formatCount(monitor.failedScrapes)}
        state={monitor.failedScrapes === null ? undefined : monitor.failedScrapes > 0 ? "warn" : "ok"}
        to={graphHref("up == 0")}
        title={`Scrapes that failed in the last ${windows.errors}`}
      />
      <Cell
        name="Series"
        value={formatCount(monitor.series)}
        to={href("tsdb-status")}
        title="Series in memory"
      />
      <Cell
        name="Samples/s"
        value={formatRate(monitor.samplesPerSecond)}
        to={graphHref("sum(rate(prometheus_tsdb_head_samples_appended_total[5m]))")}
        title="Samples stored per second"
      />
    </ul>
  );
}
