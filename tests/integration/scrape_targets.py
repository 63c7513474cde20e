#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Targets for scrape_prometheus_test.sh: usage: scrape_targets.py PHASE_FILE

Serves a page for each path on a free port of 127.0.0.1, which is printed. What a page says depends on the path
and on the number in PHASE_FILE alone, not on how often or when it is asked: two that ask the same store the
same.
"""
import http.server
import sys

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# path: (type, what is said in phase 1, in phase 2)
PAGES = {
    "/text": (
        TEXT,
        """# HELP requests_total Requests, with "quotes" and a \\\\ in the help.
# TYPE requests_total counter
requests_total{code="200",path="/a\\"b\\\\c\\n"} 1027
requests_total{code="500"} 3.5e2

# A comment.
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 5
latency_seconds_bucket{le="+Inf"} 9
latency_seconds_sum 1.75
latency_seconds_count 9
temperature  -12.25
not_a_number NaN
infinite{sign="-"} -Inf
untouched{ a = "b" , } 1
""",
        """# TYPE requests_total counter
requests_total{code="500"} 400
requests_total{code="200",path="/a\\"b\\\\c\\n"} 1028
added 1
temperature 7
not_a_number 1
untouched{a="b"} 2
""",
    ),
    "/openmetrics": (
        OPENMETRICS,
        """# TYPE hits counter
# HELP hits Hits.
hits_total{a="b"} 17 # {trace_id="x"} 0.5
# TYPE size_bytes gauge
# UNIT size_bytes bytes
size_bytes 1e9
# EOF
""",
        """# TYPE size_bytes gauge
size_bytes 2e9
# EOF
""",
    ),
    "/labels": (TEXT, 'a{job="theirs",instance="other",exported_job="x"} 1\n', 'a{job="theirs",instance=""} 2\n'),
    "/relabel": (TEXT, "keep_me 1\ndrop_me 2\nrename_me 3\n", "keep_me 4\ndrop_me 5\nrename_me 6\n"),
    # The first line already: Prometheus marks no series as stale that stands before the error.
    "/becomes_wrong": (TEXT, "fine 1\nalso_fine 2\n", "also_fine {\nfine 3\n"),
    "/becomes_right": (TEXT, "fine 1\n}{\n", "fine 1\n"),
    "/becomes_missing": (TEXT, "there 1\n", None),
    "/empty": (TEXT, "", ""),
    "/limit": (TEXT, "a 1\nb 2\nc 3\n", "a 1\nb 2\n"),
    "/twice": (TEXT, "same 1\nsame 2\nother 3\n", "same 4\nother 5\nsame 4\n"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with open(sys.argv[1], encoding="ascii") as file:
            phase = int(file.read())
        page = PAGES.get(self.path.split("?")[0])
        text = None if page is None else page[phase]
        body = b"" if text is None else text.encode()
        self.send_response(404 if text is None else 200)
        if page is not None:
            self.send_header("Content-Type", page[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"port {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
