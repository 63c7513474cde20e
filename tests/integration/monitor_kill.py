#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the monitor while it scrapes: usage: monitor_kill.py PROGRAM FOLDER KILLS

Two targets hand out numbers that rise with each answer, with timestamps, and remember them. The monitor is asked
all the time for every sample that it has, is ended by SIGKILL at random moments, and started again. At the end
what it ever showed must still be there, of every answer all samples or none, and nothing that was not handed
out.
"""
import http.client
import http.server
import json
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

SERIES = 50  # of a target
PAUSE_S = (0.4, 2.6)  # between the first answer of the monitor and its end
START_S = 60  # for a start, or for the last answer, at most
INTERVAL_MS = 100
TORN = re.compile(r"ends within its header|are damaged: cut off")


class Target(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.lock = threading.Lock()
        self.answers = {}  # milliseconds: number
        self.whole = 0  # answers that were sent to their end
        self.name = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the monitor was killed while it read

    def answer(self):
        with self.lock:
            time_ms = max(int(time.time() * 1000), max(self.answers, default=0) + 1)
            number = len(self.answers) + 1
            self.answers[time_ms] = number
        return "".join(f'kill_value{{i="{i}"}} {value(number, i)} {time_ms}\n' for i in range(SERIES))


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.answer().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.whole += 1

    def log_message(self, *_):
        pass


def value(number, i):
    return number * 1000 + i


class Monitor:
    """One run of the program."""

    def __init__(self, program, folder, config, run):
        self.said = folder / f"monitor{run}.err"
        self.printed = folder / f"monitor{run}.out"
        with open(self.said, "w") as err, open(self.printed, "w") as out:
            self.process = subprocess.Popen(
                [program, "monitor", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                 "--web.listen-address=127.0.0.1:0"], stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        self.api = self.wait()

    def wait(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.process.poll() is None:
            match = re.search(r"^serving (\S+?)/$", self.printed.read_text(), re.MULTILINE)
            if match:
                return match.group(1)
            time.sleep(0.02)
        sys.exit(f"FAIL: the monitor does not serve:\n{self.said.read_text()}")

    def samples(self, timeout_s=10):
        """All that it has of the targets: {(metric, instance, i, seconds): value}; None: it does not answer."""
        query = urllib.parse.urlencode({"query": '{job="kill"}[10m]', "time": time.time() + 1})
        try:
            with urllib.request.urlopen(f"{self.api}/api/v1/query?{query}", timeout=timeout_s) as answer:
                series = json.load(answer)["data"]["result"]
        except (OSError, http.client.HTTPException, ValueError):
            return None
        found = {}
        for one in series:
            labels = one["metric"]
            for seconds, number in one["values"]:
                found[labels["__name__"], labels["instance"], labels.get("i"), round(seconds * 1000)] = number
        return found

    def kill(self):
        self.process.kill()
        self.process.wait()


def look(monitor, shown, until):
    """Notes all that is shown up to a moment; then the monitor is killed, whatever it does."""
    killer = threading.Timer(max(0, until - time.monotonic()), monitor.kill)
    killer.start()
    answers = 0
    while monitor.process.poll() is None:
        samples = monitor.samples()
        if samples is not None:
            shown.update(samples)
            answers += 1
    killer.join()
    return answers


def judge(shown, there, targets):
    """Sentences about what is wrong."""
    wrong = []
    lost = [key for key in shown if there.get(key) != shown[key]]
    if lost:
        wrong.append(f"{len(lost)} samples were shown and are lost or changed, such as {lost[0]}")
    handed = {target.name: target.answers for target in targets}
    answers = {}
    for (metric, instance, i, time_ms), number in there.items():
        if metric != "kill_value":
            continue
        given = handed[instance].get(time_ms)
        if given is None or float(number) != value(given, int(i)):
            wrong.append(f"nobody handed out {metric} {i} of {instance}: {number} at {time_ms}")
        answers[instance, time_ms] = answers.get((instance, time_ms), 0) + 1
    parts = [key for key, count in answers.items() if count != SERIES]
    if parts:
        wrong.append(f"{len(parts)} answers are there in part, such as {parts[0]}")
    return wrong, len(answers)


def warnings(folder):
    """What the monitor said that is not of torn tails."""
    said = []
    for path in sorted(folder.glob("monitor*.err")):
        for line in path.read_text().splitlines():
            if re.search(r"damage|quarantine|lost|could not|WARN|ERROR|warning|error", line) and not TORN.search(line):
                said.append(f"{path.name}: {line}")
    return said


def main():
    program, folder, kills = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    seed = int(time.time() * 1000)
    dice = random.Random(seed)
    targets = [Target(), Target()]
    config = folder / "config.yml"
    names = ", ".join(f"'{target.name}'" for target in targets)
    config.write_text(
        f"global: {{scrape_interval: {INTERVAL_MS}ms, scrape_timeout: {INTERVAL_MS}ms}}\n"
        f"scrape_configs: [{{job_name: kill, static_configs: [{{targets: [{names}]}}]}}]\n")
    shown = {}
    answers = 0
    began = time.monotonic()
    for run in range(kills):
        monitor = Monitor(program, folder, config, run)
        answers += look(monitor, shown, time.monotonic() + dice.uniform(*PAUSE_S))
    took = time.monotonic() - began
    last = Monitor(program, folder, config, kills)
    there = last.samples(START_S)
    last.kill()
    wrong, whole = judge(shown, there or {}, targets)
    wrong += warnings(folder)
    acknowledged = len({key[1::2] for key in shown if key[0] == "kill_value"})
    print(f"{kills} kills in {took:.1f} s, seed {seed}: {sum(len(target.answers) for target in targets)} answers were "
          f"handed out, {sum(target.whole for target in targets)} wholly, {acknowledged} were shown by {answers} "
          f"queries, {whole} are there")
    for sentence in wrong[:20]:
        print(f"FAIL: {sentence}")
    if acknowledged < kills:
        print("FAIL: too few scrapes were shown to judge by")
    sys.exit(1 if wrong or acknowledged < kills else 0)


main()
