// SPDX-License-Identifier: Apache-2.0
// Sizes and colours of the bars of a bar gauge.
import { fitFont, pieceAt, ratioOf, thresholdPieces, type Measure } from "./layout";
import type { BarGaugeProps, GaugeValue } from "./types";

export interface BarBox {
  readonly vertical: boolean; // bars stand
  readonly nameAbove: boolean;
  readonly height: number; // of one bar with its texts
  readonly length: number; // pixels of the bar from least to greatest
  readonly nameFont: number;
  readonly valueFont: number;
  readonly nameWidth: number; // of the columns beside the bar
  readonly valueWidth: number;
}

interface Measures {
  readonly bold: Measure;
  readonly plain: Measure;
}

const gap = 4;
const rowMin = 16; // below this the bars scroll
const aboveFrom = 46; // a row of this height has its name above the bar

type Wish = Pick<BarGaugeProps, "values" | "orientation" | "valueMode">;

function widest(texts: readonly string[], size: number, measure: Measure): number {
  return Math.ceil(texts.reduce((most, text) => Math.max(most, measure(text)), 0) * size) + 2;
}

function standing(wish: Wish, width: number, height: number, { bold, plain }: Measures): BarBox {
  const count = Math.max(1, wish.values.length);
  const each = Math.max(24, (width - gap * (count - 1)) / count);
  const texts = wish.values.map((value) => value.text);
  const names = wish.values.map((value) => value.name);
  const valueFont = fitFont(texts, each - 2, 40, bold, { min: 11, max: 26 });
  const nameFont = fitFont(names, each, 40, plain, { min: 11, max: 13 });
  const length = Math.max(10, height - valueFont * 1.4 - nameFont * 1.5);
  return {
    vertical: true,
    nameAbove: false,
    height,
    length,
    nameFont,
    valueFont,
    nameWidth: each,
    valueWidth: each,
  };
}

function lying(wish: Wish, width: number, height: number, { bold, plain }: Measures): BarBox {
  const count = Math.max(1, wish.values.length);
  const each = Math.min(90, Math.max(rowMin, (height - gap * (count - 1)) / count));
  const nameAbove = each >= aboveFrom;
  const bar = nameAbove ? each - 20 : each;
  const texts = wish.values.map((value) => value.text);
  const valueFont = fitFont(texts, width * 0.3, bar, bold, { min: 12, max: 26 });
  const nameFont = 12;
  const shown = wish.valueMode !== "hidden";
  const valueWidth = shown ? widest(texts, valueFont, bold) : 0;
  const names = wish.values.map((value) => value.name);
  const nameWidth = nameAbove ? 0 : Math.min(width * 0.4, widest(names, nameFont, plain));
  const length = Math.max(10, width - valueWidth - nameWidth - (nameAbove ? gap : 2 * gap));
  return { vertical: false, nameAbove, height: each, length, nameFont, valueFont, nameWidth, valueWidth };
}

export function barBox(wish: Wish, width: number, height: number, measures: Measures): BarBox {
  const orientation = wish.orientation ?? "auto";
  const vertical = orientation === "vertical" || (orientation === "auto" && width > height * 1.6);
  return (vertical ? standing : lying)(wish, width, height, measures);
}

// The background of the filled part. A gradient runs over the filled part as it would over the whole bar.
export function barFill(value: GaugeValue, mode: "basic" | "lcd" | "gradient", vertical: boolean): string {
  const ratio = ratioOf(value.value, value.min, value.max);
  const pieces = thresholdPieces(value.thresholds ?? [], value.min, value.max);
  if (mode !== "gradient" || pieces.length < 2 || ratio <= 0) {
    return value.color;
  }
  const percent = (at: number) => `${Math.round((at / ratio) * 1000) / 10}%`;
  const stops = pieces
    .filter((piece) => piece.from < ratio)
    .map((piece) => `${piece.color} ${percent(piece.from)}`);
  const last = pieceAt(pieces, ratio) ?? value.color;
  return `linear-gradient(${vertical ? "0deg" : "90deg"}, ${stops.join(", ")}, ${last} 100%)`;
}

export interface LcdCell {
  readonly on: boolean;
  readonly color: string;
}

const cellEach = 12; // pixels with the gap

export function lcdCells(value: GaugeValue, length: number): LcdCell[] {
  const count = Math.max(1, Math.min(120, Math.floor(length / cellEach)));
  const ratio = ratioOf(value.value, value.min, value.max);
  const pieces = thresholdPieces(value.thresholds ?? [], value.min, value.max);
  return Array.from({ length: count }, (_, index) => ({
    on: (index + 0.5) / count <= ratio || (index === 0 && ratio > 0),
    color: pieceAt(pieces, (index + 0.5) / count) ?? value.color,
  }));
}
