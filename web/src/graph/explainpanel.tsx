// SPDX-License-Identifier: Apache-2.0
// The parsed tree of a query: a line for each node, with what it does, and its own result when that is asked
// for.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import type { QueryData } from "../api/types";
import { useLoad } from "../api/use";
import { Loading } from "../app/states";
import type { Labels } from "../lib/frame";
import { seriesText } from "../lib/promtext";
import { explain, kindOf } from "./explain";
import { count } from "./number";
import { QueryError } from "./parts";
import { resultTable, type ResultTable } from "./result";
import { childrenOf, nodeQuery, nodeText, nodeTitle, type TreeNode } from "./tree";

const depthMax = 200; // deeper than people write; drawing goes no further
const sampleRows = 5;
const autoNodes = 12; // a tree of so many nodes shows its results without being asked

interface Asked {
  readonly timeMs: number;
  readonly all: boolean;
}

// Labels with several values, and how many: what could be aggregated away, or matched on.
function spread(table: ResultTable): string {
  const varying = table.columns.map((name) => {
    const values = new Set(table.rows.map((row) => row.labels[name] ?? ""));
    return `${name} (${values.size})`;
  });
  return table.rows.length < 2 || varying.length === 0 ? "" : `Labels that differ: ${varying.join(", ")}.`;
}

// The labels that tell a row from the others.
function ownText(labels: Labels, columns: readonly string[]): string {
  return seriesText(Object.fromEntries(Object.entries(labels).filter(([name]) => columns.includes(name))));
}

function NodeResult({
  expr,
  timeMs,
  counted,
}: {
  readonly expr: string;
  readonly timeMs: number;
  readonly counted: boolean; // values are numbers of samples
}) {
  const { data, error } = useLoad(
    (signal) => api<QueryData>("api/v1/query", { query: expr, time: timeMs / 1000 }, { post: true, signal }),
    [expr, timeMs],
  );
  if (error !== undefined) {
    return <QueryError error={error} expr={expr} onRetry={() => undefined} />;
  }
  if (data === undefined) {
    return <Loading what="its result" />;
  }
  const table = resultTable(data.data);
  if (table.kind !== "vector") {
    return <p class="node-result mono">{table.rows[0]?.samples[0]?.text}</p>;
  }
  return (
    <div class="node-result">
      <p>
        <b>{count(table.rows.length, "series", "series")}</b>
        {table.rows.length === 0 ? ": nothing matches at this time." : ". "}
        {spread(table)}
        {counted && table.rows.length > 0 ? " Samples of each in the window:" : ""}
      </p>
      <ul class="mono">
        {table.rows.slice(0, sampleRows).map((row) => (
          <li key={row.key}>
            {ownText(row.labels, table.columns)} <b>{row.samples[0]?.text}</b>
          </li>
        ))}
      </ul>
      {table.rows.length > sampleRows && <p class="muted">and {table.rows.length - sampleRows} more</p>}
    </div>
  );
}

function Node({
  node,
  depth,
  asked,
  onUse,
}: {
  readonly node: TreeNode;
  readonly depth: number;
  readonly asked: Asked;
  readonly onUse: (expr: string) => void;
}) {
  const [open, setOpen] = useState<boolean | null>(null);
  const query = nodeQuery(node);
  const shown = (open ?? asked.all) && query !== null;
  const children = childrenOf(node);
  const text = nodeText(node);
  const literal = node.type === "numberLiteral";
  return (
    <li class="node">
      <div class="node-head">
        <code title={text}>{children.length === 0 ? text : nodeTitle(node)}</code>
        <span class="node-kind">{kindOf(node)}</span>
        {query !== null && !literal && (
          <button type="button" aria-expanded={shown} onClick={() => setOpen(!shown)}>
            {shown ? "Hide result" : "Result"}
          </button>
        )}
        {depth > 0 && query !== null && !literal && (
          <button
            type="button"
            title={`Run this part as a query of its own: ${text}`}
            onClick={() => onUse(text)}
          >
            Run alone
          </button>
        )}
      </div>
      <p class="node-explain">{explain(node)}</p>
      {shown && !literal && (
        <NodeResult
          key={query}
          expr={query}
          timeMs={asked.timeMs}
          counted={node.type === "matrixSelector" || node.type === "subquery"}
        />
      )}
      {children.length > 0 && depth < depthMax && (
        <ul>
          {children.map((child, index) => (
            <Node key={index} node={child} depth={depth + 1} asked={asked} onUse={onUse} />
          ))}
        </ul>
      )}
    </li>
  );
}

export function countNodes(node: TreeNode): number {
  return 1 + childrenOf(node).reduce((sum, child) => sum + countNodes(child), 0);
}

export function ExplainPanel({
  expr,
  timeMs,
  onUse,
}: {
  readonly expr: string;
  readonly timeMs: number;
  readonly onUse: (expr: string) => void;
}) {
  const { data, error } = useLoad(
    (signal) => api<TreeNode>("api/v1/parse_query", { query: expr }, { post: true, signal }),
    [expr],
  );
  const [all, setAll] = useState<boolean | null>(null);
  if (error !== undefined) {
    return <QueryError error={error} expr={expr} onRetry={() => undefined} />;
  }
  if (data === undefined) {
    return <Loading what="the tree" />;
  }
  const nodes = countNodes(data.data);
  const shown = all ?? nodes <= autoNodes;
  return (
    <div class="explain">
      <p class="facts">
        <span>{count(nodes, "node")}</span>
        <span>Results as of {new Date(timeMs).toLocaleTimeString("en-GB")}</span>
        <button type="button" aria-pressed={shown} onClick={() => setAll(!shown)}>
          Results of all nodes
        </button>
      </p>
      <ul class="tree">
        <Node key={String(shown)} node={data.data} depth={0} asked={{ timeMs, all: shown }} onUse={onUse} />
      </ul>
    </div>
  );
}
