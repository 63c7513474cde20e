#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Queries of dashboards, to our query engine and to Debian's Prometheus and VictoriaMetrics: median times.

All have the same series (gen_openmetrics.py: 15 pipelines, 6 hours, a sample each 15 s). A round asks each
query once of each; rounds follow one another, so that a slow minute falls on all alike. The first round warms
up and does not count.

Ours runs inside a process, over a storage in memory: from the text of the query to its result. The others are
asked over HTTP, as they are used: the writing of JSON and its way to us are in their times, and not in ours.
tools/bench.sh --promql builds and calls this.
"""

import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import compare
import servers
from servers import OURS, PROMETHEUS, VICTORIA

END = 1_700_000_000
PIPELINES, HOURS, STEP = 15, 6, 15
H = "inference_duration_seconds"
QUERIES = [  # title, query, step in seconds; each over the 6 hours
    ("raw gauge", "cpu_utilization_ratio", 15),
    ("mean latency", f"rate({H}_sum[5m])/rate({H}_count[5m])", 15),
    ("rate of all buckets", f"rate({H}_bucket[5m])", 60),
    ("p99 by stage", f"histogram_quantile(0.99, sum by (le, stage) (rate({H}_bucket[5m])))", 15),
    (
        "p99 by pipeline, stage",
        f"histogram_quantile(0.99, sum by (le, pipeline, stage) (rate({H}_bucket[5m])))",
        60,
    ),
    ("sum of rates by instance", f"sum by (instance) (rate({H}_count[1m]))", 15),
    ("avg_over_time 1h", "avg_over_time(cpu_utilization_ratio[1h])", 15),
    ("quantile_over_time 1h", "quantile_over_time(0.9, cpu_utilization_ratio[1h])", 60),
    ("topk 3", f"topk(3, rate({H}_sum[5m]))", 15),
    ("max of a subquery", f"max_over_time(rate({H}_count[1m])[30m:1m])", 60),
    ("regular expressions", f'sum(rate({H}_count{{pipeline=~"p[0-4].*",stage!~"pre.*"}}[5m]))', 15),
]
TARGETS = {PROMETHEUS: 10, VICTORIA: 3}  # times as fast, as a geometric mean


class Ours:
    def __init__(self, tree, series):
        self.process = subprocess.Popen(
            [tree / "bin" / "promql_query_bench", series],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, query, step):
        """(milliseconds, (series, samples, sum))"""
        self.process.stdin.write(f"{(END - HOURS * 3600) * 1000} {END * 1000} {step * 1000} {query}\n")
        self.process.stdin.flush()
        took, series, samples, total, _ = self.process.stdout.readline().split()
        return int(took) / 1e6, (int(series), int(samples), float(total))

    def stop(self):
        self.process.kill()
        self.process.wait()


class Theirs:
    """A server, asked over HTTP; `earlier` moves the range of time, in seconds."""

    def __init__(self, server, earlier=0):
        self.server, self.end = server, END - earlier
        self.stop = server.stop

    def run(self, query, step):
        """(milliseconds, the answer as it is)"""
        return self.server.query_range(query, self.end - HOURS * 3600, self.end, step)


def summary(answer):
    """(series, samples, sum of those that are finite) of an answer, which a server gives as text."""
    if isinstance(answer, tuple):
        return answer
    result = json.loads(answer)["data"]["result"]
    values = [float(value) for series in result for _, value in series["values"]]
    return len(result), len(values), math.fsum(value for value in values if math.isfinite(value))


def start_all(tree, folder):
    """{name: what runs queries}, ours last: it is compared with the others."""
    series = folder / "series.om"
    print("bench: making 1.49 million samples", file=sys.stderr)
    servers.make_series(series, PIPELINES, HOURS, STEP, END)
    systems = {}
    for name in servers.installed(tree, [PROMETHEUS, VICTORIA]):
        print(f"bench: {name} takes the samples", file=sys.stderr)
        systems[name] = Theirs(servers.start_with(name, tree, folder / name, series))
    systems[OURS] = Ours(tree, series)
    return systems


def run_rounds(systems, queries, rounds):
    """({title: {name: [milliseconds]}}, {title: {name: summary}}). Round 0 warms up."""
    times = {title: {name: [] for name in systems} for title, _, _ in queries}
    answers = {title: {} for title, _, _ in queries}
    for turn in range(rounds + 1):
        for title, query, step in queries:
            compare.progress(f"bench: round {turn} of {rounds}: {title}")
            for name, system in systems.items():
                took, answer = system.run(query, step)
                if turn == 0:
                    answers[title][name] = summary(answer)
                else:
                    times[title][name].append(took)
    compare.progress("")
    return times, answers


def geometric_mean(ratios):
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def table(times, names):
    others = [name for name in names if name != OURS] if OURS in names else []
    cells = [["ms", *names, *(f"{name} / {OURS}" for name in others)]]
    ratios = {name: [] for name in others}
    for title, by_name in times.items():
        medians = {name: statistics.median(by_name[name]) for name in names}
        for name in others:
            ratios[name].append(medians[name] / medians[OURS])
        cells.append(
            [
                title,
                *(compare.number(medians[name]) for name in names),
                *(f"{ratios[name][-1]:.1f}x" for name in others),
            ]
        )
    means = {name: geometric_mean(values) for name, values in ratios.items()}
    cells.append(["geometric mean", *("" for _ in names), *(f"{means[name]:.1f}x" for name in others)])
    cells.append(["target", *("" for _ in names), *(f">= {TARGETS[name]}x, none < 1x" for name in others)])
    met = {name: means[name] >= TARGETS[name] and min(ratios[name]) >= 1 for name in others}
    cells.append(["", *("" for _ in names), *("ok" if met[name] else "MISSED" for name in others)])
    return cells


def markdown(cells):
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    lines.insert(1, "|---|" + "--:|" * (len(cells[0]) - 1))
    return "\n".join(lines)


def main():
    options = compare.arguments(
        __doc__.split("\n")[0], 11, "build/bench_promql.json", "queries whose title matches"
    )
    rounds = 1 if options.quick else options.rounds
    queries = [query for query in QUERIES if re.search(options.only, query[0])]
    host = compare.machine(options.tree)
    servers.add_versions(host)
    with tempfile.TemporaryDirectory() as folder:
        systems = start_all(options.tree, pathlib.Path(folder))
        try:
            times, answers = run_rounds(systems, queries, rounds)
        finally:
            for system in systems.values():
                system.stop()
    cells = table(times, list(systems))
    print(servers.describe(host, rounds), compare.plain(cells, left=(0,)), sep="\n\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps({"machine": host, "rounds": rounds, "times_ms": times, "answers": answers}, indent=1)
        + "\n"
    )
    print(f"\nwritten to {options.json}")
    if options.update_docs:
        compare.update_docs(
            options.update_docs, servers.describe(host, rounds) + "\n\n" + markdown(cells), "bench promql"
        )


if __name__ == "__main__":
    main()
