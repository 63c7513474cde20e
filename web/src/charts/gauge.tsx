// SPDX-License-Identifier: Apache-2.0
// Values on an arc from their least to their greatest, with the thresholds as a thin rim.
import { useRef } from "preact/hooks";
import { useTheme } from "../app/theme";
import { arcPath, gaugeBox, type GaugeBox } from "./arc";
import { ink } from "./color";
import { ChartFrame } from "./datatable";
import { fitFont, gridOf, ratioOf, thresholdPieces } from "./layout";
import { Links } from "./links";
import { measureBold } from "./measure";
import { useWidth } from "./observe";
import { NoValue, openLinks, useTip, valuesTable, valueTip } from "./stat";
import { tipOf } from "./tooltip";
import type { GaugeProps, GaugeValue } from "./types";
import "./charts.css";

interface OneProps {
  readonly value: GaugeValue;
  readonly props: GaugeProps;
  readonly box: GaugeBox;
  readonly font: number;
}

function Rim({ value, box }: { value: GaugeValue; box: GaugeBox }) {
  return (
    <>
      {thresholdPieces(value.thresholds ?? [], value.min, value.max).map((piece) => (
        <path
          key={piece.from}
          d={arcPath(box, box.radius + box.thick / 2 + box.rim / 2 + 1, piece.from, piece.to)}
          stroke={piece.color}
          stroke-width={box.rim}
          fill="none"
        />
      ))}
    </>
  );
}

function RimLabels({ value, props, box }: Omit<OneProps, "font">) {
  const format = props.formatThreshold ?? String;
  const radius = box.radius + box.thick / 2 + box.rim + 9;
  return (
    <>
      {(value.thresholds ?? []).map((step) => {
        const at = ratioOf(step.value, value.min, value.max);
        if (step.value === null || at <= 0 || at >= 1) {
          return null;
        }
        const { x, y } = box.point(radius, at);
        return (
          <text key={step.value} class="gauge-limit" x={x} y={y} text-anchor={at < 0.5 ? "end" : "start"}>
            {format(step.value)}
          </text>
        );
      })}
    </>
  );
}

// One alone is named by its panel, unless it leads somewhere.
function named({ values }: GaugeProps): boolean {
  return values.length > 1 || (values[0]?.links?.length ?? 0) > 0;
}

function One({ value, props, box, font }: OneProps) {
  const theme = useTheme();
  const ratio = ratioOf(value.value, value.min, value.max);
  const state = value.state === undefined ? "" : `, ${value.state}`;
  const owner = useTip();
  const name = value.name === "" ? props.title : value.name;
  const said = `${name}: ${value.text}${state}`;
  return (
    <div
      class="gauge"
      {...tipOf(owner, () => valueTip(value, name, `${value.minText ?? ""} to ${value.maxText ?? ""}`))}
      onClick={(event) => openLinks(event, value)}
    >
      <svg width={box.width} height={box.height} role="img" aria-label={said}>
        <path class="gauge-track" d={arcPath(box, box.radius, 0, 1)} stroke-width={box.thick} />
        {ratio > 0 && (
          <path
            d={arcPath(box, box.radius, 0, ratio)}
            stroke={value.color}
            stroke-width={box.thick}
            fill="none"
          />
        )}
        {props.showThresholdMarkers !== false && <Rim value={value} box={box} />}
        {props.showThresholdLabels === true && <RimLabels value={value} props={props} box={box} />}
        <text
          class="gauge-value"
          x={box.centerX}
          y={box.centerY}
          font-size={font}
          fill={ink(value.color, theme)}
        >
          {value.text}
        </text>
        {box.limits && (
          <>
            <text class="gauge-limit" x={box.point(box.radius, 0).x} y={box.limitY} text-anchor="middle">
              {value.minText ?? ""}
            </text>
            <text class="gauge-limit" x={box.point(box.radius, 1).x} y={box.limitY} text-anchor="middle">
              {value.maxText ?? ""}
            </text>
          </>
        )}
      </svg>
      {named(props) && (
        <span class="gauge-name">
          <Links links={value.links}>{name}</Links>
        </span>
      )}
    </div>
  );
}

export function Gauge(props: GaugeProps) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const { values } = props;
  const grid = gridOf(values.length, width, props.height, {
    orientation: props.orientation,
    minWidth: 96,
    shape: 1.15,
  });
  const nameHeight = named(props) ? 20 : 0;
  const box = gaugeBox(grid.cellWidth, grid.cellHeight - nameHeight, props.showThresholdLabels === true);
  const inner = box.radius * 1.3;
  const font = fitFont(
    values.map((value) => value.text),
    inner,
    inner * 0.5,
    measureBold,
    { min: 11, max: 56 },
  );
  return (
    <ChartFrame
      {...props}
      className="chart-gauge"
      tables={() => [{ name: props.title, content: valuesTable(values) }]}
    >
      <div
        class="stat-grid"
        ref={ref}
        style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))` }}
      >
        {values.length === 0 && <NoValue text={props.noValue} />}
        {width > 0 &&
          values.map((value) => <One key={value.key} value={value} props={props} box={box} font={font} />)}
      </div>
    </ChartFrame>
  );
}
