// SPDX-License-Identifier: Apache-2.0
// The parsed tree of a query as api/v1/parse_query answers it, and each node of it as text again, so that a
// part of a query can be asked for by itself.
import { formatDuration } from "../lib/duration";
import { labelName, quote } from "../lib/promtext";
import { selectorText, type Matcher } from "./promql";

interface Shift {
  readonly offset: number; // milliseconds
  readonly timestamp: number | null; // of @, milliseconds
  readonly startOrEnd: "start" | "end" | null;
}

export interface SelectorNode extends Shift {
  readonly type: "vectorSelector" | "matrixSelector";
  readonly name: string;
  readonly matchers: readonly Matcher[] | readonly { name: string; type: string; value: string }[];
  readonly range?: number;
  readonly anchored?: boolean;
  readonly smoothed?: boolean;
}

export interface Matching {
  readonly card: "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";
  readonly labels: readonly string[];
  readonly on: boolean;
  readonly include: readonly string[];
  readonly fillValues?: { readonly lhs: number | string | null; readonly rhs: number | string | null };
}

export interface BinaryNode {
  readonly type: "binaryExpr";
  readonly op: string;
  readonly bool: boolean;
  readonly lhs: TreeNode;
  readonly rhs: TreeNode;
  readonly matching: Matching | null;
}

export interface AggregateNode {
  readonly type: "aggregation";
  readonly op: string;
  readonly expr: TreeNode;
  readonly param: TreeNode | null;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface CallNode {
  readonly type: "call";
  readonly func: { readonly name: string; readonly returnType: string };
  readonly args: readonly TreeNode[];
}

export interface SubqueryNode extends Shift {
  readonly type: "subquery";
  readonly expr: TreeNode;
  readonly range: number;
  readonly step: number;
}

export type TreeNode =
  | SelectorNode
  | BinaryNode
  | AggregateNode
  | CallNode
  | SubqueryNode
  | { readonly type: "unaryExpr"; readonly op: string; readonly expr: TreeNode }
  | { readonly type: "parenExpr"; readonly expr: TreeNode }
  | { readonly type: "numberLiteral" | "stringLiteral"; readonly val: string };

export function childrenOf(node: TreeNode): readonly TreeNode[] {
  switch (node.type) {
    case "binaryExpr":
      return [node.lhs, node.rhs];
    case "aggregation":
      return node.param === null ? [node.expr] : [node.param, node.expr];
    case "call":
      return node.args;
    case "subquery":
    case "unaryExpr":
    case "parenExpr":
      return [node.expr];
    default:
      return [];
  }
}

function shiftText(shift: Shift): string {
  const at =
    shift.timestamp !== null
      ? ` @ ${(shift.timestamp / 1000).toFixed(3)}`
      : shift.startOrEnd !== null
        ? ` @ ${shift.startOrEnd}()`
        : "";
  return at + (shift.offset === 0 ? "" : ` offset ${formatDuration(shift.offset)}`);
}

function selectorNodeText(node: SelectorNode): string {
  const name =
    node.name !== ""
      ? node.name
      : (node.matchers.find((matcher) => matcher.name === "__name__" && matcher.type === "=")?.value ?? "");
  const others = node.matchers.filter(
    (matcher) => matcher.name !== "__name__" || matcher.type !== "=" || matcher.value !== name,
  ) as Matcher[];
  const range = node.range === undefined ? "" : `[${formatDuration(node.range)}]`;
  const kind = node.anchored === true ? " anchored" : node.smoothed === true ? " smoothed" : "";
  return selectorText(name, others) + range + kind + shiftText(node);
}

const list = (labels: readonly string[]) => labels.map(labelName).join(", ");

export function matchingText(node: BinaryNode): string {
  const { matching } = node;
  if (matching === null) {
    return "";
  }
  let text =
    matching.on || matching.labels.length > 0
      ? ` ${matching.on ? "on" : "ignoring"} (${list(matching.labels)})`
      : "";
  if (matching.card === "many-to-one") {
    text += ` group_left (${list(matching.include)})`;
  } else if (matching.card === "one-to-many") {
    text += ` group_right (${list(matching.include)})`;
  }
  const { lhs = null, rhs = null } = matching.fillValues ?? {};
  return text + (lhs === null ? "" : ` fill_left (${lhs})`) + (rhs === null ? "" : ` fill_right (${rhs})`);
}

function operatorText(node: BinaryNode): string {
  return node.op + (node.bool ? " bool" : "") + matchingText(node);
}

export function groupingText(node: AggregateNode): string {
  return node.without
    ? ` without (${list(node.grouping)})`
    : node.grouping.length > 0
      ? ` by (${list(node.grouping)})`
      : "";
}

// The node as PromQL. Parentheses stand where the query has them: they are nodes of their own.
export function nodeText(node: TreeNode): string {
  switch (node.type) {
    case "vectorSelector":
    case "matrixSelector":
      return selectorNodeText(node);
    case "binaryExpr":
      return `${nodeText(node.lhs)} ${operatorText(node)} ${nodeText(node.rhs)}`;
    case "aggregation":
      return `${node.op}${groupingText(node)} (${childrenOf(node).map(nodeText).join(", ")})`;
    case "call":
      return `${node.func.name}(${node.args.map(nodeText).join(", ")})`;
    case "subquery":
      return (
        `${nodeText(node.expr)}[${formatDuration(node.range)}:` +
        `${node.step === 0 ? "" : formatDuration(node.step)}]${shiftText(node)}`
      );
    case "unaryExpr":
      return node.op + nodeText(node.expr);
    case "parenExpr":
      return `(${nodeText(node.expr)})`;
    case "stringLiteral":
      return quote(node.val);
    case "numberLiteral":
      return node.val;
  }
}

// The same, with what is inside left out: a line of the tree that shows its children below.
export function nodeTitle(node: TreeNode): string {
  switch (node.type) {
    case "binaryExpr":
      return `… ${operatorText(node)} …`;
    case "aggregation":
      return `${node.op}${groupingText(node)} (…)`;
    case "call":
      return `${node.func.name}(${node.args.length === 0 ? "" : "…"})`;
    case "subquery":
      return `(…)${nodeText({ ...node, expr: { type: "numberLiteral", val: "" } })}`;
    case "unaryExpr":
      return `${node.op}…`;
    case "parenExpr":
      return "(…)";
    default:
      return nodeText(node);
  }
}

// What to ask for in order to learn the node's result; null: it has none of its own. A range of raw samples
// is counted, not fetched. A range of 0 stands for one that is computed, which the tree does not tell.
export function nodeQuery(node: TreeNode): string | null {
  if (hasComputedDuration(node) || node.type === "stringLiteral") {
    return null;
  }
  const ranged = node.type === "matrixSelector" || node.type === "subquery";
  return ranged ? `count_over_time(${nodeText(node)})` : nodeText(node);
}

function hasComputedDuration(node: TreeNode): boolean {
  const computed = (node.type === "matrixSelector" || node.type === "subquery") && node.range === 0;
  return computed || childrenOf(node).some(hasComputedDuration);
}
