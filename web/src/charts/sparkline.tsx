// SPDX-License-Identifier: Apache-2.0
// A line without axes, small enough for a table cell. It is on the first page, so it needs nothing but
// itself.
import { sparkPaths } from "./sparkpath";
import type { SparklineProps } from "./types";
import "./spark.css";

export function Sparkline(props: SparklineProps) {
  const {
    values,
    times,
    width = 120,
    height = 28,
    color = "var(--accent)",
    fill = true,
    stretch = false,
  } = props;
  const paths = sparkPaths(values, times, { width, height, min: props.min, max: props.max });
  return (
    <svg
      class="spark"
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${width} ${height}`}
      width={stretch ? "100%" : width}
      height={height}
      preserveAspectRatio={stretch ? "none" : undefined}
    >
      {fill && paths.area !== "" && <path d={paths.area} fill={color} fill-opacity="0.16" />}
      {paths.line !== "" && <path class="spark-line" d={paths.line} stroke={color} />}
      {paths.dots.map(([x, y]) => (
        <circle key={x} cx={Math.min(width - 2, Math.max(2, x))} cy={y} r="1.8" fill={color} />
      ))}
    </svg>
  );
}
