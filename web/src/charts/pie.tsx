// SPDX-License-Identifier: Apache-2.0
// Shares of a whole as a pie or a ring. Each part is a dashed circle: one dash as long as its share.
import { useState } from "preact/hooks";
import { useTheme } from "../app/theme";
import { readColor, textOn } from "./color";
import { ChartFrame } from "./datatable";
import { ChartLegend } from "./legend";
import { toggled } from "./legendsort";
import { pieParts, type Part } from "./pielayout";
import { NoValue, useTip } from "./stat";
import { hideTip, showTip } from "./tooltip";
import type { PieProps } from "./types";
import "./charts.css";

const labelFrom = 0.05; // of the whole; smaller parts have no room for a text
const gap = 0.4; // percent of the size, between parts

function labelOf({ value, percent }: Part, wanted: PieProps["labels"]): string {
  const texts = { name: value.name, value: value.text, percent };
  return (["name", "value", "percent"] as const)
    .filter((one) => wanted?.includes(one))
    .map((one) => texts[one])
    .join(" ");
}

function dashOf(share: number, round: number): string {
  return `${Math.max(share * round - gap, 0.1)} ${round}`;
}

function Label({ part, props }: { part: Part; props: PieProps }) {
  const theme = useTheme();
  const text = labelOf(part, props.labels);
  if (text === "" || part.share < labelFrom) {
    return null;
  }
  const angle = 2 * Math.PI * (part.start + part.share / 2);
  const radius = part.share === 1 && props.ring !== true ? 0 : props.ring === true ? 37 : 30; // percent
  const style = {
    left: `${50 + radius * Math.sin(angle)}%`,
    top: `${50 - radius * Math.cos(angle)}%`,
    color: textOn(readColor(part.value.color, theme)),
  };
  return (
    <span class="pie-label" style={style}>
      {text}
    </span>
  );
}

export function Pie(props: PieProps) {
  const tipOwner = useTip();
  const [focus, setFocus] = useState<string | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { legend, title } = props;
  const all = pieParts(props.values, props.sort);
  const parts = pieParts(
    props.values.filter((one) => !hidden.has(one.key)),
    props.sort,
  );
  const width = props.ring === true ? 26 : 50; // of the line; the radius of its middle is 50 less half of it
  const round = Math.PI * (100 - width); // of the middle of the line
  const tip = ({ value, percent }: Part, event: MouseEvent) =>
    showTip(
      tipOwner,
      { head: title, lines: [{ color: value.color, name: value.name, value: `${value.text} (${percent})` }] },
      event.clientX,
      event.clientY,
    );
  const items = all.map(({ value }) => {
    const part = parts.find((one) => one.value === value);
    return {
      key: value.key,
      name: value.name,
      color: value.color,
      draw: "bars" as const,
      marker: 0,
      shown: part !== undefined,
      calcs: [
        { name: "Value", value: value.value, text: value.text },
        { name: "Percent", value: part?.share ?? null, text: part?.percent ?? "" },
      ].filter((one) => legend?.calcs.includes(one.name.toLowerCase())),
    };
  });
  const toggle = (key: string, alone: boolean) =>
    setHidden(
      toggled(
        all.map((one) => one.value.key),
        hidden,
        key,
        alone,
      ),
    );
  const content = {
    head: ["Name", "Value", "Percent"],
    rowCount: parts.length,
    row: (i: number) => [parts[i]?.value.name ?? "", parts[i]?.value.text ?? "", parts[i]?.percent ?? ""],
    raw: (i: number) => [parts[i]?.value.name ?? "", parts[i]?.value.value ?? null, parts[i]?.share ?? null],
  };
  const right = legend?.show === true && legend.placement === "right";
  const said = parts.map(({ value, percent }) => `${value.name} ${percent}`).join(", ");
  return (
    <ChartFrame
      {...props}
      className={right ? "chart-pie chart-right" : "chart-pie"}
      tables={() => [{ name: title, content }]}
    >
      <div class="pie-box">
        {parts.length === 0 && <NoValue text={props.noValue} />}
        {parts.length > 0 && (
          <div class="pie" role="img" aria-label={`${title}: ${said}`} onMouseLeave={() => hideTip(tipOwner)}>
            <svg viewBox="0 0 100 100">
              {parts.map((part) => (
                <circle
                  key={part.value.key}
                  cx="50"
                  cy="50"
                  r={50 - width / 2}
                  stroke={part.value.color}
                  stroke-width={width}
                  stroke-dasharray={parts.length === 1 ? undefined : dashOf(part.share, round)}
                  transform={`rotate(${part.start * 360 - 90} 50 50)`}
                  opacity={focus === null || focus === part.value.key ? 1 : 0.25}
                  onMouseMove={(event) => tip(part, event)}
                />
              ))}
            </svg>
            {parts.map((part) => (
              <Label key={part.value.key} part={part} props={props} />
            ))}
          </div>
        )}
      </div>
      {legend?.show === true && all.length > 0 && (
        <ChartLegend
          items={items}
          mode={legend.mode}
          placement={legend.placement}
          sortBy={legend.sortBy}
          sortDesc={legend.sortDesc}
          onToggle={toggle}
          onHover={setFocus}
        />
      )}
    </ChartFrame>
  );
}
