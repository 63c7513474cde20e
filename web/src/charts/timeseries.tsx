// SPDX-License-Identifier: Apache-2.0
// Lines, bars and points over time, with axes by unit, a legend, and the same points as a table.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { calcName } from "../lib/reduce";
import { timeText } from "./axis";
import { legendCalcs } from "./calcs";
import { ChartFrame, type DataTableProps } from "./datatable";
import { ChartLegend } from "./legend";
import { toggled } from "./legendsort";
import { TimePlot } from "./plot";
import type { ChartSeries, LegendItem, TimeSeriesProps } from "./types";
import "./charts.css";

const drawnMax = 120; // series, until all are asked for

function tablesOf(props: TimeSeriesProps): DataTableProps["tables"] {
  const { times, series } = props.data;
  const utc = props.timezone === "utc";
  const points = {
    head: ["Time", ...series.map((one) => one.name)],
    rowCount: times.length,
    row: (index: number) => [
      timeText(times[index] ?? NaN, utc),
      ...series.map((one) => one.format(one.values[index] ?? null)),
    ],
    raw: (index: number) => [
      new Date(times[index] ?? 0).toISOString(),
      ...series.map((one) => one.values[index] ?? null),
    ],
  };
  const exemplars = props.exemplars ?? [];
  const notes = props.annotations ?? [];
  const pairs = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(", ");
  return [
    { name: "Points", content: points },
    ...(exemplars.length === 0
      ? []
      : [
          {
            name: "Exemplars",
            content: {
              head: ["Time", "Value", "Labels", "Series"],
              rowCount: exemplars.length,
              textColumns: 4,
              row: (index: number) => {
                const one = exemplars[index];
                const value = series[0]?.format(one?.value ?? null) ?? String(one?.value ?? "");
                return [
                  timeText(one?.time ?? NaN, utc),
                  value,
                  pairs(one?.labels ?? {}),
                  pairs(one?.series ?? {}),
                ];
              },
            },
          },
        ]),
    ...(notes.length === 0
      ? []
      : [
          {
            name: "Annotations",
            content: {
              head: ["From", "To", "Text"],
              rowCount: notes.length,
              textColumns: 3,
              row: (index: number) => {
                const one = notes[index];
                const to = one?.to === undefined ? "" : timeText(one.to, utc);
                return [timeText(one?.from ?? NaN, utc), to, one?.text ?? ""];
              },
            },
          },
        ]),
  ];
}

function itemOf(series: ChartSeries, index: number, shown: boolean, calcs: readonly string[]): LegendItem {
  return {
    key: series.key,
    name: series.name,
    color: series.color,
    draw: series.draw ?? "line",
    dash: series.dash,
    marker: index,
    right: series.axis === "right",
    shown,
    calcs: legendCalcs(series, calcs),
  };
}

// Names that were clicked away stay away from one refresh to the next, as the names of new series come in
// shown.
function useHidden(series: readonly ChartSeries[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const hidden = useMemo(
    () => chosen ?? new Set(series.filter((one) => one.hidden === true).map((one) => one.key)),
    [chosen, series],
  );
  const toggle = (key: string, alone: boolean) =>
    setChosen(
      toggled(
        series.map((one) => one.key),
        hidden,
        key,
        alone,
      ),
    );
  return { hidden, toggle };
}

function Drawing({ props, hidden, max, focus }: DrawingProps) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<TimePlot | null>(null);
  const theme = useTheme();
  useEffect(() => {
    const made = new TimePlot(ref.current as HTMLDivElement);
    plot.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => plot.current?.update({ props, hidden, seriesMax: max, theme }));
  useEffect(() => plot.current?.focus(focus), [focus]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const up = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      plot.current?.step(by);
    } else if (up !== undefined) {
      event.preventDefault();
      plot.current?.stepSeries(up);
    } else if (event.key === "Enter") {
      plot.current?.openLinks();
    } else if (event.key === "Escape") {
      plot.current?.leave();
    }
  };
  const count = props.data.series.length;
  return (
    <div
      class="chart-plot"
      ref={ref}
      tabIndex={0}
      role="img"
      aria-label={`${props.title}: ${count} series; press d for the data as a table`}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.leave()}
    />
  );
}

interface DrawingProps {
  readonly props: TimeSeriesProps;
  readonly hidden: ReadonlySet<string>;
  readonly max: number;
  readonly focus: number | null;
}

function placeOf(series: readonly ChartSeries[], key: string): number | null {
  const index = series.findIndex((one) => one.key === key);
  return index === -1 ? null : index;
}

export function TimeSeries(props: TimeSeriesProps) {
  const { series } = props.data;
  const { hidden, toggle } = useHidden(series);
  const [all, setAll] = useState(false);
  const [focus, setFocus] = useState<number | null>(null);
  const { focusKey = null } = props;
  const outer = focusKey === null ? null : placeOf(series, focusKey);
  const max = all ? Infinity : drawnMax;
  const legend = props.legend;
  const items = useMemo(
    () =>
      legend?.show === true
        ? series.flatMap((one, index) =>
            one.hideFromLegend === true ? [] : [itemOf(one, index, !hidden.has(one.key), legend.calcs)],
          )
        : [],
    [series, hidden, legend],
  );
  const right = legend?.show === true && legend.placement === "right";
  return (
    <ChartFrame
      {...props}
      className={right ? "chart-time chart-right" : "chart-time"}
      tables={() => tablesOf(props)}
    >
      <Drawing props={props} hidden={hidden} max={max} focus={focus ?? outer} />
      {(series.length === 0 || props.data.times.length === 0) && (
        <p class="chart-over">No data in this time range</p>
      )}
      {series.length > max && (
        <div class="chart-note" role="note">
          {max} of {series.length} series are drawn.{" "}
          <button type="button" onClick={() => setAll(true)}>
            Draw all
          </button>
        </div>
      )}
      {legend?.show === true && items.length > 0 && (
        <ChartLegend
          items={items}
          mode={legend.mode}
          placement={legend.placement}
          sortBy={legend.sortBy === undefined ? undefined : calcName(legend.sortBy)}
          sortDesc={legend.sortDesc}
          onToggle={props.noLegendToggle === true ? undefined : toggle}
          onHover={(key) => setFocus(key === null ? null : series.findIndex((one) => one.key === key))}
        />
      )}
    </ChartFrame>
  );
}
