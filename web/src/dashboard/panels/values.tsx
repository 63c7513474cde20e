// SPDX-License-Identifier: Apache-2.0
// Panels of single values: stat, gauge, bar gauge, pie.
import { useMemo } from "preact/hooks";
import { timeText } from "../../charts/axis";
import { BarGauge } from "../../charts/bargauge";
import { Gauge } from "../../charts/gauge";
import { Pie } from "../../charts/pie";
import { Stat } from "../../charts/stat";
import type { GaugeValue, SingleValue, StatValue } from "../../charts/types";
import { resolveColor } from "../../lib/colors";
import { absoluteSteps, defaultThresholds } from "../../lib/thresholds";
import { formatText } from "../../lib/units";
import { extentOf, formatterOf, reducedValues, shown, timesOf, type Extent, type Reduced } from "../fields";
import { linksOf } from "../leads";
import { at, flag, oneOf, texts } from "../read";
import { fitted, legendOf } from "./timeseries";
import type { BodyProps } from "./types";

function limitsOf(one: Reduced, found: Extent): Extent {
  const { min = found.min, max = found.max } = one.field.config;
  return { min, max };
}

function single(one: Reduced, found: Extent, i: number, props: BodyProps): SingleValue {
  const { env, repeat, theme } = props;
  const display = shown(one, theme, limitsOf(one, found));
  const raw = typeof one.value === "object" ? null : one.value;
  const links = linksOf(one.field.config.links, env, repeat, {
    raw,
    text: display.full,
    fieldName: one.name,
    seriesName: one.name,
    refId: one.frame.refId,
    ...(one.field.labels === undefined ? {} : { labels: one.field.labels }),
    ...(one.row === undefined ? {} : { row: { frame: one.frame, index: one.row } }),
  });
  return {
    key: `${one.frame.refId} ${one.name} ${i}`,
    name: one.name,
    value: display.numeric,
    text: display.full,
    color: display.color,
    ...(display.state === "" ? {} : { state: display.state }),
    links,
  };
}

const sparkPoints = 300; // of the line behind a value: it is no wider

// The line, and what is said of a point of it.
function sparkOf(one: Reduced, { theme, env }: BodyProps): Partial<StatValue> {
  const values = one.field.values;
  const times = timesOf(one.frame);
  if (times.length < 2 || values.length < 2) {
    return {};
  }
  const numbers = values.map((value) => (typeof value === "number" && Number.isFinite(value) ? value : null));
  const every = Math.ceil(numbers.length / sparkPoints);
  const places = numbers.map((_, i) => i).filter((i) => (numbers.length - 1 - i) % every === 0);
  const format = formatterOf(one.field, theme);
  return {
    spark: places.map((i) => numbers[i] as number | null),
    sparkTip: (index) => {
      const place = places[index] ?? 0;
      return [timeText(Number(times[place]), env.dashboard.utc), format(numbers[place] ?? null)];
    },
  };
}

function changeOf(one: Reduced): number | null {
  const numbers = one.field.values.filter(
    (value): value is number => typeof value === "number" && isFinite(value),
  );
  const first = numbers[0];
  const last = numbers[numbers.length - 1];
  return first === undefined || last === undefined || first === 0 ? null : (last - first) / Math.abs(first);
}

// Without a value at all, the panel says why in the words of its dashboard.
function noValueOf({ panel }: BodyProps): string {
  return panel.fieldConfig.defaults.noValue ?? "No data";
}

function common(props: BodyProps) {
  const { title, height, tableShown, onTable } = props;
  return { title, height, tableShown, onTable, noValue: noValueOf(props) };
}

export function StatBody(props: BodyProps) {
  const { panel, data, theme, env } = props;
  const values = useMemo(() => {
    const reduced = reducedValues(data.frames, panel.options);
    const found = extentOf(reduced);
    return reduced.map((one, i): StatValue => {
      return { ...single(one, found, i, props), ...sparkOf(one, props), change: changeOf(one) };
    });
  }, [data, theme, env.states]);
  const { options } = panel;
  const modes = ["value", "background", "background_solid", "none"] as const;
  const textModes = ["auto", "value", "value_and_name", "name", "none"] as const;
  return (
    <Stat
      {...common(props)}
      values={values}
      colorMode={oneOf(at(options, "colorMode"), modes, "value")}
      graphMode={oneOf(at(options, "graphMode"), ["area", "none"], "area")}
      textMode={oneOf(at(options, "textMode"), textModes, "auto")}
      orientation={oneOf(at(options, "orientation"), ["auto", "horizontal", "vertical"], "auto")}
      justifyMode={oneOf(at(options, "justifyMode"), ["auto", "center"], "auto")}
      showChange={flag(at(options, "showPercentChange"))}
    />
  );
}

function gaugeValue(one: Reduced, found: Extent, i: number, props: BodyProps): GaugeValue {
  const { unit, decimals, thresholds = defaultThresholds } = one.field.config;
  const { min, max } = limitsOf(one, found);
  const format = (value: number) => formatText(value, unit, decimals);
  return {
    ...single(one, found, i, props),
    min,
    max: max > min ? max : min + 1,
    minText: format(min),
    maxText: format(max),
    thresholds: absoluteSteps(thresholds, min, max).map((step) => ({
      value: step.value,
      color: resolveColor(step.color, props.theme),
    })),
  };
}

function useGaugeValues(props: BodyProps): readonly GaugeValue[] {
  const { panel, data, theme, env } = props;
  return useMemo(() => {
    const reduced = reducedValues(data.frames, panel.options);
    const found = extentOf(reduced);
    return reduced.map((one, i) => gaugeValue(one, found, i, props));
  }, [data, theme, env.states]);
}

export function GaugeBody(props: BodyProps) {
  const values = useGaugeValues(props);
  const { options, fieldConfig } = props.panel;
  const { unit, decimals } = fieldConfig.defaults;
  return (
    <Gauge
      {...common(props)}
      values={values}
      orientation={oneOf(at(options, "orientation"), ["auto", "horizontal", "vertical"], "auto")}
      showThresholdMarkers={flag(at(options, "showThresholdMarkers"), true)}
      showThresholdLabels={flag(at(options, "showThresholdLabels"))}
      formatThreshold={(value) => formatText(value, unit, decimals)}
    />
  );
}

export function BarGaugeBody(props: BodyProps) {
  const values = useGaugeValues(props);
  const { options } = props.panel;
  return (
    <BarGauge
      {...common(props)}
      values={values}
      displayMode={oneOf(at(options, "displayMode"), ["basic", "lcd", "gradient"], "gradient")}
      orientation={oneOf(at(options, "orientation"), ["auto", "horizontal", "vertical"], "auto")}
      showUnfilled={flag(at(options, "showUnfilled"), true)}
      valueMode={oneOf(at(options, "valueMode"), ["color", "text", "hidden"], "color")}
    />
  );
}

export function PieBody(props: BodyProps) {
  const { panel, data, theme, env } = props;
  const { options } = panel;
  const values = useMemo(() => {
    const reduced = reducedValues(data.frames, options);
    const found = extentOf(reduced);
    return reduced.map((one, i) => single({ ...one, index: one.row ?? one.index }, found, i, props));
  }, [data, theme, env.states]);
  const legend = fitted(legendOf(options), props.width);
  return (
    <Pie
      {...common(props)}
      values={values}
      ring={at(options, "pieType") === "donut"}
      labels={texts(at(options, "displayLabels"))}
      sort={oneOf(at(options, "sort"), ["desc", "asc", "none"], "desc")}
      legend={{ ...legend, calcs: texts(at(options, "legend", "values")) }}
    />
  );
}
