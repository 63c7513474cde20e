// SPDX-License-Identifier: Apache-2.0
// Values as large as their panel allows, each with its name, its colour and the line it comes from.
import { useEffect, useRef } from "preact/hooks";
import { useTheme } from "../app/theme";
import { ink as inkOf, mix, readColor, textOn, toHex } from "./color";
import { ChartFrame, type DataTableContent } from "./datatable";
import { fitFont, gridOf, type Grid } from "./layout";
import { showLinks, safeLinks } from "./linkmenu";
import { Links } from "./links";
import { measureBold, measurePlain } from "./measure";
import { useWidth } from "./observe";
import { linksHint } from "./plottip";
import { sparkPaths } from "./sparkpath";
import { changeText, showsName, showsValue, sparkShare, statFonts, type StatFonts } from "./statlayout";
import { hideTip, tipOf, type Tip } from "./tooltip";
import type { SingleValue, StatProps, StatValue } from "./types";
import "./charts.css";

export function valuesTable(values: readonly SingleValue[]): DataTableContent {
  return {
    head: ["Name", "Value", "State"],
    rowCount: values.length,
    textColumns: 1,
    row: (index) => [values[index]?.name ?? "", values[index]?.text ?? "", values[index]?.state ?? ""],
    raw: (index) => [values[index]?.name ?? "", values[index]?.value ?? null, values[index]?.state ?? ""],
  };
}

// The owner of a tip, which goes with its element.
export function useTip(): object {
  const owner = useRef({});
  useEffect(() => () => hideTip(owner.current), []);
  return owner.current;
}

// A panel without values says so.
export function NoValue({ text }: { text: string | undefined }) {
  return <p class="chart-empty">{text === undefined || text === "" ? "No data" : text}</p>;
}

// What is said of a value under the mouse: in words what its colour says, and where it lies.
export function valueTip(value: SingleValue, name: string, limits = ""): Tip {
  const line = { color: value.color, name, value: value.text };
  const state = value.state === undefined ? [] : [{ name: value.state }];
  const links = linksHint(safeLinks(value.links));
  return { head: "", lines: [line, ...state], more: [limits, links].filter(Boolean).join("; ") };
}

// A click beside the name's link does as that; of several, they are asked for.
export function openLinks(event: MouseEvent, { name, text, links }: SingleValue): void {
  const place = event.currentTarget as HTMLElement;
  const target = event.target as HTMLElement;
  const anchor = place.querySelector("a");
  if (anchor === null || target.closest("a") !== null) {
    return;
  }
  if (safeLinks(links).length === 1) {
    anchor.click();
  } else {
    showLinks(`${name}: ${text}`, links ?? [], { x: event.clientX, y: event.clientY }, anchor);
  }
}

interface CellProps {
  readonly value: StatValue;
  readonly props: StatProps;
  readonly grid: Grid;
  readonly fonts: StatFonts;
}

interface CellLook {
  readonly background?: string;
  readonly ink: string; // of the value
  readonly nameInk: string;
  readonly spark: string;
}

function lookOf(value: StatValue, mode: StatProps["colorMode"], theme: string): CellLook {
  if (mode === "background" || mode === "background_solid") {
    const rgb = readColor(value.color, theme);
    const ink = textOn(rgb);
    const end = toHex(mix(rgb, [0, 0, 0], 0.18));
    const solid = mode === "background_solid" || ink === "#000000";
    const background = solid ? toHex(rgb) : `linear-gradient(120deg, ${toHex(rgb)}, ${end})`;
    return { background, ink, nameInk: ink, spark: ink };
  }
  const ink = mode === "none" ? "var(--text)" : inkOf(value.color, theme);
  return { ink, nameInk: "var(--text)", spark: mode === "none" ? "var(--muted)" : value.color };
}

interface SparkProps {
  readonly values: StatValue["spark"];
  readonly color: string;
  readonly grid: Grid;
  readonly faint: boolean;
}

function Spark({ values, color, grid, faint }: SparkProps) {
  if (values === undefined || values.length < 2) {
    return null;
  }
  const width = Math.round(grid.cellWidth);
  const height = Math.round(grid.cellHeight * sparkShare);
  const paths = sparkPaths(values, undefined, { width, height });
  return (
    <svg
      class="stat-spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ height }}
    >
      <path d={paths.area} fill={color} fill-opacity="0.16" />
      <path class="spark-line" d={paths.line} stroke={color} stroke-opacity={faint ? 0.35 : 0.8} />
    </svg>
  );
}

function Cell({ value, props, grid, fonts }: CellProps) {
  const owner = useTip();
  const tip = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width)));
    const count = value.spark?.length ?? 0;
    const point =
      props.graphMode !== "none" && count > 1 && value.sparkTip?.(Math.round(share * (count - 1)));
    const said = valueTip(value, value.name === "" ? props.title : value.name);
    return point ? { ...said, lines: [...said.lines, { name: point[0], value: point[1] }] } : said;
  };
  const look = lookOf(value, props.colorMode ?? "value", useTheme());
  const centered = props.justifyMode === "center" || !showsName(props);
  return (
    <div
      class={`stat ${fonts.wide ? "stat-wide" : ""} ${centered && !fonts.wide ? "stat-center" : ""}`}
      style={{ background: look.background, color: look.nameInk, height: grid.cellHeight }}
      {...tipOf(owner, tip)}
      onClick={(event) => openLinks(event, value)}
    >
      {props.graphMode !== "none" && (
        <Spark values={value.spark} color={look.spark} grid={grid} faint={look.background !== undefined} />
      )}
      <div class="stat-text" style={fonts.above ? { marginBottom: grid.cellHeight * sparkShare } : undefined}>
        {showsName(props) && (
          <span class="stat-name" style={{ fontSize: fonts.name }}>
            <Links links={value.links}>{value.name}</Links>
          </span>
        )}
        {showsValue(props) && (
          <span class="stat-line">
            <span class="stat-value" style={{ fontSize: fonts.value, color: look.ink }}>
              {showsName(props) ? value.text : <Links links={value.links}>{value.text}</Links>}
            </span>
            {props.showChange === true && value.change !== undefined && (
              <span class="stat-change" style={{ fontSize: Math.max(11, Math.round(fonts.value * 0.45)) }}>
                {changeText(value.change)}
              </span>
            )}
          </span>
        )}
        {value.state !== undefined && <span class="hidden">{value.state}</span>}
      </div>
    </div>
  );
}

export function Stat(props: StatProps) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const { values } = props;
  const grid = gridOf(values.length, width, props.height, { orientation: props.orientation, minWidth: 88 });
  const measures = { bold: measureBold, plain: measurePlain, fit: fitFont };
  const fonts = statFonts(props, grid, measures);
  return (
    <ChartFrame
      {...props}
      className="chart-stat"
      tables={() => [{ name: props.title, content: valuesTable(values) }]}
    >
      <div
        class="stat-grid"
        ref={ref}
        style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))` }}
      >
        {values.length === 0 && <NoValue text={props.noValue} />}
        {width > 0 &&
          values.map((value) => (
            <Cell key={value.key} value={value} props={props} grid={grid} fonts={fonts} />
          ))}
      </div>
    </ChartFrame>
  );
}
