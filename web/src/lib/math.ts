// SPDX-License-Identifier: Apache-2.0
// Expressions over other queries ("__expr__"): what Grafana's server calculates, calculated here. Math and
// reduce; the others say that they are not known.
import { frameLength, type Field, type FieldValue, type Frame, type Labels } from "./frame";
import { mathFunctions, mathOperators, parseMath, type MathNode } from "./mathparse";
import { reduceValue } from "./reduce";

export interface Expression {
  readonly refId: string;
  readonly type: string; // "math", "reduce", ...
  readonly expression: string;
  readonly reducer?: unknown; // of "reduce"
}

export interface Evaluated {
  readonly frames: readonly Frame[];
  readonly error: string; // a sentence, or ""
}

interface Series {
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

type Value = number | readonly Series[];

function numberOf(value: FieldValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function withoutName(labels: Labels): Labels {
  const { __name__: _name, ...rest } = labels;
  return rest;
}

// A table's rows are numbers, each with the texts of its row as labels.
function rowsOf(frame: Frame, value: Field, times: readonly FieldValue[]): Series[] {
  const texts = frame.fields.filter((field) => field.type === "string");
  return value.values.map((one, row) => ({
    labels: withoutName(
      Object.fromEntries(texts.map((field) => [field.name, String(field.values[row] ?? "")])),
    ),
    times: [numberOf(times[row]) ?? 0],
    values: [numberOf(one)],
  }));
}

function seriesOf(frames: readonly Frame[]): Series[] {
  return frames.flatMap((frame) => {
    const times = frame.fields.find((field) => field.type === "time")?.values ?? [];
    const isTable = frame.fields.some((field) => field.type === "string");
    return frame.fields
      .filter((field) => field.type === "number")
      .flatMap((field) =>
        isTable
          ? rowsOf(frame, field, times)
          : [
              {
                labels: withoutName(field.labels ?? {}),
                times: Array.from({ length: frameLength(frame) }, (_, row) => numberOf(times[row]) ?? row),
                values: field.values.map(numberOf),
              },
            ],
      );
  });
}

function map(value: Value, operate: (one: number | null) => number | null): Value {
  return typeof value === "number"
    ? (operate(value) ?? NaN)
    : value.map((series) => ({ ...series, values: series.values.map(operate) }));
}

// All labels of the one are labels of the other, with the same values.
function within(part: Labels, whole: Labels): boolean {
  return Object.entries(part).every(([name, value]) => whole[name] === value);
}

// Where both have one series, their labels do not matter.
function matches(left: readonly Series[], right: readonly Series[]): [Series, Series][] {
  const [one, other] = [left[0], right[0]];
  if (left.length === 1 && right.length === 1 && one !== undefined && other !== undefined) {
    return [[one, other]];
  }
  return left.flatMap((series) =>
    right
      .filter((two) => within(series.labels, two.labels) || within(two.labels, series.labels))
      .map((two): [Series, Series] => [series, two]),
  );
}

type Operate = (left: number, right: number) => number;

// At the times that both have. A series of one point, as an instant query gives it, stands for all times.
function together(left: Series, right: Series, operate: Operate): Series {
  const labels =
    Object.keys(left.labels).length >= Object.keys(right.labels).length ? left.labels : right.labels;
  const both = (one: number | null, other: number | null) =>
    one === null || other === null ? null : operate(one, other);
  if (left.values.length === 1 || right.values.length === 1) {
    const long = left.values.length === 1 ? right : left;
    const [one, other] = [left.values[0] ?? null, right.values[0] ?? null];
    const values = long.values.map((value) => (long === left ? both(value, other) : both(one, value)));
    return { labels, times: long.times, values };
  }
  const rows = new Map(right.times.map((time, row) => [time, row]));
  const shared = left.times
    .map((time, row) => [row, rows.get(time)] as const)
    .filter(([, row]) => row !== undefined);
  return {
    labels,
    times: shared.map(([row]) => left.times[row] as number),
    values: shared.map(([row, other]) =>
      both(left.values[row] ?? null, right.values[other as number] ?? null),
    ),
  };
}

function binary(left: Value, right: Value, operate: Operate): Value {
  if (typeof right === "number") {
    return map(left, (one) => (one === null ? null : operate(one, right)));
  }
  if (typeof left === "number") {
    return map(right, (one) => (one === null ? null : operate(left, one)));
  }
  return matches(left, right).map(([one, other]) => together(one, other, operate));
}

function evaluate(node: MathNode, inputs: ReadonlyMap<string, readonly Frame[]>): Value {
  switch (node.kind) {
    case "number":
      return node.value;
    case "input": {
      const frames = inputs.get(node.refId);
      if (frames === undefined) {
        throw new Error(`there is no query "${node.refId}"`);
      }
      return seriesOf(frames);
    }
    case "call": {
      const operate = mathFunctions[node.name] as (value: number | null) => number | null;
      return map(evaluate(node.argument, inputs), operate);
    }
    case "binary":
      return binary(
        evaluate(node.left, inputs),
        evaluate(node.right, inputs),
        mathOperators[node.operator] as Operate,
      );
  }
}

function framesOf(value: Value, refId: string): Frame[] {
  const series = typeof value === "number" ? [{ labels: {}, times: [0], values: [value] }] : value;
  return series.map(({ labels, times, values }) => ({
    refId,
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      {
        name: refId,
        type: "number",
        values,
        config: {},
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
      },
    ],
  }));
}

const reducers: Readonly<Record<string, string>> = { avg: "mean", count: "countAll" };

function reduced(expression: Expression, inputs: ReadonlyMap<string, readonly Frame[]>): Value {
  const refId = expression.expression.trim().replace(/^\$\{?|\}$/g, "");
  const frames = inputs.get(refId);
  if (frames === undefined) {
    throw new Error(`there is no query "${refId}"`);
  }
  const name = typeof expression.reducer === "string" ? expression.reducer : "last";
  const calc = Object.hasOwn(reducers, name) ? (reducers[name] as string) : name;
  return seriesOf(frames).map((series) => {
    const value = reduceValue(calc, series.values);
    return { ...series, times: series.times.slice(-1), values: [typeof value === "number" ? value : null] };
  });
}

// `inputs`: the frames of each query by its refId.
export function evaluateExpression(
  expression: Expression,
  inputs: ReadonlyMap<string, readonly Frame[]>,
): Evaluated {
  const { refId, type } = expression;
  try {
    switch (type) {
      case "math":
        return { frames: framesOf(evaluate(parseMath(expression.expression), inputs), refId), error: "" };
      case "reduce":
        return { frames: framesOf(reduced(expression, inputs), refId), error: "" };
      default:
        throw new Error(`expressions of the type "${type}" are not known here`);
    }
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    return { frames: [], error: `could not calculate expression ${refId}: ${reason}` };
  }
}

// The refIds an expression names.
export function expressionInputs(expression: string): string[] {
  return [...new Set([...expression.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] as string))];
}
