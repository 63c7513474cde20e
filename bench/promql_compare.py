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

import http.client
import json
import math
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import compare

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
OURS, PROMETHEUS, VICTORIA = "inferometer", "Prometheus", "VictoriaMetrics"
TARGETS = {PROMETHEUS: 10, VICTORIA: 3}  # times as fast, as a geometric mean
IMPORT_LINES = 50_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


class Server:
    """A process that answers Prometheus's HTTP API on a free port."""

    def __init__(self, log, ready, *command):
        self.port = free_port()
        self.log = log
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [part.format(port=self.port) for part in command], stdout=out, stderr=out
            )
        end = time.monotonic() + 60
        while not self.is_ready(ready):
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop()
                sys.exit(f"bench: {command[0]} does not become ready:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def is_ready(self, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False

    def post(self, path, body):
        self.connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def run(self, query, step):
        body = urllib.parse.urlencode(
            {"query": query, "start": END - HOURS * 3600, "end": END, "step": step, "nocache": 1}
        )
        began = time.perf_counter()
        status, answer = self.post("/api/v1/query_range", body)
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            sys.exit(f"bench: {query}: {answer[:300].decode()}")
        return took, answer

    def stop(self):
        self.process.kill()
        self.process.wait()


def summary(answer):
    """(series, samples, sum of those that are finite) of an answer, which a server gives as text."""
    if isinstance(answer, tuple):
        return answer
    result = json.loads(answer)["data"]["result"]
    values = [float(value) for series in result for _, value in series["values"]]
    return len(result), len(values), math.fsum(value for value in values if math.isfinite(value))


def start_prometheus(folder, series):
    data = folder / "prometheus"
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", series, data],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (folder / "prometheus.yml").write_text("global: {}\n")
    return Server(
        folder / "prometheus.log",
        "/-/ready",
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",
        "--web.listen-address=127.0.0.1:{port}",
    )


def start_victoria(folder, series):
    server = Server(
        folder / "victoria.log",
        "/health",
        "victoria-metrics",
        "-retentionPeriod=100y",
        f"-storageDataPath={folder}/victoria",
        "-httpListenAddr=127.0.0.1:{port}",
        "-search.latencyOffset=0s",
    )
    lines = []

    def send():
        status, answer = server.post("/api/v1/import/prometheus", "".join(lines))
        if status >= 300:
            sys.exit(f"bench: VictoriaMetrics does not take the samples: {answer[:300].decode()}")
        lines.clear()

    with series.open() as text:
        for line in text:
            if not line.startswith("#"):
                lines.append(line[:-1] + "000\n")  # milliseconds
            if len(lines) == IMPORT_LINES:
                send()
    send()
    server.connection.request("GET", "/internal/force_flush")
    server.connection.getresponse().read()
    return server


def start_all(tree, folder):
    """{name: what runs queries}, ours last: it is compared with the others."""
    series = folder / "series.om"
    print("bench: making 1.49 million samples", file=sys.stderr)
    generator = pathlib.Path(__file__).with_name("gen_openmetrics.py")
    with series.open("w") as out:
        subprocess.run(
            [sys.executable, generator, str(PIPELINES), str(HOURS), str(STEP), str(END)],
            check=True,
            stdout=out,
        )
    systems = {}
    for name, program, start in (
        (PROMETHEUS, "prometheus", start_prometheus),
        (VICTORIA, "victoria-metrics", start_victoria),
    ):
        if shutil.which(program) is None:
            print(f"bench: {program} is not installed; hint: tools/deps.sh bench", file=sys.stderr)
            continue
        print(f"bench: {name} takes the samples", file=sys.stderr)
        systems[name] = start(folder, series)
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
    others = [name for name in names if name != OURS]
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


def version(program, *arguments):
    found = (
        re.search(r"\d+\.\d+[.\d]*", compare.output(program, *arguments)) if shutil.which(program) else None
    )
    return found.group(0) if found else "(not installed)"


def describe(host, rounds):
    return compare.describe_machine(
        host,
        f"inferometer {host['inferometer']}, Prometheus {host['prometheus']}, VictoriaMetrics "
        f"{host['victoria']}",
        rounds,
    )


def main():
    options = compare.arguments(
        __doc__.split("\n")[0], 11, "build/bench_promql.json", "queries whose title matches"
    )
    rounds = 1 if options.quick else options.rounds
    queries = [query for query in QUERIES if re.search(options.only, query[0])]
    host = compare.machine(options.tree)
    host["inferometer"] = host["versions"][compare.STATIC]
    host["prometheus"] = version("promtool", "--version")
    host["victoria"] = version("dpkg-query", "-W", "-f", "${Version}", "victoria-metrics")
    with tempfile.TemporaryDirectory() as folder:
        systems = start_all(options.tree, pathlib.Path(folder))
        try:
            times, answers = run_rounds(systems, queries, rounds)
        finally:
            for system in systems.values():
                system.stop()
    cells = table(times, list(systems))
    print(describe(host, rounds), compare.plain(cells, left=(0,)), sep="\n\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps({"machine": host, "rounds": rounds, "times_ms": times, "answers": answers}, indent=1)
        + "\n"
    )
    print(f"\nwritten to {options.json}")
    if options.update_docs:
        compare.update_docs(
            options.update_docs, describe(host, rounds) + "\n\n" + markdown(cells), "bench promql"
        )


if __name__ == "__main__":
    main()
