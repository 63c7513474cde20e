// SPDX-License-Identifier: Apache-2.0
// Where values stand in a panel, and how large their text can be.

export type Orientation = "auto" | "horizontal" | "vertical";

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

export interface GridWish {
  readonly orientation?: Orientation; // horizontal: below each other; vertical: side by side
  readonly gap?: number;
  readonly minWidth?: number; // of a cell; more cells than fit begin a new row
  readonly shape?: number; // width by height that a cell looks best in
}

// Cells of one size that fill the panel. "auto" takes the columns whose cells come nearest to the wished
// shape.
export function gridOf(count: number, width: number, height: number, wish: GridWish = {}): Grid {
  const gap = wish.gap ?? 4;
  const of = (columns: number): Grid => {
    const rows = Math.ceil(count / columns);
    return {
      columns,
      rows,
      cellWidth: Math.max(0, (width - gap * (columns - 1)) / columns),
      cellHeight: Math.max(0, (height - gap * (rows - 1)) / rows),
    };
  };
  if (count <= 1) {
    return of(1);
  }
  const fitting = Math.max(1, Math.min(count, Math.floor((width + gap) / ((wish.minWidth ?? 64) + gap))));
  if (wish.orientation === "horizontal") {
    return of(1);
  }
  if (wish.orientation === "vertical") {
    return of(fitting);
  }
  const shape = wish.shape ?? 2;
  let best = of(1);
  let bestMiss = Infinity;
  for (let columns = 1; columns <= fitting; columns++) {
    const grid = of(columns);
    const empty = grid.columns * grid.rows - count; // cells without a value
    const miss = Math.abs(Math.log(grid.cellWidth / grid.cellHeight / shape)) + empty * 0.15;
    if (miss < bestMiss) {
      [best, bestMiss] = [grid, miss];
    }
  }
  return best;
}

// Widths of text are in proportion to its size, so one measurement per text is enough.
export type Measure = (text: string) => number; // of a text at one pixel

// The greatest size at which every text fits into the width, and a line of it into the height.
export function fitFont(
  texts: readonly string[],
  width: number,
  height: number,
  measure: Measure,
  limits: { readonly min: number; readonly max: number },
): number {
  const widest = texts.reduce((most, text) => Math.max(most, measure(text)), 0);
  const byWidth = widest > 0 ? width / widest : limits.max;
  const size = Math.min(byWidth, height / 1.15, limits.max);
  return Math.max(limits.min, Math.floor(size));
}

// Where a value stands between min and max, 0 to 1.
export function ratioOf(value: number | null, min: number, max: number): number {
  if (value === null || Number.isNaN(value) || !(max > min)) {
    return 0;
  }
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

export interface Piece {
  readonly from: number; // 0 to 1
  readonly to: number;
  readonly color: string;
}

// Thresholds as pieces of the range from min to max.
export function thresholdPieces(
  steps: readonly { readonly value: number | null; readonly color: string }[],
  min: number,
  max: number,
): Piece[] {
  const pieces: Piece[] = [];
  steps.forEach((step, index) => {
    const next = steps[index + 1]?.value ?? null;
    const from = step.value === null ? 0 : ratioOf(step.value, min, max);
    const to = next === null ? 1 : ratioOf(next, min, max);
    if (to > from) {
      pieces.push({ from: pieces.length === 0 ? 0 : from, to, color: step.color });
    }
  });
  return pieces;
}

// The colour of a place on the range, by its pieces.
export function pieceAt(pieces: readonly Piece[], at: number): string | undefined {
  return (pieces.find((piece) => at < piece.to) ?? pieces[pieces.length - 1])?.color;
}
