// SPDX-License-Identifier: Apache-2.0
// Files that the browser saves, and links that it copies.
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

// Browsers let pages copy only over TLS or on this machine; elsewhere the visitor copies from a prompt.
export function copyLink(address: string): void {
  const ask = () => void window.prompt("Copy this link", address);
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) {
    ask();
  } else {
    clipboard.writeText(address).catch(ask);
  }
}
