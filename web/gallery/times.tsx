// SPDX-License-Identifier: Apache-2.0
// Time series of all looks.
import { useState } from "preact/hooks";
import { TimeSeries } from "../src/charts/timeseries";
import type { ChartSeries, Legend, TimeSeriesProps } from "../src/charts/types";
import { annotations, exemplars, from, hostileNames, series, stages, times, to, unit, walk } from "./data";
import { Panel } from "./panel";

const list: Legend = { show: true, mode: "list", placement: "bottom", calcs: [] };
const table: Legend = {
  show: true,
  mode: "table",
  placement: "bottom",
  calcs: ["mean", "max", "lastNotNull"],
};
const side: Legend = { show: true, mode: "table", placement: "right", calcs: ["lastNotNull"] };

function gaps(values: readonly number[]): (number | null)[] {
  return values.map((value, index) => (index % 60 > 40 || index === 100 ? null : value));
}

const lonely = times.map((_, index) => (index % 30 === 10 ? 4 + (index % 7) : null));
const twoAxes = [
  series(0, "requests/s", walk(3, 220, 40), {
    format: unit("reqps"),
    unitKey: "reqps",
    axisLabel: "Requests",
  }),
  series(4, "memory", walk(4, 3.2e9, 3e8), {
    format: unit("bytes"),
    unitKey: "bytes",
    axis: "right",
    dash: [6, 3],
  }),
];
const limits = [
  { value: 0.05, color: "#FADE2A", area: true },
  { value: 0.08, color: "#F2495C", area: true },
];
const odd: ChartSeries[] = [
  series(
    0,
    "NaN and Inf",
    times.map((_, i) => (i % 50 === 0 ? NaN : i % 33 === 0 ? Infinity : i / 40)),
    {},
  ),
  series(
    1,
    "below zero",
    walk(9, 1, 0.8).map((value) => -value),
  ),
];
const many = Array.from({ length: 300 }, (_, index) =>
  series(index, `series ${index}`, walk(index, 5 + (index % 9), 2)),
);
const names = hostileNames.map((name, index) => ({
  ...series(index, name, walk(index + 40, 1 + index, 0.4)),
  key: `${index}`,
}));
const logs = [
  series(0, "p50", walk(21, 0.004, 0.003, 0.0004), { log: 10 }),
  series(1, "p99", walk(22, 0.6, 0.9, 0.02), { log: 10 }),
];
const stack = { stack: "a", fillOpacity: 35, lineWidth: 1 };

const charts: readonly {
  title: string;
  size?: string;
  props: Partial<TimeSeriesProps> & { list: ChartSeries[] };
}[] = [
  {
    title: "Lines",
    props: { list: stages(), tooltip: "multi", tooltipSort: "desc", exemplars, annotations },
  },
  { title: "Stacked areas", props: { list: stages(stack), tooltip: "multi" } },
  { title: "Shares", props: { list: stages({ ...stack, stackPercent: true }), tooltip: "multi" } },
  {
    title: "Stacked bars",
    props: { list: stages({ ...stack, draw: "bars", fillOpacity: 100, lineWidth: 0 }) },
  },
  { title: "Two axes", props: { list: twoAxes, tooltip: "multi" } },
  {
    title: "Thresholds",
    props: {
      list: stages()
        .slice(0, 2)
        .map((one) => ({ ...one, thresholds: limits })),
    },
  },
  { title: "Legend as table", props: { list: stages({ lineWidth: 2 }), legend: table } },
  {
    title: "Legend at the right",
    props: { list: stages({ gradient: true, fillOpacity: 30 }), legend: side },
  },
  {
    title: "Gaps",
    props: {
      list: [
        series(0, "gaps", gaps(walk(5, 6, 2))),
        series(1, "spanned", gaps(walk(6, 3, 2)), { spanNulls: true }),
        series(2, "lonely", lonely),
      ],
    },
  },
  { title: "Logarithmic", props: { list: logs } },
  {
    title: "Steps and points",
    props: {
      list: [
        series(0, "before", walk(7, 5, 3).map(Math.round), { interpolation: "stepBefore" }),
        series(1, "after", walk(8, 9, 3).map(Math.round), { interpolation: "stepAfter", fillOpacity: 15 }),
        series(2, "smooth", walk(12, 14, 2), { interpolation: "smooth", lineWidth: 2 }),
        series(3, "points", walk(10, 18, 2), { draw: "points" }),
      ],
    },
  },
  { title: "NaN, Inf, below zero", props: { list: odd } },
  { title: "300 series", props: { list: many } },
  { title: "Hostile names", props: { list: names, tooltip: "multi" } },
  { title: "Empty", size: "third", props: { list: [] } },
  {
    title: "Tiny",
    size: "third",
    props: { list: [series(0, "1e-12", walk(30, 1e-12, 3e-13), { format: unit("short") })] },
  },
  {
    title: "Huge",
    size: "third",
    props: { list: [series(0, "1e15", walk(31, 1e15, 3e14), { format: unit("short") })] },
  },
  {
    title: "Constant",
    size: "third",
    props: {
      list: [
        series(
          0,
          "always 5",
          times.map(() => 5),
        ),
      ],
    },
  },
  {
    title: "Zero",
    size: "third",
    props: {
      list: [
        series(
          0,
          "nothing",
          times.map(() => 0),
        ),
      ],
    },
  },
];

function onePoint(): ChartSeries[] {
  return [series(0, "one point", [3])];
}

export function Times() {
  const [range, setRange] = useState<readonly [number, number]>([from, to]);
  const common = {
    from: range[0],
    to: range[1],
    height: 240,
    crosshair: "gallery",
    timezone: "utc" as const,
    onZoom: (begin: number, end: number) => setRange([begin, end]),
    onZoomOut: () => setRange([from, to]),
  };
  return (
    <>
      {charts.map(({ title, size, props }) => (
        <Panel key={title} title={title} size={size}>
          <TimeSeries
            legend={list}
            {...common}
            {...props}
            title={title}
            data={{ times, series: props.list }}
          />
        </Panel>
      ))}
      <Panel title="One point" size="third">
        <TimeSeries
          {...common}
          title="One point"
          legend={list}
          data={{ times: [to - 1_800_000], series: onePoint() }}
        />
      </Panel>
    </>
  );
}
