// SPDX-License-Identifier: Apache-2.0
// The parts of a pie in their order.
import { sharesOf, type Share } from "./shares";
import type { PieProps, SingleValue } from "./types";

export interface Part extends Share {
  readonly value: SingleValue;
  readonly start: number; // share of what stands before it
}

// The greatest first, as Grafana does unless it is told otherwise. What is not above zero has no part.
export function pieParts(values: readonly SingleValue[], sort: PieProps["sort"] = "desc"): Part[] {
  const sign = sort === "asc" ? 1 : sort === "desc" ? -1 : 0;
  const ordered = [...values].sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  let start = 0;
  return sharesOf(ordered.map((one) => ({ ...one, value: one.value ?? 0 }))).map((share) => {
    const value = ordered.find((one) => one.key === share.part.key) as SingleValue;
    const part = { ...share, value, start };
    start += share.share;
    return part;
  });
}
