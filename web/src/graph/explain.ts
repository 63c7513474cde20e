// SPDX-License-Identifier: Apache-2.0
// What each node of a query's tree does, in a sentence.
import { formatDuration } from "../lib/duration";
import { matcherText, type Matcher } from "./promql";
import type { AggregateNode, BinaryNode, CallNode, SelectorNode, SubqueryNode, TreeNode } from "./tree";

export function kindOf(node: TreeNode): string {
  switch (node.type) {
    case "vectorSelector":
      return "instant vector selector";
    case "matrixSelector":
      return "range vector selector";
    case "binaryExpr":
      return "binary operation";
    case "aggregation":
      return "aggregation";
    case "call":
      return "function call";
    case "subquery":
      return "subquery";
    case "unaryExpr":
      return "sign";
    case "parenExpr":
      return "parentheses";
    case "stringLiteral":
      return "string";
    case "numberLiteral":
      return "number";
  }
}

const aggregations: Readonly<Record<string, string>> = {
  sum: "Adds up the values",
  avg: "Takes the mean of the values",
  min: "Takes the least value",
  max: "Takes the greatest value",
  count: "Counts the series",
  group: "Answers 1",
  stddev: "Takes the standard deviation of the values",
  stdvar: "Takes the variance of the values",
  quantile: "Takes the quantile that its first argument names",
  topk: "Keeps the series with the greatest values",
  bottomk: "Keeps the series with the least values",
  limitk: "Keeps that many series, whichever they are",
  limit_ratio: "Keeps that share of the series, always the same ones",
  count_values: "Counts how many series have each value, which becomes a label",
};

const functions: Readonly<Record<string, string>> = {
  rate: "Increase per second of a counter, averaged over the window; resets to zero are taken into account.",
  irate: "Increase per second of a counter between the last two samples of the window.",
  increase: "By how much a counter grew within the window; resets to zero are taken into account.",
  delta: "Difference between the end and the begin of the window, for gauges.",
  idelta: "Difference between the last two samples of the window.",
  deriv: "Change per second of a gauge, by linear regression over the window.",
  predict_linear: "Value so many seconds from now, if the trend of the window goes on.",
  histogram_quantile: "Value below which the given share of observations lies, estimated within its bucket.",
  histogram_avg: "Mean of the observations of each native histogram.",
  histogram_count: "Number of observations of each native histogram.",
  histogram_sum: "Sum of the observations of each native histogram.",
  histogram_fraction: "Share of the observations between the two bounds.",
  avg_over_time: "Mean of the samples in the window.",
  sum_over_time: "Sum of the samples in the window.",
  min_over_time: "Least sample in the window.",
  max_over_time: "Greatest sample in the window.",
  count_over_time: "Number of samples in the window.",
  last_over_time: "Newest sample in the window.",
  quantile_over_time: "Quantile of the samples in the window.",
  present_over_time: "1 where there is any sample.",
  stddev_over_time: "Standard deviation of the samples in the window.",
  changes: "How often the value changed within the window.",
  resets: "How often a counter began anew.",
  absent: "1 where the argument has no series at all: for alerts on what is missing.",
  absent_over_time: "1 where the window has no sample at all.",
  label_replace: "Sets a label from what a regular expression finds in another.",
  label_join: "Sets a label from several others joined together.",
  vector: "Makes a vector of one series without labels from a number.",
  scalar: "Makes a number from a vector of one series; NaN where there are more or none.",
  time: "Time of the evaluation, in seconds since 1970.",
  timestamp: "Time of each sample, in seconds since 1970.",
  clamp: "Keeps values within two bounds.",
  clamp_max: "Cuts values that are greater.",
  clamp_min: "Raises values that are less.",
  round: "Rounds to the nearest multiple.",
  abs: "Absolute value.",
  ceil: "Rounds up.",
  floor: "Rounds down.",
  sort: "Sorts by value, ascending (tables only).",
  sort_desc: "Sorts by value, descending (tables only).",
};

function explainSelector(node: SelectorNode): string {
  const others = node.matchers.filter((matcher) => matcher.name !== "__name__") as Matcher[];
  const named = node.name === "" ? "series" : `series of "${node.name}"`;
  const which = others.length === 0 ? `all ${named}` : `${named} with ${others.map(matcherText).join(", ")}`;
  const window = node.range === 0 ? "computed window" : formatDuration(node.range ?? 0);
  const what =
    node.range === undefined
      ? `The newest sample of ${which}, not older than the lookback (5 minutes unless the server differs)`
      : `The samples of ${which} in the ${window} before each point in time`;
  return `${what}${shifted(node)}.`;
}

function shifted(node: { offset: number; timestamp: number | null; startOrEnd: string | null }): string {
  const offset =
    node.offset === 0
      ? ""
      : `, ${formatDuration(Math.abs(node.offset))} ${node.offset > 0 ? "earlier" : "later"}`;
  const at =
    node.timestamp !== null
      ? `, as of ${new Date(node.timestamp).toISOString().replace("T", " ")}`
      : node.startOrEnd !== null
        ? `, as of the ${node.startOrEnd} of the range`
        : "";
  return offset + at;
}

function explainAggregate(node: AggregateNode): string {
  const what = aggregations[node.op] ?? `Combines series by ${node.op}`;
  const labels = node.grouping.map((name) => `"${name}"`).join(", ");
  const groups = node.without
    ? labels === ""
      ? "of each series by itself"
      : `of all series that agree in every label but ${labels}`
    : labels === ""
      ? "of all series into one"
      : `of all series that agree in ${labels}, one result each`;
  return `${what} ${groups}.`;
}

const comparisons = new Set(["==", "!=", ">", "<", ">=", "<="]);
const sets: Readonly<Record<string, string>> = {
  and: "Keeps series of the left side that have a partner on the right",
  or: "Takes all series of the left side, and those of the right that have no partner there",
  unless: "Keeps series of the left side that have no partner on the right",
};

function explainMatching(node: BinaryNode): string {
  const { matching } = node;
  if (matching === null) {
    return "";
  }
  const labels = matching.labels.map((name) => `"${name}"`).join(", ");
  const by = matching.on
    ? labels === ""
      ? "all series are partners"
      : `partners agree in ${labels}`
    : labels === ""
      ? "partners agree in all labels"
      : `partners agree in all labels but ${labels}`;
  const card =
    matching.card === "many-to-one"
      ? ", and several on the left share one on the right"
      : matching.card === "one-to-many"
        ? ", and several on the right share one on the left"
        : "";
  return `; ${by}${card}`;
}

function explainBinary(node: BinaryNode): string {
  const set = sets[node.op];
  const what =
    set !== undefined
      ? set
      : comparisons.has(node.op)
        ? node.bool
          ? `Answers 1 where the left side is ${node.op} the right, and 0 elsewhere`
          : `Keeps what is ${node.op} the other side, and drops the rest`
        : `Calculates left ${node.op} right for each pair of partners`;
  return `${what}${explainMatching(node)}.`;
}

function explainCall(node: CallNode): string {
  return (
    functions[node.func.name] ?? `Function "${node.func.name}", which answers a ${node.func.returnType}.`
  );
}

function explainSubquery(node: SubqueryNode): string {
  const every = node.step === 0 ? "at the default evaluation interval" : `every ${formatDuration(node.step)}`;
  return (
    `Evaluates what is inside ${every} over the ${formatDuration(node.range)} before each point in time` +
    `${shifted(node)}.`
  );
}

export function explain(node: TreeNode): string {
  switch (node.type) {
    case "vectorSelector":
    case "matrixSelector":
      return explainSelector(node);
    case "aggregation":
      return explainAggregate(node);
    case "binaryExpr":
      return explainBinary(node);
    case "call":
      return explainCall(node);
    case "subquery":
      return explainSubquery(node);
    case "unaryExpr":
      return node.op === "-" ? "Turns the sign of each value." : "Leaves each value as it is.";
    case "parenExpr":
      return "Groups what is inside.";
    case "stringLiteral":
      return "A text.";
    case "numberLiteral":
      return "A number that is the same at all times.";
  }
}
