// SPDX-License-Identifier: Apache-2.0
// What a series is called: by the legend format of its query, or as Prometheus writes it.
import type { Labels } from "./frame";
import { seriesText } from "./promtext";

export { quote, seriesText } from "./promtext";

// A legend format: "{{stage}} p95", "__auto", or empty. `expr` names a series without labels.
export function legendFor(format: string, labels: Labels, expr: string): string {
  const auto = format === "" || format === "__auto";
  if (!auto) {
    // A label that is not there leaves nothing, as in Grafana.
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_whole, name: string) =>
      Object.hasOwn(labels, name) ? (labels[name] as string) : "",
    );
  }
  const text = seriesText(labels);
  return text === "{}" || text === "" ? expr : text;
}

// The labels that tell series apart: "__auto" of Grafana shows those alone when there is more than one
// series.
export function autoLegends(series: readonly Labels[], expr: string): string[] {
  if (series.length < 2) {
    return series.map((labels) => legendFor("__auto", labels, expr));
  }
  const names = [...new Set(series.flatMap((labels) => Object.keys(labels)))];
  const varying = names.filter((name) => new Set(series.map((labels) => labels[name] ?? "")).size > 1);
  return series.map((labels) => {
    const [only, ...others] = varying;
    if (only !== undefined && others.length === 0) {
      return labels[only] ?? "";
    }
    return legendFor(
      "__auto",
      Object.fromEntries(Object.entries(labels).filter(([name]) => varying.includes(name))),
      expr,
    );
  });
}
