// SPDX-License-Identifier: Apache-2.0
// Which threshold a value is at, and what that is in words.
import type { Thresholds, ThresholdStep } from "./frame";

// What a panel without thresholds of its own has in Grafana.
export const defaultThresholds: Thresholds = {
  mode: "absolute",
  steps: [
    { value: null, color: "green" },
    { value: 80, color: "red" },
  ],
};

// How far from min to max; 0 where that is nowhere.
export function shareOf(value: number, min: number, max: number): number {
  const share = (value - min) / (max - min);
  return Number.isNaN(share) || value === -Infinity ? 0 : share;
}

// The step a value is at: the last that is not above it. No value is at the first. Percentages are of the way
// from min to max.
export function thresholdAt(
  value: number | null,
  thresholds: Thresholds | undefined,
  min: number,
  max: number,
): ThresholdStep | null {
  const steps = thresholds?.steps ?? [];
  const raw = value ?? -Infinity;
  const place = thresholds?.mode === "percentage" ? shareOf(raw, min, max) * 100 : raw;
  let found = steps[0] ?? null;
  for (const step of steps) {
    if (step.value !== null && !(place >= step.value)) {
      break;
    }
    found = step;
  }
  return found;
}

// The same steps in the units of the values.
export function absoluteSteps(thresholds: Thresholds, min: number, max: number): readonly ThresholdStep[] {
  if (thresholds.mode === "absolute") {
    return thresholds.steps;
  }
  return thresholds.steps.map((step) =>
    step.value === null ? step : { ...step, value: min + ((max - min) * step.value) / 100 },
  );
}

// What a step says in words, for those who do not tell colours apart: "below 0.9", "0.9 to 0.99", "0.99 and
// above". `steps`: absolute, as absoluteSteps() gives them.
export function describeStep(
  step: ThresholdStep,
  steps: readonly ThresholdStep[],
  format: (value: number) => string,
): string {
  const next = steps[steps.findIndex((one) => one.value === step.value) + 1]?.value ?? null;
  if (step.value === null) {
    return next === null ? "" : `below ${format(next)}`;
  }
  return next === null ? `${format(step.value)} and above` : `${format(step.value)} to ${format(next)}`;
}
