// SPDX-License-Identifier: Apache-2.0
// Files that the browser saves.
import { csvName } from "../charts/csv";
import type { Frame } from "../lib/frame";

export function saveText(content: string, type: string, name: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// Infinities and NaN have no JSON; they are texts, as in Prometheus's API.
function plain(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value)
    ? value > 0
      ? "+Inf"
      : value < 0
        ? "-Inf"
        : "NaN"
    : value;
}

export function saveJson(frames: readonly Frame[], title: string): void {
  const name = csvName(title === "" ? "panel" : title).replace(/\.csv$/, ".json");
  saveText(JSON.stringify(frames, plain, 2), "application/json", name);
}

export function saveDashboard(source: string, title: string): void {
  saveText(source, "application/json", csvName(title).replace(/\.csv$/, ".json"));
}
