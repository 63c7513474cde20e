// SPDX-License-Identifier: Apache-2.0
// The answer at one time, as a table that sorts. Labels that all rows share stand once above it.
import { useMemo, useState } from "preact/hooks";
import { cutText, Outside, useSome } from "../app/some";
import { timeText } from "../charts/axis";
import type { Labels } from "../lib/frame";
import { HistogramCell } from "./histogram";
import { CopyButton } from "./parts";
import { labelName, quote, seriesText } from "../lib/promtext";
import { matcherText } from "./promql";
import {
  labelOrder,
  sortRows,
  type ResultRow,
  type ResultSort,
  type ResultTable,
  type Sample,
} from "./result";

const rowsMax = 200; // at first: more make a page slow that nobody reads to its end
const samplesMax = 12; // of a range vector's row, at first

const columnName = (label: string) => (label === "__name__" ? "metric" : label);

// Labels as buttons, each of which copies its matcher.
export function LabelChips({ labels }: { readonly labels: Labels }) {
  const names = Object.keys(labels).sort(labelOrder);
  return (
    <span class="chips">
      {names.map((name) => {
        const value = labels[name] ?? "";
        const matcher = matcherText({ name, type: "=", value });
        return name === "__name__" ? (
          <CopyButton key={name} className="chip chip-name" text={value} title={`Copy ${cutText(value)}`}>
            {cutText(value)}
          </CopyButton>
        ) : (
          <CopyButton key={name} className="chip" text={matcher} title={`Copy ${cutText(matcher)}`}>
            <b>{labelName(name)}</b>=<bdi>{cutText(quote(value))}</bdi>
          </CopyButton>
        );
      })}
    </span>
  );
}

function SortHead({
  label,
  sort,
  by,
  onSort,
  number = false,
}: {
  readonly label: string;
  readonly sort: ResultSort | null;
  readonly by: string | null;
  readonly onSort: (sort: ResultSort | null) => void;
  readonly number?: boolean;
}) {
  const mine = sort !== null && sort.by === by;
  // The way that most people want first, then the other, then as the server answered.
  const next = !mine ? { by, desc: number } : sort.desc === number ? { by, desc: !number } : null;
  return (
    <th class={number ? "number" : ""} aria-sort={mine ? (sort.desc ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" onClick={() => onSort(next)}>
        {label}
        <span aria-hidden="true">{mine ? (sort.desc ? " ▼" : " ▲") : ""}</span>
      </button>
    </th>
  );
}

function Samples({ samples }: { readonly samples: readonly Sample[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? samples : samples.slice(-samplesMax);
  return (
    <div class="samples">
      {shown.length < samples.length && (
        <button type="button" onClick={() => setAll(true)}>
          {samples.length - shown.length} earlier
        </button>
      )}
      <ul>
        {shown.map((sample) => (
          <li key={sample.timeMs}>
            {sample.histogram === undefined ? (
              <b>{sample.text}</b>
            ) : (
              <HistogramCell histogram={sample.histogram} />
            )}{" "}
            <time>{timeText(sample.timeMs, false, true)}</time>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Value({ row, ranged }: { readonly row: ResultRow; readonly ranged: boolean }) {
  const sample = row.samples[0];
  if (ranged) {
    return <Samples samples={row.samples} />;
  }
  if (sample?.histogram !== undefined) {
    return <HistogramCell histogram={sample.histogram} />;
  }
  return <>{sample?.text ?? ""}</>;
}

function Row({ row, table }: { readonly row: ResultRow; readonly table: ResultTable }) {
  const ranged = table.kind === "matrix";
  return (
    <tr>
      {table.columns.map((name) => (
        <td key={name} class="label-cell">
          <Outside text={row.labels[name] ?? ""} />
        </td>
      ))}
      <td class={ranged ? "" : "number value-cell"}>
        <Value row={row} ranged={ranged} />
      </td>
      <td class="row-tools">
        <CopyButton className="quiet" text={seriesText(row.labels)} title="Copy the selector of this series">
          <svg width="12" height="13" viewBox="0 0 12 13" aria-hidden="true" class="copy-icon">
            <path d="M3.5 3.5h8v9h-8ZM1 9.500V0.500H8.500" />
          </svg>
          <span class="hidden">Copy the selector</span>
        </CopyButton>
      </td>
    </tr>
  );
}

function Single({ table }: { readonly table: ResultTable }) {
  const sample = table.rows[0]?.samples[0];
  return (
    <p class="single">
      <span class="muted">{table.kind}</span> <b class="mono">{sample?.text}</b>
    </p>
  );
}

export function TablePanel({ table, title }: { readonly table: ResultTable; readonly title: string }) {
  const [sort, setSort] = useState<ResultSort | null>(null);
  const rows = useMemo(() => sortRows(table.rows, sort), [table, sort]);
  const [shown, more] = useSome(rows, rowsMax, "rows");
  if (table.kind === "scalar" || table.kind === "string") {
    return <Single table={table} />;
  }
  return (
    <>
      {Object.keys(table.common).length > 0 && (
        <p class="common">
          <span class="muted">All:</span> <LabelChips labels={table.common} />
        </p>
      )}
      <div class="scroll" tabIndex={0} role="group" aria-label={`Result of ${title}`}>
        <table class="result">
          <thead>
            <tr>
              {table.columns.map((name) => (
                <SortHead key={name} label={columnName(name)} by={name} sort={sort} onSort={setSort} />
              ))}
              <SortHead
                label={table.kind === "matrix" ? "samples" : "value"}
                by={null}
                sort={sort}
                onSort={setSort}
                number={table.kind !== "matrix"}
              />
              <th>
                <span class="hidden">Copy</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={row.key} row={row} table={table} />
            ))}
          </tbody>
        </table>
      </div>
      {more}
    </>
  );
}
