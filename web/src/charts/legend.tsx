// SPDX-License-Identifier: Apache-2.0
// The names of what a chart draws, with the look of each line and the values asked for. A click leaves one
// alone; with Ctrl or Cmd it hides or shows one.
import { useState } from "preact/hooks";
import { sortItems } from "./legendsort";
import { markerPath } from "./markers";
import type { LegendItem, LegendProps } from "./types";
import "./charts.css";

const itemsMax = 60; // before "N more"

function Swatch({ item }: { item: LegendItem }) {
  const marker = markerPath(item.marker, 7, 6, 3);
  return (
    <svg class="legend-swatch" width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">
      {item.draw === "bars" && <rect x="2" y="2" width="10" height="8" rx="1" fill={item.color} />}
      {item.draw === "line" && (
        <path
          d="M0 6H14"
          stroke={item.color}
          stroke-width="2"
          stroke-dasharray={item.dash?.slice(0, 2).join(" ")}
        />
      )}
      {item.draw !== "bars" && <path d={marker} fill={item.color} />}
    </svg>
  );
}

interface NameProps {
  readonly item: LegendItem;
  readonly props: LegendProps;
}

function Name({ item, props }: NameProps) {
  const name = (
    <>
      <Swatch item={item} />
      <span class="legend-name">{item.name === "" ? "(no name)" : item.name}</span>
      {item.right === true && <span class="legend-axis">(right)</span>}
    </>
  );
  const { onToggle, onHover } = props;
  if (onToggle === undefined) {
    return <span class="legend-button">{name}</span>;
  }
  return (
    <button
      type="button"
      class="legend-button"
      aria-pressed={item.shown}
      title={`${item.name}\nClick: this one alone. Ctrl or Cmd and click: hide or show it.`}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
          event.preventDefault(); // not every browser makes a click of it
          onToggle(item.key, false);
        }
      }}
      onClick={(event) => onToggle(item.key, !(event.ctrlKey || event.metaKey || event.shiftKey))}
      onMouseEnter={() => onHover?.(item.key)}
      onMouseLeave={() => onHover?.(null)}
      onFocus={() => onHover?.(item.key)}
      onBlur={() => onHover?.(null)}
    >
      {name}
    </button>
  );
}

function More({ count, show }: { count: number; show: () => void }) {
  return (
    <button type="button" class="legend-more" onClick={show}>
      {count} more
    </button>
  );
}

function List({ items, props }: { items: readonly LegendItem[]; props: LegendProps }) {
  return (
    <ul class="legend-list">
      {items.map((item) => (
        <li key={item.key}>
          <Name item={item} props={props} />
          {item.calcs.map((calc) => (
            <span key={calc.name} class="legend-calc">
              {calc.name}: <b>{calc.text}</b>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

interface Sort {
  readonly by: string;
  readonly desc: boolean;
}

function Heading({ name, sort, set }: { name: string; sort: Sort | null; set: (sort: Sort) => void }) {
  const mine = sort?.by === name;
  const desc = mine && sort.desc;
  return (
    <th scope="col" aria-sort={mine ? (desc ? "descending" : "ascending") : undefined}>
      <button
        type="button"
        class="legend-sort"
        onClick={() => set({ by: name, desc: mine ? !desc : name !== "name" })}
      >
        {name === "name" ? "Name" : name}
        <span aria-hidden="true">{mine ? (desc ? " ▾" : " ▴") : ""}</span>
      </button>
    </th>
  );
}

interface TableProps {
  readonly items: readonly LegendItem[];
  readonly props: LegendProps;
  readonly sort: Sort | null;
  readonly setSort: (sort: Sort) => void;
}

function Table({ items, props, sort, setSort }: TableProps) {
  const calcs = items[0]?.calcs ?? [];
  return (
    <table class="legend-table">
      <thead>
        <tr>
          {["name", ...calcs.map((calc) => calc.name)].map((name) => (
            <Heading key={name} name={name} sort={sort} set={setSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.key}>
            <td>
              <Name item={item} props={props} />
            </td>
            {item.calcs.map((calc) => (
              <td key={calc.name} class="number">
                {calc.text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ChartLegend(props: LegendProps) {
  const [all, setAll] = useState(false);
  const first = props.sortBy === undefined ? null : { by: props.sortBy, desc: props.sortDesc === true };
  const [sort, setSort] = useState<Sort | null>(first);
  const sorted = sort === null ? props.items : sortItems(props.items, sort.by, sort.desc);
  const items = all ? sorted : sorted.slice(0, itemsMax);
  const left = sorted.length - items.length;
  return (
    <div class={`legend legend-${props.placement}`} role="group" aria-label="Legend">
      {props.mode === "table" ? (
        <Table items={items} props={props} sort={sort} setSort={setSort} />
      ) : (
        <List items={items} props={props} />
      )}
      {left > 0 && <More count={left} show={() => setAll(true)} />}
    </div>
  );
}
