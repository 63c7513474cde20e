// SPDX-License-Identifier: Apache-2.0
// The table of pipelines: one row each, sorted by any column. On a narrow screen each row is a card.
import { currentParams, navigate } from "../app/url";
import { StackBar } from "../charts/stackbar";
import { ErrorCell, P95Cell, RateCell, stageParts } from "./cells";
import { formatCount, formatSeconds } from "./format";
import { stagesHref } from "./links";
import { firstShown } from "./minichart";
import type { Row } from "./model";
import { ReachBadge, reachError } from "./reach";
import type { Windows } from "./queries";
import type { Sort, SortKey } from "./sort";

export interface TableProps {
  readonly rows: readonly Row[]; // sorted and filtered
  readonly times: readonly number[];
  readonly windows: Windows;
  readonly intervalMs: number;
  readonly sort: Sort;
  readonly onSort: (key: SortKey) => void;
  readonly legend: boolean; // names and shares of stages below their bars
  readonly old: boolean; // the monitor does not answer: these are its last numbers
}

interface Column {
  readonly key: SortKey;
  readonly title: string;
  readonly about: string;
}

function columnsOf(rows: readonly Row[], windows: Windows): Column[] {
  const now = `the last ${windows.now}`;
  const columns: Column[] = [
    { key: "name", title: "Pipeline", about: "By name" },
    { key: "rate", title: "Requests/s", about: `Inferences that ended, per second, over ${now}` },
    {
      key: "errors",
      title: `Errors, ${windows.errors}`,
      about: `Failures among the inferences of ${windows.errors}`,
    },
    { key: "p50", title: "p50", about: `Half of the inferences took no longer, over ${now}` },
    { key: "p95", title: "p95", about: `95 of 100 inferences took no longer, over ${now}` },
    { key: "p99", title: "p99", about: `99 of 100 inferences took no longer, over ${now}` },
    { key: "flight", title: "In flight", about: "Inferences that have begun and not ended" },
  ];
  if (rows.some((row) => row.queue !== null)) {
    columns.push({
      key: "queue",
      title: "Queue p95",
      about: `95 of 100 requests waited no longer, over ${now}`,
    });
  }
  return columns;
}

function Head({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column[];
  sort: Sort;
  onSort: (key: SortKey) => void;
}) {
  return (
    <thead>
      <tr>
        {columns.map(({ key, title, about }) => {
          const here = key === sort.key;
          const direction = here ? (sort.descending ? "descending" : "ascending") : undefined;
          return (
            <th key={key} scope="col" aria-sort={direction} class={key === "name" ? undefined : "number"}>
              <button type="button" class="sort" title={about} onClick={() => onSort(key)}>
                {title}
                <span aria-hidden="true" class="sort-mark">
                  {here ? (sort.descending ? "▼" : "▲") : ""}
                </span>
              </button>
            </th>
          );
        })}
        <th scope="col">Time by stage</th>
      </tr>
    </thead>
  );
}

// A click anywhere in the row is one on its link, but for texts that are being selected.
function openRow(event: MouseEvent, row: Row): void {
  const inside = event.target instanceof Element && event.target.closest("a, button") !== null;
  if (inside || (window.getSelection()?.toString() ?? "") !== "" || event.button !== 0) {
    return;
  }
  const address = stagesHref(row);
  if (event.ctrlKey || event.metaKey) {
    window.open(address, "_blank", "noopener");
  } else {
    navigate(address);
  }
}

function NameCell({ row, now }: { row: Row; now: number }) {
  const error = reachError(row);
  return (
    <th scope="row" class="pipeline">
      <a
        href={stagesHref(row)}
        title={`Stages of ${row.name}`}
        aria-current={currentParams().get("pipeline") === row.name ? "true" : undefined}
      >
        {row.name === "" ? '""' : row.name}
      </a>{" "}
      <ReachBadge row={row} now={now} />
      {row.naming === "deepsparse" && (
        <span
          class="badge plain"
          title="Only in the naming of the DeepSparse logger: total_inference_NAME_sum, ..."
        >
          DeepSparse naming
        </span>
      )}
      {error !== "" && (
        <span class="reach-error" title={error}>
          {error}
        </span>
      )}
    </th>
  );
}

function PipelineRow({ row, props, columns }: { row: Row; props: TableProps; columns: readonly Column[] }) {
  const { times, windows, intervalMs } = props;
  const cells: Readonly<Record<Exclude<SortKey, "name">, () => preact.ComponentChildren>> = {
    rate: () => <RateCell row={row} times={times} intervalMs={intervalMs} />,
    errors: () => <ErrorCell row={row} />,
    p50: () => formatSeconds(row.p50),
    p95: () => <P95Cell row={row} times={times} windows={windows} />,
    p99: () => formatSeconds(row.p99),
    queue: () => formatSeconds(row.queue),
    flight: () => formatCount(row.inFlight),
  };
  return (
    <tr class={`reach-${row.reach}`} onClick={(event) => openRow(event, row)}>
      <NameCell row={row} now={Date.now()} />
      {columns.map(({ key, title }) =>
        key === "name" ? null : (
          <td key={key} class={`number cell-${key}`} data-label={title}>
            {cells[key]()}
          </td>
        ),
      )}
      <td class="cell-stages" data-label="Time by stage">
        <StackBar
          parts={stageParts(row)}
          label={`Time by stage of ${row.name}`}
          legend={props.legend}
          noValue="–"
        />
      </td>
    </tr>
  );
}

const sparkPoints = 24; // at least: the first samples are not squeezed into a corner

// Without the part of the range in which none of them was there yet.
function cropped(props: TableProps): TableProps {
  const { rows, times } = props;
  const from = firstShown(
    rows.flatMap(({ history }) => [history.rate, history.p95]),
    times.length,
    sparkPoints,
  );
  if (from === 0) {
    return props;
  }
  const cut = rows.map((row) => ({
    ...row,
    history: { rate: row.history.rate.slice(from), p95: row.history.p95.slice(from) },
  }));
  return { ...props, rows: cut, times: times.slice(from) };
}

export function PipelineTable(given: TableProps) {
  const props = cropped(given);
  const columns = columnsOf(props.rows, props.windows);
  return (
    <div class="panel scroll" tabIndex={0} role="region" aria-label="Pipelines">
      <table class={`pipelines${props.old ? " old" : ""}`}>
        <caption class="hidden">
          A row for each pipeline; the name leads to the charts of its stages. Numbers are of the last{" "}
          {props.windows.now}.
        </caption>
        <Head columns={columns} sort={props.sort} onSort={props.onSort} />
        <tbody>
          {props.rows.map((row) => (
            <PipelineRow key={`${row.naming} ${row.name}`} row={row} props={props} columns={columns} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
