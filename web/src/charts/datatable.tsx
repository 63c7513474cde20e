// SPDX-License-Identifier: Apache-2.0
// Every chart's other form: what it draws as a table, for those who cannot see it and for those who want
// numbers.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { csvName, saveCsv, toCsv, type CsvValue } from "./csv";
import { hideAll } from "./tooltip";
import type { ChartCommon } from "./types";
import "./charts.css";

const rowsMax = 500; // on the page; the CSV has all of them
const cellsMax = 20_000; // hundreds of columns have fewer rows

function shownRows(content: DataTableContent): number {
  const limit = Math.floor(cellsMax / Math.max(1, content.head.length));
  return Math.min(content.rowCount, rowsMax, Math.max(20, limit));
}

export interface DataTableContent {
  readonly head: readonly string[];
  readonly rowCount: number;
  readonly row: (index: number) => readonly string[]; // as they are read
  readonly raw?: (index: number) => readonly CsvValue[]; // as they are computed with; default: as read
  readonly textColumns?: number; // so many at the left are texts; 1
}

export interface DataTableProps {
  readonly title: string;
  readonly tables: readonly { readonly name: string; readonly content: DataTableContent }[];
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function OneTable({ name, content }: { name: string; content: DataTableContent }) {
  const texts = content.textColumns ?? 1;
  const shown = shownRows(content);
  const kind = (column: number) => (column < texts ? undefined : "number");
  return (
    <table class="chart-data-table">
      <caption>
        {name}
        {content.rowCount > shown && `: the first ${shown} of ${content.rowCount} rows; the CSV has all`}
        {content.rowCount === 0 && ": no rows"}
      </caption>
      <thead>
        <tr>
          {content.head.map((text, column) => (
            <th key={column} scope="col" class={kind(column)}>
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {indices(shown).map((index) => (
          <tr key={index}>
            {content.row(index).map((text, column) => (
              <td key={column} class={kind(column)}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function DataTable({ title, tables }: DataTableProps) {
  return (
    <div class="chart-data" tabIndex={0} role="region" aria-label={`${title}: data`}>
      {tables.map(({ name, content }) => (
        <OneTable key={name} name={name} content={content} />
      ))}
    </div>
  );
}

export function csvOf(content: DataTableContent): string {
  const row = content.raw ?? content.row;
  return toCsv(
    content.head,
    indices(content.rowCount).map((index) => row(index)),
  );
}

interface FrameProps extends ChartCommon {
  readonly className: string;
  readonly tables: () => DataTableProps["tables"]; // asked for only when they are shown or saved
  readonly children: ComponentChildren;
  readonly grows?: boolean; // the height is a wish, not a limit
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

// Around each chart: its size, its name, and the change between drawing and table.
export function ChartFrame(props: FrameProps) {
  const [own, setOwn] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const shown = props.tableShown ?? own;
  useEffect(() => hideAll, [shown]); // what is under the mouse goes, and nothing says that the mouse left
  const toggle = () => {
    setOwn(!shown);
    props.onTable?.(!shown);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "d" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      button.current?.focus(); // what has the focus now is about to go
      toggle();
    }
  };
  const save = () => {
    const first = props.tables()[0];
    if (first !== undefined) {
      (props.onCsv ?? saveCsv)(csvOf(first.content), csvName(props.title));
    }
  };
  const size = props.grows === true ? { minHeight: props.height } : { height: props.height };
  return (
    <figure class={`chart ${props.className}`} aria-label={props.title} style={size} onKeyDown={onKeyDown}>
      <div class="chart-body">
        {shown ? <DataTable title={props.title} tables={props.tables()} /> : props.children}
      </div>
      <div class={shown ? "chart-tools chart-tools-open" : "chart-tools"}>
        {shown && (
          <button type="button" onClick={save}>
            Save CSV
          </button>
        )}
        <button
          type="button"
          ref={button}
          aria-label={`${shown ? "Chart" : "Data"}: ${props.title}`}
          title={shown ? "Back to the chart (key d)" : "Show the data as a table (key d)"}
          onClick={toggle}
        >
          {shown ? "Chart" : "Data"}
        </button>
      </div>
    </figure>
  );
}
