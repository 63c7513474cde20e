// SPDX-License-Identifier: Apache-2.0
// Transformations of columns: which there are, in which order, by what name and of what type.
import { frameLength, type Field, type FieldValue, type Frame } from "./frame";
import { formatDate } from "./dateformat";
import { patternOf } from "./mappings";
import { fieldMatcher, record, strings, text, type Matches } from "./matchers";
import { displayName } from "./names";

type Options = Readonly<Record<string, unknown>>;

function keep(frames: readonly Frame[], wanted: Matches): Frame[] {
  return frames
    .map((frame) => ({ ...frame, fields: frame.fields.filter((field) => wanted(field, frame, frames)) }))
    .filter((frame) => frame.fields.length > 0);
}

function namesOrPattern(value: unknown): Matches | null {
  const { names, pattern } = record(value);
  const [listed, expression] = [strings(names), text(pattern)];
  if (listed.length === 0 && expression === "") {
    return null;
  }
  return expression === ""
    ? fieldMatcher("byNames", { names: listed })
    : fieldMatcher("byRegexpOrNames", { names: listed, pattern: expression });
}

export function filterFieldsByName(frames: readonly Frame[], options: Options): readonly Frame[] {
  if (options["byVariable"] === true) {
    throw new Error("columns cannot be chosen by a variable here");
  }
  const include = namesOrPattern(options["include"]);
  const exclude = namesOrPattern(options["exclude"]);
  return keep(frames, (...all) => (include?.(...all) ?? true) && !(exclude?.(...all) ?? false));
}

function trueNames(value: unknown): string[] {
  return Object.entries(record(value))
    .filter(([, chosen]) => chosen === true)
    .map(([name]) => name);
}

function ordered(frames: readonly Frame[], options: Options): Frame[] {
  const places = record(options["indexByName"]);
  const place = (field: Field, frame: Frame) => {
    const index = places[displayName(field, frame, frames)];
    return typeof index === "number" && Number.isInteger(index) ? index : Number.MAX_SAFE_INTEGER;
  };
  return frames.map((frame) => ({
    ...frame,
    fields: [...frame.fields].sort((a, b) => place(a, frame) - place(b, frame)),
  }));
}

function rename(field: Field, name: string): Field {
  return { ...field, config: { ...field.config, displayName: name } };
}

export function organize(frames: readonly Frame[], options: Options): readonly Frame[] {
  const exclude = { names: trueNames(options["excludeByName"]) };
  const include = { names: trueNames(options["includeByName"]) };
  const names = record(options["renameByName"]);
  return ordered(filterFieldsByName(frames, { include, exclude }), options).map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = text(names[displayName(field, frame, [frame])]);
      return name === "" ? field : rename(field, name);
    }),
  }));
}

export function renameByRegex(frames: readonly Frame[], options: Options): readonly Frame[] {
  const expression = patternOf(text(options["regex"]));
  if (expression === null) {
    throw new Error(`"${text(options["regex"])}" is no regular expression, or one that may take forever`);
  }
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = displayName(field, frame, [frame]);
      const replaced = name.replace(expression, text(options["renamePattern"]));
      return name.search(expression) < 0 ? field : rename(field, replaced);
    }),
  }));
}

export function filterByRefId(frames: readonly Frame[], options: Options): readonly Frame[] {
  const matcher = (value: unknown): ((frame: Frame) => boolean) | null => {
    const wanted = text(value);
    const expression = wanted.startsWith("/") ? patternOf(wanted) : null;
    const named = (frame: Frame) =>
      expression === null ? frame.refId === wanted : frame.refId.search(expression) >= 0;
    return wanted === "" ? null : named;
  };
  const [include, exclude] = [matcher(options["include"]), matcher(options["exclude"])];
  return frames.filter((frame) => (include?.(frame) ?? true) && !(exclude?.(frame) ?? false));
}

function textField(name: string, values: readonly FieldValue[]): Field {
  return { name, type: "string", values, config: {} };
}

function labelRows(frames: readonly Frame[], wanted: readonly string[]): Frame[] {
  return frames.flatMap((frame) =>
    frame.fields
      .filter((field) => field.labels !== undefined)
      .map((field) => {
        const names = wanted.length === 0 ? Object.keys(field.labels ?? {}) : wanted;
        const values = names.map((name) => field.labels?.[name] ?? null);
        return {
          ...frame,
          name: displayName(field, frame, frames),
          fields: [textField("label", names), textField("value", values)],
        };
      }),
  );
}

function labelColumns(frame: Frame, wanted: readonly string[], valueLabel: string): Frame {
  const labels = new Map<string, Set<string>>();
  const fields = frame.fields.map((field): Field => {
    if (field.labels === undefined) {
      return field;
    }
    for (const [name, value] of Object.entries(field.labels)) {
      if (name !== valueLabel && (wanted.length === 0 || wanted.includes(name))) {
        labels.set(name, (labels.get(name) ?? new Set()).add(value));
      }
    }
    const { displayName: _name, displayNameFromDS: _legend, ...config } = field.config;
    const name = field.labels[valueLabel] ?? field.name;
    return { name, type: field.type, values: field.values, config };
  });
  const length = frameLength(frame);
  const columns = [...labels].flatMap(([name, values]) =>
    [...values].map((value) => textField(name, new Array<FieldValue>(length).fill(value))),
  );
  return { ...frame, fields: [...fields, ...columns] };
}

export function labelsToFields(frames: readonly Frame[], options: Options): readonly Frame[] {
  const wanted = strings(options["keepLabels"]);
  return options["mode"] === "rows"
    ? labelRows(frames, wanted)
    : frames.map((frame) => labelColumns(frame, wanted, text(options["valueLabel"])));
}

function toNumber(value: FieldValue): FieldValue {
  const plain = typeof value === "string" ? value.replace(/,/g, "") : value;
  const number = plain === null || plain === "" || typeof plain === "object" ? NaN : Number(plain);
  return Number.isFinite(number) ? number : null;
}

function toTime(value: FieldValue, format: string): FieldValue {
  const time = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : NaN;
  return Number.isFinite(time) ? (format === "X" ? time * 1000 : time) : null;
}

function converted(field: Field, type: string, format: string): Field {
  switch (type) {
    case "number":
      return { ...field, type, values: field.values.map(toNumber) };
    case "time":
      return { ...field, type, values: field.values.map((value) => toTime(value, format)) };
    case "string": {
      const pattern = format === "" ? "YYYY-MM-DD HH:mm:ss" : format;
      const write = (value: FieldValue) =>
        field.type === "time" && typeof value === "number"
          ? formatDate(value, pattern, false)
          : String(value ?? "");
      return { ...field, type, values: field.values.map(write) };
    }
    default:
      throw new Error(`there are no fields of type "${type}" here`);
  }
}

export function convertFieldType(frames: readonly Frame[], options: Options): readonly Frame[] {
  const list = Array.isArray(options["conversions"]) ? options["conversions"].map(record) : [];
  return list.reduce((now: readonly Frame[], one) => {
    const matches = fieldMatcher("byName", one["targetField"]);
    const change = (field: Field, frame: Frame) =>
      matches?.(field, frame, now) === true
        ? converted(field, text(one["destinationType"]), text(one["dateFormat"]))
        : field;
    return text(one["targetField"]) === ""
      ? now
      : now.map((frame) => ({ ...frame, fields: frame.fields.map((field) => change(field, frame)) }));
  }, frames);
}
