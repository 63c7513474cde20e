#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The monitor and Debian's Prometheus scrape the same targets for a while, and answer the same.

usage: monitor_differential.py PROGRAM [--seconds N] [--queries N] [--seed N] [--keep]

PROGRAM is inferometer. Both scrape every second, each at its own moments, which is no difference to be told:
so what the targets say does not depend on when they are asked.

  stamped   every three seconds a new row of samples that bear their time; the queries are those of
            differential.py. One target speaks text 0.0.4, one OpenMetrics.
  plateaus  samples without a time, which change at whole multiples of ten seconds. They are looked at six
            seconds later, by expressions that do not see how often they were scraped.
  flapping  as plateaus, but the target is out of order in every third of them: markers of staleness.

Then labels, values of labels, series and metadata are compared. Ends with 77 when Prometheus is not
installed.
"""

import argparse
import http.server
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

import differential_data
from differential import difference
from differential_queries import CLOSE, EXACT, Expression, Generator
from servers import Server, skip_without

ROW_SECONDS = 3  # at one scrape a second each row is seen, also when one is late
ROW_DELAY = 0.45  # a row is shown when its last sample's time is over
PLATEAU = 10
LOOK = 6  # seconds after a plateau began
SHOWN = 10
SCRAPE_SECONDS = 1
# A rate of what is near zero, in windows that may begin before the first sample: see differential.py.
NEAR_ZERO = re.compile(r"\b(rate|increase)\(.*(\bload\b|\bodd\b|:\w*\])")
FAR = 1 << 20  # of counters from zero: a window may begin before the first sample (differential.py, rate())
TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

PLATEAU_QUERIES = (
    "plateau",
    "sum(plateau)",
    "avg by (parity) (plateau)",
    "count(plateau)",
    "plateau > 50",
    "plateau >= bool 50",
    "topk(3, plateau)",
    "bottomk by (parity) (2, plateau)",
    "quantile(0.3, plateau)",
    "max by (parity) (plateau) - min by (parity) (plateau)",
    'plateau{parity="odd"} * on(job, instance) group_left() flapping',
    "flapping",
    "absent(flapping)",
    "flapping unless plateau",
    "plateau and on(job) up == 1",
    "up",
    "sum by (job) (up)",
    'scrape_samples_scraped{job=~"plateaus|flapping"}',
    'scrape_samples_post_metric_relabeling{job=~"plateaus|flapping"}',
    'count by (__name__) ({__name__=~".+", job="flapping"})',
    "last_over_time(plateau[4s])",
    "present_over_time(flapping[3s])",
    "absent_over_time(flapping[3s])",
    "max_over_time(plateau[40s])",
    "min_over_time(plateau[40s])",
    "changes(plateau[40s])",
    "resets(steps_total[40s])",
    "max_over_time(flapping[30s])",
    "steps_total - steps_total offset 20s",
    "plateau offset 10s",
    "last_over_time(steps_total[4s] offset 10s)",
    'label_replace(plateau, "n", "x$1", "number", "(.*)")',
    "count_values(\"value\", plateau)",
    "sort_desc(plateau)",
    "max_over_time(sum(plateau)[30s:10s])",
    "histogram_quantile(0.9, spread_bucket)",
    "histogram_quantile(0.5, sum by (le) (spread_bucket))",
    "sum(kept) or vector(-1)",
    "sum(dropped_by_relabelling) or vector(-1)",
    'kept{renamed=~"y.*"}',
)


# --- The targets -------------------------------------------------------------------------------------------


class Rows:
    """Takes what differential_data writes, and yields the document of each row."""

    def __init__(self, count, rng):
        self.count, self.rng = count, rng
        self.families = []  # (name, type, [(job, text, values, there)])

    def type(self, name, kind):
        self.families.append((name.replace("up", "healthy"), kind, []))

    def series(self, name, labels, values, gaps=False):
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        there = differential_data.with_gaps(self.rng, self.count) if gaps else [True] * self.count
        name = "healthy" if name == "up" else name  # the targets' own is another one for each server
        if self.families[-1][1] in ("counter", "histogram"):
            values = [value + FAR for value in values]
        self.families[-1][2].append((labels["job"], f"{name}{{{text}}}", values, there))

    @staticmethod
    def type_line(name, kind, openmetrics):
        if kind == "histogram":  # an incomplete one is not allowed to say so
            return []
        if kind == "info":
            name, kind = f"{name}_info", "gauge"
        if kind == "counter" and not openmetrics:
            name = f"{name}_total"
        return [f"# TYPE {name} {kind}"]

    def document(self, job, index, stamp, openmetrics):
        rng = random.Random(f"row {job} {index}")
        shared = stamp + rng.randint(2, 420)
        lines = []
        for name, kind, series in self.families:
            kept = [item for item in series if item[0] == job and item[3][index]]
            if kept:
                lines += self.type_line(name, kind, openmetrics)
            for _, text, values, _ in kept:
                # Most samples of a target have one time, those of one family each their own.
                when = stamp + rng.randint(2, 420) if name == "load" else shared
                shown = f"{when / 1000:.3f}" if openmetrics else f"{when}"
                lines.append(f"{text} {values[index]} {shown}")
        return "\n".join(lines + ["# EOF"] if openmetrics else lines) + "\n"


class Targets:
    def __init__(self, options):
        count = options.seconds // ROW_SECONDS + 60
        rng = random.Random(f"data {options.seed}")
        self.rows = Rows(count, rng)
        self.origin = None  # nobody can see a row before both are there to see it
        differential_data.fill(self.rows, rng, count)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def begin(self):
        now = int(time.time())
        self.origin = now - now % ROW_SECONDS + ROW_SECONDS

    def row(self, job, now, openmetrics):
        index = -1 if self.origin is None else int((now - ROW_DELAY - self.origin) // ROW_SECONDS)
        if index < 0:
            return "# EOF\n" if openmetrics else ""
        return self.rows.document(job, index, (self.origin + index * ROW_SECONDS) * 1000, openmetrics)

    def answer(self, path):
        """(status, type, text)."""
        now = time.time()
        if path == "/api":
            return 200, TEXT, self.row("api", now, False)
        if path == "/batch":
            return 200, OPENMETRICS, self.row("batch", now, True)
        plateau = int(now // PLATEAU)
        if path == "/flapping":
            if plateau % 3 == 2:
                return 503, "text/plain", "out of order\n"
            return 200, TEXT, f"# TYPE flapping gauge\nflapping {plateau % 17}\n"
        return 200, TEXT, self.plateaus(plateau)

    def plateaus(self, plateau):
        lines = ["# HELP plateau Changes every ten seconds.", "# TYPE plateau gauge"]
        rng = random.Random(f"plateau {plateau}")
        for number in range(12):
            value = rng.randint(0, 1600) / 16  # sums of them are exact
            if number < 10 or plateau % 2:  # some come and go while the target stays
                lines.append(f'plateau{{number="{number}",parity="{("even", "odd")[number % 2]}"}} {value}')
        lines += ["# HELP steps_total Falls now and then.", "# TYPE steps_total counter"]
        lines.append(f"steps_total {plateau % 7 * 3}")
        lines.append("# TYPE spread histogram")
        total = 0
        for bound in ("0.1", "0.5", "1", "+Inf"):
            total += rng.randint(0, 9)
            lines.append(f'spread_bucket{{le="{bound}"}} {total}')
        lines += [f"spread_sum {total * 0.25}", f"spread_count {total}"]
        lines += [f'kept{{old="x{number}"}} {number}' for number in range(3)]
        lines.append("dropped_by_relabelling 1")
        for kind, value in (("nan", "NaN"), ("inf", "+Inf"), ("small", "1e-320")):
            lines.append(f'odd_values{{kind="{kind}"}} {value}')
        return "\n".join(lines) + "\n"

    def handler(targets):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, kind, text = targets.answer(self.path)
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


def configuration(port):
    jobs = [
        ("stamped", "/api", "    honor_labels: true\n"),
        ("stamped-openmetrics", "/batch", "    honor_labels: true\n"),
        (
            "plateaus",
            "/plateaus",
            "    metric_relabel_configs:\n"
            "      - source_labels: [__name__]\n        regex: dropped_.*\n        action: drop\n"
            "      - source_labels: [old]\n        regex: x(.*)\n"
            "        target_label: renamed\n        replacement: y$1\n"
            "      - regex: old\n        action: labeldrop\n",
        ),
        ("flapping", "/flapping", ""),
    ]
    every = f"{SCRAPE_SECONDS}s"
    text = f"global:\n  scrape_interval: {every}\n  scrape_timeout: {every}\nscrape_configs:\n"
    for job, path, more in jobs:
        text += f"  - job_name: {job}\n    metrics_path: {path}\n{more}"
        text += f'    static_configs:\n      - targets: ["127.0.0.1:{port}"]\n'
    return text


# --- The two servers ---------------------------------------------------------------------------------------


def scrapes(server, count):
    """Whether it has that many targets."""
    answer = json.loads(server.ask("POST", "/api/v1/query", {"query": "count(up)"})[1])
    return [item["value"][1] for item in answer["data"]["result"]] == [str(count)]


# --- The queries -------------------------------------------------------------------------------------------


class LiveGenerator(Generator):
    """Queries of differential.py, about the time of this run."""

    def __init__(self, seed, index, origin, seconds):
        super().__init__(seed, index)
        self.origin, self.seconds_of_run = origin, seconds

    def query(self):
        rng = self.rng
        start = (self.origin + rng.randint(-20, self.seconds_of_run)) * 1000 + 500
        parameters = {"time": start}
        if rng.random() < 0.5:
            step, points = rng.choice((1, 3, 7, 15, 30, 60)), rng.choice((0, 1, 4, 10, 24))
            # Neither server knows the future.
            last = (self.origin + self.seconds_of_run) * 1000
            points = max(0, min(points, (last - start) // (step * 1000)))
            parameters = {"start": start, "end": start + step * points * 1000, "step": step * 1000}
        self.start, self.end = start, parameters.get("end", start)
        expression = self.top("time" in parameters)
        expression.text = re.sub(r'__name__=~"u\."', '__name__=~"health."', expression.text)
        expression.text = re.sub(r"\bup\b", "healthy", expression.text)
        return expression, parameters

    def at(self, fixed=True):
        text = super().at(fixed).replace("offset -", "offset ")  # what is there by then changes
        return re.sub(r"@ \d+\.5", f"@ {self.origin + self.rng.randint(0, self.seconds_of_run)}.5", text)


def plateau_query(rng, begin, end, text):
    first = (begin // PLATEAU + 6) * PLATEAU + LOOK  # windows reach back to what both have seen
    last = (end // PLATEAU - 1) * PLATEAU + LOOK
    when = first + rng.randint(0, (last - first) // PLATEAU) * PLATEAU
    parameters = {"time": when * 1000}
    kind = "sorted" if text.startswith("sort") else "gauge"
    if rng.random() < 0.5 and kind != "sorted":
        points = rng.randint(0, max(0, (last - when) // PLATEAU))
        parameters = {"start": when * 1000, "end": (when + points * PLATEAU) * 1000, "step": PLATEAU * 1000}
    level = CLOSE if text.startswith(("avg", "quantile", "histogram_quantile")) else EXACT
    return Expression(text, level, kind=kind), parameters


def queries(options, targets, end):
    rng = random.Random(f"queries {options.seed}")
    rounds = itertools.cycle(PLATEAU_QUERIES)
    for index in range(options.queries):
        if index % 4 == 3:
            yield plateau_query(rng, targets.origin, end, next(rounds))
            continue
        while True:
            generator = LiveGenerator(options.seed, index, targets.origin, end - targets.origin)
            expression, parameters = generator.query()
            if not NEAR_ZERO.search(expression.text):
                break
            index += options.queries
        yield expression, parameters


def ask_both(servers, expression, parameters):
    path = "/api/v1/query" if "time" in parameters else "/api/v1/query_range"
    form = {"query": expression.text, **{name: f"{value / 1000:.3f}" for name, value in parameters.items()}}
    return [server.ask("POST", path, form)[1] for server in servers]


def compare_queries(options, servers, targets, end):
    counts = {"queries": 0, "empty": 0, "errors": 0, "differences": 0}
    for expression, parameters in queries(options, targets, end):
        ours, theirs = ask_both(servers, expression, parameters)
        counts["queries"] += 1
        counts["errors"] += b'"status":"error"' in theirs
        counts["empty"] += b'"result":[]' in theirs
        what = difference(ours, theirs, expression)
        if what is not None:
            counts["differences"] += 1
            if counts["differences"] <= SHOWN:
                print(f"DIFFERENCE: {what}\n  query: {expression.text}\n  {parameters}")
                print(f"  ours:       {ours[:600].decode()}")
                print(f"  Prometheus: {theirs[:600].decode()}", flush=True)
    return counts


# --- What is not a query -----------------------------------------------------------------------------------


def sorted_data(body):
    answer = json.loads(body)
    data = answer["data"]
    if isinstance(data, list):
        data = sorted(data, key=lambda item: json.dumps(item, sort_keys=True))
    return answer["status"], data


def active_targets(body):
    kept = ("discoveredLabels", "labels", "scrapePool", "scrapeUrl", "health")
    kept += ("scrapeInterval", "scrapeTimeout")
    targets = json.loads(body)["data"]["activeTargets"]
    targets = [target for target in targets if target["scrapePool"] != "flapping"]
    found = [{name: target[name] for name in kept} for target in targets]
    return sorted(found, key=lambda target: target["scrapePool"])


def compare_others(servers, targets, end):
    start = targets.origin - 60
    times = f"start={start}&end={end}"
    name = urllib.parse.quote('{__name__=~"plateau|flapping|healthy"}')
    paths = [
        f"/api/v1/labels?{times}",
        f"/api/v1/labels?{times}&match[]={name}",
        f"/api/v1/label/__name__/values?{times}",
        f"/api/v1/label/job/values?{times}",
        f"/api/v1/label/nothing/values?{times}",
        f"/api/v1/label/instance/values?{times}&match[]={name}",
        f"/api/v1/series?{times}&match[]={name}",
        f"/api/v1/series?{times}&match[]=plateau&match[]=up",
        "/api/v1/metadata?metric=plateau",
        "/api/v1/metadata?metric=nothing",
        "/api/v1/rules",
        "/api/v1/alerts",
        "/api/v1/alertmanagers",
    ]
    different = 0
    for path in paths:
        ours, theirs = (sorted_data(server.ask("GET", path)[1]) for server in servers)
        if ours != theirs or bool(ours[1]) == ("nothing" in path):  # alike, but empty
            different += 1
            print(f"DIFFERENCE: {path}\n  ours:       {str(ours)[:800]}\n  Prometheus: {str(theirs)[:800]}")
    ours, theirs = (active_targets(server.ask("GET", "/api/v1/targets")[1]) for server in servers)
    if ours != theirs:
        different += 1
        print(f"DIFFERENCE: /api/v1/targets\n  ours:       {ours}\n  Prometheus: {theirs}")
    return len(paths) + 1, different


# --- Running -----------------------------------------------------------------------------------------------


def run(options, folder):
    targets = Targets(options)
    config = configuration(targets.port)
    commands = {"monitor": [options.program, "monitor"], "prometheus": ["prometheus"]}
    servers = []
    try:
        for name, command in commands.items():
            servers.append(Server(name, command, folder, config))
        for server in servers:
            server.await_true("scrape", lambda server=server: scrapes(server, 4))
        targets.begin()
        print(f"both scrape the same targets for {options.seconds} s", flush=True)
        time.sleep(options.seconds)
        end = int(time.time()) - 2 * ROW_SECONDS
        counts = compare_queries(options, servers, targets, end)
        others, different = compare_others(servers, targets, end)
    finally:
        for server in servers:
            server.stop()
    print(
        f"{counts['queries']} queries, seed {options.seed}: {counts['differences']} differences; "
        f"{counts['errors']} were errors, {counts['empty']} empty; "
        f"{others} other requests: {different} differences"
    )
    if counts["errors"] + counts["empty"] > counts["queries"] / 2:
        print("FAIL: too many queries have no samples in their answer")
        return 1
    return 1 if counts["differences"] + different else 0


def arguments():
    seconds = int(os.environ.get("IFM_MONITOR_DIFFERENTIAL_SECONDS", 90))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="inferometer")
    parser.add_argument("--seconds", type=int, default=seconds)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("IFM_DIFFERENTIAL_SEED", 1)))
    parser.add_argument("--keep", action="store_true", help="the folder with logs and data")
    return parser.parse_args()


def main():
    options = arguments()
    skip_without("prometheus")
    folder = tempfile.mkdtemp()
    try:
        return run(options, pathlib.Path(folder))
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
