// SPDX-License-Identifier: Apache-2.0
// Transformations that make one frame of several.
import { frameLength, type Field, type FieldValue, type Frame } from "./frame";
import { fieldMatcher, text } from "./matchers";

type Options = Readonly<Record<string, unknown>>;
type Row = Map<string, FieldValue>;

function refIds(frames: readonly Frame[]): string {
  return frames.map((frame) => frame.refId).join("-");
}

// Apart from each other also where one ends as the next begins.
export function keyOf(values: readonly FieldValue[]): string {
  return JSON.stringify(values.map((value) => (typeof value === "number" ? String(value) : value)));
}

function cell(field: Field | undefined, row: number): FieldValue {
  return field?.values[row] ?? null;
}

function bare(field: Field): Field {
  const { displayName: _name, ...config } = field.config;
  return { name: field.name, type: field.type, values: [], config };
}

// Rows go together where nothing of the one says otherwise than the other.
function fits(row: Row, other: Row): boolean {
  return [...other].every(([name, value]) => {
    const mine = row.get(name) ?? null;
    return mine === null || Object.is(mine, value);
  });
}

// Tables by the columns that all of them have: rows of the same values become one.
export function merge(frames: readonly Frame[]): readonly Frame[] {
  const full = frames.filter((frame) => frame.fields.length > 0);
  if (frames.length < 2 || full.length === 0) {
    return frames;
  }
  const columns = new Map<string, Field>();
  full.forEach((frame) =>
    frame.fields.forEach((field) => columns.has(field.name) || columns.set(field.name, field)),
  );
  const has = (frame: Frame, name: string) => frame.fields.some((field) => field.name === name);
  const keys = [...columns.keys()].filter((name) => full.every((frame) => has(frame, name)));
  if (keys.length === 0) {
    return frames;
  }
  const groups = new Map<string, Row[]>();
  const rows: Row[] = [];
  for (const frame of full) {
    for (let i = 0; i < frameLength(frame); i++) {
      const row: Row = new Map();
      frame.fields.forEach((field) => row.set(field.name, cell(field, i)));
      const key = keyOf(keys.map((name) => row.get(name) ?? null));
      const group = groups.get(key) ?? [];
      const same = group.filter((other) => fits(other, row));
      same.forEach((other) => row.forEach((value, name) => other.set(name, value)));
      if (same.length === 0) {
        group.push(row);
        rows.push(row);
        groups.set(key, group);
      }
    }
  }
  const fields = [...columns.values()].map((field) => ({
    ...bare(field),
    values: rows.map((row) => row.get(field.name) ?? null),
  }));
  return [{ refId: `merge-${refIds(full)}`, fields }];
}

interface Table {
  readonly key: Field;
  readonly fields: readonly Field[];
}

// A value field is called as its series; others keep its name as a label.
function tableOf(frame: Frame, key: Field): Table {
  const fields = frame.fields
    .filter((field) => field !== key)
    .map((field): Field => {
      if ((frame.name ?? "") === "") {
        // A second column of times is counted as other columns are; only the one of the rows is "Time".
        return { ...field, labels: field.labels ?? {} };
      }
      const labels = { ...field.labels };
      return field.name === "Value"
        ? { ...field, name: frame.name as string }
        : {
            ...field,
            labels: labels["name"] === undefined ? { ...labels, name: frame.name as string } : labels,
          };
    });
  return { key, fields };
}

type Pair = readonly [left: number | null, right: number | null]; // rows

function pick(values: readonly FieldValue[], row: number | null): FieldValue {
  return row === null ? null : (values[row] ?? null);
}

// Each row of the one with each of the other that has the same key; `outer`: those without, too.
function pairs(left: readonly FieldValue[], right: readonly FieldValue[], outer: boolean): Pair[] {
  const rows = new Map<FieldValue, number[]>();
  right.forEach((value, row) => {
    const same = rows.get(value);
    if (same === undefined) {
      rows.set(value, [row]);
    } else {
      same.push(row);
    }
  });
  const matched: Pair[] = [];
  const alone: Pair[] = [];
  const found = new Set<FieldValue>();
  left.forEach((value, row) => {
    const others = value === null ? undefined : rows.get(value);
    others?.forEach((other) => matched.push([row, other]));
    found.add(others === undefined ? null : value);
    if (others === undefined) {
      alone.push([row, null]);
    }
  });
  const rest = [...rows].filter(([value]) => value === null || !found.has(value)).flatMap(([, all]) => all);
  return outer ? [...matched, ...alone, ...rest.map((row): Pair => [null, row])] : matched;
}

function tabular(tables: readonly Table[], outer: boolean): Field[] {
  const [first, ...others] = tables as [Table, ...Table[]];
  let key = first.key;
  let fields = [...first.fields];
  for (const table of others) {
    const found = pairs(key.values, table.key.values, outer);
    const keys = found.map(([left, right]) =>
      left === null ? pick(table.key.values, right) : pick(key.values, left),
    );
    const mine = fields.map((field) => ({
      ...field,
      values: found.map(([left]) => pick(field.values, left)),
    }));
    const theirs = table.fields.map((field) => ({
      ...field,
      values: found.map(([, right]) => pick(field.values, right)),
    }));
    key = { ...key, values: keys };
    fields = [...mine, ...theirs];
  }
  return [key, ...fields];
}

// Series on the times of all of them, ascending.
function outerJoin(tables: readonly Table[]): Field[] {
  const [first] = tables as [Table, ...Table[]];
  const keys = [...new Set(tables.flatMap((table) => [...table.key.values]))].filter(
    (value) => value !== null,
  );
  if (keys.every((value) => typeof value === "number")) {
    (keys as number[]).sort((a, b) => a - b);
  }
  const place = new Map<FieldValue, number>(keys.map((value, index) => [value, index]));
  const spread = (field: Field, key: Field): Field => {
    const values = new Array<FieldValue>(keys.length).fill(null);
    key.values.forEach((value, row) => {
      const index = place.get(value);
      if (index !== undefined) {
        values[index] = cell(field, row);
      }
    });
    return { ...field, values };
  };
  const joined = tables.flatMap((table) => table.fields.map((field) => spread(field, table.key)));
  return [{ ...first.key, values: keys }, ...joined];
}

export function joinByField(frames: readonly Frame[], options: Options): readonly Frame[] {
  if (frames.length < 2) {
    return frames;
  }
  const byField = text(options["byField"]);
  const matches = byField === "" ? fieldMatcher("firstTimeField", {}) : fieldMatcher("byName", byField);
  const tables: Table[] = [];
  for (const frame of frames) {
    const key = frame.fields.find((field) => matches?.(field, frame, frames) === true);
    if (key !== undefined) {
      tables.push(tableOf(frame, key));
    }
  }
  const mode = text(options["mode"]);
  if (tables.length === 0) {
    return [];
  }
  const dropped = mode === "inner" && tables.length < frames.length;
  const tabularMode = mode === "inner" || mode === "outerTabular";
  const joined = tabularMode ? tabular(tables, mode === "outerTabular") : outerJoin(tables);
  const fields = dropped ? joined.map((field) => ({ ...field, values: [] })) : joined;
  return [{ refId: `joinByField-${refIds(frames)}`, fields }];
}

// All columns beside each other; the shorter ones end with nothing.
export function concatenate(frames: readonly Frame[], options: Options): readonly Frame[] {
  if (frames.length < 2) {
    return frames;
  }
  const length = Math.max(...frames.map(frameLength));
  const mode = text(options["frameNameMode"]) || "field";
  const label = text(options["frameNameLabel"]) || "frame";
  const named = (field: Field, name: string): Field => {
    if (name === "" || mode === "drop") {
      return field;
    }
    if (mode === "label") {
      return { ...field, labels: { ...field.labels, [label]: name } };
    }
    const plain = field.name === "" || field.name === "Value";
    return { ...field, name: plain ? name : `${name} · ${field.name}` };
  };
  const fields = frames.flatMap((frame) =>
    frame.fields.map((field) => {
      const rest = new Array<FieldValue>(length - field.values.length).fill(null);
      return { ...named(field, frame.name ?? ""), values: [...field.values, ...rest] };
    }),
  );
  return [{ refId: `concatenate-${refIds(frames)}`, fields }];
}
