// SPDX-License-Identifier: Apache-2.0
// The legend of a graph: a click on a series leaves it alone, with Ctrl or Cmd (or its box) it is hidden or
// shown; a click on a label copies it as a matcher.
import { useMemo } from "preact/hooks";
import { cutText, useSome } from "../app/some";
import { markerPath } from "../charts/markers";
import type { Labels } from "../lib/frame";
import { reduce } from "../lib/reduce";
import { plainNumber } from "./number";
import { labelOrder } from "./result";
import type { Look, RangeSeries } from "./series";
import { LabelChips } from "./tablepanel";

const rowsMax = 30; // at first
const calcs = [
  ["last", "lastNotNull"],
  ["min", "min"],
  ["mean", "mean"],
  ["max", "max"],
] as const;

export interface LegendItem {
  readonly index: number; // of the series
  readonly series: RangeSeries;
  readonly look: Look;
  readonly shown: boolean;
  readonly marker: number; // its place among those that are drawn
}

interface Props {
  readonly items: readonly LegendItem[];
  readonly common: Labels;
  readonly onToggle: (key: string, alone: boolean) => void;
  readonly onHover: (key: string | null) => void;
}

// The line, and the shape that the graph puts on it: series of like colours differ by it.
function Swatch({ look, marker }: { readonly look: Look; readonly marker: number }) {
  return (
    <svg class="swatch" width="18" height="12" viewBox="-2 0 18 12" aria-hidden="true">
      <path d="M-2 6H16" stroke={look.color} stroke-width="2.5" stroke-dasharray={look.dash?.join(" ")} />
      <path d={markerPath(marker, 7, 6, 3.2)} fill={look.color} />
    </svg>
  );
}

function own(labels: Labels, common: Labels): Labels {
  const names = Object.keys(labels)
    .filter((name) => !Object.hasOwn(common, name))
    .sort(labelOrder);
  return names.length === 0 ? labels : Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}

function Item({ item, props }: { readonly item: LegendItem; readonly props: Props }) {
  const { series, look, shown } = item;
  const values = useMemo(() => calcs.map(([, calc]) => reduce(calc, series.values)), [series]);
  const labels = own(series.labels, props.common);
  // A series of nothing but NaN has values, though none to reckon with.
  const none = useMemo(() => (series.values.some((value) => value !== null) ? "NaN" : ""), [series]);
  return (
    <tr
      class={shown ? "" : "off"}
      onMouseEnter={() => props.onHover(series.key)}
      onMouseLeave={() => props.onHover(null)}
    >
      <td class="legend-show">
        <input
          type="checkbox"
          checked={shown}
          aria-label={`Draw ${cutText(series.name)}`}
          onChange={() => props.onToggle(series.key, false)}
        />
        <button
          type="button"
          class="quiet"
          aria-label={`Only ${cutText(series.name)}`}
          title="Click: this one alone, or all again. Ctrl or Cmd and click: hide or show it."
          onClick={(event) => props.onToggle(series.key, !(event.ctrlKey || event.metaKey))}
        >
          <Swatch look={look} marker={item.marker} />
        </button>
      </td>
      <td
        class="legend-labels"
        onClick={(event) => {
          if (!(event.target instanceof Element && event.target.closest("button") !== null)) {
            props.onToggle(series.key, !(event.ctrlKey || event.metaKey));
          }
        }}
      >
        {Object.keys(labels).length === 0 ? (
          <span class="muted">{"{}"}</span>
        ) : (
          <LabelChips labels={labels} />
        )}
      </td>
      {values.map((value, index) => (
        <td key={calcs[index]?.[0]} class="number">
          {value === null ? none : plainNumber(value)}
        </td>
      ))}
    </tr>
  );
}

export function GraphLegend(props: Props) {
  const { items, common } = props;
  const [shown, more] = useSome(items, rowsMax, "series");
  return (
    <div class="graph-legend">
      {items.length > 1 && Object.keys(common).length > 0 && (
        <p class="common">
          <span class="muted">All:</span> <LabelChips labels={common} />
        </p>
      )}
      <div class="scroll" tabIndex={0} role="group" aria-label="Legend">
        <table>
          <thead>
            <tr>
              <th>
                <span class="hidden">Drawn</span>
              </th>
              <th>Series</th>
              {calcs.map(([name]) => (
                <th key={name} class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((item) => (
              <Item key={item.series.key} item={item} props={props} />
            ))}
          </tbody>
        </table>
      </div>
      {more}
    </div>
  );
}
