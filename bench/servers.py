# SPDX-License-Identifier: Apache-2.0
"""Servers of Prometheus's HTTP API as processes: ours, Debian's Prometheus and VictoriaMetrics; for
promql_compare.py and monitor_compare.py.

Each has a folder of its own, a configuration of Prometheus's form, and a free port of 127.0.0.1.
"""

import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

import compare

OURS, PROMETHEUS, VICTORIA = "inferometer", "Prometheus", "VictoriaMetrics"
PROGRAMS = {PROMETHEUS: "prometheus", VICTORIA: "victoria-metrics"}
IMPORT_LINES = 50_000
READY_SECONDS = 120
MERGE_SECONDS = 5
NOTHING = "global: {}\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that answers Prometheus's HTTP API on a free port."""

    def __init__(self, log, ready, *command):
        self.port = free_port()
        self.log = log
        self.began = time.monotonic()
        with log.open("a") as out:
            self.process = subprocess.Popen(
                [str(part).format(port=self.port) for part in command],
                stdout=out,
                stderr=out,
                env=dict(os.environ, XDG_STATE_HOME=str(log.parent / "state")),
            )
        while not self.is_ready(ready):
            if time.monotonic() > self.began + READY_SECONDS or self.process.poll() is not None:
                self.stop()
                sys.exit(f"bench: {command[0]} does not become ready:\n{log.read_text()[-2000:]}")
            time.sleep(0.005)
        self.ready_seconds = time.monotonic() - self.began
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def is_ready(self, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def post(self, path, body):
        self.connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def query_range(self, query, start, end, step):
        """(milliseconds, the answer as it is)"""
        body = urllib.parse.urlencode(
            {"query": query, "start": start, "end": end, "step": step, "nocache": 1}
        )
        began = time.perf_counter()
        status, answer = self.post("/api/v1/query_range", body)
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            sys.exit(f"bench: {query}: {answer[:300].decode()}")
        return took, answer

    def cpu_seconds(self):
        """Of all threads since the start, user and system."""
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, key):
        """VmRSS (now) or VmHWM (most so far)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{key}:\s*(\d+) kB", status, re.MULTILINE).group(1)) / 1024

    def kill(self):
        """As a crash: nothing is written any more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    stop = kill

    def end(self):
        """In good order."""
        self.process.terminate()
        self.process.wait()


# --- Starting -------------------------------------------------------------------------------------------


def program(name, tree):
    """Where the program is; None when it is not installed, or not built."""
    if name == OURS:
        path = tree / "bin" / "inferometer"
        return path if path.exists() else None
    return shutil.which(PROGRAMS[name])


def scrape_config(port, seconds):
    return (
        f"global:\n  scrape_interval: {seconds}s\n  scrape_timeout: {seconds}s\n"
        "scrape_configs:\n  - job_name: load\n"
        f"    static_configs:\n      - targets: ['127.0.0.1:{port}']\n"
    )


def start(name, tree, folder, config=NOTHING):
    """Starts over the data in folder/data, which may be there already; `config` is of Prometheus's form."""
    folder.mkdir(exist_ok=True)
    file, data, log = folder / "config.yml", folder / "data", folder / "log"
    file.write_text(config)
    if name == VICTORIA:
        scrape = [] if config == NOTHING else [f"-promscrape.config={file}"]
        return Server(
            log,
            "/health",
            program(name, tree),
            "-retentionPeriod=100y",
            f"-storageDataPath={data}",
            "-httpListenAddr=127.0.0.1:{port}",
            "-search.latencyOffset=0s",
            *scrape,
        )
    return Server(
        log,
        "/-/ready",
        program(name, tree),
        *(["monitor"] if name == OURS else []),
        f"--config.file={file}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",
        "--web.listen-address=127.0.0.1:{port}",
    )


# --- Importing ------------------------------------------------------------------------------------------


def import_blocks(command, folder, series):
    subprocess.run([*command, series, folder / "data"], check=True, stdout=subprocess.DEVNULL)


def import_victoria(server, series):
    """Its own import of Prometheus's text, which has milliseconds where OpenMetrics has seconds."""
    lines = []

    def send():
        status, answer = server.post("/api/v1/import/prometheus", "".join(lines))
        if status >= 300:
            sys.exit(f"bench: VictoriaMetrics does not take the samples: {answer[:300].decode()}")
        lines.clear()

    with series.open() as text:
        for line in text:
            if not line.startswith("#"):
                lines.append(line[:-1] + "000\n")
            if len(lines) == IMPORT_LINES:
                send()
    send()
    for path in ("/internal/force_flush", "/internal/force_merge"):
        server.connection.request("GET", path)
        server.connection.getresponse().read()
    time.sleep(MERGE_SECONDS)  # nothing says when it has merged


def start_with(name, tree, folder, series):
    """Starts over the samples of a file in OpenMetrics."""
    folder.mkdir(exist_ok=True)
    if name == PROMETHEUS:
        import_blocks(["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet"], folder, series)
    elif name == OURS:
        import_blocks([program(OURS, tree), "tsdb", "create-blocks-from", "openmetrics"], folder, series)
    server = start(name, tree, folder)
    if name == VICTORIA:
        import_victoria(server, series)
    return server


def make_series(path, pipelines, hours, step, end):
    """Dashboards' worth of series: 69 for each pipeline, a sample each `step` seconds."""
    generator = pathlib.Path(__file__).with_name("gen_openmetrics.py")
    with path.open("w") as out:
        subprocess.run(
            [sys.executable, generator, str(pipelines), str(hours), str(step), str(end)],
            check=True,
            stdout=out,
        )


# --- The host -------------------------------------------------------------------------------------------


def installed(tree, wanted):
    """Those of `wanted` that can be run; says which cannot."""
    found = [name for name in wanted if program(name, tree) is not None]
    for name in wanted:
        if name not in found:
            print(
                f"bench: {PROGRAMS.get(name, name)} is not there; hint: tools/deps.sh bench", file=sys.stderr
            )
    return found


def version(name, *arguments):
    found = re.search(r"\d+\.\d+[.\d]*", compare.output(name, *arguments)) if shutil.which(name) else None
    return found.group(0) if found else "(not installed)"


def add_versions(host):
    host["inferometer"] = host["versions"][compare.STATIC]
    host["prometheus"] = version("promtool", "--version")
    host["victoria"] = version("dpkg-query", "-W", "-f", "${Version}", "victoria-metrics")


def describe(host, rounds):
    return compare.describe_machine(
        host,
        f"inferometer {host['inferometer']}, Prometheus {host['prometheus']}, VictoriaMetrics "
        f"{host['victoria']}",
        rounds,
    )
