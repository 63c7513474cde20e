// SPDX-License-Identifier: Apache-2.0
// Buckets over time, coloured by their counts, with the colours' meaning below and the same counts as a
// table.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { timeText } from "./axis";
import { readColor } from "./color";
import { ChartFrame, type DataTableProps } from "./datatable";
import { countRange, palette, type CountScale } from "./heatcolor";
import { boundsText, heatRows } from "./heatlayout";
import { HeatPlot } from "./heatplot";
import type { HeatmapProps } from "./types";
import "./charts.css";

function tablesOf(props: HeatmapProps): DataTableProps["tables"] {
  const { times, bounds, counts } = props.data;
  const format = props.formatCount ?? String;
  const utc = props.timezone === "utc";
  const name = (bound: (typeof bounds)[number]) => boundsText(bound, props.format);
  return [
    {
      name: "Counts by bucket",
      content: {
        head: ["Time", ...bounds.map(name)],
        rowCount: times.length,
        row: (index) => [
          timeText(times[index] ?? NaN, utc),
          ...bounds.map((_, row) => {
            const count = counts[index]?.[row] ?? null;
            return count === null ? "" : format(count);
          }),
        ],
        raw: (index) => [
          new Date(times[index] ?? 0).toISOString(),
          ...bounds.map((_, row) => counts[index]?.[row] ?? null),
        ],
      },
    },
  ];
}

function scaleOf(props: HeatmapProps): CountScale | null {
  const range = countRange(props.data.counts);
  if (range === null) {
    return null;
  }
  return { min: props.min ?? range[0], max: props.max ?? range[1], exponent: props.exponent ?? 0.5 };
}

interface ScaleProps {
  readonly colors: readonly string[];
  readonly scale: CountScale;
  readonly format: (count: number) => string;
  readonly count: number | null; // under the mouse
}

// What the colours mean, with a mark at the count under the mouse.
function ColorScale({ colors, scale, format, count }: ScaleProps) {
  const shareOf = (value: number) =>
    scale.max > scale.min ? Math.min(1, Math.max(0, (value - scale.min) / (scale.max - scale.min))) : 1;
  const stops = colors.filter((_, index) => index % 4 === 0 || index === colors.length - 1);
  const middle = scale.min + (scale.max - scale.min) * 0.5 ** (1 / scale.exponent);
  const mark = count === null || !(count > 0) ? null : shareOf(count) ** scale.exponent;
  return (
    <div class="heat-scale">
      <span>{format(scale.min)}</span>
      <span class="heat-colors" style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }}>
        {mark !== null && <i style={{ left: `${mark * 100}%` }} />}
        <span class="heat-middle">{format(middle)}</span>
      </span>
      <span>{format(scale.max)}</span>
    </div>
  );
}

export function Heatmap(props: HeatmapProps) {
  const theme = useTheme();
  const [count, setCount] = useState<number | null>(null);
  const { data, fill, scheme, steps, reverse, yLog } = props;
  const rows = useMemo(() => heatRows(data.bounds, yLog), [data, yLog]);
  const colors = useMemo(() => {
    const rgb = fill === undefined ? undefined : readColor(fill, theme);
    return palette({ scheme, steps, reverse, theme, fill: rgb });
  }, [fill, scheme, steps, reverse, theme]);
  const scale = useMemo(() => scaleOf(props), [data, props.min, props.max, props.exponent]);
  const input = useMemo(() => ({ props, theme, rows, colors, scale, onCount: setCount }), [props, theme]);
  return (
    <ChartFrame {...props} className="chart-heatmap" tables={() => tablesOf(props)}>
      <Drawing props={props} input={input} />
      {scale === null && <p class="chart-over">No samples in this time range</p>}
      {scale !== null && props.legend !== false && (
        <ColorScale colors={colors} scale={scale} format={props.formatCount ?? String} count={count} />
      )}
    </ChartFrame>
  );
}

function Drawing({ props, input }: { props: HeatmapProps; input: Parameters<HeatPlot["update"]>[0] }) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<HeatPlot | null>(null);
  useEffect(() => {
    const made = new HeatPlot(ref.current as HTMLDivElement);
    plot.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => plot.current?.update(input), [input]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      plot.current?.step(by[0] ?? 0, by[1] ?? 0);
    } else if (event.key === "Escape") {
      plot.current?.leave();
    }
  };
  return (
    <div
      class="chart-plot"
      ref={ref}
      tabIndex={0}
      role="img"
      aria-label={`${props.title}: ${props.data.bounds.length} buckets; press d for the data as a table`}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.leave()}
    />
  );
}
