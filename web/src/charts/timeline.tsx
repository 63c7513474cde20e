// SPDX-License-Identifier: Apache-2.0
// What things were over time: a row for each, in the colours of its states.
import { Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { timeStep, timeText, timeTicks, timeTickText } from "./axis";
import { readColor, textOn } from "./color";
import { ChartFrame } from "./datatable";
import { ChartLegend } from "./legend";
import { measurePlain } from "./measure";
import { useWidth } from "./observe";
import { placeOf, shapesOf } from "./timeshapes";
import { hideTip, showTip } from "./tooltip";
import type { TimelineProps, TimelineRow, TimelineSpan } from "./types";
import "./charts.css";

const fontPx = 12;
const statesMax = 40; // in the legend
const lineMax = 100; // pixels, of a row with its room
const lineLeast = 16;

function Texts({ row, props, width }: { row: TimelineRow; props: TimelineProps; width: number }) {
  const theme = useTheme();
  return (
    <>
      {row.spans.map((span) => {
        const from = placeOf(props, span.from);
        const size = placeOf(props, span.to) - from;
        return (
          span.text !== "" &&
          (size / 100) * width > measurePlain(span.text) * fontPx + 8 && (
            <span
              key={span.from}
              style={{ left: `${from}%`, width: `${size}%`, color: textOn(readColor(span.color, theme)) }}
            >
              {span.text}
            </span>
          )
        );
      })}
    </>
  );
}

function statesOf(rows: readonly TimelineRow[]) {
  const states = new Map<string, TimelineSpan>();
  for (const span of rows.flatMap((row) => row.spans)) {
    states.set(`${span.state ?? span.text} ${span.color}`, span);
  }
  return [...states].map(([key, { state, text, color }]) => ({
    key,
    name: state ?? text,
    color,
    draw: "bars" as const,
    marker: 0,
    shown: true,
    calcs: [],
  }));
}

function contentOf({ rows, timezone }: TimelineProps) {
  const all = rows.flatMap((row) => row.spans.map((span) => ({ name: row.name, ...span })));
  const time = (at: number) => timeText(at, timezone === "utc");
  return {
    head: ["Name", "From", "To", "State"],
    rowCount: all.length,
    textColumns: 4,
    row: (i: number) => {
      const one = all[i];
      return one === undefined ? [] : [one.name, time(one.from), time(one.to), one.text];
    },
  };
}

export function Timeline(props: TimelineProps) {
  const plot = useRef<HTMLDivElement>(null);
  const axis = useRef<HTMLDivElement>(null);
  const width = useWidth(axis);
  const [at, setAt] = useState<readonly [row: number, span: number]>([0, -1]);
  const { rows, from, to, title, legend } = props;
  const utc = props.timezone === "utc";
  const count = Math.max(2, Math.floor(width / 90));
  const states = legend?.show === true ? statesOf(rows) : [];
  const room = props.height - 22 - (states.length > 0 ? 24 : 0);
  const line = Math.min(lineMax, Math.max(lineLeast, Math.floor(room / Math.max(1, rows.length))));
  const track = (row: number) => plot.current?.querySelectorAll(".timeline-track")[row];
  const tell = (row: number, span: TimelineSpan | undefined, x: number, y: number) =>
    span === undefined
      ? hideTip(plot)
      : showTip(
          plot,
          {
            head: rows[row]?.name ?? "",
            lines: [{ color: span.color, name: span.text }],
            more: `${timeText(span.from, utc)} to ${timeText(span.to, utc)}`,
          },
          x,
          y,
        );
  const onMove = (row: number, event: MouseEvent) => {
    const box = track(row)?.getBoundingClientRect();
    const time = from + ((event.clientX - (box?.left ?? 0)) / (box?.width ?? 1)) * (to - from);
    const span = rows[row]?.spans.find((one) => time >= one.from && time < one.to);
    tell(row, span, event.clientX, event.clientY);
  };
  // From state to state, beginning with the newest.
  const step = (down: number, right: number) => {
    const row = Math.min(Math.max(at[0] + down, 0), rows.length - 1);
    const spans = rows[row]?.spans ?? [];
    const last = spans.length - 1;
    const span = at[1] < 0 || down !== 0 ? last : Math.min(Math.max(at[1] + right, 0), last);
    const found = spans[span];
    const box = track(row)?.getBoundingClientRect();
    setAt([row, span]);
    if (found !== undefined && box !== undefined) {
      const middle = (placeOf(props, found.from) + placeOf(props, found.to)) / 200;
      tell(row, found, box.left + box.width * middle, box.top + box.height / 2);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      step(by[0] as number, by[1] as number);
    } else if (event.key === "Escape") {
      hideTip(plot);
    }
  };
  return (
    <ChartFrame
      {...props}
      className="chart-timeline"
      tables={() => [{ name: title, content: contentOf(props) }]}
    >
      <div
        class="timeline"
        ref={plot}
        tabIndex={0}
        role="img"
        aria-label={`${title}: ${rows.length} rows; press d for the data as a table`}
        onKeyDown={onKeyDown}
        onBlur={() => hideTip(plot)}
        onMouseLeave={() => hideTip(plot)}
      >
        {rows.map((row, i) => (
          <Fragment key={row.key}>
            <span class="plot-name" title={row.name}>
              {row.name}
            </span>
            <div
              class="timeline-track"
              style={{ height: Math.round(line * props.rowHeight) }}
              onMouseMove={(event) => onMove(i, event)}
            >
              <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                {[...shapesOf(row.spans, props)].map(([color, path]) => (
                  <path key={color} fill={color} d={path} />
                ))}
              </svg>
              {props.texts && <Texts row={row} props={props} width={width} />}
            </div>
          </Fragment>
        ))}
        <span />
        <div class="timeline-axis" ref={axis}>
          {timeTicks(from, to, count, utc).map((tick) => (
            <span key={tick} class="plot-tick" style={{ left: `${placeOf(props, tick)}%` }}>
              {timeTickText(tick, timeStep(to - from, count), utc)}
            </span>
          ))}
        </div>
      </div>
      {states.length > 0 && states.length <= statesMax && (
        <ChartLegend items={states} mode="list" placement="bottom" />
      )}
    </ChartFrame>
  );
}
