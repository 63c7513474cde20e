#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The monitor beside Debian's Prometheus and VictoriaMetrics: what scraping, storing, answering and waiting cost.

Parts, each of which --only can pick by its name:
  size     the program without its debug information
  load     100,000 series (load_exporter), all changing, scraped every 2 s for 2 minutes, one server after
           another; then kill -9, and a start from what is left
  history  the 6 hours of gen_openmetrics.py, imported: the disk they take, then dashboards' queries over HTTP,
           to all servers by turns
  idle     1,000 series scraped every 15 s for 2 minutes
  start    ours alone: kill -9 with 100,000 series and 2 hours of data (tsdb_fill)

A megabyte is 10^6 bytes, of memory, too. tools/bench.sh --monitor builds what is needed and calls this.
"""

import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import compare
import promql_compare
import servers
from servers import OURS, PROMETHEUS, VICTORIA

NAMES = [PROMETHEUS, VICTORIA, OURS]
SCRAPE_SECONDS, IDLE_SCRAPE_SECONDS, IDLE_SERIES = 2, 15, 1_000
# No sample lies on the edge of a window, where Prometheus 2 counts it and later versions do not.
EDGE_SECONDS = 7
TOLERANCE = 1e-9


class Scale:
    """How much is done: as the targets want it, or just enough to see that everything runs."""

    def __init__(self, quick, rounds):
        self.series = 10_000 if quick else 100_000
        self.seconds = 20 if quick else 120
        self.minutes = 20 if quick else 120
        self.settle_seconds = 2 if quick else 15
        self.rounds = 1 if quick else rounds


class Row:
    """A figure of each system. The target bounds ours by Prometheus's, or by itself."""

    def __init__(self, title, unit, values, ratio=None, limit=None):
        self.title, self.unit, self.values = title, unit, values
        self.ratio_target, self.limit = ratio, limit

    def ratio(self):
        ours, theirs = self.values.get(OURS), self.values.get(PROMETHEUS)
        return ours / theirs if ours is not None and theirs else None

    def target(self):
        if self.ratio_target is not None:
            return f"<= {self.ratio_target:g}x"
        return f"<= {self.limit:g} {self.unit}" if self.limit is not None else ""

    def verdict(self):
        figure, most = (
            (self.ratio(), self.ratio_target) if self.ratio_target else (self.values.get(OURS), self.limit)
        )
        if figure is None or most is None:
            return ""
        return "ok" if figure <= most else "MISSED"

    def cells(self):
        ratio = self.ratio()
        return [
            self.title,
            self.unit,
            *(compare.number(self.values.get(name)) for name in NAMES),
            "" if ratio is None else f"{ratio:.{2 if ratio >= 0.1 else 3}f}x",
            self.target(),
            self.verdict(),
        ]


def say(text):
    print(f"bench: {text}", file=sys.stderr)


def disk_mb(folder):
    """What the files take on the disk; parts that were never written take nothing."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) / 1e6


def memory_mb(server, key):
    return server.memory_mib(key) * 2**20 / 1e6


def instant(server, query):
    """The first value of an instant query; 0 when there is none."""
    status, answer = server.post("/api/v1/query", urllib.parse.urlencode({"query": query, "nocache": 1}))
    if status != 200:
        sys.exit(f"bench: {query}: {answer[:300].decode()}")
    result = json.loads(answer)["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


class Exporter:
    """A load_exporter as context."""

    def __init__(self, tree, series):
        self.process = subprocess.Popen(
            [tree / "bin" / "load_exporter", str(series)], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


# --- Parts ----------------------------------------------------------------------------------------------


def size_part(tree, folder, names, _):
    values = {}
    for name in names:
        stripped = folder / "stripped"
        subprocess.run(["strip", "-o", stripped, servers.program(name, tree)], check=True)
        values[name] = stripped.stat().st_size / 1e6
    return [Row("program, stripped", "MB", values, limit=6)]


def load_one(name, tree, folder, scale):
    """The figures of one server: [CPU, peak, memory, disk, scrapes, ready again, peak then]."""
    with Exporter(tree, scale.series) as exporter:
        config = servers.scrape_config(exporter.port, SCRAPE_SECONDS)
        server = servers.start(name, tree, folder, config)
        time.sleep(max(0, server.began + scale.seconds - time.monotonic()))
        figures = [server.cpu_seconds(), memory_mb(server, "VmHWM"), memory_mb(server, "VmRSS")]
        figures.append(disk_mb(folder / "data"))
        time.sleep(
            2 * SCRAPE_SECONDS
        )  # the newest samples of VictoriaMetrics can be asked for a second later
        figures.append(instant(server, 'count_over_time(load_0_total{shard="0"}[1h])'))
        server.kill()
    server = servers.start(name, tree, folder, config)
    figures += [server.ready_seconds, memory_mb(server, "VmHWM")]
    server.stop()
    return figures


def load_part(tree, folder, names, scale):
    figures = {}
    for name in names:
        say(f"{name} scrapes {scale.series:,} series for {scale.seconds} s")
        figures[name] = load_one(name, tree, folder / f"load {name}", scale)
        shutil.rmtree(folder / f"load {name}")
    columns = [{name: figures[name][i] for name in names} for i in range(7)]
    return [
        Row("load: processor time", "s", columns[0], ratio=0.2),
        Row("load: memory, peak", "MB", columns[1], ratio=0.25),
        Row("load: memory, at the end", "MB", columns[2]),
        Row("load: disk", "MB", columns[3]),
        Row("load: scrapes stored", "", columns[4]),
        Row("load, kill -9: ready after", "s", columns[5]),
        Row("load, kill -9: memory, peak of the start", "MB", columns[6]),
    ]


def history_part(tree, folder, names, scale):
    """The row of the disk, and what promql_compare.run_rounds() returns."""
    series = folder / "series.om"
    say("making 1.49 million samples")
    servers.make_series(
        series, promql_compare.PIPELINES, promql_compare.HOURS, promql_compare.STEP, promql_compare.END
    )
    disk, systems = {}, {}
    try:
        for name in names:
            say(f"{name} takes the samples")
            home = folder / f"history {name}"
            server = servers.start_with(name, tree, home, series)
            systems[name] = promql_compare.Theirs(server, EDGE_SECONDS)
            disk[name] = disk_mb(home / "data")
        rounds = promql_compare.run_rounds(systems, promql_compare.QUERIES, scale.rounds)
    finally:
        for system in systems.values():
            system.stop()
    return [Row("6 hours of 1,035 series: disk", "MB", disk, limit=0.6)], rounds


def idle_part(tree, folder, names, scale):
    say(f"all wait beside {IDLE_SERIES:,} series for {scale.seconds} s")
    with Exporter(tree, IDLE_SERIES) as exporter:
        config = servers.scrape_config(exporter.port, IDLE_SCRAPE_SECONDS)
        running = {name: servers.start(name, tree, folder / f"idle {name}", config) for name in names}
        time.sleep(scale.seconds)
        memory = {name: memory_mb(server, "VmRSS") for name, server in running.items()}
        cpu = {name: server.cpu_seconds() for name, server in running.items()}
        for server in running.values():
            server.stop()
    return [
        Row("idle, 1,000 series: memory", "MB", memory, limit=12),
        Row("idle, 1,000 series: processor time", "s", cpu),
    ]


def start_part(tree, folder, names, scale):
    if OURS not in names:
        return []
    say(f"filling a store with {scale.series:,} series and {scale.minutes} minutes")
    home = folder / "start"
    home.mkdir()
    filler = subprocess.run(
        [tree / "bin" / "tsdb_fill", home / "data", str(scale.series), str(scale.minutes), "15"],
        stdout=subprocess.PIPE,
        text=True,
    )
    if not filler.stdout:
        sys.exit("bench: tsdb_fill did not fill the store")
    samples, resident, _, seconds = (float(field) for field in filler.stdout.split())
    disk = disk_mb(home / "data")
    server = servers.start(OURS, tree, home)
    time.sleep(scale.settle_seconds)
    peak, steady = memory_mb(server, "VmHWM"), resident * 1024 / 1e6
    server.stop()
    return [
        Row("2 hours of 100,000 series: appended", "million/s", {OURS: samples / seconds / 1e6}),
        Row("2 hours of 100,000 series: disk", "MB", {OURS: disk}),
        Row("2 hours, kill -9: ready after", "s", {OURS: server.ready_seconds}, limit=2),
        Row("2 hours, kill -9: memory before", "MB", {OURS: steady}),
        Row("2 hours, kill -9: memory, peak of the start", "MB", {OURS: peak}, limit=round(steady * 1.2, 1)),
    ]


PARTS = {
    "size": size_part,
    "load": load_part,
    "history": history_part,
    "idle": idle_part,
    "start": start_part,
}


# --- Reporting ------------------------------------------------------------------------------------------


def same(one, other):
    """Whether two summaries (series, samples, sum) are those of the same answer."""
    return one[:2] == other[:2] and math.isclose(one[2], other[2], rel_tol=TOLERANCE)


def say_agreement(answers):
    """One sentence on how many answers are Prometheus's, for whoever reads the table."""
    both = [by_name for by_name in answers.values() if OURS in by_name and PROMETHEUS in by_name]
    if not both:
        return ""
    equal = sum(same(by_name[OURS], by_name[PROMETHEUS]) for by_name in both)
    return (
        f"{equal} of {len(both)} answers have the series, the number of samples and the sum of Prometheus's."
    )


def markdown(cells):
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    lines.insert(1, "|---|---|--:|--:|--:|--:|--:|---|")
    return "\n".join(lines)


def report(options, host, rows, rounds, scale):
    times, answers = rounds
    cells = [["", "unit", *NAMES, f"{OURS} / {PROMETHEUS}", "target", ""], *(row.cells() for row in rows)]
    texts = [compare.plain(cells)] if rows else []
    docs = [markdown(cells)]
    if times:
        queries = promql_compare.table(times, [name for name in NAMES if name in next(iter(times.values()))])
        texts += [compare.plain(queries, left=(0,)), say_agreement(answers)]
        docs += [promql_compare.markdown(queries), say_agreement(answers)]
    print(servers.describe(host, scale.rounds), *texts, sep="\n\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    figures = [
        {"title": row.title, "unit": row.unit, "target": row.target(), "verdict": row.verdict(), **row.values}
        for row in rows
    ]
    options.json.write_text(
        json.dumps({"machine": host, "rows": figures, "times_ms": times, "answers": answers}, indent=1) + "\n"
    )
    print(f"\nwritten to {options.json}")
    if options.update_docs:
        text = "\n\n".join([servers.describe(host, scale.rounds), *docs])
        compare.update_docs(options.update_docs, text, "bench monitor")


def main():
    options = compare.arguments(
        __doc__.split("\n")[0], 11, "build/bench_monitor.json", f"parts that match, of {', '.join(PARTS)}"
    )
    scale = Scale(options.quick, options.rounds)
    host = compare.machine(options.tree)
    servers.add_versions(host)
    names = servers.installed(options.tree, NAMES)
    rows, rounds = [], ({}, {})
    with tempfile.TemporaryDirectory() as folder:
        for part, run in PARTS.items():
            if not re.search(options.only, part):
                continue
            result = run(options.tree, pathlib.Path(folder), names, scale)
            if run is history_part:
                result, rounds = result
            rows += result
    report(options, host, rows, rounds, scale)


if __name__ == "__main__":
    main()
