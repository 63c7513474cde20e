#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Good and bad requests to our HTTP API and to Debian's Prometheus, over the same samples: the same status codes,
error types, messages and bodies.

usage: api_differential.py PROGRAM

PROGRAM is inferometer. Ends with 77 when Prometheus is not installed. Debian's Prometheus is 2.42, ours is the API of
3.14: what changed is marked with a reason in the table of requests, and only the status is compared then.
"""

import argparse
import json
import pathlib
import sys
import tempfile

from servers import Client, monitor_over, prometheus_over, skip_without

BEGIN = 1700000000  # seconds
STEP = 15
COUNT = 241  # an hour
MEANINGFUL = 0.4  # the share of answers with data below which the test says little


def series():
    """OpenMetrics: each series at a stretch, its samples in the order of time."""
    lines = []

    def add(name, labels, value):
        text = ",".join(f'{key}="{value}"' for key, value in labels.items())
        for i in range(COUNT):
            lines.append(f"{name}{{{text}}} {value(i)!r} {BEGIN + i * STEP}")

    lines.append("# TYPE requests counter")
    for job in ("api", "web"):
        for code in ("200", "404", "500"):
            add("requests_total", {"job": job, "code": code}, lambda i, code=code: float(i * int(code)))
    lines.append("# TYPE temperature gauge")
    for room in ("kitchen", "cellar"):
        add(
            "temperature",
            {"room": room},
            lambda i, room=room: 20.5 + i / 7 if room == "kitchen" else -i * 1e-9,
        )
    lines.append("# TYPE odd gauge")
    add("odd", {"path": 'C:\\\\<a href=\\"x&y\\">', "unit": "\u00b0"}, lambda i: 1e22 if i % 2 else 1e-8)
    lines.append("# TYPE latency histogram")
    for bound in ("0.1", "1", "+Inf"):
        add("latency_bucket", {"le": bound}, lambda i, bound=bound: float(i * (3 if bound == "+Inf" else 1)))
    lines.append("# EOF")
    return "\n".join(lines) + "\n"


# No sample lies on the edge of a window or of the lookback, of which 3.x leaves out the first instant.
NOW = str(BEGIN + 1807)
RANGE = {"start": str(BEGIN + 7), "end": str(BEGIN + 3607), "step": "60"}
CLOSE_BY = 1e-11  # 3.x compensates rounding

# Of these the message changed, only status and type are compared: a part of the query, and why.
OTHERWISE = {
    "topk(2, requests_total)": "which of equal values stay, and in which order, is each engine's own",
    '=~"("': "the expression is not shown with its anchors any more",
    "foo offset": "durations are computed",
    "foo[5x]": "durations are computed",
    "@": "tokens have names",
    '"c"}[': "durations are computed",
    "on(job) requests_total": "the two that are shown are any two",
    "group_left requests_total": "the two that are shown are any two",
    "[30s:10s]": "a step on the first instant of the window is left out",
}
# Answered otherwise on purpose: a part of the query, and why.
CHANGED = {'temperature, "9"': "every name in UTF-8 is a label's name"}


def queries():
    """(method, path, parameters, reason to differ or None)"""
    instant = [
        "1",
        "1+1",
        "-1e21",
        "1/0",
        "0/0",
        "1e-7",
        '"text"',
        '"<&>"',
        "time()",
        "vector(1)",
        "up",
        "requests_total",
        "sum(requests_total)",
        "sum by (job) (rate(requests_total[5m]))",
        "odd",
        "temperature",
        "sort_desc(temperature)",
        "topk(2, requests_total)",
        "requests_total[1m]",
        "requests_total[30s:10s]",
        "absent(nothing)",
        "histogram_quantile(0.9, rate(latency_bucket[5m]))",
        'label_replace(temperature, "x", "$1", "room", "(.*)")',
        "requests_total offset 5m",
        f"requests_total @ {BEGIN}",
        'count_values("v", requests_total)',
        "scalar(vector(3))",
        "temperature > 0",
        "temperature > bool 0",
        '{__name__=~"temp.*"}',
        'requests_total{code!~"4.."}',
        "max_over_time(temperature[10m])",
        "pi()",
        "minute()",
        "odd * 0",
        "-temperature",
    ]
    bad = [
        "",
        "(",
        "1+",
        "foo{",
        "foo{a=}",
        'foo{a=~"("}',
        "rate(foo)",
        "foo[5m] + 1",
        "{}",
        '{a=""}',
        "sum(1)",
        "nosuch(1)",
        "foo offset",
        "foo[0s]",
        "foo[5x]",
        "1 + on(a) 2",
        "foo and 1",
        '"a" + 1',
        "foo[5m:]]",
        "a b",
        "@",
        "foo @ bar",
        "topk(foo)",
        "label_replace(foo, 1, 2, 3, 4)",
        "sum by (",
        "'unterminated",
        'foo{a="b", a="c"}[',
        "&",
    ]
    failing = [
        "requests_total + on(job) requests_total",
        "requests_total * ignoring(code) temperature + on() odd",
        'label_replace(temperature, "9", "$1", "room", "(.*)")',
        "temperature / on() group_left requests_total",
    ]
    for query in instant + bad + failing:
        yield "GET", "query", {"query": query, "time": NOW}, None
    for query in instant[:6] + instant[8:] + bad[:8]:
        yield "POST", "query_range", {"query": query, **RANGE}, None
    good = {"query": "temperature"}
    for change in (
        {"time": "x"},
        {"time": "2023-11-14T22:43:20Z"},
        {"time": "2023-11-14T22:43:20.123456789+00:00"},
        {"time": NOW + ".5"},
        {"time": NOW + ".1234"},
        {"time": "2023-13-14T22:43:20Z"},
        {"time": NOW, "timeout": "x"},
        {"time": NOW, "timeout": "1m"},
        {"time": NOW, "timeout": "1.5"},
        {"time": "0"},
        {"time": "-1"},
        {"time": "1e9"},
        {"time": "+1"},
        {"time": " 1"},
        {"time": "9999-12-31T23:59:59Z"},
        {"time": NOW, "query": "1", "unknown": "x"},
    ):
        yield "GET", "query", {**good, **change}, None
    for change in (
        {"start": ""},
        {"end": ""},
        {"step": ""},
        {"start": "x"},
        {"end": "x"},
        {"step": "x"},
        {"step": "0"},
        {"step": "-1"},
        {"step": "1e30"},
        {"step": "1m"},
        {"step": "1h30m"},
        {"step": "0.5", "end": str(BEGIN + 5)},
        {"step": "15.5"},
        {"start": str(BEGIN + 7200)},
        {"step": "0.001"},
        {"step": "0.3"},
        {"step": "0.32728"},
        {"timeout": "x"},
        {"start": "2023-11-14T22:43:20.5Z"},
        {"end": RANGE["start"]},
        {"step": "1y"},
        {"step": "1d12h"},
        {"step": "m"},
        {"step": "1m1h"},
        {"step": "1.5m"},
        {"step": "-1m"},
    ):
        yield "GET", "query_range", {**good, **RANGE, **change}, None


def lists():
    for path in ("labels", "label/job/values", "label/__name__/values", "label/nothing/values"):
        for change in (
            {},
            {"start": str(BEGIN)},
            {"end": "x"},
            {"start": "x"},
            {"match[]": "temperature"},
            {"match[]": "{}"},
            {"match[]": ["temperature", "requests_total"]},
            {"match[]": "foo{"},
            {"match[]": '{a=""}'},
            {"match[]": '{room=~"k.*"}'},
        ):
            yield "GET", path, change, None
    yield "POST", "labels", {"match[]": "odd"}, None
    for change in (
        {},
        {"match[]": "temperature"},
        {"match[]": ["odd", "temperature"]},
        {"match[]": ""},
        {"match[]": "{}"},
        {"match[]": "nothing"},
        {"match[]": "temperature", "start": "x"},
        {"match[]": "temperature", "end": "x"},
        {"match[]": "temperature", "start": "0", "end": "1"},
        {"match[]": 'requests_total{code=~"2.."}'},
    ):
        yield "GET", "series", change, None
        yield "POST", "series", change, None
    for change in (
        {"query": "temperature"},
        {"query": "1"},
        {"query": "("},
        {"query": "odd", "start": "2", "end": "1"},
        {"query": "odd", "start": "x"},
    ):
        yield "GET", "query_exemplars", change, None


def others():
    for path in ("rules", "alerts", "alertmanagers", "metadata", "nothing", "format_query", "status/nothing"):
        yield "GET", path, {}, None
    yield "GET", "format_query", {"query": "foo/bar"}, None
    yield "GET", "format_query", {
        "query": 'sum by (job) (rate(requests_total{code=~"5.."}[5m])) / sum by (job) '
        "(rate(requests_total[5m])) > 0.1"
    }, None
    yield "GET", "metadata", {"limit": "x"}, None
    yield "GET", "metadata", {"limit_per_metric": "x"}, "2.42 does not have it"
    yield "GET", "targets/metadata", {"match_target": "{"}, None
    yield "GET", "targets/metadata", {"match_target": '{job="x"}'}, None
    yield "POST", "admin/tsdb/snapshot", {}, None
    yield "DELETE", "query", {}, None
    yield "PUT", "labels", {}, None
    yield "POST", "metadata", {}, None


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace").strip()


def alike(ours, theirs):
    """Numbers, also in strings, may differ by their last bits."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(alike(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    if ours == theirs:
        return True
    try:
        return abs(float(ours) - float(theirs)) <= CLOSE_BY * abs(float(theirs))
    except (TypeError, ValueError):
        return False


def normal(answer, path, parameters):
    """Without annotations, which 2.42 has not; a range query's errors name the parameter since."""
    if not isinstance(answer, dict):
        return answer
    answer = {key: value for key, value in answer.items() if key not in ("warnings", "infos")}
    query = str(parameters.get("query", ""))
    if "error" in answer:
        if path == "query_range":
            answer["error"] = answer["error"].removeprefix('invalid parameter "query": ')
        if any(part in query for part in OTHERWISE):
            answer["error"] = ""
    elif any(part in query for part in OTHERWISE):
        answer.pop("data", None)
    return answer


def same(ours, theirs, path, parameters):
    if any(part in str(parameters.get("query", "")) for part in CHANGED):
        return True
    if ours[0] != theirs[0]:
        return False
    return ours[1] == theirs[1] or alike(
        normal(parsed(ours[1]), path, parameters), normal(parsed(theirs[1]), path, parameters)
    )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program", type=pathlib.Path)
    options = arguments.parse_args()
    skip_without("prometheus", "promtool")
    with tempfile.TemporaryDirectory(prefix="ifm_api.") as name:
        folder = pathlib.Path(name)
        samples = folder / "series.txt"
        samples.write_text(series())
        ours = monitor_over(options.program, samples, folder)
        try:
            theirs = prometheus_over(samples, folder)
            try:
                failed = compare(Client(ours.port), Client(theirs.port))
            finally:
                theirs.stop()
        finally:
            ours.stop()
    sys.exit(1 if failed else 0)


def has_data(answer):
    data = answer.get("data") if isinstance(answer, dict) else None
    return bool(data["result"] if isinstance(data, dict) and "result" in data else data)


def compare(ours, theirs):
    count = failed = told = 0
    requests = [*queries(), *lists(), *others()]
    for method, path, parameters, reason in requests:
        count += 1
        mine = ours.ask(method, f"/api/v1/{path}", parameters)
        his = theirs.ask(method, f"/api/v1/{path}", parameters)
        told += has_data(parsed(his[1]))
        if reason or same(mine, his, path, parameters):
            continue
        failed += 1
        print(
            f"{method} {path} {parameters}\n    ours   {mine[0]} {mine[1][:400].decode('utf-8', 'replace').strip()}"
            f"\n    theirs {his[0]} {his[1][:400].decode('utf-8', 'replace').strip()}"
        )
    print(f"api differential: {count} requests, {told} have data, {failed} answered otherwise")
    if told < MEANINGFUL * count:
        print("FAIL: too few answers have data")
        failed += 1
    return failed


if __name__ == "__main__":
    main()
