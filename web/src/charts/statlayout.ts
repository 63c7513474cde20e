// SPDX-License-Identifier: Apache-2.0
// Which texts a stat shows and how large: all values of a panel have one size, that of the longest.
import type { fitFont, Grid, Measure } from "./layout";
import type { StatProps } from "./types";

type Wish = Pick<StatProps, "textMode" | "values" | "showChange" | "graphMode">;

export function showsName({ textMode = "auto", values }: Wish): boolean {
  return textMode === "name" || textMode === "value_and_name" || (textMode === "auto" && values.length > 1);
}

export function showsValue({ textMode = "auto" }: Wish): boolean {
  return textMode !== "name" && textMode !== "none";
}

export interface StatFonts {
  readonly value: number; // pixels
  readonly name: number;
  readonly wide: boolean; // name and value beside each other
  readonly above: boolean; // the line has a place of its own below the texts
}

export interface Measures {
  readonly bold: Measure;
  readonly plain: Measure;
  readonly fit: typeof fitFont;
}

export const sparkShare = 0.4; // of the height of a cell
const sparkFrom = 64; // pixels; in a lower cell the line runs behind the texts
const padding = 10;

export function statFonts(wish: Wish, grid: Grid, { bold, plain, fit }: Measures): StatFonts {
  const width = Math.max(0, grid.cellWidth - 2 * padding);
  const sparks = wish.graphMode !== "none" && wish.values.some((value) => (value.spark?.length ?? 0) > 1);
  const above = sparks && grid.cellHeight >= sparkFrom;
  const height = Math.max(0, above ? grid.cellHeight * (1 - sparkShare) : grid.cellHeight - padding);
  const names = showsName(wish) ? wish.values.map((value) => value.name) : [];
  const change = wish.showChange === true ? 0.68 : 1; // room for it beside the value
  const texts = showsValue(wish) ? wish.values.map((value) => value.text) : [];
  const wide = names.length > 0 && texts.length > 0 && grid.cellHeight < 56 && grid.cellWidth > 160;
  if (wide) {
    const value = fit(texts, width * 0.45, height * 0.9, bold, { min: 12, max: 32 });
    return {
      value,
      name: fit(names, width * 0.5, height * 0.7, plain, { min: 11, max: 16 }),
      wide,
      above: false,
    };
  }
  const nameHeight = texts.length === 0 ? height : Math.min(height * 0.34, 26);
  const nameMax = texts.length === 0 ? 48 : 18;
  const name = names.length === 0 ? 12 : fit(names, width, nameHeight, plain, { min: 11, max: nameMax });
  const left = height - (names.length === 0 ? 0 : name * 1.3);
  return { value: fit(texts, width * change, left * 0.85, bold, { min: 12, max: 64 }), name, wide, above };
}

// "+10 %", with an arrow: the sign is not left to a colour.
export function changeText(change: number | null): string {
  if (change === null || !Number.isFinite(change)) {
    return "";
  }
  const percent = Math.abs(change) * 100;
  const digits = percent >= 10 ? 0 : 1;
  const arrow = change > 0 ? "▲ +" : change < 0 ? "▼ −" : "";
  return `${arrow}${percent.toFixed(digits)} %`;
}
