// SPDX-License-Identifier: Apache-2.0
// Small parts that panels, variables and annotations of a dashboard share: data sources and links.
import type { DataLink } from "../lib/frame";
import type { Source } from "./model";
import { flag, get, optionalText, text } from "./read";

// Which data source a query names. An old JSON has a name only; all names are taken for a Prometheus, but for
// Grafana's own.
export function sourceOf(value: unknown): Source {
  const named = typeof value === "string" ? value : text(get(value, "uid"));
  const type = text(get(value, "type"));
  if (named === "__expr__" || type === "__expr__") {
    return { kind: "expression", type: "__expr__" };
  }
  if (named === "-- Mixed --") {
    return { kind: "mixed", type: "mixed" };
  }
  if (named === "-- Dashboard --") {
    return { kind: "dashboard", type: "dashboard" };
  }
  if (named === "-- Grafana --" || named === "grafana" || type === "grafana") {
    return { kind: "grafana", type: "grafana" };
  }
  const prometheus = type === "" || /prometheus|mimir|victoriametrics-metrics/i.test(type);
  return { kind: prometheus ? "prometheus" : "other", type: type === "" ? "prometheus" : type };
}

export function linkOf(value: unknown): DataLink {
  const dashboardUri = optionalText(get(value, "dashUri"));
  return {
    title: text(get(value, "title")),
    url: text(get(value, "url"), dashboardUri === undefined ? "" : `/dashboard/${dashboardUri}`),
    targetBlank: flag(get(value, "targetBlank")),
  };
}
