# SPDX-License-Identifier: Apache-2.0
"""Random series for differential.py, as a file in OpenMetrics.

T1  no sample lies on a whole or half second, but 2 to 420 ms behind a whole one. Queries look at half seconds
    and subqueries at whole ones, so that no sample lies on the edge of a window.
T2  series of dense families have a sample every 15 s from BEGIN to END.
T3  after a gap, a counter is larger than what it grew by since.
"""

import itertools
import random

ORIGIN = 1_700_006_400  # where Prometheus begins a new block of two hours
BEGIN = ORIGIN - 75 * 60
END = ORIGIN + 75 * 60
STEP = 15
JOBS = ("api", "batch")
INSTANCES = ("a:1", "b:1", "c:2")
BOUNDS = ("0.005", "0.01", "0.05", "0.1", "0.5", "1.0", "5.0", "+Inf")


def times(rng):
    """One every 15 s (T1, T2)."""
    return [f"{second}.{rng.randint(2, 420):03d}" for second in range(BEGIN, END, STEP)]


def with_gaps(rng, count):
    """Whether the n-th sample is there; gaps of a minute to ten."""
    there, left, present = [], 0, True
    for _ in range(count):
        if left == 0:
            present = not present if there else True
            left = rng.randint(20, 160) if present else rng.randint(3, 40)
        left -= 1
        there.append(present)
    return there


def counter(rng, count, most):
    value, values = rng.randint(0, 1000), []
    for _ in range(count):
        value = (
            rng.randint(0, 2) if rng.random() < 0.006 else value + rng.choice((0, 1, rng.randint(0, most)))
        )
        values.append(value)
    return values


def huge_counter(rng, count):
    """Falls by half where it is reset (T3)."""
    value, values = rng.randint(1 << 36, 1 << 37), []
    for _ in range(count):
        value = value // 2 if rng.random() < 0.004 and value > 1 << 35 else value + rng.randint(0, 4096)
        values.append(value)
    return values


def walk(rng, count):
    """Quarters around zero, with many that are equal."""
    value, values = rng.randint(-8, 8) / 4, []
    for _ in range(count):
        value = max(-20, min(20, value + rng.choice((0, 0, 0.25, -0.25, 1.5, -1.5))))
        values.append(value)
    return values


def odd(rng, count):
    usual = ("NaN", "+Inf", "-Inf", "0", "-0", "1e-9", "-1e-9", "1e300", "1e21", "123456789.125", "-3.5")
    return [rng.choice(usual) if rng.random() < 0.3 else rng.randint(-5, 5) for _ in range(count)]


def histogram(rng, count):
    """Cumulative counts for each bound, sums, counts; reset together."""
    buckets, total, rows = [0] * len(BOUNDS), 0, []
    for _ in range(count):
        if rng.random() < 0.004:
            buckets, total = [0] * len(BOUNDS), 0
        for _ in range(rng.randint(0, 4)):
            buckets[min(int(rng.triangular(0, len(BOUNDS), 3)), len(BOUNDS) - 1)] += rng.randint(1, 9)
            total += rng.randint(1, 64) / 16
        rows.append((list(itertools.accumulate(buckets)), total))
    return rows


class Writer:
    def __init__(self, rng, out):
        self.rng, self.out = rng, out

    def series(self, name, labels, values, gaps=False):
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        stamps = times(self.rng)
        there = with_gaps(self.rng, len(stamps)) if gaps else [True] * len(stamps)
        for stamp, value, present in zip(stamps, values, there):
            if present:
                self.out.write(f"{name}{{{text}}} {value} {stamp}\n")

    def type(self, name, kind):
        self.out.write(f"# TYPE {name} {kind}\n")


def write(seed, out):
    rng = random.Random(f"data {seed}")
    fill(Writer(rng, out), rng, len(range(BEGIN, END, STEP)))
    out.write("# EOF\n")


def fill(writer, rng, count):
    """Gives `writer` all series, of `count` samples each."""
    targets = [{"job": job, "instance": instance} for job in JOBS for instance in INSTANCES]

    writer.type("requests", "counter")
    for target in targets:
        for code in ("200", "404", "500"):
            writer.series("requests_total", {**target, "code": code}, counter(rng, count, 60))
    writer.type("errors", "counter")
    for target in targets[1:5]:
        writer.series("errors_total", target, counter(rng, count, 3))
    writer.type("bytes", "counter")
    for target in targets:
        writer.series("bytes_total", target, huge_counter(rng, count), gaps=True)
    writer.type("load", "gauge")
    for target in targets:
        writer.series("load", target, [rng.random() * 100 for _ in range(count)])
    writer.type("depth", "gauge")
    for target in targets:
        for queue in ("in", "out"):
            writer.series("depth", {**target, "queue": queue}, walk(rng, count), gaps=True)
    writer.type("odd", "gauge")
    for target in targets:
        writer.series("odd", target, odd(rng, count), gaps=True)
    writer.type("up", "gauge")
    for target in targets:
        writer.series("up", target, [int(rng.random() < 0.9) for _ in range(count)])
    writer.type("zone", "info")
    for target in targets:
        writer.series("zone_info", {**target, "zone": rng.choice(("east", "west"))}, [1] * count)
    writer.type("latency_seconds", "histogram")
    for target in targets[:4]:
        rows = histogram(rng, count)
        for at, bound in enumerate(BOUNDS):
            if (target["instance"], bound) != ("b:1", "+Inf"):  # one is incomplete
                writer.series("latency_seconds_bucket", {**target, "le": bound}, [row[0][at] for row in rows])
        writer.series("latency_seconds_sum", target, [row[1] for row in rows])
        writer.series("latency_seconds_count", target, [row[0][-1] for row in rows])
