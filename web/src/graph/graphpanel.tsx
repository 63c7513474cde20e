// SPDX-License-Identifier: Apache-2.0
// The answer over a range, drawn: lines, stacked, or a heatmap of buckets.
import { useMemo, useRef, useState } from "preact/hooks";
import { Heatmap } from "../charts/heatmap";
import { TimeSeries } from "../charts/timeseries";
import type { ChartExemplar } from "../charts/types";
import type { QueryData } from "../api/types";
import { useTheme, type Theme } from "../app/theme";
import { zoomTo } from "./graphbar";
import { GraphLegend, type LegendItem } from "./legend";
import { plainNumber } from "./number";
import { useWheelAndPan } from "./parts";
import { panned, zoomedAt, zoomOut } from "./range";
import { chartData, heatmapData, lookOf, type Grid, type RangeResult } from "./series";
import type { Change, Display, QueryState } from "./state";

export interface GraphAnswer {
  readonly data: QueryData;
  readonly grid: Grid;
  readonly fromMs: number; // of the axis
  readonly toMs: number;
}

interface Props {
  readonly answer: GraphAnswer;
  readonly result: RangeResult;
  readonly query: QueryState;
  readonly display: Display;
  readonly exemplars: readonly ChartExemplar[];
  readonly onChange: (change: Change, replace?: boolean) => void;
}

const chartHeight = 380;

// Keys of the series that are not drawn. One alone: all others are hidden; again: none is.
function toggle(
  hidden: ReadonlySet<string>,
  keys: readonly string[],
  key: string,
  alone: boolean,
): Set<string> {
  if (!alone) {
    const changed = new Set(hidden);
    if (!changed.delete(key)) {
      changed.add(key);
    }
    return changed;
  }
  const others = keys.filter((other) => other !== key);
  const already = !hidden.has(key) && others.length > 0 && others.every((other) => hidden.has(other));
  return new Set(already ? [] : others);
}

function legendItems(result: RangeResult, hidden: ReadonlySet<string>, theme: Theme): LegendItem[] {
  let drawn = 0;
  return result.series.map((series, index) => {
    const shown = !hidden.has(series.key);
    return { index, series, look: lookOf(index, theme), shown, marker: shown ? drawn++ : index };
  });
}

function Lines({ answer, result, query, display, exemplars, onChange }: Props) {
  const theme = useTheme();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState<string | null>(null);
  const keys = useMemo(() => result.series.map((series) => series.key), [result]);
  const stacked = display === "stacked";
  const data = useMemo(() => {
    const shown = keys.flatMap((key, index) => (hidden.has(key) ? [] : [index]));
    return chartData(result, shown, stacked, theme);
  }, [result, hidden, stacked, theme]);
  const items = useMemo(() => legendItems(result, hidden, theme), [result, hidden, theme]);
  return (
    <>
      <TimeSeries
        title={query.expr}
        height={chartHeight}
        data={data}
        from={answer.fromMs}
        to={answer.toMs}
        tooltip="multi"
        tooltipSort="desc"
        exemplars={exemplars}
        zeroBased={query.zero}
        focusKey={focus}
        crosshair="graph"
        onZoom={(from, to) => zoomTo(from, to, onChange)}
        onZoomOut={() => onChange((now) => zoomOut(now, Date.now()))}
      />
      <GraphLegend
        items={items}
        common={result.common}
        onToggle={(key, alone) => setHidden(toggle(hidden, keys, key, alone))}
        onHover={setFocus}
      />
    </>
  );
}

function Buckets({ answer, result, query, exemplars, onChange }: Props) {
  const data = useMemo(() => heatmapData(answer.data, result.histograms, answer.grid.stepMs), [answer]);
  return (
    <Heatmap
      title={query.expr}
      height={chartHeight}
      data={data}
      from={answer.fromMs}
      to={answer.toMs}
      format={plainNumber}
      formatCount={plainNumber}
      exemplars={exemplars}
      crosshair="graph"
      onZoom={(from, to) => zoomTo(from, to, onChange)}
      onZoomOut={() => onChange((now) => zoomOut(now, Date.now()))}
    />
  );
}

export function GraphPanel(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { onChange, display, result } = props;
  useWheelAndPan(
    box,
    (share, factor) => onChange((now) => zoomedAt(now, share, factor, Date.now()), true),
    (share) => onChange((now) => panned(now, share, Date.now())),
  );
  const possible = result.buckets || result.histograms;
  return (
    <div class="graph-panel" ref={box}>
      {display === "heatmap" && possible ? <Buckets {...props} /> : <Lines {...props} />}
      {display === "heatmap" && !possible && (
        <p class="hint">
          This result has no buckets, so that it is drawn as lines. A heatmap wants series that differ by
          "le", for example: sum by (le) (rate(NAME_bucket[1m])).
        </p>
      )}
    </div>
  );
}
