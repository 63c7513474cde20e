// SPDX-License-Identifier: Apache-2.0
// Values as bars between their least and greatest: lying or standing, plain, in cells, or coloured along
// the way.
import { useRef } from "preact/hooks";
import { barBox, barFill, lcdCells, type BarBox } from "./bars";
import { useTheme } from "../app/theme";
import { ink } from "./color";
import { ChartFrame } from "./datatable";
import { ratioOf } from "./layout";
import { Links } from "./links";
import { measureBold, measurePlain } from "./measure";
import { useWidth } from "./observe";
import { NoValue, openLinks, useTip, valuesTable, valueTip } from "./stat";
import { tipOf } from "./tooltip";
import type { BarGaugeProps, GaugeValue } from "./types";
import "./charts.css";

interface OneProps {
  readonly value: GaugeValue;
  readonly props: BarGaugeProps;
  readonly box: BarBox;
}

function Lcd({ value, box }: OneProps) {
  const cells = lcdCells(value, box.length);
  return (
    <div class="bar-lcd" style={{ flexDirection: box.vertical ? "column-reverse" : "row" }}>
      {cells.map((cell, index) => (
        <i key={index} style={{ background: cell.color, opacity: cell.on ? 1 : 0.22 }} />
      ))}
    </div>
  );
}

function Bar({ value, props, box }: OneProps) {
  const mode = props.displayMode ?? "gradient";
  const ratio = ratioOf(value.value, value.min, value.max);
  const size = `${ratio * 100}%`;
  const fill = { background: barFill(value, mode, box.vertical), [box.vertical ? "height" : "width"]: size };
  const track = mode === "lcd" || props.showUnfilled === false ? "bar-track" : "bar-track bar-unfilled";
  return (
    <div class={track}>
      {mode === "lcd" ? <Lcd value={value} props={props} box={box} /> : <div class="bar-fill" style={fill} />}
    </div>
  );
}

function One({ value, props, box }: OneProps) {
  const owner = useTip();
  const name = value.name === "" ? props.title : value.name;
  const theme = useTheme();
  const color = props.valueMode === "text" ? "var(--text)" : ink(value.color, theme);
  const style = {
    "--bar-name": `${box.nameWidth}px`,
    "--bar-value": `${box.valueWidth}px`,
    height: box.height,
  };
  return (
    <div
      class={`bar bar-${box.vertical ? "up" : box.nameAbove ? "above" : "beside"}`}
      style={style}
      {...tipOf(owner, () => valueTip(value, name, `${value.minText ?? ""} to ${value.maxText ?? ""}`))}
      onClick={(event) => openLinks(event, value)}
    >
      <span class="bar-name" style={{ fontSize: box.nameFont }}>
        <Links links={value.links}>{value.name}</Links>
      </span>
      <Bar value={value} props={props} box={box} />
      {props.valueMode !== "hidden" && (
        <span class="bar-value" style={{ fontSize: box.valueFont, color }}>
          {value.text}
        </span>
      )}
      {value.state !== undefined && <span class="hidden">{value.state}</span>}
    </div>
  );
}

export function BarGauge(props: BarGaugeProps) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const { values } = props;
  const box = barBox(props, width, props.height, { bold: measureBold, plain: measurePlain });
  return (
    <ChartFrame
      {...props}
      className="chart-bargauge"
      tables={() => [{ name: props.title, content: valuesTable(values) }]}
    >
      {/* It scrolls where there are more bars than room. */}
      <div
        class={box.vertical ? "bars bars-up" : "bars"}
        ref={ref}
        role="group"
        aria-label={props.title}
        tabIndex={values.length > 1 ? 0 : undefined}
      >
        {values.length === 0 && <NoValue text={props.noValue} />}
        {width > 0 && values.map((value) => <One key={value.key} value={value} props={props} box={box} />)}
      </div>
    </ChartFrame>
  );
}
