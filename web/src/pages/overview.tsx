// SPDX-License-Identifier: Apache-2.0
// Home: a row for each pipeline, and what the monitor says of itself. The only page that is not loaded on
// demand.
import { useMemo, useRef } from "preact/hooks";
import { useLoad } from "../api/use";
import { homeRange, useRange, type Range } from "../app/range";
import { RangeBar } from "../app/rangebar";
import { Failure, Loading, Notes, sentence } from "../app/states";
import { setParams, useLocation } from "../app/url";
import { useEvery } from "../overview/clock";
import { ConnectionBanner, isOut, useConnection } from "../overview/connection";
import { DownTargets, NoPipeline } from "../overview/empty";
import { loadOverview, newMemory, type Snapshot } from "../overview/load";
import type { Row } from "../overview/model";
import { filterRows, parseSort, printSort, sortRows, type SortKey } from "../overview/sort";
import { Stages } from "../overview/stages";
import { Strip } from "../overview/strip";
import { PipelineTable } from "../overview/table";
import "../overview/overview.css";

const soonMs = 1000; // until there is something to see
const retryMs = 2000; // while the monitor is away

function isLive(range: Range): boolean {
  return range.to === "now";
}

// Whether something that is not shown yet will be soon.
function isBeginning(snapshot: Snapshot | undefined): boolean {
  if (snapshot === undefined) {
    return false;
  }
  return snapshot.rows.length === 0 || snapshot.rows.some((row) => row.samples === 1 && row.reach === "up");
}

function setSort(before: string | null, key: SortKey): void {
  const sort = parseSort(before);
  // Numbers are first wanted with the greatest on top.
  const descending = sort.key === key ? !sort.descending : key !== "name";
  const text = printSort({ key, descending });
  setParams({ sort: text === "name" ? null : text }, true);
}

function Filter({ value, shown, total }: { value: string; shown: number; total: number }) {
  return (
    <label class="filter">
      <span class="hidden">Filter pipelines by name</span>
      <input
        type="search"
        placeholder="Filter by name"
        value={value}
        onInput={(event) => setParams({ q: event.currentTarget.value || null }, true)}
      />
      <span class="muted" role="status">
        {value === "" ? "" : `${shown} of ${total}`}
      </span>
    </label>
  );
}

function Pipelines({ snapshot, old }: { snapshot: Snapshot; old: boolean }) {
  const { params } = useLocation();
  const filter = params.get("q") ?? "";
  const sortText = params.get("sort");
  const rows = useMemo(
    () => sortRows(filterRows(snapshot.rows, filter), parseSort(sortText)),
    [snapshot, filter, sortText],
  );
  const chosen = snapshot.rows.find(({ name }) => name === params.get("pipeline"));
  const only = snapshot.rows.length === 1 ? snapshot.rows[0] : undefined;
  const stages = (row: Row, onClose?: () => void) => (
    <Stages row={row} times={times} window={windows.now} old={old} onClose={onClose} />
  );
  const { windows, times, intervalMs } = snapshot;
  return (
    <>
      {chosen !== undefined && chosen !== only && stages(chosen, () => setParams({ pipeline: null }))}
      {(snapshot.rows.length > 5 || filter !== "") && (
        <Filter value={filter} shown={rows.length} total={snapshot.rows.length} />
      )}
      {rows.length === 0 ? (
        <p class="state">
          No pipeline's name has “{filter}” in it; {snapshot.rows.length} are hidden by the filter.
        </p>
      ) : (
        <PipelineTable
          rows={rows}
          times={times}
          windows={windows}
          intervalMs={intervalMs}
          sort={parseSort(sortText)}
          onSort={(key) => setSort(sortText, key)}
          legend={only === undefined && rows.length <= 10}
          old={old}
        />
      )}
      {only !== undefined && stages(only)}
      {snapshot.moreDeepSparse > 0 && (
        <p class="muted">{snapshot.moreDeepSparse} more pipelines of the DeepSparse naming are left out.</p>
      )}
      <DownTargets targets={snapshot.targets.activeTargets} />
    </>
  );
}

export function OverviewPage() {
  const range = useRange(homeRange);
  const memory = useRef(newMemory());
  const opened = useLocation().params.get("pipeline");
  const now = { fromMs: range.fromMs, toMs: range.toMs, live: isLive(range) };
  const loaded = useLoad(
    (signal) => loadOverview(now, memory.current, opened, signal),
    [range.from, range.to, opened],
    range.tick,
  );
  const connection = useConnection(loaded.error, loaded.at);
  const old = isOut(connection);
  const snapshot = loaded.data;
  useEvery(old ? retryMs : isBeginning(snapshot) && !range.paused ? soonMs : null, range.refreshNow);
  return (
    <div class="overview">
      <div class="page-head">
        <h1>Overview</h1>
        <RangeBar range={range} />
      </div>
      <ConnectionBanner connection={connection} dataAt={loaded.at} />
      {snapshot === undefined ? (
        loaded.error === undefined ? (
          <Loading what="the pipelines" />
        ) : (
          !old && <Failure error={loaded.error} onRetry={range.refreshNow} />
        )
      ) : (
        <>
          <Strip snapshot={snapshot} old={old} />
          <Notes warnings={snapshot.problems.map(sentence)} />
          {snapshot.rows.length === 0 ? (
            <NoPipeline targets={snapshot.targets} />
          ) : (
            <Pipelines snapshot={snapshot} old={old} />
          )}
        </>
      )}
    </div>
  );
}
