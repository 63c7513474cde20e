// SPDX-License-Identifier: Apache-2.0
// Frames as rows of states: a value holds until the next one, and no longer than a step where that is
// missing.
import type { TimelineRow, TimelineSpan } from "../../charts/types";
import type { Theme } from "../../lib/colors";
import { displayOf, extent, type Display } from "../../lib/display";
import type { FieldValue } from "../../lib/frame";
import { mapValue } from "../../lib/mappings";
import { displayName } from "../../lib/overrides";
import type { PanelData } from "../data";
import { timesOf, type Named } from "../fields";

// Texts are states too, but beside numbers they are labels.
function statesOf({ frames }: PanelData): Named[] {
  const found: Named[] = [];
  for (const frame of frames) {
    const numbers = frame.fields.some((field) => field.type === "number");
    for (const field of frame.fields) {
      if (field.type === (numbers ? "number" : "string") && field.config.custom?.["hidden"] !== true) {
        found.push({ field, frame, name: displayName(field, frame, frames), index: found.length });
      }
    }
  }
  return found.filter((one) => timesOf(one.frame).length > 0);
}

export interface TimelineOptions {
  readonly theme: Theme;
  readonly merge: boolean; // equal neighbours are one
}

// By thresholds a state is the range between two of them; else the value itself.
function said(
  value: FieldValue,
  display: Display,
  one: Named,
  merge: boolean,
): { text: string; state?: string } {
  const mapped = typeof mapValue(value, one.field.config.mappings)?.text === "string";
  if (mapped || display.state === "") {
    return { text: display.full };
  }
  return merge ? { text: display.state } : { text: display.full, state: display.state };
}

function rowOf(one: Named, data: PanelData, step: number, { theme, merge }: TimelineOptions): TimelineRow {
  const found = extent([one.field]);
  const { config, values } = one.field;
  const limits = { min: config.min ?? found.min, max: config.max ?? found.max };
  const times = timesOf(one.frame) as readonly number[];
  const spans: TimelineSpan[] = [];
  times.forEach((from, i) => {
    const value = values[i] ?? null;
    const mapped = value === null && typeof mapValue(value, config.mappings)?.text === "string";
    if (value === null && !mapped) {
      return;
    }
    const next = times[i + 1] ?? Infinity;
    const to = step > 0 && next - from > step * 1.5 ? from + step : Math.min(next, data.toMs);
    const display = displayOf(value, config, {
      theme,
      ...limits,
      seriesIndex: one.index,
      seriesName: one.name,
    });
    const span = { from, to, ...said(value, display, one, merge), color: display.color };
    const last = spans[spans.length - 1];
    if (
      merge &&
      last !== undefined &&
      last.to === from &&
      last.text === span.text &&
      last.color === span.color
    ) {
      spans[spans.length - 1] = { ...last, to };
    } else if (to > from) {
      spans.push(span);
    }
  });
  return { key: `${one.frame.refId} ${one.name} ${one.index}`, name: one.name, spans };
}

export function timelineRows(data: PanelData, options: TimelineOptions): TimelineRow[] {
  const steps = new Map(
    data.answered
      .filter((answer) => answer.kind === "range")
      .map((answer) => [answer.target.refId, answer.stepMs]),
  );
  return statesOf(data).map((one) => rowOf(one, data, steps.get(one.frame.refId) ?? 0, options));
}
