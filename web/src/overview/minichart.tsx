// SPDX-License-Identifier: Apache-2.0
// Two lines with their scale in a small space, without uPlot: the mean and the 95th percentile of a stage.
// The values under the pointer, or at the place the arrow keys lead to, are written out.
import { useState } from "preact/hooks";
import { sparkPaths } from "../charts/sparkpath";
import { formatClock, formatSeconds } from "./format";

export interface MiniChartProps {
  readonly title: string;
  readonly times: readonly number[]; // milliseconds, evenly spaced
  readonly lines: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    readonly color: string;
  }[];
}

const width = 300;
const height = 72;

// A round number that is not below the value.
export function niceTop(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value * 0.9999) ?? 10;
  return step * power;
}

// From where on there is something to see: a pipeline that has just started does not vanish at the right
// edge.
export function firstShown(
  lines: readonly (readonly (number | null)[])[],
  count: number,
  least: number,
): number {
  let first = count;
  for (const values of lines) {
    const found = values.findIndex((value) => value !== null);
    first = found === -1 ? first : Math.min(first, found);
  }
  return first >= count ? 0 : Math.max(0, Math.min(first, count - least));
}

export function MiniChart({ title, times, lines }: MiniChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const last = times.length - 1;
  const top = niceTop(Math.max(0, ...lines.flatMap((line) => line.values.map((value) => value ?? 0))));
  const move = (event: PointerEvent & { currentTarget: Element }) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.max(0, Math.min(last, Math.round(((event.clientX - box.left) / box.width) * last))));
  };
  const key = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(last, (at ?? last) + step)));
    }
  };
  const shown = at === null ? last : Math.min(at, last);
  const said = lines.map((line) => `${line.name} ${formatSeconds(line.values[shown])}`).join(", ");
  return (
    <div
      class="mini"
      role="img"
      tabIndex={0}
      aria-label={`${title}: at ${formatClock(times[shown] ?? 0)} ${said}. Arrow keys move in time.`}
      onPointerMove={move}
      onPointerLeave={() => setAt(null)}
      onKeyDown={key}
      onBlur={() => setAt(null)}
    >
      <div class="mini-scale" aria-hidden="true">
        <span>{formatSeconds(top)}</span>
        <span>{at === null ? "" : `${formatClock(times[shown] ?? 0)} ${said}`}</span>
      </div>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width="100%"
        height={height}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {[0.5, height / 2, height - 0.5].map((y) => (
          <line key={y} x1="0" x2={width} y1={y} y2={y} class="mini-grid" />
        ))}
        {lines.map((line, index) => {
          const paths = sparkPaths(line.values, times, { width, height, min: 0, max: top });
          return (
            <g key={line.name}>
              {index === 0 && paths.area !== "" && (
                <path d={paths.area} fill={line.color} fill-opacity="0.2" />
              )}
              <path
                d={paths.line}
                class="mini-line"
                stroke={line.color}
                stroke-dasharray={index === 0 ? undefined : "4 3"}
              />
              {paths.dots.map(([x, y]) => (
                <circle key={x} cx={x} cy={y} r="2" fill={line.color} />
              ))}
            </g>
          );
        })}
        {at !== null && last > 0 && (
          <line
            x1={(shown / last) * width}
            x2={(shown / last) * width}
            y1="0"
            y2={height}
            class="mini-cursor"
          />
        )}
      </svg>
      <div class="mini-scale" aria-hidden="true">
        <span>{formatClock(times[0] ?? 0)}</span>
        <span>{formatClock(times[last] ?? 0)}</span>
      </div>
    </div>
  );
}
