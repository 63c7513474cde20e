// SPDX-License-Identifier: Apache-2.0
// Bars by category, side by side or on top of each other, standing or lying.
import { useRef, useState } from "preact/hooks";
import { evenDecimals } from "./axistext";
import { barLayout, type Bar } from "./barlayout";
import { legendCalcs } from "./calcs";
import { ChartFrame } from "./datatable";
import { ChartLegend } from "./legend";
import { toggled } from "./legendsort";
import { measurePlain } from "./measure";
import { useWidth } from "./observe";
import { percentText } from "./shares";
import { hideTip, showTip } from "./tooltip";
import type { BarChartProps, BarSeries } from "./types";
import "./charts.css";

const fewBars = 24; // with room for their values
const fontPx = 12;

interface PlotProps {
  readonly props: BarChartProps;
  readonly series: readonly BarSeries[]; // shown ones
}

function placed(bar: Bar, up: boolean): Record<string, string> {
  const percent = (share: number) => `${share * 100}%`;
  const along = [percent(bar.from), percent(bar.to - bar.from)] as const;
  const across = [percent(bar.at), percent(bar.size)] as const;
  return up
    ? { bottom: along[0], height: along[1], left: across[0], width: across[1] }
    : { left: along[0], width: along[1], top: across[0], height: across[1] };
}

function ticksOf({ props, series }: PlotProps, ticks: readonly { readonly value: number }[]): string[] {
  const format = props.stacking === "percent" ? percentText : series[0]?.format;
  return evenDecimals(ticks.map(({ value }) => format?.(value) ?? String(value)));
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, measurePlain(text)), 0) * fontPx;
}

function Bars({ props, series, up, bars }: PlotProps & { up: boolean; bars: readonly Bar[] }) {
  const said = props.values === "always" || (props.values === "auto" && bars.length <= fewBars);
  return (
    <>
      {bars.map((bar) => {
        const one = series[bar.series] as BarSeries;
        const value = one.values[bar.category] ?? null;
        const style = { ...placed(bar, up), background: one.colors?.[bar.category] ?? one.color };
        return (
          <i
            key={`${bar.series} ${bar.category}`}
            class={(value ?? 0) < 0 ? "under" : undefined}
            style={style}
          >
            {said && <span>{one.format(value)}</span>}
          </i>
        );
      })}
    </>
  );
}

function Plot({ props, series }: PlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const [at, setAt] = useState(-1);
  const { categories, title } = props;
  const up = props.orientation !== "horizontal";
  const legend = props.legend?.show === true ? 24 : 0;
  const high = props.height - 24 - legend;
  const shape = { ...props, series };
  const { bars, ticks } = barLayout(shape, Math.max(2, Math.floor(up ? high / 36 : width / 90)));
  const texts = ticksOf({ props, series }, ticks);
  const widest = up ? Math.min(120, longest(categories) + 12) : 15;
  const every = Math.max(1, Math.ceil((categories.length * widest) / Math.max(1, up ? width : high)));
  const tell = (category: number, x: number, y: number) => {
    const lines = series.map((one) => ({
      color: one.colors?.[category] ?? one.color,
      name: one.name,
      value: one.format(one.values[category] ?? null),
    }));
    showTip(ref, { head: categories[category] ?? "", lines }, x, y);
  };
  const onMove = (event: MouseEvent) => {
    const box = ref.current?.getBoundingClientRect() ?? new DOMRect();
    const share = up ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    const category = Math.min(categories.length - 1, Math.max(0, Math.floor(share * categories.length)));
    tell(category, event.clientX, event.clientY);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const box = ref.current?.getBoundingClientRect();
    if (by !== undefined && box !== undefined) {
      event.preventDefault();
      const next = Math.min(categories.length - 1, Math.max(0, at + by));
      const share = (next + 0.5) / categories.length;
      setAt(next);
      tell(next, box.left + box.width * (up ? share : 0.5), box.top + box.height * (up ? 0.5 : share));
    } else if (event.key === "Escape") {
      hideTip(ref);
    }
  };
  return (
    <div class={up ? "barchart" : "barchart barchart-lying"}>
      <div class="barchart-names" style={up ? { width: longest(texts) } : undefined}>
        {up
          ? ticks.map((tick, i) => (
              <span key={tick.value} style={{ bottom: `${tick.at * 100}%` }}>
                {texts[i]}
              </span>
            ))
          : categories.map((name, i) => (
              <span key={i} class="plot-name" title={name}>
                {i % every === 0 ? name : ""}
              </span>
            ))}
      </div>
      <div
        class="barchart-plot"
        ref={ref}
        tabIndex={0}
        role="img"
        aria-label={`${title}: ${categories.length} categories, ${series.length} series; key d: the data`}
        onMouseMove={onMove}
        onMouseLeave={() => hideTip(ref)}
        onKeyDown={onKeyDown}
        onBlur={() => hideTip(ref)}
      >
        {ticks.map((tick) => (
          <hr key={tick.value} style={{ [up ? "bottom" : "left"]: `${tick.at * 100}%` }} />
        ))}
        <Bars props={props} series={series} up={up} bars={bars} />
      </div>
      <span />
      <div class="timeline-axis">
        {up
          ? categories.map(
              (name, i) =>
                i % every === 0 && (
                  <span
                    key={i}
                    class="plot-tick"
                    title={name}
                    style={{ left: `${((i + 0.5) / categories.length) * 100}%`, maxWidth: widest * every }}
                  >
                    {name}
                  </span>
                ),
            )
          : ticks.map((tick, i) => (
              <span key={tick.value} class="plot-tick" style={{ left: `${tick.at * 100}%` }}>
                {texts[i]}
              </span>
            ))}
      </div>
    </div>
  );
}

export function BarChart(props: BarChartProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { series, categories, legend, title } = props;
  const keys = series.map((one) => one.key);
  const items = series.map((one) => ({
    key: one.key,
    name: one.name,
    color: one.color,
    draw: "bars" as const,
    marker: 0,
    shown: !hidden.has(one.key),
    calcs: legendCalcs(one, legend?.calcs ?? []),
  }));
  const content = {
    head: ["Name", ...series.map((one) => one.name)],
    rowCount: categories.length,
    row: (i: number) => [categories[i] ?? "", ...series.map((one) => one.format(one.values[i] ?? null))],
    raw: (i: number) => [categories[i] ?? "", ...series.map((one) => one.values[i] ?? null)],
  };
  const right = legend?.show === true && legend.placement === "right";
  return (
    <ChartFrame {...props} className={right ? "chart-right" : ""} tables={() => [{ name: title, content }]}>
      <Plot props={props} series={series.filter((one) => !hidden.has(one.key))} />
      {legend?.show === true && (
        <ChartLegend
          items={items}
          mode={legend.mode}
          placement={legend.placement}
          onToggle={(key, alone) => setHidden(toggled(keys, hidden, key, alone))}
        />
      )}
    </ChartFrame>
  );
}
