// SPDX-License-Identifier: Apache-2.0
// Shares of a whole, and their texts.
import type { StackPart } from "./types";

export interface Share {
  readonly part: StackPart;
  readonly share: number; // 0 to 1
  readonly percent: string;
}

// Tells small from none: "<1 %" is not "0 %".
export function percentText(share: number): string {
  if (!Number.isFinite(share) || share <= 0) {
    return "0 %";
  }
  return share < 0.01 ? "<1 %" : `${Math.round(share * 100)} %`;
}

export function sharesOf(parts: readonly StackPart[]): Share[] {
  const size = (part: StackPart) => (Number.isFinite(part.value) && part.value > 0 ? part.value : 0);
  const total = parts.reduce((sum, part) => sum + size(part), 0);
  if (!(total > 0)) {
    return [];
  }
  return parts
    .filter((part) => size(part) > 0)
    .map((part) => ({ part, share: size(part) / total, percent: percentText(size(part) / total) }));
}

export function sharesText(label: string, shares: readonly Share[]): string {
  const said = shares.map(({ part, percent }) => {
    const value = part.text === undefined ? "" : `${part.text}, `;
    return `${part.name} ${value}${percent}`;
  });
  return `${label}: ${said.join("; ")}`;
}
