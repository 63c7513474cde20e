# SPDX-License-Identifier: Apache-2.0
#
# usage: top_stand_in.py PORT MODE
#
# A server with the HTTP API of Prometheus on 127.0.0.1, for inferometer top: port 0 is any, which no other program is
# given by the system while the server is stopped to be started again; it prints which. It
# knows what top asks, and answers with numbers that never change: pipelines "ocr" and "chat", and one whose
# name would do harm to a terminal. The file MODE has a word, read anew for each request: "good", "hang" (no
# answer comes), "refuse" (an error of the API), "rubbish" (no API), "empty" (no pipelines), "get" (POST is not
# allowed), "password" (a user "me" with the password "secret").
import http.server
import json
import random
import sys
import threading
import time
import urllib.parse

HOSTILE = "evil\x1b[31m\x1b]0;title\x07\n\u65e5\u672c\u202e<b>"
PIPELINES = {"ocr": 12.5, "chat": 50.0, HOSTILE: 3.0}
TARGETS = [
    {"labels": {"job": "inferometer", "instance": "127.0.0.1:8000"}, "health": "up", "lastError": "",
     "lastScrape": "2026-11-25T18:00:00Z", "lastScrapeDuration": 0.0021, "scrapeInterval": "5s"},
    {"labels": {"job": "inferometer", "instance": "127.0.0.1:8001"}, "health": "down",
     "lastError": "connection refused \x1b[5m", "lastScrape": "2026-11-25T18:00:00Z", "lastScrapeDuration": 0.1,
     "scrapeInterval": "5s"},
]
ALERTS = [
    {"labels": {"alertname": "InferenceLatencyHigh", "pipeline": "ocr", "x": HOSTILE}, "state": "firing",
     "annotations": {"summary": "The slowest 1 % of ocr take over 2.5s"}, "activeAt": "2026-11-25T18:00:00Z",
     "value": "3.25e+00"},
]
BOUNDS = ["0.01", "0.1", "0.25", "1.0", "+Inf"]


def by_pipeline(value):
    return [({"pipeline": name}, value(name, rate)) for name, rate in PIPELINES.items()]


def latency(expression, scale):
    for quantile, seconds in (("0.5,", 0.1), ("0.95,", 0.25), ("0.99,", 3.0)):
        if "histogram_quantile(" + quantile in expression:
            return seconds * scale
    return 0


def of_pipeline(expression):
    """Series about the one that is open."""
    if "inference_stage_duration_seconds_sum" in expression:
        return [({"stage": "pre_process"}, 0.25), ({"stage": "engine_forward"}, 0.75)]
    if "inference_stage_duration_seconds_count" in expression:
        return [({"stage": "pre_process"}, 10), ({"stage": "engine_forward"}, 10)]
    if "inference_stage_duration_seconds_bucket" in expression:
        return [({"stage": "pre_process"}, 0.05), ({"stage": "engine_forward"}, 0.125)]
    if "token" in expression:
        return []
    if "outcome" in expression:
        return [({"outcome": "success"}, 12), ({"outcome": "failure"}, 0.5)]
    if "* (sum by (le)" in expression:
        return [({"le": bound}, index * 10) for index, bound in enumerate(BOUNDS)]
    return [({}, latency(expression, 1))]


def series(expression):
    """Labels and value of each series of an answer."""
    if "{pipeline=" in expression:
        return of_pipeline(expression)
    if "last_over_time" in expression:
        return [({"pipeline": name, "job": "inferometer", "instance": "127.0.0.1:8000"}, 1) for name in PIPELINES]
    if "__name__" in expression:
        return [({"__name__": "inference_duration_seconds_count", "pipeline": name}, 1) for name in PIPELINES]
    if "pipeline,outcome" in expression:
        rows = by_pipeline(lambda name, rate: rate * 0.9) + by_pipeline(lambda name, rate: rate * 0.1)
        half = len(rows) // 2
        return [({**labels, "outcome": "success" if index < half else "failure"}, value)
                for index, (labels, value) in enumerate(rows)]
    if "inference_queue" in expression:
        return by_pipeline(lambda name, rate: 0.002)
    if "le=~" in expression:
        return by_pipeline(lambda name, rate: 0.995)
    if expression == "sum by (pipeline) (inference_requests_in_flight)":
        return by_pipeline(lambda name, rate: 2)
    if "histogram_quantile" in expression:
        return by_pipeline(lambda name, rate: latency(expression, 4 if name == "ocr" else 1))
    return by_pipeline(lambda name, rate: rate)


def query(form, is_range):
    now = float(form.get("time", [time.time()])[0])
    found = series(form["query"][0])
    if not is_range:
        return {"resultType": "vector",
                "result": [{"metric": labels, "value": [now, str(value)]} for labels, value in found]}
    start, end, step = (float(form[name][0]) for name in ("start", "end", "step"))
    times = [start + index * step for index in range(int((end - start) / step) + 1)]
    return {"resultType": "matrix",
            "result": [{"metric": labels, "values": [[at, str(value * (1 + int(at / step) % 3))] for at in times]}
                       for labels, value in found]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, body):
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            self.wfile.write(text)
        except OSError:
            pass  # the question was given up

    def answer(self):
        with open(sys.argv[2], encoding="utf-8") as file:
            mode = file.read().strip()
        size = int(self.headers.get("Content-Length", 0))
        url = urllib.parse.urlparse(self.path)
        form = urllib.parse.parse_qs(self.rfile.read(size).decode() if size > 0 else url.query)
        if mode == "hang":
            threading.Event().wait(30)
        elif mode == "password" and self.headers.get("Authorization") != "Basic bWU6c2VjcmV0":
            self.reply(401, "Unauthorized")
        elif mode == "rubbish":
            self.reply(200, "<html>\x1b[31mlogin</html>")
        elif mode == "get" and self.command == "POST":
            self.reply(405, "no POST")
        elif url.path == "/api/v1/targets":
            self.reply(200, {"status": "success", "data": {"activeTargets": [] if mode == "empty" else TARGETS}})
        elif url.path == "/api/v1/alerts":
            self.reply(200, {"status": "success", "data": {"alerts": [] if mode == "empty" else ALERTS}})
        elif mode == "refuse":
            self.reply(422, {"status": "error", "errorType": "execution", "error": "too many samples \x1b[31m"})
        elif mode == "empty":
            self.reply(200, {"status": "success", "data": {"resultType": "vector", "result": []}})
        else:
            self.reply(200, {"status": "success", "data": query(form, url.path.endswith("_range"))})

    do_GET = answer
    do_POST = answer

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def begin(port):
    """The server at a port, or at one below those that the system hands out."""
    for _ in range(100):
        try:
            return Server(("127.0.0.1", port or random.randint(10000, 32000)), Handler)
        except OSError:
            if port != 0:
                raise
    sys.exit("could not find a free port")


server = begin(int(sys.argv[1]))
print(server.server_address[1], flush=True)
server.serve_forever()
