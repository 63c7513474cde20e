// SPDX-License-Identifier: Apache-2.0
// Asks Grafana's transformations and ours the same, with frames as Prometheus answers them. Types and the
// order of columns count; names are those that a panel shows.
import "./grafana"; // its navigator
import { createRequire } from "node:module";
import type { Field, FieldValue, Frame } from "../src/lib/frame";
import { displayName } from "../src/lib/overrides";
import { applyTransformations } from "../src/lib/transforms";

interface TheirFrame {
  name?: string;
  refId?: string;
  length: number;
  fields: {
    name: string;
    type: string;
    values: unknown[];
    config: object;
    labels?: object;
    state?: object;
  }[];
}

interface Transformer {
  id: string;
}

interface GrafanaData {
  standardTransformers: Record<string, Transformer>;
  standardTransformersRegistry: { setInit: (init: () => object[]) => void };
  transformDataFrame: (
    list: object[],
    frames: TheirFrame[],
  ) => { subscribe: (next: (frames: TheirFrame[]) => void) => void };
  getFieldDisplayName: (field: object, frame: object, frames?: object[]) => string;
}

const data = createRequire(import.meta.url)("@grafana/data") as GrafanaData;
// Asked for by each transformation, but not to be there while the package is loaded.
Object.defineProperty(globalThis, "window", { value: globalThis });

// Some stand there by two names.
const transformers = new Map(Object.values(data.standardTransformers).map((one) => [one.id, one]));
data.standardTransformersRegistry.setInit(() =>
  [...transformers.values()].map((transformation) => ({
    ...transformation,
    transformation: () => Promise.resolve(transformation),
  })),
);

type Columns = Readonly<Record<string, readonly FieldValue[]>>;

function table(refId: string, columns: Columns): Frame {
  const typeOf = (name: string, values: readonly FieldValue[]) =>
    name === "Time" ? "time" : values.some((value) => typeof value === "string") ? "string" : "number";
  const fields = Object.entries(columns).map(([name, values]): Field => ({
    name,
    type: typeOf(name, values),
    values,
    config: {},
  }));
  return { refId, fields };
}

function series(
  refId: string,
  name: string,
  stage: string,
  times: number[],
  values: (number | null)[],
): Frame {
  const labels = { __name__: "latency", stage, job: "a" };
  const config = { displayNameFromDS: name };
  const time: Field = { name: "Time", type: "time", values: times, config: {} };
  return { refId, name, fields: [time, { name: "Value", type: "number", labels, values, config }] };
}

const a = table("A", { Time: [1, 1], pipeline: ["x", "y"], "Value #A": [1, 2] });
const b = table("B", { Time: [1, 1], pipeline: ["y", "z"], "Value #B": [20, 30] });
const p95 = series("A", "p95", "ocr", [1, 2, 3], [10, 20, 30]);
const p50 = series("B", "p50", "crop", [2, 3, 4], [1, 2, null]);
const rows = table("A", { stage: ["ocr", "crop", "ocr", "end"], ms: [10, 5, 30, null], n: [1, 2, 3, 4] });

const filter = (id: string, value: unknown) => ({
  type: "include",
  match: "any",
  filters: [{ fieldName: "ms", config: { id, options: { value } } }],
});
const calculate = (mode: string, options: object) => ({ mode, ...options });
const field = (name: string) => ({ matcher: { id: "byName", options: name } });

const cases: readonly (readonly [id: string, frames: Frame[], options: object])[] = [
  ["merge", [a, b], {}],
  ["merge", [a], {}],
  ["merge", [p95, p50], {}],
  ["merge", [table("A", { k: ["x"], v: [1] }), table("B", { k: ["x"], v: [2] })], {}],
  [
    "organize",
    [a],
    {
      excludeByName: { Time: true },
      indexByName: { "Value #A": 0, pipeline: 1 },
      renameByName: { pipeline: "P" },
    },
  ],
  ["organize", [p95], { renameByName: { p95: "99" }, excludeByName: {}, indexByName: {} }],
  ["renameByRegex", [p95, p50], { regex: "p(\\d+)", renamePattern: "q$1" }],
  ["filterFieldsByName", [a], { include: { names: ["pipeline"] } }],
  ["filterFieldsByName", [a], { exclude: { pattern: "/Value.*/" } }],
  ["filterFieldsByName", [p95, p50], { include: { pattern: "/p95/" } }],
  ["filterByRefId", [p95, p50], { include: "B" }],
  ["sortBy", [rows], { sort: [{ field: "ms", desc: true }] }],
  ["sortBy", [rows], { sort: [{ field: "n" }] }],
  ["limit", [rows], { limitField: 2 }],
  ["reduce", [p95, p50], { reducers: ["max", "lastNotNull"] }],
  ["reduce", [p95, p50], { reducers: ["mean"], labelsToFields: true }],
  ["reduce", [p95, p50], { reducers: ["sum"], mode: "reduceFields" }],
  ["labelsToFields", [p95, p50], {}],
  ["labelsToFields", [p95], { keepLabels: ["stage"] }],
  ["labelsToFields", [p95], { valueLabel: "stage" }],
  ["labelsToFields", [p95], { mode: "rows" }],
  ["joinByField", [p95, p50], { byField: "Time", mode: "outer" }],
  ["joinByField", [p95, p50], { byField: "Time", mode: "inner" }],
  ["joinByField", [a, b], { byField: "pipeline", mode: "outer" }],
  ["joinByField", [a, b], { byField: "pipeline", mode: "outerTabular" }],
  ["joinByField", [a, b], { byField: "pipeline", mode: "inner" }],
  ["seriesToRows", [p95, p50], {}],
  [
    "groupBy",
    [rows],
    {
      fields: {
        stage: { operation: "groupby", aggregations: [] },
        ms: { operation: "aggregate", aggregations: ["mean", "max", "count"] },
      },
    },
  ],
  ["concatenate", [p95, p50], {}],
  ["concatenate", [a, b], {}],
  ["filterByValue", [rows], filter("greater", 5)],
  ["filterByValue", [rows], filter("lowerOrEqual", 10)],
  ["filterByValue", [rows], filter("equal", 5)],
  ["filterByValue", [rows], filter("isNotNull", {})],
  ["filterByValue", [rows], { ...filter("isNull", {}), type: "exclude" }],
  [
    "convertFieldType",
    [table("A", { n: ["1,000", "x", ""] })],
    { conversions: [{ targetField: "n", destinationType: "number" }] },
  ],
  ["calculateField", [p95, p50], calculate("reduceRow", { reduce: { reducer: "max" } })],
  [
    "calculateField",
    [p95, p50],
    calculate("binary", { binary: { left: field("p95"), operator: "-", right: field("p50") } }),
  ],
  [
    "calculateField",
    [p95],
    calculate("binary", {
      alias: "ms",
      replaceFields: true,
      binary: { left: "p95", operator: "*", right: "1000" },
    }),
  ],
  ["calculateField", [rows], calculate("unary", { unary: { operator: "percent", fieldName: "n" } })],
  [
    "calculateField",
    [rows],
    calculate("cumulativeFunctions", { cumulative: { reducer: "sum", field: "n" } }),
  ],
  ["calculateField", [rows], calculate("index", {})],
];

type Shown = readonly (readonly [name: string, type: string, values: unknown])[][];

async function theirs(id: string, frames: readonly Frame[], options: object): Promise<Shown> {
  const copies = frames.map((frame) => ({
    ...frame,
    length: frame.fields[0]?.values.length ?? 0,
    fields: frame.fields.map((one) => ({ ...one, values: [...one.values], config: { ...one.config } })),
  }));
  const done = await new Promise<TheirFrame[]>((resolve) =>
    data.transformDataFrame([{ id, options: structuredClone(options) }], copies).subscribe(resolve),
  );
  return done.map((frame) =>
    frame.fields.map((one) => {
      delete one.state; // where it keeps the name of before
      const named = data.getFieldDisplayName(one, frame, done);
      return [named, one.type, Array.from(one.values, (value) => value ?? null)] as const;
    }),
  );
}

function ours(id: string, frames: readonly Frame[], options: object): Shown {
  const done = applyTransformations(frames, [{ id, options: options as Record<string, unknown> }]).frames;
  return done.map((frame) =>
    frame.fields.map((one) => [displayName(one, frame, done), one.type, one.values] as const),
  );
}

let differ = 0;
for (const [id, frames, options] of cases) {
  const [left, right] = [
    JSON.stringify(await theirs(id, frames, options)),
    JSON.stringify(ours(id, frames, options)),
  ];
  if (left !== right) {
    differ++;
    console.log(`${id} ${JSON.stringify(options)}\n  Grafana ${left}\n  here    ${right}`);
  }
}
console.log(`${cases.length} transformations asked, ${differ} differ`);
process.exitCode = differ === 0 ? 0 : 1;
