// SPDX-License-Identifier: Apache-2.0
// States over time as shapes: one for each colour of a row, however often its state changes.
import type { TimelineProps, TimelineSpan } from "./types";

type Shown = Pick<TimelineProps, "from" | "to">;

const apartBy = 0.1; // of a cell that is to be counted

// From 0 to 100, within what is shown.
export function placeOf({ from, to }: Shown, time: number): number {
  return Math.min(100, Math.max(0, ((time - from) / (to - from)) * 100));
}

// Paths in a box of 100 by 1.
export function shapesOf(
  spans: readonly TimelineSpan[],
  shown: Shown & Pick<TimelineProps, "apart">,
): Map<string, string> {
  const shapes = new Map<string, string>();
  for (const span of spans) {
    const from = placeOf(shown, span.from);
    const width = (placeOf(shown, span.to) - from) * (shown.apart ? 1 - apartBy : 1);
    if (width > 0) {
      const size = Number(width.toFixed(3));
      const path = `M${Number(from.toFixed(3))} 0h${size}v1h-${size}z`;
      shapes.set(span.color, (shapes.get(span.color) ?? "") + path);
    }
  }
  return shapes;
}
