// SPDX-License-Identifier: Apache-2.0
// What a series is called: by the legend format of its query, or as Prometheus writes it.
import type { Labels } from "./frame";

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function quote(value: string): string {
  return `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}

// up{instance="a",job="b"}; {"a name with spaces", ...} where the name wants quotes.
export function seriesText(labels: Labels): string {
  const name = labels["__name__"] ?? "";
  const quoted = name !== "" && !plainName.test(name);
  const parts = quoted ? [quote(name)] : [];
  for (const key of Object.keys(labels).sort()) {
    if (key !== "__name__") {
      parts.push(`${plainLabel.test(key) ? key : quote(key)}=${quote(labels[key] ?? "")}`);
    }
  }
  const braces = parts.length === 0 && name !== "" ? "" : `{${parts.join(", ")}}`;
  return (quoted ? "" : name) + braces;
}

// A legend format: "{{stage}} p95", "__auto", or empty. `expr` names a series without labels.
export function legendFor(format: string, labels: Labels, expr: string): string {
  const auto = format === "" || format === "__auto";
  if (!auto) {
    // A label that is not there leaves nothing, as in Grafana.
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_whole, name: string) => labels[name] ?? "");
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
