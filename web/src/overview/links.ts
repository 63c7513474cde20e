// SPDX-License-Identifier: Apache-2.0
// Where a row leads: its stages, over the same range.
import { currentParams, href } from "../app/url";
import { deepSparseStages } from "./queries";
import { inMetricName, type Row } from "./model";

// The range of the address, as it stands there.
function rangeParams(): URLSearchParams {
  const here = currentParams();
  const params = new URLSearchParams();
  for (const name of ["from", "to", "refresh"]) {
    const value = here.get(name);
    if (value !== null) {
      params.set(name, value);
    }
  }
  return params;
}

// The Stages dashboard reads our own naming; those of the other one stand open in the Overview itself.
export function stagesHref(row: Row): string {
  const params = rangeParams();
  if (row.naming === "inferometer") {
    params.set("var-pipeline", row.name);
    return href("d/inferometer-stages", params);
  }
  params.set("pipeline", row.name);
  return href("", params);
}

// From the stages that stand open to all that is known of them: a dashboard, or the same questions as graphs.
export function chartsHref(row: Row): string {
  if (row.naming === "inferometer") {
    return stagesHref(row);
  }
  if (inMetricName(row.name) === "sample_pipeline_name") {
    return href("d/inferometer-sample-pipeline", rangeParams());
  }
  const params = new URLSearchParams();
  ["total_inference", ...deepSparseStages].forEach((stage, index) => {
    const metric = `${stage}_${inMetricName(row.name)}`;
    params.set(`g${index}.expr`, `rate(${metric}_sum[5m]) / rate(${metric}_count[5m])`);
  });
  return href("graph", params);
}

export function graphHref(expression: string): string {
  return href("graph", { "g0.expr": expression });
}
