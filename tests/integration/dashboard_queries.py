#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a Prometheus every query of every dashboard, as Grafana would, and wants an answer to each.

Usage: dashboard_queries.py API ALLOWED_EMPTY FILE...

API is the root of the Prometheus, FILEs are dashboards. Variables get the values that their own queries find,
all at once; panels that are repeated for a variable are asked with each of its values besides. An answer
has at least one number that is not NaN. ALLOWED_EMPTY has lines "DASHBOARD | WHAT | REASON" for what may be
empty; a line that is not needed any more is a failure, too.
"""
import json
import math
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

RANGE_SECONDS = 60
STEP_SECONDS = 5
BUILT_IN = {"__rate_interval": "15s", "__range": f"{RANGE_SECONDS}s"}
LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), *(?P<label>\w+)\)")


class Failure(Exception):
    """A sentence about one query."""


def ask(api, path, **parameters):
    url = f"{api}/api/v1/{path}?" + urllib.parse.urlencode(parameters)
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise Failure(f"refused: {json.load(error).get('error', error)}") from error


def substitute(text, values):
    """Puts in the values of variables, as $x, ${x} or ${x:format}; no variable may be left."""

    def value(match):
        name = match.group(1) or match.group(2)
        if name not in values:
            raise Failure(f'there is no variable "{name}"')
        return values[name]

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?::\w+)?\})", value, text)


def joined(values):
    """Several values as Grafana writes them into a matcher: escaped for the expression and for the string."""
    special = re.compile(r"[\\^$*+?.()|\[\]{}]")
    escaped = [special.sub(lambda match: "\\\\" + match.group(), value) for value in values]
    return escaped[0] if len(escaped) == 1 else "(" + "|".join(escaped) + ")"


def variable_choices(api, variable, values):
    """What can be chosen, from the variable's query."""
    match = LABEL_VALUES.fullmatch(variable["query"]["query"])
    if not match:
        raise Failure(f"\"{variable['query']['query']}\" is not label_values(SELECTOR, LABEL)")
    parameters = {"match[]": substitute(match["selector"], values), "start": time.time() - RANGE_SECONDS}
    return ask(api, f"label/{match['label']}/values", **parameters)


def has_numbers(data):
    for series in data["result"]:
        points = series["values"] if "values" in series else [series["value"]]
        if any(not math.isnan(float(value)) for _, value in points):
            return True
    return False


def answered(api, expr, instant):
    now = time.time()
    if instant:
        return has_numbers(ask(api, "query", query=expr, time=now))
    start = now - RANGE_SECONDS
    return has_numbers(ask(api, "query_range", query=expr, start=start, end=now, step=STEP_SECONDS))


def panel_repeats(dashboard):
    """Each panel with the variable that it is repeated for: its own, or that of the row above it."""
    row = None
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            row = panel.get("repeat")
            for nested in panel.get("panels", []):
                yield nested, row
        else:
            yield panel, panel.get("repeat", row)


class Walk:
    def __init__(self, api, allowed):
        self.api, self.allowed = api, allowed
        self.asked, self.complaints, self.empty = 0, [], set()

    def complain(self, uid, what, sentence):
        self.complaints.append(f"{uid} | {what}: {sentence}")

    def one(self, uid, what, expr, instant, values):
        self.asked += 1
        try:
            expr = substitute(expr, values)
            if answered(self.api, expr, instant):
                return
            self.empty.add((uid, what))
            if (uid, what) not in self.allowed:
                self.complain(uid, what, f"no data: {expr}")
        except Failure as failure:
            self.complain(uid, what, f"{failure}: {expr}")

    def variables(self, dashboard):
        """The values of all variables, and of each that can be repeated for, its choices."""
        values, choices = dict(BUILT_IN), {}
        for variable in dashboard["templating"]["list"]:
            name = variable["name"]
            if variable["type"] == "query":
                self.asked += 1
                try:
                    choices[name] = variable_choices(self.api, variable, values)
                    if not choices[name]:
                        raise Failure("nothing to choose from")
                    values[name] = joined(choices[name])
                except Failure as failure:
                    self.complain(dashboard["uid"], f"variable {name}", str(failure))
            elif variable["type"] == "custom":
                values[name] = variable["current"]["value"]
        return values, choices

    def dashboard(self, dashboard):
        uid = dashboard["uid"]
        values, choices = self.variables(dashboard)
        for annotation in dashboard["annotations"]["list"]:
            self.one(uid, f"annotation {annotation['name']}", annotation["expr"], False, values)
        for panel, repeat in panel_repeats(dashboard):
            for target in panel.get("targets", []):
                what = f"{panel['title']} {target['refId']}"
                self.one(uid, what, target["expr"], target["instant"], values)
                for choice in choices.get(repeat, []):
                    chosen = {**values, repeat: joined([choice])}
                    self.one(uid, what, target["expr"], target["instant"], chosen)

    def finish(self):
        for uid, what in sorted(self.allowed - self.empty):
            self.complain(uid, what, "may be empty, but is not; hint: take its line out of the list")


def read_allowed(path):
    allowed = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                uid, what, reason = (field.strip() for field in line.split("|"))
                assert reason, line
                allowed.add((uid, what))
    return allowed


def main(arguments):
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    api, allowed, *files = arguments
    walk = Walk(api, read_allowed(allowed))
    for file in files:
        with open(file, encoding="utf-8") as text:
            walk.dashboard(json.load(text))
    walk.finish()
    for complaint in walk.complaints:
        print(complaint)
    print(f"{walk.asked} queries of {len(files)} dashboards, {len(walk.complaints)} complaints")
    return 1 if walk.complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
