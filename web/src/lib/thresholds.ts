// SPDX-License-Identifier: Apache-2.0
// Which threshold a value is at.
import type { Thresholds, ThresholdStep } from "./frame";

// What a panel without thresholds of its own has in Grafana.
export const defaultThresholds: Thresholds = {
  mode: "absolute",
  steps: [
    { value: null, color: "green" },
    { value: 80, color: "red" },
  ],
};

// The step a value is at. Percentages are of the way from min to max.
export function thresholdAt(
  value: number | null,
  thresholds: Thresholds | undefined,
  min: number,
  max: number,
): ThresholdStep | null {
  void [value, min, max];
  return thresholds?.steps[0] ?? null;
}

// The same steps in the units of the values.
export function absoluteSteps(thresholds: Thresholds, min: number, max: number): readonly ThresholdStep[] {
  void [min, max];
  return thresholds.steps;
}

// What a step says in words, for those who do not tell colours apart: "below 0.9", "0.9 to 0.99", "0.99 and above".
export function describeStep(
  step: ThresholdStep,
  steps: readonly ThresholdStep[],
  format: (n: number) => string,
): string {
  void steps;
  return step.value === null ? "" : format(step.value);
}
