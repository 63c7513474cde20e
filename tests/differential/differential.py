#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random queries over random data, to our query engine and to Debian's Prometheus: the same answers.

usage: differential.py PROGRAM [--queries N] [--seed N] [--only N] [--processes N]

PROGRAM is promql_differential. Both read the same series: Prometheus from blocks that promtool makes of them.
Data and queries follow from the seed; a difference prints seed, number, query and both answers, and --only runs
that query alone. Ends with 77 when Prometheus is not installed.

Debian's Prometheus is 2.42, ours is the language of 3.14. What changed, and what is done about it:

  windows and the lookback leave out their first instant
      No sample lies on an edge: differential_data.py T1. Windows of nested subqueries end on half seconds.
  rate() and increase() go back to zero in another way behind a gap
      Counters with gaps are large: differential_data.py T3.
  sum(), avg() and avg_over_time() compensate rounding; histogram_quantile() forgives small falls of buckets
      Compared as CLOSE: see differential_queries.py.
  stddev(), stdvar() and predict_linear() of values that are not finite
      Not asked.
  operands of a filter that are many to one are refused even where it drops all of them
      Excused: excuse().
  atan2 drops the name of the metric
      It is dropped before.
  holt_winters(), native histograms, names in UTF-8, durations as numbers, NaN as the number of topk()
      Not asked.

What 2.42 does wrong, and is not asked: a subquery of something fixed without a step in its window has a result;
@ in predict_linear(), in timestamp(), in the parameter of an aggregation, and beside a varying parameter of
quantile_over_time(); count_values() by three labels mixes up its groups.

What is each engine's own: which of several equal values topk() keeps (only values that differ are sorted), which of
0 and -0 is the smallest (zeros_alike()), the last bits of pow(), exp(), sin() and the like (CLOSE).
"""

import argparse
import json
import math
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import differential_data
from differential_queries import CLOSE, Generator
from servers import Client, prometheus_over, skip_without

CLOSE_BY = 1e-11  # relative to the largest value of the answer: see same_value()
SHOWN = 10  # differences
MEANINGLESS = 0.3  # the share of errors and empty answers from which on the test says little


# --- The two -----------------------------------------------------------------------------------------------


class Theirs:
    def __init__(self, port):
        self.client = Client(port)

    def ask(self, query, parameters):
        sent = {name: f"{value / 1000:.3f}" for name, value in parameters.items()}
        path = "/api/v1/query" if "time" in parameters else "/api/v1/query_range"
        return self.client.ask("POST", path, {"query": query, **sent})[1]


class Ours:
    def __init__(self, program, series):
        self.process = subprocess.Popen([program, series], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, query, parameters):
        self.process.stdin.write(json.dumps({"query": query, **parameters}).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"promql_differential ended with status {self.process.wait()}")
        return line.strip()

    def stop(self):
        self.process.kill()
        self.process.wait()


# --- Comparison --------------------------------------------------------------------------------------------


def samples(answer):
    """{labels: {time: value}} of any answer, and the order of the labels."""
    kind, result = answer["data"]["resultType"], answer["data"]["result"]
    if kind in ("scalar", "string"):
        value = result[1] if kind == "string" else float(result[1])
        return {(): {result[0]: value}}, []
    series = {}
    for item in result:
        points = item["values"] if kind == "matrix" else [item["value"]]
        series[tuple(sorted(item["metric"].items()))] = {when: float(value) for when, value in points}
    return series, [tuple(sorted(item["metric"].items())) for item in result]


def same_value(ours, theirs, close_by):
    """`close_by` None: the same bits, but that NaNs are not told apart. Else it is a distance, 0 for equal ones
    but for the sign of zero. Sums and differences lose digits when they come near to zero, so that it is given
    by the largest value of the answer, or 1."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return ours == theirs
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    if ours == theirs:
        return close_by is not None or math.copysign(1, ours) == math.copysign(1, theirs)
    return close_by is not None and abs(ours - theirs) <= close_by


def excuse(ours, query):
    return (
        ours["status"] == "error"
        and ours["error"].startswith("multiple matches for labels: many-to-one")
        and re.search(r"([=!]=|[<>]=?) (?!bool)", query)
    )


def difference(ours, theirs, expression):
    """What differs in the bytes of two answers, or None."""
    if ours == theirs:
        return None
    ours, theirs = json.loads(ours), json.loads(theirs)
    if ours["status"] != theirs["status"]:
        if excuse(ours, expression.text):
            return None
        return f"ours: {ours['status']}, Prometheus: {theirs['status']}"
    if ours["status"] == "error":
        kinds = ours["errorType"], theirs["errorType"]
        return None if kinds[0] == kinds[1] else f"ours: error {kinds[0]}, Prometheus: error {kinds[1]}"
    kinds = ours["data"]["resultType"], theirs["data"]["resultType"]
    if kinds[0] != kinds[1]:
        return f"ours: {kinds[0]}, Prometheus: {kinds[1]}"
    (our_series, our_order), (their_series, their_order) = samples(ours), samples(theirs)
    if our_series.keys() != their_series.keys():
        return (
            f"series of ours alone: {list(our_series.keys() - their_series.keys())[:3]}, "
            f"of Prometheus alone: {list(their_series.keys() - our_series.keys())[:3]}"
        )
    ordered = sorted(our_order) if kinds[0] == "matrix" else their_order
    if (kinds[0] == "matrix" or expression.kind == "sorted") and our_order != ordered:
        return "the order of the series"
    return different_points(our_series, their_series, expression)


def zeros_alike(expression):
    return expression.level == CLOSE or re.search(r"\b(min|max|quantile|sum)", expression.text) is not None


def different_points(ours, theirs, expression):
    close_by = 0 if zeros_alike(expression) else None
    if expression.level == CLOSE:
        sizes = [
            abs(value) for points in theirs.values() for value in points.values() if math.isfinite(value)
        ]
        close_by = CLOSE_BY * max(1, *sizes) if sizes else 0
    for labels, points in ours.items():
        other = theirs[labels]
        if points.keys() != other.keys():
            return f"{dict(labels)}: the times of the samples: {sorted(points.keys() ^ other.keys())[:5]}"
        for when, value in points.items():
            if not same_value(value, other[when], close_by):
                return f"{dict(labels)} at {when}: ours {value!r}, Prometheus {other[when]!r}"
    return None


# --- Running -----------------------------------------------------------------------------------------------


def run_part(options, port, series, first, shared):
    """Every n-th query, in a process of its own."""
    ours, theirs = Ours(options.program, series), Theirs(port)
    counts = {"queries": 0, "empty": 0, "errors": 0, "differences": 0, "close": 0}
    indices = range(first, options.queries, options.processes) if options.only is None else [options.only]
    for index in indices:
        expression, parameters = Generator(options.seed, index).query()
        ours.send(expression.text, parameters)
        their_answer = theirs.ask(expression.text, parameters)
        our_answer = ours.receive()
        counts["queries"] += 1
        counts["errors"] += b'"status":"error"' in their_answer
        counts["empty"] += b'"result":[]' in their_answer
        counts["close"] += expression.level == CLOSE
        what = difference(our_answer, their_answer, expression)
        if what is not None or options.only is not None:
            counts["differences"] += what is not None
            if counts["differences"] <= options.shown:
                print(
                    f"{'DIFFERENCE' if what else 'the same'}: {what}\n  seed {options.seed}, --only {index}\n"
                    f"  query: {expression.text}\n  {parameters}\n  ours:       {our_answer[:600].decode()}\n"
                    f"  Prometheus: {their_answer[:600].decode()}",
                    flush=True,
                )
    ours.stop()
    shared.put(counts)


def run(options, folder):
    series = folder / "series.om"
    with series.open("w") as out:
        differential_data.write(options.seed, out)
    prometheus = prometheus_over(series, folder)
    try:
        began = time.monotonic()
        shared = multiprocessing.Queue()
        parts = [
            multiprocessing.Process(target=run_part, args=(options, prometheus.port, series, first, shared))
            for first in range(options.processes)
        ]
        for part in parts:
            part.start()
        for part in parts:
            part.join()
        if any(part.exitcode != 0 for part in parts):
            print("FAIL: a part of the queries could not be run")
            return 1
        counts = [shared.get() for _ in parts]
    finally:
        prometheus.stop()
    total = {name: sum(count[name] for count in counts) for name in counts[0]}
    print(
        f"{total['queries']} queries in {time.monotonic() - began:.0f} s, seed {options.seed}: "
        f"{total['differences']} differences; {total['close']} compared but for their last digits, the others "
        f"bit by bit; {total['errors']} were errors, {total['empty']} empty"
    )
    if total["queries"] > 1000 and total["errors"] + total["empty"] > MEANINGLESS * total["queries"]:
        print("FAIL: too many queries have no samples in their answer")
        return 1
    return 1 if total["differences"] else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="promql_differential")
    parser.add_argument("--queries", type=int, default=int(os.environ.get("IFM_DIFFERENTIAL_QUERIES", 10000)))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("IFM_DIFFERENTIAL_SEED", 1)))
    parser.add_argument("--only", type=int, metavar="N", help="the N-th query alone, and its answers")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--shown", type=int, default=SHOWN, help="differences of each process")
    options = parser.parse_args()
    if options.only is not None:
        options.processes = 1
    return options


def main():
    options = arguments()
    skip_without("prometheus", "promtool")
    with tempfile.TemporaryDirectory() as folder:
        return run(options, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
