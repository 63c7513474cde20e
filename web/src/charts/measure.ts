// SPDX-License-Identifier: Apache-2.0
// Widths of texts in the page's own font, measured once for each text.
import type { Measure } from "./layout";

const measuredAt = 100; // pixels
const widthsMax = 5000; // texts kept
const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null = null;

function measureAt(weight: number, text: string): number {
  const key = `${weight} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) {
    return known;
  }
  context ??= document.createElement("canvas").getContext("2d");
  if (context === null) {
    return text.length * 0.6;
  }
  context.font = `${weight} ${measuredAt}px ${getComputedStyle(document.body).fontFamily}`;
  const width = context.measureText(text).width / measuredAt;
  if (widths.size >= widthsMax) {
    widths.clear();
  }
  widths.set(key, width);
  return width;
}

export const measureBold: Measure = (text) => measureAt(600, text);
export const measurePlain: Measure = (text) => measureAt(400, text);
