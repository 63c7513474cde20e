# SPDX-License-Identifier: Apache-2.0
"""Random queries for differential.py, in the language of Prometheus 2.42.

Each expression knows how exactly two correct engines agree about its values:

  WHOLE   multiples of a sixteenth that are not large: even sums of them are exact, in whatever order
  EXACT   one formula, one rounding for each operation: the same bits
  CLOSE   logarithms and the like, sums and means: the last bits are each engine's own

What jumps (comparisons, rounding, %, sorting, counting of values) is given no CLOSE values: one last bit would
change the answer.
"""

import random
import re

from differential_data import INSTANCES, JOBS, ORIGIN

WHOLE, EXACT, CLOSE = range(3)

TARGET = ("job", "instance")
# name: (level, labels, what it is)
FAMILIES = {
    "requests_total": (WHOLE, TARGET + ("code",), "counter"),
    "errors_total": (WHOLE, TARGET, "counter"),
    "latency_seconds_bucket": (WHOLE, TARGET + ("le",), "counter"),
    "latency_seconds_sum": (WHOLE, TARGET, "counter"),
    "latency_seconds_count": (WHOLE, TARGET, "counter"),
    "bytes_total": (EXACT, TARGET, "sparse counter"),
    "load": (EXACT, TARGET, "distinct"),
    "depth": (WHOLE, TARGET + ("queue",), "gauge"),
    "odd": (EXACT, TARGET, "odd"),
    "up": (WHOLE, TARGET, "gauge"),
    "zone_info": (WHOLE, TARGET + ("zone",), "gauge"),
}
VALUES = {
    "job": JOBS,
    "instance": INSTANCES,
    "code": ("200", "404", "500"),
    "queue": ("in", "out"),
    "zone": ("east", "west"),
    "le": ("0.005", "0.1", "1.0", "+Inf"),
}
PATTERNS = {
    "job": ("a.*", "api|batch", "b.+", ".*", "", "[ab].*i.*"),
    "instance": ("[ab]:1", ".:2", "a.*|c.*", ".+"),
    "code": ("2..", "[45]0.", "200|404", ".*4"),
    "queue": ("in|out", "i.*"),
    "zone": ("e.*", "w.st"),
    "le": ("0\\\\..*", ".+Inf", "1.0|5.0"),
}

SMOOTH = (
    "abs",
    "sqrt",
    "exp",
    "ln",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "deg",
    "rad",
)
KEEP_LEVEL = ("abs", "sgn", "ceil", "floor", "round")
DATES = ("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year")
OVER_TIME = {  # function: the level of its result, given the level of its argument
    "min_over_time": None,
    "max_over_time": None,
    "last_over_time": None,
    "count_over_time": WHOLE,
    "present_over_time": WHOLE,
    "changes": WHOLE,
    "resets": WHOLE,
    "sum_over_time": EXACT,
    "avg_over_time": CLOSE,
    "stddev_over_time": CLOSE,
    "stdvar_over_time": CLOSE,
    "delta": EXACT,
    "idelta": EXACT,
    "irate": EXACT,
    "deriv": CLOSE,
}
ERRORS = (
    "rate(load)",
    "rate(sum(load)[5m])",
    "load[5m] + 1",
    "sum(load[5m])",
    "sum(1)",
    "1 and load",
    "load and 1",
    "1 == 2",
    '"a" + 1',
    "abs()",
    "abs(load, load)",
    "nothing_such(load)",
    "load{",
    "load}",
    "(load",
    "load)",
    "load + ",
    "* load",
    "load[5m",
    "load[]",
    "load[5x]",
    "load offset",
    "load @ start",
    "sum by load",
    "sum by (job load)",
    "load + on(job) group_left load[5m]",
    "load and on(job) group_left up",
    "quantile(load)",
    "topk(load)",
    "count_values(1, load)",
    "quantile(load, load)",
    'label_replace(load, "a", "b", "c")',
    "{}",
    '{job=~".*"}',
    '{job=""}',
    'load{job=~"("}',
    'load{job=~"a**"}',
    "load{job='a\"}",
    "load{__name__='up'}",
    "load{job=a}",
    "load[5m:1m:1m]",
    "load[5m][5m]",
    "1[5m]",
    "(1)[5m:]",
    "load[5m] offset 1m offset 1m",
    "1 2",
    "!",
    "load ! up",
    'load{job!"a"}',
    "histogram_quantile(0.9)",
    "scalar(1)",
    "vector(load)",
    "time(1)",
    '-"a"',
    "bool 1",
    "load bool up",
    "load + bool up",
    "load ==bool",
    "0x",
    "1e",
    "'a",
    "`a",
    '"a\\q"',
    "label_join(load)",
    'label_replace(load, "job", "$1", "job", "(")',
    "load unless bool up",
    "sum(load) by (job) by (job)",
    'label_join(load, "job", 1, "instance")',
    "absent(load[5m])",
    "absent_over_time(load)",
    "round(load, load)",
    "clamp(load, 1)",
    "topk(2)",
    "sum(2, load)",
    "load @ foo()",
    "on(job) load",
    "load + on job up",
    "avg_over_time(load)",
    "quantile_over_time(load[5m])",
    "predict_linear(load[5m])",
    "changes(1)",
    "sort(1)",
    "sgn(load[1m])",
    "day_of_year(1)",
    "hour(load[1m])",
    "pi(1)",
    "#",
    "",
    " ",
    'load{job="a",,}',
    "sum()",
    "sum(load,)",
)


class Expression:
    """`half`: evaluated on half seconds, so that windows of subqueries may end and begin there too."""

    def __init__(self, text, level, labels=(), kind="gauge", simple=False):
        self.text, self.level, self.labels, self.kind, self.simple = text, level, tuple(labels), kind, simple

    def grouped(self):
        return self.text if self.simple else f"({self.text})"


class Generator:
    def __init__(self, seed, index):
        self.rng = random.Random(f"query {seed} {index}")

    # --- The query ----------------------------------------------------------------------------------------

    def query(self):
        """(expression, parameters in milliseconds)."""
        rng = self.rng
        start = (ORIGIN + rng.randint(-600, 4500)) * 1000 + 500
        if rng.random() < 0.5:
            parameters = {"time": start}
        else:
            step = rng.choice((1, 7, 15, 30, 60, 97, 300))
            points = rng.choice((0, 1, 4, 10, 24))
            parameters = {
                "start": start,
                "end": start + step * points * 1000 + rng.choice((0, 0, 900)),
                "step": step * 1000,
            }
        self.start, self.end = start, parameters.get("end", start)
        self.end -= (self.end - start) % 1000
        return self.top("time" in parameters), parameters

    def top(self, instant):
        rng = self.rng
        roll = rng.random()
        if roll < 0.02:
            return Expression(rng.choice(ERRORS), EXACT)
        if roll < 0.04 and instant:
            return Expression(rng.choice(('"text"', "'it\\'s'", '"a\\tb\\u00e4"', "`raw\\n`")), EXACT)
        if roll < 0.07 and instant:
            return self.window(3, True)[0]
        if roll < 0.12:
            return self.scalar(3, True)
        if roll < 0.18:
            sort = rng.choice(("sort", "sort_desc"))
            return Expression(f"{sort}({self.distinct(True)})", EXACT, kind="sorted")
        return self.vector(rng.choice((1, 2, 2, 3, 3, 4)), True)

    # --- Leaves -------------------------------------------------------------------------------------------

    def seconds(self, low, high):
        """A duration, in one of its ways of being written."""
        value = self.rng.randint(low, high)
        minutes, seconds = divmod(value, 60)
        if minutes and seconds:
            return self.rng.choice((f"{minutes}m{seconds}s", f"{value}s", f"{value * 1000}ms"))
        return f"{minutes}m" if minutes else f"{value}s"

    def at(self, fixed=True):
        """@ and offset in either order; times are half seconds, offsets whole ones."""
        rng, parts = self.rng, []
        if fixed and rng.random() < 0.12:
            parts.append(rng.choice(("@ start()", "@ end()", f"@ {ORIGIN + rng.randint(-300, 4000)}.5")))
        if rng.random() < 0.15:
            parts.append("offset " + rng.choice(("", "", "-")) + self.seconds(1, 500))
        rng.shuffle(parts)
        return "".join(" " + part for part in parts)

    def matchers(self, labels):
        rng, out = self.rng, []
        for label in rng.sample(labels, rng.choice((0, 0, 1, 1, 2)) if len(labels) > 1 else 0):
            match = rng.choice(("=", "!=", "=~", "!~"))
            values = PATTERNS[label] if "~" in match else VALUES[label]
            if match == "!~" and label == "job":
                values = ("a.*", "x")
            out.append(f'{label}{match}"{rng.choice(values)}"')
        if rng.random() < 0.03:
            out.append(rng.choice(('missing=""', 'missing!="x"', 'job!=""', 'missing=~"|y"')))
        return (
            "{" + ",".join(out) + rng.choice(("", ",") if out else ("",)) + "}"
            if out
            else rng.choice(("", "{}"))
        )

    def family(self, kinds=None):
        names = [name for name, (_, _, kind) in FAMILIES.items() if kinds is None or kind in kinds]
        return self.rng.choice(names)

    def selector(self, name=None, extra=True):
        """Without modifiers."""
        name = name or self.family()
        level, labels, kind = FAMILIES[name]
        text = name + self.matchers(labels)
        if self.rng.random() < 0.05 and "{}" not in text:
            text = text.replace(name, "", 1)
            head = f'__name__="{name}"' if self.rng.random() < 0.6 else f'__name__=~"{name[:-1]}."'
            text = "{" + head + ("," + text[1:] if text else "}")
        return Expression(text, level, labels, kind, simple=True)

    def instant_selector(self, name=None):
        chosen = self.selector(name)
        chosen.text += self.at()
        chosen.simple = True
        return chosen

    def distinct(self, half):
        """An expression no two values of which are equal, or close to each other by accident."""
        name = "load" + self.matchers(TARGET) + self.at()
        return self.rng.choice(
            (
                name,
                name,
                f"max_over_time(load{self.matchers(TARGET)}[20s])",
                f"-{name}",
                f"{name} * 3",
                f"avg without (code) ({name})",
            )
        )

    # --- Range vectors ------------------------------------------------------------------------------------

    def window(self, depth, half, kinds=None, fixed=True):
        """(range vector, whether it is a subquery). Not `fixed`: without @."""
        rng = self.rng
        if depth < 2 or rng.random() < 0.75:
            chosen = self.selector(self.family(kinds))
            chosen.text += f"[{self.seconds(20, 900)}]{self.at(fixed)}"
            return chosen, False
        modifier = self.at(fixed)
        edge = half or "@" in modifier
        inner = (
            self.instant_selector(self.family(("counter", "distinct")))
            if kinds
            else self.vector(depth - 2, False)
        )
        step = rng.choice(("", "15s", "30s", "1m", "97s", "2m"))
        span = self.seconds(120, 600) if edge else f"{rng.randint(2, 9)}m{rng.randint(1, 59)}s500ms"
        inner.text = f"{inner.grouped()}[{span}:{step}]{modifier}"
        return inner, True

    def over_time(self, depth, half):
        rng = self.rng
        roll = rng.random()
        if roll < 0.3:
            inner, subquery = self.window(
                depth, half, ("counter",) if rng.random() < 0.8 else ("sparse counter",)
            )
            return Expression(
                f"{rng.choice(('rate', 'increase'))}({inner.text})",
                max(EXACT, inner.level),
                inner.labels,
                simple=True,
            )
        phi = self.scalar_argument(("0.5", "0.9", "0", "1", "-1", "2", "0.123"), self.at())
        inner, _ = self.window(depth, half, fixed=roll >= 0.45 or (roll < 0.4 and "scalar" not in phi))
        if roll < 0.4:
            return Expression(
                f"quantile_over_time({phi}, {inner.text})",
                max(EXACT, inner.level),
                inner.labels,
                kind="rough" if inner.kind == "rough" else "odd",
                simple=True,
            )
        if roll < 0.45 and inner.kind != "odd":
            ahead = self.scalar_argument(("60", "3600", "-10", "0.5"))
            return Expression(
                f"predict_linear({inner.text}, {ahead})", CLOSE, inner.labels, kind="rough", simple=True
            )
        if roll < 0.48:
            return Expression(f"absent_over_time({inner.text})", WHOLE, inner.labels, simple=True)
        function = rng.choice(list(OVER_TIME))
        if inner.level == CLOSE and function in ("changes", "resets"):
            function = "count_over_time"
        if (inner.kind in ("odd", "rough") or inner.level == CLOSE) and function in (
            "stddev_over_time",
            "stdvar_over_time",
            "deriv",
        ):
            function = "max_over_time"
        level = OVER_TIME[function]
        level = inner.level if level is None else level
        if inner.level == CLOSE and level != WHOLE:
            level = CLOSE
        kind = "rough" if function in ("deriv", "stdvar_over_time", "stddev_over_time") else inner.kind
        return Expression(f"{function}({inner.text})", level, inner.labels, kind=kind, simple=True)

    # --- Scalars ------------------------------------------------------------------------------------------

    def number(self):
        return self.rng.choice(
            (
                "0",
                "1",
                "2",
                "-1",
                "0.5",
                "3.25",
                "10",
                "1e3",
                "0x1F",
                "-2.5",
                "Inf",
                "-Inf",
                "NaN",
                "1e-3",
                "7",
            )
        )

    def scalar_argument(self, choices, modifier=""):
        if self.rng.random() < 0.1:
            return f'scalar(up{{job="api",instance="a:1"}}{modifier}) * {self.rng.choice(choices)}'
        return self.rng.choice(choices)

    def scalar(self, depth, half):
        rng = self.rng
        roll = rng.random()
        if depth == 0 or roll < 0.4:
            number = self.number()
            return Expression(number, EXACT, kind="odd" if number[-1] in "fN" else "gauge", simple=True)
        if roll < 0.55:
            return Expression(
                rng.choice(
                    (
                        "time()",
                        "time() % 3600",
                        "pi()",
                        "scalar(vector(3))",
                        "2 ^ 3 ^ 2",
                        "-2 ^ 2",
                        "-(2) ^ 2",
                    )
                ),
                EXACT,
            )
        if roll < 0.75:
            inner = self.vector(depth - 1, half)
            kind = "rough" if inner.kind == "rough" else "odd"  # NaN, when there is not one series
            return Expression(f"scalar({inner.text})", max(EXACT, inner.level), simple=True, kind=kind)
        left, right = self.scalar(depth - 1, half), self.scalar(depth - 1, half)
        level = max(EXACT, left.level, right.level)
        if level == CLOSE:
            return Expression(f"{left.grouped()} * {right.grouped()}", CLOSE, kind="rough")
        if rng.random() < 0.25:
            return Expression(
                f"{left.grouped()} {rng.choice(('==', '!=', '<', '<=', '>', '>='))} bool {right.grouped()}",
                EXACT,
            )
        return Expression(f"{left.grouped()} {rng.choice('+-*/%')} {right.grouped()}", EXACT, kind="odd")

    # --- Vectors ------------------------------------------------------------------------------------------

    def vector(self, depth, half):
        rng = self.rng
        if depth <= 0:
            return self.instant_selector()
        makers = (
            self.over_time,
            self.over_time,
            self.aggregate,
            self.aggregate,
            self.binary,
            self.binary,
            self.function,
            self.function,
            self.histogram,
            self.special,
            self.chain,
        )
        return rng.choice(makers)(depth, half)

    def grouping(self, labels, force=None):
        rng = self.rng
        roll = rng.random()
        if roll < 0.25 and force is None:
            return "", ()
        names = [label for label in labels if rng.random() < 0.5]
        if rng.random() < 0.05:
            names.append("missing")
        if roll < 0.7:
            return f"by ({', '.join(names)})", names
        return f"without ({', '.join(names)})", [label for label in labels if label not in names]

    def aggregate(self, depth, half):
        rng = self.rng
        roll = rng.random()
        if roll < 0.15:
            by, labels = self.grouping(TARGET)
            count = self.scalar_argument(("1", "2", "3", "100", "0", "-1", "2.9"))
            return self.write_aggregate(
                rng.choice(("topk", "bottomk")), by, self.distinct(half), EXACT, TARGET, count
            )
        inner = self.vector(depth - 1, half)
        by, labels = self.grouping(inner.labels)
        if roll < 0.22 and inner.level != CLOSE:
            while by.startswith("by") and by.count(",") == 2:
                by, labels = self.grouping(inner.labels)
            label = rng.choice([label for label in ("value", "job", "le") if label not in by])
            if re.search("min|max|quantile|sum", inner.text):  # 0 or -0
                inner.text = f"{inner.grouped()} + 0"
            return self.write_aggregate("count_values", by, inner.text, WHOLE, labels, f'"{label}"')
        if roll < 0.3:
            phi = self.scalar_argument(("0.5", "0.9", "0", "1", "-1", "2", "0.123"))
            return self.write_aggregate(
                "quantile",
                by,
                inner.text,
                max(EXACT, inner.level),
                labels,
                phi,
                "rough" if inner.kind == "rough" else "odd",
            )
        name = rng.choice(("sum", "sum", "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"))
        if name in ("stddev", "stdvar") and (inner.kind in ("odd", "rough") or inner.level == CLOSE):
            name = "max"
        level = {
            "sum": WHOLE if inner.level == WHOLE else CLOSE,
            "min": inner.level,
            "max": inner.level,
            "count": WHOLE,
            "group": WHOLE,
        }.get(name, CLOSE)
        kind = (
            "rough"
            if inner.kind == "rough" or name in ("stddev", "stdvar")
            else "odd"
            if inner.kind == "odd"
            else "gauge"
        )
        return self.write_aggregate(name, by, inner.text, level, labels, None, kind)

    def write_aggregate(self, name, by, inner, level, labels, parameter=None, kind="gauge"):
        arguments = f"({parameter}, {inner})" if parameter else f"({inner})"
        text = f"{name} {by} {arguments}" if self.rng.random() < 0.6 else f"{name}{arguments} {by}"
        return Expression(text.strip(), level, labels, kind=kind, simple=True)

    def function(self, depth, half):
        rng = self.rng
        inner = self.vector(depth - 1, half)
        roll = rng.random()
        if roll < 0.35:
            name = rng.choice(SMOOTH)
            if name in ("sin", "cos", "tan") and inner.level == CLOSE:
                name = "atan"
            level = inner.level if name == "abs" else max(EXACT, inner.level) if name == "sqrt" else CLOSE
            if name in ("sinh", "cosh"):
                inner.text = f"clamp({inner.text}, -700, 700)"
            return Expression(
                f"{name}({inner.text})",
                level,
                inner.labels,
                kind=inner.kind if name == "abs" else "rough",
                simple=True,
            )
        if roll < 0.55 and inner.level != CLOSE:
            name = rng.choice(KEEP_LEVEL)
            more = (
                rng.choice((", 0.5", ", 10", ", 0.1", ", -3", ", 0"))
                if name == "round" and rng.random() < 0.5
                else ""
            )
            kind = "odd" if more == ", 0" and inner.kind != "rough" else inner.kind
            return Expression(
                f"{name}({inner.text}{more})", max(EXACT, inner.level), inner.labels, kind=kind, simple=True
            )
        if roll < 0.75:
            name = rng.choice(("clamp", "clamp_min", "clamp_max"))
            bounds = ", ".join(
                self.scalar_argument(("0", "-5", "1", "7.5", "100", "NaN", "Inf"))
                for _ in range(2 if name == "clamp" else 1)
            )
            kind = "odd" if "NaN" in bounds or "Inf" in bounds else inner.kind
            return Expression(
                f"{name}({inner.text}, {bounds})",
                max(EXACT, inner.level),
                inner.labels,
                kind="rough" if inner.kind == "rough" else kind,
                simple=True,
            )
        if roll < 0.85 and "@" not in inner.text:
            return Expression(f"timestamp({inner.text})", EXACT, inner.labels, kind="odd", simple=True)
        if (
            0.85 <= roll < 0.95
            and "@" not in inner.text
            and inner.kind not in ("odd", "rough")
            and inner.level != CLOSE
        ):
            name = rng.choice(DATES)
            return Expression(
                rng.choice(
                    (f"{name}()", f"{name}(timestamp({inner.text}))", f"{name}({inner.grouped()} * 86400)")
                ),
                WHOLE,
                inner.labels,
                simple=True,
            )
        return Expression(f"-{inner.grouped()}", max(EXACT, inner.level), inner.labels, kind=inner.kind)

    def histogram(self, depth, half):
        rng = self.rng
        phi = self.scalar_argument(("0.5", "0.9", "0.99", "0", "1", "-1", "2"), self.at())
        raw = "latency_seconds_bucket" + self.matchers(TARGET)
        span = self.seconds(45, 900)
        by = rng.choice(("le", "le, job", "job, le", "le, instance", "instance"))
        inner, labels = rng.choice(
            (
                (raw + self.at(), TARGET),
                (f"rate({raw}[{span}]{self.at()})", TARGET),
                (f"sum by ({by}) (rate({raw}[{span}]))", by.split(", ")),
                (f"sum by ({by}) ({raw})", by.split(", ")),
                (f"increase({raw}[{span}])", TARGET),
            )
        )
        if rng.random() < 0.05:
            return Expression(
                f"{rng.choice(('histogram_count', 'histogram_sum'))}({inner})", EXACT, labels, simple=True
            )
        return Expression(
            f"histogram_quantile({phi}, {inner})",
            CLOSE,
            [label for label in labels if label != "le"],
            kind="rough",
            simple=True,
        )

    def special(self, depth, half):
        rng = self.rng
        roll = rng.random()
        inner = self.vector(depth - 1, half)
        if roll < 0.4:
            to, source = rng.choice(
                (
                    ("new", "job"),
                    ("job", "instance"),
                    ("zone", "missing"),
                    ("new", "instance"),
                    ("job", "job"),
                )
            )
            pattern, value = rng.choice(
                (
                    ("(.*)", "$1"),
                    ("(.).*", "x-$1"),
                    ("(?P<a>.*):(.*)", "${a}_$2"),
                    ("a.*", "yes"),
                    ("(.*)", ""),
                    ("", "none"),
                    ("b(.)", "$2$1$$"),
                    ("(.*):1", "$1x"),
                    ("(.*):1", "${1}x"),
                )
            )
            return Expression(
                f'label_replace({inner.text}, "{to}", "{value}", "{source}", "{pattern}")',
                inner.level,
                inner.labels,
                kind=inner.kind,
                simple=True,
            )
        if roll < 0.6:
            sources = "".join(
                f', "{label}"'
                for label in rng.sample(("job", "instance", "missing", "code"), rng.randint(0, 3))
            )
            to, between = rng.choice(("new", "job")), rng.choice(("-", "", "::"))
            return Expression(
                f'label_join({inner.text}, "{to}", "{between}"{sources})',
                inner.level,
                inner.labels,
                kind=inner.kind,
                simple=True,
            )
        if roll < 0.8:
            gone = rng.choice(
                (
                    inner.text,
                    'nothing{job="a",instance=~"b"}',
                    'nothing{job="a",job="b"}',
                    'load{job="none"}',
                    "sum(nothing)",
                    "up == 5",
                )
            )
            return Expression(f"absent({gone})", WHOLE, (), simple=True)
        inner = self.scalar(depth - 1, half)
        return Expression(f"vector({inner.text})", max(EXACT, inner.level), (), kind=inner.kind, simple=True)

    # --- Operators ----------------------------------------------------------------------------------------

    def operator(self, left, right):
        """(operator, level, kind); with what the operands allow."""
        rng = self.rng
        level = max(EXACT, left.level, right.level)
        kinds = {left.kind, right.kind}
        if level == CLOSE or "rough" in kinds:
            return (
                ("*" if right.level == CLOSE or right.kind == "rough" else rng.choice("*/")),
                CLOSE,
                "rough",
            )
        kind = "odd" if "odd" in kinds else "gauge"
        roll = rng.random()
        if roll < 0.3:
            return rng.choice(("==", "!=", "<", "<=", ">", ">=")) + rng.choice((" bool", "")), level, kind
        if roll < 0.35:
            name = rng.choice(("atan2", "^"))
            for side in (left, right) if name == "atan2" else ():
                side.text, side.simple = f"{side.grouped()} * 1", False
            return name, CLOSE, "rough"
        name = rng.choice("+-*/%")
        whole = name in "+-" and left.level == right.level == WHOLE
        return name, WHOLE if whole else EXACT, kind if name not in "/%" else "odd"

    def binary(self, depth, half):
        rng = self.rng
        roll = rng.random()
        if roll < 0.3:
            left, right = self.vector(depth - 1, half), self.scalar(1, half)
            labels = left.labels
            if rng.random() < 0.4:
                left, right = right, left
            name, level, kind = self.operator(left, right)
            return Expression(f"{left.grouped()} {name} {right.grouped()}", level, labels, kind=kind)
        left, right = self.vector(depth - 1, half), self.vector(depth - 1, half)
        if roll < 0.5:
            name = rng.choice(("and", "or", "unless"))
            by = rng.choice(("", "", " on(job)", " on(job, instance)", " ignoring(code, queue)", " on()"))
            rough = (
                "rough"
                if "rough" in (left.kind, right.kind)
                else "odd"
                if "odd" in (left.kind, right.kind)
                else "gauge"
            )
            level = max(left.level, right.level) if name == "or" else left.level
            return Expression(
                f"{left.grouped()} {name}{by} {right.grouped()}", level, left.labels, kind=rough
            )
        return self.match(left, right)

    def match(self, left, right):
        rng = self.rng
        common = [label for label in left.labels if label in right.labels]
        roll = rng.random()
        if roll < 0.15 or not common:
            by = rng.choice(("", " on()", " on(job)", " ignoring(code)"))
            name, level, kind = self.operator(left, right)
            return Expression(f"{left.grouped()} {name}{by} {right.grouped()}", level, left.labels, kind=kind)
        keys = rng.sample(common, rng.randint(1, len(common)))
        right = Expression(
            f"max by ({', '.join(keys)}) ({right.text})", right.level, keys, kind=right.kind, simple=True
        )
        if roll < 0.5:
            left = Expression(
                f"min by ({', '.join(keys)}) ({left.text})", left.level, keys, kind=left.kind, simple=True
            )
            by = rng.choice(("", f" on({', '.join(keys)})", " ignoring(missing)"))
            name, level, kind = self.operator(left, right)
            return Expression(f"{left.grouped()} {name}{by} {right.grouped()}", level, keys, kind=kind)
        side, labels = "group_left", left.labels
        if rng.random() < 0.4:
            left, right, side = right, left, "group_right"
        name, level, kind = self.operator(left, right)
        take = rng.choice(("", "()", "(missing)", f"({keys[0]})" if rng.random() < 0.2 else ""))
        if rng.random() < 0.3:
            others = ", ".join(label for label in labels if label not in keys)
            return Expression(
                f"{left.grouped()} {name} ignoring({others}) {side}{take} {right.grouped()}",
                level,
                labels,
                kind=kind,
            )
        return Expression(
            f"{left.grouped()} {name} on({', '.join(keys)}) {side}{take} {right.grouped()}",
            level,
            labels,
            kind=kind,
        )

    def chain(self, depth, half):
        """Operators without parentheses, whose precedence decides."""
        rng = self.rng
        name = rng.choice(("requests_total", "errors_total", "up", "latency_seconds_count"))
        parts = [name + self.matchers(FAMILIES[name][1])]
        parts += [
            rng.choice(("2", "3", "10", "-1", "2 ^ 2", "-2 ^ 2", "1.5", "time()", "+4", "--5"))
            for _ in range(rng.randint(2, 4))
        ]
        rng.shuffle(parts)
        text = parts[0]
        for part in parts[1:]:
            text += (
                rng.choice(
                    (" + ", " - ", " * ", " / ", " % ", "*", "-", " == bool ", " > bool ", " <= bool ")
                )
                + part
            )
        return Expression(text, EXACT, FAMILIES[name][1], kind="odd")
