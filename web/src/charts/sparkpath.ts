// SPDX-License-Identifier: Apache-2.0
// The outline of a sparkline as SVG paths: lines between neighbours, gaps left open, a lone value as a dot.

export interface SparkPaths {
  readonly line: string;
  readonly area: string;
  readonly dots: readonly (readonly [x: number, y: number])[];
}

export interface SparkFrame {
  readonly width: number;
  readonly height: number;
  readonly min?: number;
  readonly max?: number;
}

function finite(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

// Values whose least is not far above zero are seen against zero.
export function sparkRange(values: readonly (number | null)[], frame: SparkFrame): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (finite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    return [0, 1];
  }
  const from = frame.min ?? (low >= 0 && low <= high * 0.6 ? 0 : low);
  const to = frame.max ?? high;
  return to > from ? [from, to] : [Math.min(from, from === 0 ? 0 : from - Math.abs(from) / 2), from + 1];
}

export function sparkPaths(
  values: readonly (number | null)[],
  times: readonly number[] | undefined,
  frame: SparkFrame,
): SparkPaths {
  const [low, high] = sparkRange(values, frame);
  const first = times?.[0] ?? 0;
  const span = (times === undefined ? values.length - 1 : (times[times.length - 1] ?? 0) - first) || 1;
  const pad = 1.5; // half a line and a bit, so that the edges do not cut it
  const round = (value: number) => Math.round(value * 10) / 10;
  const x = (index: number) => round((((times?.[index] ?? index) - first) / span) * frame.width);
  const y = (value: number) =>
    round(
      frame.height -
        pad -
        ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (frame.height - 2 * pad),
    );
  const dots: [number, number][] = [];
  let line = "";
  let area = "";
  for (let i = 0; i < values.length;) {
    if (!finite(values[i])) {
      i++;
      continue;
    }
    const start = i;
    let run = "";
    for (; i < values.length && finite(values[i]); i++) {
      run += `${i === start ? "" : "L"}${x(i)} ${y(values[i] as number)}`;
    }
    if (i - start === 1) {
      dots.push([x(start), y(values[start] as number)]);
    } else {
      line += `M${run}`;
      area += `M${x(start)} ${frame.height}L${run}L${x(i - 1)} ${frame.height}Z`;
    }
  }
  return { line, area, dots };
}
