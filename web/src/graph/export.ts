// SPDX-License-Identifier: Apache-2.0
// Answers as files, made in the browser: nothing is sent anywhere.
import { csvName, toCsv, type CsvValue } from "../charts/csv";
import type { RangeResult } from "./series";
import type { ResultTable } from "./result";

// A column for each series, a row for each step.
export function rangeCsv(result: RangeResult): string {
  const head = ["time", ...result.series.map((series) => series.key)];
  function* rows(): Iterable<CsvValue[]> {
    for (const [index, time] of result.times.entries()) {
      yield [
        new Date(time).toISOString(),
        ...result.series.map((series) => text(series.values[index] ?? null)),
      ];
    }
  }
  return toCsv(head, rows());
}

// A row for each sample, a column for each label.
export function tableCsv(table: ResultTable): string {
  const names = [...new Set([...Object.keys(table.common), ...table.columns])];
  function* rows(): Iterable<CsvValue[]> {
    for (const row of table.rows) {
      for (const sample of row.samples) {
        const value =
          sample.histogram !== undefined || table.kind === "string" ? sample.text : text(sample.value);
        yield [...names.map((name) => row.labels[name] ?? ""), new Date(sample.timeMs).toISOString(), value];
      }
    }
  }
  return toCsv([...names, "time", "value"], rows());
}

// As Prometheus writes what JSON and JavaScript have other words for.
function text(value: number | null): CsvValue {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : value;
}

export function fileName(expr: string, ending: "csv" | "json"): string {
  return csvName(expr.slice(0, 60))
    .replace(/^chart\.csv$/, "query.csv")
    .replace(/csv$/, ending);
}

export function saveFile(content: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// False where the browser refuses. Pages that are not served by TLS or from this machine have no clipboard.
export async function copyText(copied: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(copied);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = copied;
    area.className = "hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
