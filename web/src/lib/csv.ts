// SPDX-License-Identifier: Apache-2.0
// Frames as CSV (RFC 4180).
import { frameLength, type Field, type FieldValue, type Frame } from "./frame";
import { formatDate } from "./dateformat";
import { displayName } from "./names";
import { floatText } from "./promtext";

export interface CsvOptions {
  readonly utc?: boolean; // times in UTC; else in the browser's zone, which stands with them
  readonly names?: (frame: Frame, index: number) => string; // of a column; default: the display name
}

// A text that a spreadsheet would take for a formula is given as text: labels are the world's, not ours.
export function csvCell(text: string): string {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const safe =
    /^[=+\-@\t\r\n]/.test(text) && !number && text !== "+Inf" && text !== "-Inf" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function timeText(time: number, utc: boolean): string {
  return utc ? new Date(time).toISOString() : formatDate(time, "YYYY-MM-DD[T]HH:mm:ss.SSSZ", false);
}

function textOf(value: FieldValue, field: Field, utc: boolean): string {
  if (value === null) {
    return "";
  }
  if (typeof value === "object") {
    return `count ${value.count}, sum ${value.sum}`;
  }
  if (typeof value === "string") {
    return value;
  }
  const isTime = field.type === "time" && Number.isFinite(value) && Math.abs(value) <= 8.64e15;
  return isTime ? timeText(value, utc) : floatText(value);
}

interface Column {
  readonly name: string;
  readonly text: (row: number) => string;
}

function timeOf(frame: Frame): Field | undefined {
  return frame.fields.find((field) => field.type === "time");
}

// Series each with times of their own.
function areSeries(frames: readonly Frame[]): boolean {
  return (
    frames.length > 1 && frames.every((frame) => timeOf(frame) !== undefined && frame.fields.length === 2)
  );
}

type Name = (frame: Frame, index: number) => string;

function seriesColumns(
  frames: readonly Frame[],
  name: Name,
  utc: boolean,
): [columns: Column[], rows: number] {
  const all = frames.flatMap((frame) => [...(timeOf(frame)?.values ?? [])]);
  const times = [...new Set(all.filter((time): time is number => typeof time === "number"))].sort(
    (a, b) => a - b,
  );
  const first = timeOf(frames[0] as Frame) as Field;
  const columns: Column[] = [{ name: first.name, text: (row) => textOf(times[row] ?? null, first, utc) }];
  for (const frame of frames) {
    const index = frame.fields.findIndex((field) => field.type !== "time");
    const field = frame.fields[index];
    const rows = new Map(timeOf(frame)?.values.map((time, row) => [time, row]));
    const at = (row: number) => field?.values[rows.get(times[row] as number) ?? -1] ?? null;
    columns.push({
      name: name(frame, index),
      text: (row) => (field === undefined ? "" : textOf(at(row), field, utc)),
    });
  }
  return [columns, times.length];
}

function lines(columns: readonly Column[], length: number): string {
  const head = columns.map((column) => csvCell(column.name)).join(",");
  const body = Array.from({ length }, (_, row) =>
    columns.map((column) => csvCell(column.text(row))).join(","),
  );
  return [head, ...body].map((line) => `${line}\r\n`).join("");
}

function tableCsv(frame: Frame, name: Name, utc: boolean): string {
  const columns = frame.fields.map((field, index): Column => ({
    name: name(frame, index),
    text: (row) => textOf(field.values[row] ?? null, field, utc),
  }));
  return lines(columns, frameLength(frame));
}

// Time series of several frames share their times: one column each. Other frames follow each other, with an
// empty line between them. Times are ISO 8601.
export function framesToCsv(frames: readonly Frame[], options: CsvOptions = {}): string {
  const name: Name =
    options.names ?? ((frame, index) => displayName(frame.fields[index] as Field, frame, frames));
  const utc = options.utc ?? true;
  if (areSeries(frames)) {
    return lines(...seriesColumns(frames, name, utc));
  }
  return frames
    .filter((frame) => frame.fields.length > 0)
    .map((frame) => tableCsv(frame, name, utc))
    .join("\r\n");
}
