// SPDX-License-Identifier: Apache-2.0
// The cells of a pipeline's row that are more than a number.
import { Sparkline } from "../charts/sparkline";
import { useNow } from "./clock";
import { stageColor } from "./colors";
import { formatClock, formatCount, formatPercent, formatRate, formatSeconds } from "./format";
import type { Row } from "./model";
import type { Windows } from "./queries";
import { errorSeverity } from "./sort";

function NextScrape({ row, intervalMs }: { row: Row; intervalMs: number }) {
  const now = useNow(500);
  const last = Math.max(0, ...row.targets.map((target) => Date.parse(target.lastScrape) || 0));
  const left = Math.ceil((last + intervalMs - now) / 1000);
  return <span class="collecting">collecting, first numbers {left > 0 ? `in ${left} s` : "any moment"}</span>;
}

export function RateCell({
  row,
  times,
  intervalMs,
}: {
  row: Row;
  times: readonly number[];
  intervalMs: number;
}) {
  if (row.rate === null && row.samples === 1 && row.reach !== "gone") {
    return (
      <>
        <b>{formatCount(row.total)}</b> so far
        <NextScrape row={row} intervalMs={intervalMs} />
      </>
    );
  }
  return (
    <span class="with-spark">
      <Sparkline
        values={row.history.rate}
        times={times}
        min={0}
        width={88}
        height={24}
        label={`Requests per second of ${row.name} over the range; now ${formatRate(row.rate)}`}
      />
      <span class="value" title={row.total === null ? undefined : `${row.total} since its programs started`}>
        {formatRate(row.rate)}
      </span>
    </span>
  );
}

const marks = { ok: "✓", warn: "▲", bad: "✕" } as const;

export function ErrorCell({ row }: { row: Row }) {
  const since = row.failedTotal === null ? "no failure" : `${row.failedTotal} failures`;
  const title = `${since} since its programs started`;
  if (row.naming === "deepsparse" && row.failed === null) {
    return <span title="The DeepSparse naming does not count failures">–</span>;
  }
  if (row.failed === null || row.errorRatio === null) {
    const before = row.failedTotal ?? 0;
    return before > 0 ? (
      <span class="errors warn" title={title}>
        ▲ {formatCount(before)} so far
      </span>
    ) : (
      <span title="no request in this time">–</span>
    );
  }
  const severity = errorSeverity(row);
  return (
    <span class={`errors ${severity}`} title={title}>
      {marks[severity]} {severity === "ok" ? "none" : formatPercent(row.errorRatio)}
      {severity !== "ok" && <span class="count"> ({formatCount(Math.max(1, row.failed))})</span>}
    </span>
  );
}

// The newest that there is in the history, for a pipeline that has nothing to do now.
export function newest(
  values: readonly (number | null)[],
  times: readonly number[],
): [number, number] | null {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== null && value !== undefined) {
      return [value, times[i] ?? 0];
    }
  }
  return null;
}

export function P95Cell({ row, times, windows }: { row: Row; times: readonly number[]; windows: Windows }) {
  const before = row.p95 === null ? newest(row.history.p95, times) : null;
  return (
    <span class="with-spark">
      <Sparkline
        values={row.history.p95}
        times={times}
        min={0}
        width={88}
        height={24}
        color="var(--second)"
        label={`95th percentile of ${row.name} over the range; now ${formatSeconds(row.p95)}`}
      />
      {before === null ? (
        <span class="value">{formatSeconds(row.p95)}</span>
      ) : (
        <span
          class="value muted"
          title={`No request in the last ${windows.now}; this is of ${formatClock(before[1])}`}
        >
          {formatSeconds(before[0])}
        </span>
      )}
    </span>
  );
}

export function stageParts(row: Row) {
  return row.stages
    .filter((stage) => stage.share !== null)
    .map((stage) => ({
      key: stage.name,
      name: stage.name,
      value: stage.share ?? 0,
      color: stageColor(stage.name),
      text: formatSeconds(stage.mean),
    }));
}
