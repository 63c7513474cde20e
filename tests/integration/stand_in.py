# SPDX-License-Identifier: Apache-2.0
#
# usage: stand_in.py ANSWERS
#
# A server on a free port of 127.0.0.1, which it prints. What it answers stands in the file ANSWERS, read anew for
# each request, in JSON:
#
#   {"paths": {"/api/health": [200, {"database": "ok"}]},   status, and a body: a text, or an object as JSON
#    "type": "text/html",                                   Content-Type; that of JSON without it
#    "password": "secret",                                  needed by every path but /api/health
#    "shift_s": 90,                                         what the Date header is off
#    "hang": true}                                          connections are taken, and never answered
import base64
import email.utils
import http.server
import json
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp=None):
        with open(sys.argv[1], encoding="utf-8") as file:
            shift_s = json.load(file).get("shift_s", 0)
        return email.utils.formatdate(time.time() + shift_s, usegmt=True)

    def answer(self):
        with open(sys.argv[1], encoding="utf-8") as file:
            answers = json.load(file)
        if answers.get("hang"):
            threading.Event().wait(60)
            return
        path = self.path.split("?")[0]
        status, body = answers["paths"].get(path, [404, {"message": "Not found"}])
        password = answers.get("password")
        if password is not None and path != "/api/health":
            want = "Basic " + base64.b64encode(("admin:" + password).encode()).decode()
            if self.headers.get("Authorization") != want:
                status, body = 401, {"message": "Invalid username or password"}
        size = int(self.headers.get("Content-Length", 0))
        self.rfile.read(size)
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", answers.get("type", "application/json"))
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = answer
    do_POST = answer

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
