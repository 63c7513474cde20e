// SPDX-License-Identifier: Apache-2.0
// Transformations of rows: which there are, in which order, and what they come to.
import { frameLength, type Field, type FieldType, type FieldValue, type Frame } from "./frame";
import { fieldMatcher, record, strings, text, type Matches } from "./matchers";
import { displayName, frameName } from "./names";
import { CALCS, calcName, reduceValue } from "./reduce";
import { safeRegExp } from "./regex";
import { keyOf } from "./transform_join";

type Options = Readonly<Record<string, unknown>>;

function withRows(frame: Frame, rows: readonly number[]): Frame {
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })),
  };
}

function rowsOf(frame: Frame): number[] {
  return Array.from({ length: frameLength(frame) }, (_, row) => row);
}

const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a: FieldValue, b: FieldValue): number {
  const none = (value: FieldValue) => value === null || (typeof value === "number" && Number.isNaN(value));
  if (none(a) || none(b)) {
    return Number(none(b)) - Number(none(a));
  }
  return typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b));
}

function sorted(frame: Frame, field: Field, desc: boolean): Frame {
  const sign = desc ? -1 : 1;
  const value = (row: number) => field.values[row] ?? null;
  return withRows(
    frame,
    rowsOf(frame).sort((a, b) => sign * compare(value(a), value(b))),
  );
}

// By the first of the fields that are named.
export function sortBy(frames: readonly Frame[], options: Options): readonly Frame[] {
  const wanted = record(Array.isArray(options["sort"]) ? options["sort"][0] : undefined);
  return frames.map((frame) => {
    const named = (field: Field) => displayName(field, frame, [frame]) === text(wanted["field"]);
    const field = frame.fields.find(named) ?? frame.fields.find((one) => one.name === text(wanted["field"]));
    return field === undefined ? frame : sorted(frame, field, wanted["desc"] === true);
  });
}

export function limit(frames: readonly Frame[], options: Options): readonly Frame[] {
  const wanted = options["limitField"];
  const count = typeof wanted === "string" ? parseInt(wanted, 10) : typeof wanted === "number" ? wanted : 10;
  if (!Number.isFinite(count)) {
    throw new Error(`"${text(wanted)}" is no number of rows`);
  }
  return frames.map((frame) => {
    const rows = rowsOf(frame);
    return rows.length <= Math.abs(count)
      ? frame
      : withRows(frame, count >= 0 ? rows.slice(0, count) : rows.slice(count));
  });
}

type RowTest = (value: FieldValue) => boolean;

function rowTest(config: unknown): RowTest {
  const { id, options } = record(config);
  const { value: wanted, from, to } = record(options);
  // Nothing counts as zero there, as in Grafana.
  const number = (test: (value: number) => boolean): RowTest => {
    return (value) => (value === null || typeof value !== "object") && test(Number(value));
  };
  switch (id) {
    case "isNull":
      return (value) => value === null;
    case "isNotNull":
      return (value) => value !== null;
    case "greater":
      return number((value) => value > Number(wanted));
    case "greaterOrEqual":
      return number((value) => value >= Number(wanted));
    case "lower":
      return number((value) => value < Number(wanted));
    case "lowerOrEqual":
      return number((value) => value <= Number(wanted));
    case "between":
      return number((value) => value > Number(from) && value < Number(to));
    case "equal":
      return (value) => same(value, wanted);
    case "notEqual":
      return (value) => !same(value, wanted);
    case "substring":
      return (value) => typeof value === "string" && value.toLowerCase().includes(text(wanted).toLowerCase());
    case "notSubstring":
      return (value) =>
        typeof value === "string" && !value.toLowerCase().includes(text(wanted).toLowerCase());
    case "regex":
      return regexTest(text(wanted));
    default:
      throw new Error(`rows cannot be chosen by "${text(id)}" here`);
  }
}

function same(value: FieldValue, wanted: unknown): boolean {
  return typeof value === "number"
    ? text(wanted) !== "" && value === Number(wanted)
    : String(value) === text(wanted);
}

function regexTest(pattern: string): RowTest {
  try {
    const expression = safeRegExp(pattern);
    return (value) => value !== null && expression.test(String(value));
  } catch {
    throw new Error(`"${pattern}" is no regular expression, or one that may take forever`);
  }
}

export function filterByValue(frames: readonly Frame[], options: Options): readonly Frame[] {
  const filters = Array.isArray(options["filters"]) ? options["filters"].map(record) : [];
  const tests = filters.map((filter) => ({
    name: text(filter["fieldName"]),
    test: rowTest(filter["config"]),
  }));
  const include = options["type"] !== "exclude";
  if (tests.length === 0) {
    return frames;
  }
  return frames.map((frame) => {
    const fits = (row: number) => {
      const one = ({ name, test }: { name: string; test: RowTest }) => {
        const field = frame.fields.find(
          (other) => displayName(other, frame, frames) === name || other.name === name,
        );
        return field !== undefined && test(field.values[row] ?? null);
      };
      return options["match"] === "all" ? tests.every(one) : tests.some(one);
    };
    return withRows(
      frame,
      rowsOf(frame).filter((row) => fits(row) === include),
    );
  });
}

function typeOf(calc: string, field: Field): FieldType {
  const kept = ["first", "firstNotNull", "last", "lastNotNull"].includes(calc);
  return kept ? field.type : calc === "allValues" || calc === "uniqueValues" ? "string" : "number";
}

function known(calcs: readonly string[]): readonly string[] {
  const unknown = calcs.find((calc) => !/^p[1-9]\d?$/.test(calc) && !CALCS.some(({ id }) => id === calc));
  if (unknown !== undefined) {
    throw new Error(`there is no calculation "${unknown}"`);
  }
  return calcs;
}

// A row for each series, a column for each calculation.
function reduceToRows(
  frames: readonly Frame[],
  matches: Matches,
  calcs: readonly string[],
  labels: boolean,
): Frame[] {
  const found = frames.flatMap((frame) =>
    frame.fields.filter((field) => matches(field, frame, frames)).map((field) => ({ field, frame })),
  );
  if (frames.length === 0) {
    return [];
  }
  const names = found.map(({ field, frame }) => (labels ? field.name : displayName(field, frame, frames)));
  const keys = labels ? [...new Set(found.flatMap(({ field }) => Object.keys(field.labels ?? {})))] : [];
  const column = (name: string, type: FieldType, values: readonly FieldValue[]): Field => ({
    name,
    type,
    values,
    config: {},
  });
  const reduced = calcs.map((calc) => {
    const texts = found.some(({ field }) => typeOf(calc, field) === "string");
    const values = found.map(({ field }) => reduceValue(calc, field.values));
    return column(calcName(calc), texts ? "string" : "number", values);
  });
  const columns = keys.map((key) =>
    column(
      key,
      "string",
      found.map(({ field }) => field.labels?.[key] ?? null),
    ),
  );
  const fields = [column("Field", "string", names), ...columns, ...reduced];
  return [{ refId: `reduce-${frames.map((frame) => frame.refId).join("-")}`, fields }];
}

function reduceInPlace(frames: readonly Frame[], matches: Matches, calcs: readonly string[]): Frame[] {
  const reduced = (field: Field, calc: string): Field => ({
    ...field,
    type: typeOf(calc, field),
    values: [reduceValue(calc, field.values)],
    ...(calcs.length > 1 ? { labels: { ...field.labels, reducer: calcName(calc) } } : {}),
  });
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields
        .filter((field) => matches(field, frame, frames))
        .flatMap((field) => calcs.map((calc) => reduced(field, calc))),
    }))
    .filter((frame) => frame.fields.length > 0);
}

export function reduceFrames(frames: readonly Frame[], options: Options): readonly Frame[] {
  const calcs = known(strings(options["reducers"]));
  if (calcs.length === 0) {
    return frames;
  }
  const inPlace = options["mode"] === "reduceFields";
  const { id, options: matcherOptions } = record(options["fields"]);
  const withTime = inPlace && options["includeTimeField"] === true;
  const matches =
    fieldMatcher(text(id), matcherOptions) ?? ((field: Field) => withTime || field.type !== "time");
  return inPlace
    ? reduceInPlace(frames, matches, calcs)
    : reduceToRows(frames, matches, calcs, options["labelsToFields"] === true);
}

// The values of all series below each other, the latest first.
export function seriesToRows(frames: readonly Frame[]): readonly Frame[] {
  const rows: [FieldValue, string, FieldValue][] = [];
  for (const frame of frames) {
    const time = frame.fields.find((field) => field.type === "time");
    const value = frame.fields.find((field) => field.type !== "time");
    if (time === undefined || value === undefined) {
      return frames;
    }
    time.values.forEach((at, row) => rows.push([at, frameName(frame), value.values[row] ?? null]));
  }
  if (frames.length === 0) {
    return frames;
  }
  rows.sort((a, b) => compare(b[0], a[0]));
  const fields: Field[] = [
    { name: "Time", type: "time", values: rows.map(([time]) => time), config: {} },
    { name: "Metric", type: "string", values: rows.map(([, name]) => name), config: {} },
    { name: "Value", type: "number", values: rows.map(([, , value]) => value), config: {} },
  ];
  return [{ refId: `seriesToRows-${frames.map((frame) => frame.refId).join("-")}`, fields }];
}

interface Grouping {
  readonly keys: readonly Field[];
  readonly calculated: readonly {
    readonly field: Field;
    readonly name: string;
    readonly calcs: readonly string[];
  }[];
}

function groupingOf(frame: Frame, wanted: Readonly<Record<string, unknown>>): Grouping {
  const named = frame.fields.map((field) => {
    const name = displayName(field, frame, [frame]);
    return { field, name, option: record(wanted[name] ?? wanted[field.name]) };
  });
  return {
    keys: named.filter(({ option }) => option["operation"] === "groupby").map(({ field }) => field),
    calculated: named
      .filter(({ option }) => option["operation"] === "aggregate")
      .map(({ field, name, option }) => ({ field, name, calcs: known(strings(option["aggregations"])) })),
  };
}

export function groupBy(frames: readonly Frame[], options: Options): readonly Frame[] {
  const wanted = record(options["fields"]);
  if (!Object.values(wanted).some((option) => record(option)["operation"] === "groupby")) {
    return frames;
  }
  return frames.flatMap((frame) => {
    const { keys, calculated } = groupingOf(frame, wanted);
    const groups = new Map<string, number[]>();
    for (const row of rowsOf(frame)) {
      const key = keyOf(keys.map((field) => field.values[row] ?? null));
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, [row]);
      } else {
        group.push(row);
      }
    }
    const all = [...groups.values()];
    const kept = keys.map((field) => ({
      ...field,
      values: all.map((rows) => field.values[rows[0] as number] ?? null),
    }));
    const reduced = calculated.flatMap(({ field, name, calcs }) =>
      calcs.map((calc): Field => {
        const values = all.map((rows) =>
          reduceValue(
            calc,
            rows.map((row) => field.values[row] ?? null),
          ),
        );
        return { name: `${name} (${calc})`, type: typeOf(calc, field), values, config: {} };
      }),
    );
    return keys.length === 0 ? [] : [{ refId: frame.refId, fields: [...kept, ...reduced] }];
  });
}
