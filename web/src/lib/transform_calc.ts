// SPDX-License-Identifier: Apache-2.0
// The transformation "add field from calculation".
import { frameLength, type Field, type FieldValue, type Frame } from "./frame";
import { record, strings, text } from "./matchers";
import { displayName } from "./names";
import { calcName, reduceValue } from "./reduce";
import { joinByField } from "./transform_join";

type Options = Readonly<Record<string, unknown>>;
type Values = readonly FieldValue[];

function numberOf(value: FieldValue): number | null {
  return typeof value === "number" ? value : null;
}

function named(frame: Frame, frames: readonly Frame[], name: string): Field | undefined {
  return frame.fields.find((field) => displayName(field, frame, frames) === name || field.name === name);
}

const operators: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};
const functions: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
};

// A side of a binary operation: "a field", "100", {matcher: {options: "a field"}}, {fixed: "100"}.
function sideName(side: unknown): string {
  const { matcher, fixed } = record(side);
  return typeof side === "object" ? text(record(matcher)["options"]) || text(fixed) : text(side);
}

function sideValues(frame: Frame, frames: readonly Frame[], name: string): Values | null {
  const field = named(frame, frames, name);
  if (field !== undefined) {
    return field.values;
  }
  const number = name.trim() === "" ? NaN : Number(name);
  return Number.isNaN(number) ? null : new Array<FieldValue>(frameLength(frame)).fill(number);
}

function binary(frame: Frame, frames: readonly Frame[], options: Options): Values | null {
  const wanted = record(options["binary"]);
  const operator = text(wanted["operator"]) || "+";
  const operate = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (operate === undefined) {
    throw new Error(`there is no operator "${operator}"`);
  }
  const left = sideValues(frame, frames, sideName(wanted["left"]));
  const right = sideValues(frame, frames, sideName(wanted["right"]));
  if (left === null || right === null) {
    return null;
  }
  return left.map((value, row) => {
    const [one, other] = [numberOf(value), numberOf(right[row] ?? null)];
    return one === null || other === null ? null : operate(one, other);
  });
}

function unary(frame: Frame, frames: readonly Frame[], options: Options): Values | null {
  const wanted = record(options["unary"]);
  const name = text(wanted["operator"]) || "abs";
  const values = named(frame, frames, text(wanted["fieldName"]))?.values.map(numberOf);
  if (values === undefined) {
    return null;
  }
  if (name === "percent") {
    const total = values.reduce((sum: number, value) => sum + (value ?? 0), 0);
    return values.map((value) => (value === null ? null : value / (total || 1)));
  }
  const operate = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (operate === undefined) {
    throw new Error(`there is no function "${name}"`);
  }
  return values.map((value) => (value === null ? null : operate(value)));
}

function reduceRow(frame: Frame, frames: readonly Frame[], options: Options): Values {
  const wanted = record(options["reduce"]);
  const include = strings(wanted["include"]);
  const chosen = frame.fields.filter((field) =>
    include.length === 0
      ? field.type === "number"
      : include.includes(field.name) || include.includes(displayName(field, frame, frames)),
  );
  const calc = text(wanted["reducer"]) || "sum";
  return Array.from({ length: frameLength(frame) }, (_, row) =>
    reduceValue(
      calc,
      chosen.map((field) => field.values[row] ?? null),
    ),
  );
}

function source(frame: Frame, frames: readonly Frame[], name: string): Field | undefined {
  return name === "" ? frame.fields.find((field) => field.type === "number") : named(frame, frames, name);
}

function cumulative(frame: Frame, frames: readonly Frame[], options: Options): Values | null {
  const wanted = record(options["cumulative"]);
  let total = 0;
  const values = source(frame, frames, text(wanted["field"]))?.values.map((value, row) => {
    total += numberOf(value) ?? 0;
    return wanted["reducer"] === "mean" ? total / (row + 1) : total;
  });
  return values ?? null;
}

function moving(frame: Frame, frames: readonly Frame[], options: Options): Values | null {
  const wanted = record(options["window"]);
  const field = source(frame, frames, text(wanted["field"]));
  const size = typeof wanted["windowSize"] === "number" ? wanted["windowSize"] : 0.1;
  if (!(size > 0)) {
    throw new Error("a window has to be larger than 0");
  }
  const fixed = wanted["windowSizeMode"] === "fixed";
  const width = Math.ceil(size * (fixed ? 1 : frameLength(frame)));
  const centered = wanted["windowAlignment"] === "centered";
  const [before, after] = centered ? [Math.floor(width / 2), Math.ceil(width / 2) - 1] : [width - 1, 0];
  const calc = text(wanted["reducer"]) || "mean";
  const at = (row: number) => {
    const values = field?.values.slice(Math.max(0, row - before), row + after + 1) ?? [];
    return reduceValue(calc, values) ?? 0;
  };
  return field === undefined ? null : field.values.map((_, row) => at(row));
}

function rowNumbers(frame: Frame, options: Options): Values {
  const length = frameLength(frame);
  const share = record(options["index"])["asPercentile"] === true;
  return Array.from({ length }, (_, row) => (share ? row / length : row));
}

function valuesOf(mode: string, frame: Frame, frames: readonly Frame[], options: Options): Values | null {
  switch (mode) {
    case "reduceRow":
      return reduceRow(frame, frames, options);
    case "binary":
      return binary(frame, frames, options);
    case "unary":
      return unary(frame, frames, options);
    case "cumulativeFunctions":
      return cumulative(frame, frames, options);
    case "windowFunctions":
      return moving(frame, frames, options);
    case "index":
      return rowNumbers(frame, options);
    default:
      throw new Error(`there is no calculation of the kind "${mode}" here`);
  }
}

function nameOf(mode: string, options: Options): string {
  const of = (name: string) => (name === "" ? "" : `(${name})`);
  switch (mode) {
    case "reduceRow":
      return calcName(text(record(options["reduce"])["reducer"]) || "sum");
    case "binary": {
      const { left, operator, right } = record(options["binary"]);
      return `${sideName(left)} ${text(operator) || "+"} ${sideName(right)}`;
    }
    case "unary": {
      const { operator, fieldName } = record(options["unary"]);
      return text(operator) + of(text(fieldName));
    }
    case "cumulativeFunctions": {
      const { reducer, field } = record(options["cumulative"]);
      return `cumulative ${text(reducer)}${of(text(field))}`;
    }
    case "windowFunctions": {
      const { windowAlignment, reducer, field } = record(options["window"]);
      return `${text(windowAlignment)} moving ${text(reducer)}${of(text(field))}`;
    }
    default:
      return "Row";
  }
}

function oneByType(frames: readonly Frame[], options: Options): void {
  const { id } = record(record(record(record(options["binary"])["left"])["matcher"]));
  if (frames.length > 0 && id === "byType") {
    throw new Error("it cannot calculate with all fields of a type here; name the field");
  }
}

// Series of their own are laid on common times first, so that one can be calculated with the other.
function together(frames: readonly Frame[], mode: string, options: Options): readonly Frame[] {
  const right = sideName(record(options["binary"])["right"]);
  const fixed = mode === "binary" && right.trim() !== "" && !Number.isNaN(Number(right));
  const timed = frames.every((frame) => frame.fields.some((field) => field.type === "time"));
  return options["timeSeries"] === false || fixed || !timed ? frames : joinByField(frames, {});
}

export function calculateField(frames: readonly Frame[], options: Options): readonly Frame[] {
  const mode = text(options["mode"]) || "reduceRow";
  const alias = text(options["alias"]);
  oneByType(frames, options);
  const joined = together(frames, mode, options);
  return joined.flatMap((frame) => {
    const values = valuesOf(mode, frame, joined, options);
    const replace = options["replaceFields"] === true;
    if (values === null) {
      return replace ? [] : [frame];
    }
    const name = alias === "" ? nameOf(mode, options) : alias;
    const config = alias === "" ? {} : { displayName: alias };
    const field: Field = { name, type: "number", values, config };
    const times =
      options["timeSeries"] === false ? [] : frame.fields.filter((one) => one.type === "time").slice(0, 1);
    return [{ ...frame, fields: [...(replace ? times : frame.fields), field] }];
  });
}
