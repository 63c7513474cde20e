# SPDX-License-Identifier: Apache-2.0
"""Prometheus and the monitor as processes, for differential.py, api_differential.py and monitor_differential.py.

Each has a folder of its own, a configuration of Prometheus's form, and a free port of 127.0.0.1.
"""

import http.client
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

SKIPPED = 77
READY_SECONDS = 60
STOP_SECONDS = 30
FOREVER = "--storage.tsdb.retention.time=100y"


def skip_without(*programs):
    for program in programs:
        if shutil.which(program) is None:
            print(f'skipped: the program "{program}" is not installed')
            sys.exit(SKIPPED)


def free_port():
    """Below those that the system gives to whoever asks for any: no other test gets it before the server has it."""
    while True:
        port = random.randint(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Client:
    """One connection that is kept."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, form=None):
        """(status, body); the form of a GET stands in the path."""
        body, headers = None, {}
        if form is not None and method == "GET":
            path += "?" + urllib.parse.urlencode(form, doseq=True)
        elif form is not None:
            body = urllib.parse.urlencode(form, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().strip()


class Server:
    """Runs `command` with the flags that both know, over the data in folder/name, and waits until it is ready."""

    def __init__(self, name, command, folder, config="global: {}\n"):
        self.name, self.port = name, free_port()
        self.log = folder / f"{name}.log"
        file = folder / f"{name}.yml"
        file.write_text(config)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *command,
                    f"--config.file={file}",
                    f"--storage.tsdb.path={folder / name}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdout=log,
                stderr=log,
                env=dict(os.environ, XDG_STATE_HOME=str(folder / "state")),
            )
        self.await_true("become ready", self.is_ready)

    def ask(self, method, path, form=None):
        """As a client's, with a connection of its own."""
        return Client(self.port).ask(method, path, form)

    def is_ready(self):
        return self.ask("GET", "/-/ready")[0] == 200

    def await_true(self, what, condition):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if condition():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        self.stop()
        sys.exit(f"FAIL: {self.name} does not {what}:\n{self.log.read_text()[-3000:]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def prometheus_over(series, folder):
    """Over blocks that promtool makes of a file in OpenMetrics."""
    importer = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet"]
    subprocess.run([*importer, series, folder / "prometheus"], check=True, stdout=subprocess.DEVNULL)
    return Server("prometheus", ["prometheus", FOREVER], folder)


def monitor_over(program, series, folder):
    """Over blocks that it makes itself."""
    importer = [program, "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run([*importer, series, folder / "monitor"], check=True, stdout=subprocess.DEVNULL)
    return Server("monitor", [program, "monitor", FOREVER], folder)
