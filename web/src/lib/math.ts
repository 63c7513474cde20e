// SPDX-License-Identifier: Apache-2.0
// Expressions over other queries ("__expr__"): math. What Grafana's server calculates, calculated here.
import type { Frame } from "./frame";

export interface Expression {
  readonly refId: string;
  readonly type: string; // "math", "reduce", ...
  readonly expression: string;
}

export interface Evaluated {
  readonly frames: readonly Frame[];
  readonly error: string; // a sentence, or ""
}

// `inputs`: the frames of each query by its refId.
export function evaluateExpression(
  expression: Expression,
  inputs: ReadonlyMap<string, readonly Frame[]>,
): Evaluated {
  void inputs;
  return { frames: [], error: `cannot calculate expressions of type "${expression.type}" yet` };
}

// The refIds an expression names.
export function expressionInputs(expression: string): string[] {
  return [...new Set([...expression.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] as string))];
}
