// SPDX-License-Identifier: Apache-2.0
// Rows of values: sorted by a click on a heading, filtered where a column offers it, in pages where there
// are many.
import { useMemo, useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { ink, readColor, textOn, toHex } from "./color";
import { csvName, saveCsv, toCsv } from "./csv";
import { Links } from "./links";
import { alignOf, cellText, nextSort, rowOrder } from "./tableorder";
import type { TableColumn, TableProps, TableSort } from "./types";
import "./charts.css";

interface CellProps {
  readonly column: TableColumn;
  readonly row: number;
  readonly theme: string;
}

function Gauge({
  column,
  row,
  color,
  text,
}: {
  column: TableColumn;
  row: number;
  color: string;
  text: string;
}) {
  const ratio = Math.min(1, Math.max(0, column.ratio?.(column.values[row] ?? null, row) ?? 0));
  return (
    <span class="cell-gauge">
      <span class="cell-gauge-track">
        <span class="cell-gauge-bar" style={{ width: `${ratio * 100}%`, background: color }} />
      </span>
      <span>{text}</span>
    </span>
  );
}

function Cell({ column, row, theme }: CellProps) {
  const value = column.values[row] ?? null;
  const text = cellText(column, row);
  const color = column.color?.(value, row);
  const state = column.state?.(value, row);
  const style: Record<string, string> = { textAlign: alignOf(column) };
  if (column.kind === "color-background" && color !== undefined) {
    const rgb = readColor(color, theme);
    style["background"] = toHex(rgb);
    style["color"] = textOn(rgb);
  } else if (column.kind === "color-text" && color !== undefined) {
    style["color"] = ink(color, theme);
  }
  const content =
    column.kind === "gauge" ? (
      <Gauge column={column} row={row} color={color ?? "var(--accent)"} text={text} />
    ) : column.kind === "json" ? (
      <code>{text}</code>
    ) : (
      text
    );
  return (
    <td style={style} class={alignOf(column) === "right" ? "number" : undefined} title={state}>
      <Links links={column.links?.(value, row)}>{content}</Links>
      {state !== undefined && <span class="hidden"> ({state})</span>}
    </td>
  );
}

interface HeadProps {
  readonly column: TableColumn;
  readonly sort: TableSort | null;
  readonly onSort: () => void;
}

function Head({ column, sort, onSort }: HeadProps) {
  const mine = sort?.key === column.key;
  const sign = mine ? (sort.desc ? "▾" : "▴") : "";
  const marked = (
    <span class="table-mark" aria-hidden="true">
      {sign}
    </span>
  );
  return (
    <th
      scope="col"
      aria-sort={mine ? (sort.desc ? "descending" : "ascending") : undefined}
      style={{ textAlign: alignOf(column), minWidth: column.minWidth ?? 60, width: column.width }}
      title={column.description}
    >
      <button type="button" class="table-sort" onClick={onSort}>
        {alignOf(column) === "right" && marked}
        {column.name}
        {alignOf(column) !== "right" && marked}
      </button>
    </th>
  );
}

function Filters(props: {
  columns: readonly TableColumn[];
  filters: Readonly<Record<string, string>>;
  set: (key: string, text: string) => void;
}) {
  return (
    <tr class="table-filters">
      {props.columns.map((column) => (
        <td key={column.key}>
          {column.filterable === true && (
            <input
              type="search"
              placeholder="Filter"
              aria-label={`Filter ${column.name}`}
              value={props.filters[column.key] ?? ""}
              onInput={(event) => props.set(column.key, event.currentTarget.value)}
            />
          )}
        </td>
      ))}
    </tr>
  );
}

function Pages({
  page,
  count,
  rows,
  set,
}: {
  page: number;
  count: number;
  rows: number;
  set: (to: number) => void;
}) {
  return (
    <nav class="table-pages" aria-label="Pages of the table">
      <button type="button" disabled={page === 0} onClick={() => set(page - 1)}>
        Previous
      </button>
      <span>
        Page {page + 1} of {count}, {rows} rows
      </span>
      <button type="button" disabled={page >= count - 1} onClick={() => set(page + 1)}>
        Next
      </button>
    </nav>
  );
}

function csvOfTable(columns: readonly TableColumn[], order: readonly number[]): string {
  return toCsv(
    columns.map((column) => column.name),
    order.map((row) => columns.map((column) => column.values[row] ?? null)),
  );
}

export function Table(props: TableProps) {
  const { columns, pageSize = 200 } = props;
  const [sort, setSort] = useState<TableSort | null>(props.sort ?? null);
  const [filters, setFilters] = useState<Readonly<Record<string, string>>>({});
  const [page, setPage] = useState(0);
  const theme = useTheme();
  const order = useMemo(() => rowOrder(columns, sort, filters), [columns, sort, filters]);
  const pageCount = Math.max(1, Math.ceil(order.length / pageSize));
  const at = Math.min(page, pageCount - 1);
  const onSort = (key: string) => {
    const next = nextSort(columns, sort, key);
    setSort(next);
    props.onSort?.(next);
  };
  const filtering = columns.some((column) => column.filterable === true);
  return (
    <div class="table-chart" style={{ height: props.height }}>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={props.title}>
        <table class="table-rows">
          {props.showHeader !== false && (
            <thead>
              <tr>
                {columns.map((column) => (
                  <Head key={column.key} column={column} sort={sort} onSort={() => onSort(column.key)} />
                ))}
              </tr>
              {filtering && (
                <Filters
                  columns={columns}
                  filters={filters}
                  set={(key, text) => setFilters({ ...filters, [key]: text })}
                />
              )}
            </thead>
          )}
          <tbody>
            {order.slice(at * pageSize, (at + 1) * pageSize).map((row) => (
              <tr key={row}>
                {columns.map((column) => (
                  <Cell key={column.key} column={column} row={row} theme={theme} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {order.length === 0 && <p class="chart-empty">{props.noValue ?? "No data"}</p>}
      </div>
      {pageCount > 1 && <Pages page={at} count={pageCount} rows={order.length} set={setPage} />}
      <div class="chart-tools">
        <button
          type="button"
          onClick={() => (props.onCsv ?? saveCsv)(csvOfTable(columns, order), csvName(props.title))}
        >
          Save CSV
        </button>
      </div>
    </div>
  );
}
