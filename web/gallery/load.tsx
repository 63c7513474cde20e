// SPDX-License-Identifier: Apache-2.0
// Thirty charts over six hours that are refreshed each second, as one task or each on its own: what the
// browser's trace says of tasks is to stay below 100 ms. /gallery.html?only=Load
import { useEffect, useState } from "preact/hooks";
import { Heatmap } from "../src/charts/heatmap";
import { TimeSeries } from "../src/charts/timeseries";
import type { ChartSeries } from "../src/charts/types";
import { heat, random, series, unit } from "./data";
import { Panel } from "./panel";

const stepMs = 15_000;
const count = 1440;
const charts = Array.from({ length: 30 }, (_, index) => index);

function numbers(seed: number): number[] {
  const next = random(seed);
  let value = 5;
  return Array.from({ length: count }, () => (value = Math.max(0, value + next() - 0.5)));
}

const base: ChartSeries[][] = charts.map((chart) =>
  Array.from({ length: 8 }, (_, index) =>
    series(index, `stage ${index}`, numbers(chart * 10 + index), {
      ...(chart % 3 === 1 ? { stack: "a", fillOpacity: 30 } : {}),
    }),
  ),
);

const legend = { show: true, mode: "list", placement: "bottom", calcs: [] } as const;
const common = { height: 240, timezone: "utc", crosshair: "load" } as const;

function One({
  chart,
  tick,
  to,
  times,
}: {
  chart: number;
  tick: number;
  to: number;
  times: readonly number[];
}) {
  const from = to - count * stepMs;
  const title = `chart ${chart}`;
  if (chart % 6 === 5) {
    const data = heat([...times]);
    return <Heatmap {...common} title={title} data={data} from={from} to={to} format={unit("s")} />;
  }
  const moved = base[chart]?.map((one) => ({
    ...one,
    values: [...one.values.slice(tick), ...one.values.slice(0, tick)],
  }));
  const data = { times, series: moved ?? [] };
  return (
    <TimeSeries {...common} title={title} legend={legend} tooltip="multi" data={data} from={from} to={to} />
  );
}

export function Load() {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => setTick((now) => now + 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const to = Date.UTC(2026, 10, 26, 14, 30) + tick * stepMs;
  const times = Array.from({ length: count }, (_, index) => to - (count - 1 - index) * stepMs);
  return (
    <>
      {charts.map((chart) => (
        <Panel key={chart} title={`chart ${chart}`} size="third">
          <One chart={chart} tick={tick} to={to} times={times} />
        </Panel>
      ))}
    </>
  );
}
