// SPDX-License-Identifier: Apache-2.0
// What fields and frames are called where nothing else is said.
import type { Field, Frame, Labels } from "./frame";
import { quote } from "./promtext";

const valueName = "Value"; // says nothing: the labels or the frame are named instead

function labelTexts(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return names.length === 0
    ? ""
    : `{${names.map((name) => `${name}=${quote(labels[name] as string)}`).join(", ")}}`;
}

// The one label that all fields have and no other; null: there is none.
function onlyLabel(frames: readonly Frame[]): string | null {
  let only: string | null = null;
  for (const frame of frames) {
    for (const field of frame.fields) {
      for (const name of Object.keys(field.labels ?? {})) {
        if (only !== null && only !== name) {
          return null;
        }
        only = name;
      }
    }
  }
  return only;
}

// The second column of a name is called "name 2".
function numbered(field: Field, frame: Frame): string {
  const same = frame.fields.filter((one) => one.name === field.name);
  return same.length < 2 ? field.name : `${field.name} ${same.indexOf(field) + 1}`;
}

function byLabels(field: Field, frames: readonly Frame[]): string {
  const only = onlyLabel(frames);
  if (only === null) {
    return labelTexts(field.labels ?? {});
  }
  return field.labels?.[only] ?? "";
}

// What a field is called: its displayName, the legend of its query, else its name and labels as far as they
// tell it from the others.
export function displayName(field: Field, frame: Frame, frames: readonly Frame[]): string {
  const given = field.config.displayName ?? "";
  if (given !== "") {
    return given;
  }
  const legend = field.config.displayNameFromDS ?? "";
  if (legend !== "") {
    return legend;
  }
  if (field.type === "time" && field.labels === undefined) {
    return field.name;
  }
  const parts: string[] = [];
  const differ = frames.some((other) => other.name !== frames[0]?.name);
  if (differ && frame.name !== undefined) {
    parts.push(frame.name);
  }
  if (field.name !== valueName) {
    parts.push(field.name);
  }
  const labels = field.labels === undefined ? "" : byLabels(field, frames);
  if (labels !== "") {
    parts.push(labels);
  }
  if (parts.length === 0 && (frame.name ?? "") !== "") {
    return frame.name as string;
  }
  const name = parts.join(" ");
  return name === "" || name === field.name ? numbered(field, frame) : name;
}

export function frameName(frame: Frame): string {
  if ((frame.name ?? "") !== "") {
    return frame.name as string;
  }
  const values = frame.fields.filter((field) => field.type !== "time");
  return values.map((field) => displayName(field, frame, [frame])).join(", ");
}
