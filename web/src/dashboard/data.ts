// SPDX-License-Identifier: Apache-2.0
// From the answers to a panel's queries to what it draws: frames, with expressions calculated,
// transformations done and the configuration of each field laid over it. Pure.
import type { Frame } from "../lib/frame";
import { heatmapFrames, tableFrame, timeSeriesFrames } from "../lib/frames";
import { evaluateExpression, expressionInputs } from "../lib/math";
import { applyFieldConfig } from "../lib/overrides";
import { applyTransformations } from "../lib/transforms";
import { perBucket } from "./buckets";
import type { Panel, Target } from "./model";
import { emptyQuery, refusal, type Answered, type Plan } from "./queries";
import { text } from "./read";

export interface Failure {
  readonly refId: string;
  readonly message: string;
}

export interface PanelData {
  readonly frames: readonly Frame[];
  readonly answered: readonly Answered[];
  readonly failures: readonly Failure[];
  readonly notes: readonly string[]; // warnings of answers, and what could not be transformed
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number; // the smallest of its queries
}

// Grafana calls the value of the only query "Value", and those of several "Value #A".
function valueName(target: Target, targets: readonly Target[]): string {
  const tables = targets.filter((one) => !one.hide && one.format === "table");
  return tables.length > 1 ? `Value #${target.refId}` : "Value";
}

function framesFor(answer: Answered, { targets, type }: Panel): Frame[] {
  const { target, data, expr, legend } = answer;
  if (data === undefined) {
    return [];
  }
  const options = { refId: target.refId, legend, expr };
  switch (target.format) {
    case "table":
      return [tableFrame(data, options, valueName(target, targets))];
    case "heatmap":
      return type === "heatmap" ? heatmapFrames(data, options) : perBucket(heatmapFrames(data, options));
    case "time_series":
      return timeSeriesFrames(data, options);
  }
}

interface Computed {
  readonly frames: Map<string, Frame[]>;
  readonly failures: Failure[];
}

// Expressions may build on each other, so each is tried again when others are there.
function calculate(expressions: readonly Plan[], inputs: Map<string, Frame[]>): Computed {
  const failures: Failure[] = [];
  let left = [...expressions];
  while (left.length > 0) {
    const waiting = new Set(left.map((plan) => plan.target.refId));
    const ready = left.filter((plan) => !needs(plan, waiting));
    for (const plan of ready.length === 0 ? left : ready) {
      const { refId, raw } = plan.target;
      const expression = text(raw["expression"], plan.target.expr);
      const { frames, error } = evaluateExpression(
        { ...raw, refId, type: text(raw["type"]), expression },
        inputs,
      );
      inputs.set(refId, [...frames]);
      if (error !== "") {
        failures.push({ refId, message: error });
      }
    }
    left = ready.length === 0 ? [] : left.filter((plan) => !ready.includes(plan));
  }
  return { frames: inputs, failures };
}

// "$A / $B", or the name alone, as reductions have it.
function inputsOf(target: Target): readonly string[] {
  const expression = text(target.raw["expression"]);
  return [expression, ...expressionInputs(expression)];
}

function needs(plan: Plan, waiting: ReadonlySet<string>): boolean {
  return inputsOf(plan.target).some((refId) => refId !== plan.target.refId && waiting.has(refId));
}

const byPalette = new Set(["timeseries", "piechart", "barchart", "histogram"]);

// Where a dashboard says nothing of colours, lines and parts have those of the palette and values those of
// their thresholds.
function configOf({ type, fieldConfig }: Panel): Panel["fieldConfig"] {
  const mode = type === "state-timeline" ? "continuous-GrYlRd" : "thresholds";
  const color = { mode: byPalette.has(type) ? "palette-classic" : mode };
  return { ...fieldConfig, defaults: { color, ...fieldConfig.defaults } };
}

export function panelData(
  panel: Panel,
  answered: readonly Answered[],
  plans: readonly Plan[],
  range: { readonly fromMs: number; readonly toMs: number },
): PanelData {
  const inputs = new Map<string, Frame[]>();
  for (const answer of answered) {
    const { refId } = answer.target;
    inputs.set(refId, [...(inputs.get(refId) ?? []), ...framesFor(answer, panel)]);
  }
  const expressions = plans.filter((plan) => plan.target.source.kind === "expression");
  const computed = calculate(expressions, inputs);
  const shown = panel.targets
    .filter((target) => !target.hide)
    .flatMap((target) => inputs.get(target.refId) ?? []);
  const transformed = applyTransformations(shown, panel.transformations);
  const configured = applyFieldConfig(transformed.frames, configOf(panel));
  const refused = panel.targets
    .filter((target) => !target.hide)
    .map((target) => ({ refId: target.refId, message: refusal(target) }))
    .filter(({ message }) => message !== "" && message !== emptyQuery); // Grafana asks no empty ones either
  const failed = answered
    .filter((answer) => answer.error !== "")
    .map((answer) => ({ refId: answer.target.refId, message: answer.error }));
  const steps = answered.map((answer) => answer.stepMs);
  return {
    frames: configured.frames,
    answered,
    failures: [...failed, ...computed.failures, ...refused],
    notes: [
      ...new Set([
        ...answered.flatMap((answer) => answer.warnings),
        ...transformed.unsupported,
        ...configured.unsupported,
      ]),
    ],
    ...range,
    stepMs: steps.length === 0 ? 0 : Math.min(...steps),
  };
}

// The targets that are asked: those that are shown, and those that expressions build on.
export function wanted(targets: readonly Target[]): readonly Target[] {
  const named = new Set(targets.filter((target) => target.source.kind === "expression").flatMap(inputsOf));
  return targets.filter((target) => refusal(target) === "" && (!target.hide || named.has(target.refId)));
}
