// SPDX-License-Identifier: Apache-2.0
// Grafana's transformations: what becomes of the frames of queries before they are drawn. Each is a function
// of frames and its options; what is not known here is said, and the frames pass by unchanged.
import type { Frame } from "./frame";
import { record, text } from "./matchers";
import { calculateField } from "./transform_calc";
import {
  convertFieldType,
  filterFieldsByName,
  filterByRefId,
  labelsToFields,
  organize,
  renameByRegex,
} from "./transform_fields";
import { concatenate, joinByField, merge } from "./transform_join";
import { filterByValue, groupBy, limit, reduceFrames, seriesToRows, sortBy } from "./transform_rows";
import { prepareTimeSeries, timeSeriesTable } from "./transform_series";

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

// Throws an Error with a sentence where its options ask for what it cannot do.
export type Transform = (
  frames: readonly Frame[],
  options: Readonly<Record<string, unknown>>,
) => readonly Frame[];

const transforms: Readonly<Record<string, Transform>> = {
  calculateField,
  concatenate,
  convertFieldType,
  filterByRefId,
  filterByValue,
  filterFieldsByName,
  groupBy,
  joinByField,
  labelsToFields,
  limit,
  merge,
  noop: (frames) => frames,
  organize,
  prepareTimeSeries,
  reduce: reduceFrames,
  renameByRegex,
  seriesToColumns: joinByField,
  seriesToRows,
  sortBy,
  timeSeriesTable,
};

// The frames that a transformation is about, by their queries.
function chosen(frame: Frame, filter: unknown): boolean {
  const { id, options } = record(filter);
  const wanted = text(options);
  if (id !== "byRefId" || wanted === "") {
    return true;
  }
  const pattern = /^\/(?:\^?)\(?([^()]*)\)?\$?\/$/.exec(wanted);
  return (pattern === null ? [wanted] : (pattern[1] as string).split("|")).includes(frame.refId);
}

function apply(frames: readonly Frame[], one: TransformationLike, unsupported: string[]): readonly Frame[] {
  const transform = Object.hasOwn(transforms, one.id) ? transforms[one.id] : undefined;
  if (transform === undefined) {
    unsupported.push(
      `cannot apply the transformation "${one.id}": it is not known here; the data is shown without it`,
    );
    return frames;
  }
  const mine = frames.filter((frame) => chosen(frame, one.filter));
  const others = frames.filter((frame) => !chosen(frame, one.filter));
  try {
    return [...transform(mine, one.options), ...others];
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    unsupported.push(`cannot apply the transformation "${one.id}": ${reason}`);
    return frames;
  }
}

export function applyTransformations(
  frames: readonly Frame[],
  transformations: readonly TransformationLike[],
): Transformed {
  const unsupported: string[] = [];
  const done = transformations
    .filter((one) => one.disabled !== true)
    .reduce((now, one) => apply(now, one, unsupported), frames);
  return { frames: done, unsupported };
}
