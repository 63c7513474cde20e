#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark programs by turns and compares their medians.

Every figure comes from a process of its own. A round runs each case once, prometheus-cpp first, then ours
with the static and with the shared library; rounds follow one another, so that a slow minute of the machine
falls on all cases and on all sides alike. What is reported is the median over the rounds.

Needs nothing beyond Python's own library. tools/bench.sh builds the programs and calls this.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import textwrap
import time

THEIRS, STATIC, SHARED = "prometheus-cpp", "inferometer", "inferometer, shared"
PROGRAMS = {THEIRS: "prometheus_cpp_bench", STATIC: "ifm_bench", SHARED: "ifm_bench_shared"}
QUICK_DIVISOR = 1000


class Row:
    """One line of the table. The target bounds the ratio to prometheus-cpp, or the figure itself."""

    def __init__(self, title, case, unit="ns", theirs=None, ratio=None, limit=None):
        self.title, self.case, self.unit = title, case, unit
        self.cases = {THEIRS: theirs or case, STATIC: case, SHARED: case}
        self.ratio_target, self.limit = ratio, limit
        self.figures = {program: [] for program in PROGRAMS}

    def median(self, program):
        figures = self.figures[program]
        return statistics.median(figures) if figures else None

    def ratio(self):
        ours, theirs = self.median(STATIC), self.median(THEIRS)
        return ours / theirs if ours is not None and theirs else None

    def target(self):
        if self.ratio_target is not None:
            return f"<= {self.ratio_target:g}x"
        return f"<= {self.limit:g} {self.unit}" if self.limit is not None else ""

    def met(self):
        """True, False, or None where there is nothing to meet or nothing to compare with."""
        if self.ratio_target is not None:
            return None if self.ratio() is None else self.ratio() <= self.ratio_target
        if self.limit is not None and self.median(STATIC) is not None:
            return self.median(STATIC) <= self.limit
        return None


ROWS = [
    Row("counter inc, 1 thread", "counter_1", ratio=0.35),
    Row("counter inc, 2 threads on one series", "counter_2", ratio=0.2),
    Row("histogram observe, 1 thread", "histogram_1", ratio=0.35),
    Row("histogram observe, 2 threads on one series", "histogram_2", ratio=0.25),
    Row("histogram observe, the 19 stage buckets", "histogram_stage_buckets_1"),
    Row("histogram observe, native", "histogram_native_1"),
    Row("histogram observe, native and classic", "histogram_both_1"),
    Row("histogram observe, native and classic, 2 threads", "histogram_both_2"),
    Row("look-up of 2 labels + inc", "lookup_1", ratio=0.2),
    Row("look-up + inc, label maps made beforehand there", "lookup_1", theirs="lookup_kept_1"),
    Row("look-up of 2 labels + inc, 2 threads", "lookup_2"),
    Row("summary observe, 3 quantiles", "summary_quantiles_1", limit=100),
    Row("summary observe, 3 quantiles, 2 threads", "summary_quantiles_2"),
    Row("summary observe, no quantiles", "summary_plain_1", limit=100),
    Row("one inference of 4 stages", "inference_1", limit=300),
    Row("one inference of 4 stages, 2 threads", "inference_2"),
    Row("100,000 series as text 0.0.4", "serialise_text", "ms", ratio=0.1),
    Row("100,000 series as OpenMetrics", "serialise_openmetrics", "ms"),
    Row("100,000 series as protobuf", "serialise_protobuf", "ms"),
    Row("memory of a counter series, resident", "memory_resident", "bytes", limit=200),
    Row("memory of a counter series, malloc alone", "memory_heap", "bytes"),
    Row("counter inc while scraped", "scraped_counter"),
    Row("histogram observe while scraped", "scraped_histogram"),
    Row("look-up of 2 labels + inc while scraped", "scraped_lookup"),
]


# --- Running --------------------------------------------------------------------------------------------


def cases_of(tree):
    """The cases of each program that was built; prometheus-cpp may be missing."""
    cases = {}
    for program, file in PROGRAMS.items():
        path = tree / "bin" / file
        cases[program] = set(subprocess.check_output([path], text=True).split()) if path.exists() else set()
    if not cases[STATIC]:
        sys.exit(f"bench: {tree}/bin/{PROGRAMS[STATIC]} is not there; hint: tools/bench.sh builds it")
    return cases


def turns(rows, cases):
    """What one round runs: each (program, case) once, though two rows may share it."""
    seen = []
    for row in rows:
        for program, case in row.cases.items():
            if case in cases[program] and (program, case) not in seen:
                seen.append((program, case))
    return seen


def measure(tree, program, case, divisor):
    command = [tree / "bin" / PROGRAMS[program], case, str(divisor)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {PROGRAMS[program]} {case} ended with status {done.returncode}")
    return float(done.stdout)


def progress(text):
    """Overwrites the line before on a terminal; elsewhere only the end of a round is printed."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def run_rounds(tree, rows, rounds, divisor):
    order = turns(rows, cases_of(tree))
    began, total = time.monotonic(), rounds * len(order)
    for turn in range(rounds):
        for index, (program, case) in enumerate(order):
            ended = turn * len(order) + index
            left = f", {(time.monotonic() - began) / ended * (total - ended):.0f} s left" if ended else ""
            progress(f"bench: round {turn + 1} of {rounds}{left}: {case}, {program}")
            figure = measure(tree, program, case, divisor)
            for row in rows:
                if row.cases[program] == case:
                    row.figures[program].append(figure)
        progress("")
        took = time.monotonic() - began
        left = took / (turn + 1) * (rounds - turn - 1)
        print(f"bench: round {turn + 1} of {rounds} after {took:.0f} s, {left:.0f} s left", file=sys.stderr)


# --- The machine ----------------------------------------------------------------------------------------


def first_match(pattern, path):
    found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return found.group(1).strip() if found else ""


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def busy(seconds=2):
    """The share of processor time that others use. Not the load average: it remembers our own build."""

    def ticks():
        fields = [int(field) for field in first_match(r"^cpu (.*)$", "/proc/stat").split()]
        return sum(fields), fields[3] + fields[4]  # all; idle and waiting for disks

    all_before, idle_before = ticks()
    time.sleep(seconds)
    all_after, idle_after = ticks()
    return 1 - (idle_after - idle_before) / max(all_after - all_before, 1)


def machine(tree):
    compiler = next(tree.glob("CMakeFiles/*/CMakeCCompiler.cmake"))
    name = first_match(r'^set\(CMAKE_C_COMPILER_ID "(.*)"\)', compiler).replace("GNU", "gcc")
    flags = first_match(r"^CMAKE_C_FLAGS_RELWITHDEBINFO:\w+=(.*)$", tree / "CMakeCache.txt")
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": first_match(r"^(?:model name|Model)\s*:(.*)$", "/proc/cpuinfo") or platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(first_match(r"^MemTotal:\s*(\d+)", "/proc/meminfo")) / 2**20),
        "system": first_match(r'^PRETTY_NAME="?([^"\n]*)', "/etc/os-release"),
        "kernel": platform.release(),
        "compiler": f"{name} " + first_match(r'^set\(CMAKE_C_COMPILER_VERSION "(.*)"\)', compiler),
        "flags": flags,
        "busy_before": busy(),
        "versions": {
            STATIC: output(tree / "bin" / PROGRAMS[STATIC], "--version"),
            THEIRS: output("pkg-config", "--modversion", "prometheus-cpp-core"),
        },
    }


# --- Reporting ------------------------------------------------------------------------------------------


def number(value):
    """Three digits."""
    return "" if value is None else f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def verdict(row):
    return {True: "ok", False: "MISSED", None: ""}[row.met()]


def table(rows):
    """The table as lists of cells, the heading first."""
    cells = [["", "unit", THEIRS, STATIC, SHARED, "ratio", "target", ""]]
    for row in rows:
        ratio = row.ratio()
        digits = 2 if ratio is None or ratio >= 0.1 else 3
        cells.append([row.title, row.unit, *(number(row.median(program)) for program in PROGRAMS),
                      "" if ratio is None else f"{ratio:.{digits}f}x", row.target(), verdict(row)])
    return cells


def plain(cells, left=(0, 1, 7)):
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i in left else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in cells)


def markdown(cells):
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    lines.insert(1, "|---|---|--:|--:|--:|--:|--:|---|")
    return "\n".join(lines)


def report_json(host, rows, rounds):
    return {"machine": host, "rounds": rounds, "rows": [
        {"case": row.case, "title": row.title, "unit": row.unit, "target": row.target(), "met": row.met(),
         "ratio": row.ratio(),
         "results": {program: {"case": row.cases[program], "median": row.median(program),
                               "min": min(figures), "max": max(figures), "rounds": figures}
                     for program, figures in row.figures.items() if figures}}
        for row in rows]}


def describe(host, rounds):
    return describe_machine(host, f"inferometer {host['versions'][STATIC]}, prometheus-cpp "
                                  f"{host['versions'][THEIRS] or '(not installed)'}", rounds)


def describe_machine(host, what, rounds):
    text = (f"{host['cpu']}, {host['processors']} processors, {host['memory_gib']} GiB; {host['system']}, "
            f"{host['compiler']} {host['flags']}; {what}. {host['date']}, median of {rounds} rounds, begun "
            f"with the machine {host['busy_before']:.0%} busy.")
    return textwrap.fill(text, 108)


def update_docs(path, text, name="bench"):
    """Replaces what stands between the two markers."""
    wanted = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, begin, rest = path.read_text().partition(wanted[0])
    _, end, after = rest.partition(wanted[1])
    if not begin or not end:
        sys.exit(f"bench: {path} has no lines {wanted[0]} and {wanted[1]}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def arguments(what, rounds, json_file, cases):
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("tree", type=pathlib.Path, help="build tree with the programs in bin/")
    parser.add_argument("--rounds", type=int, default=rounds,
                        help=f"at least 5 for figures to be quoted ({rounds})")
    parser.add_argument("--only", default="", metavar="REGEX", help=cases)
    parser.add_argument("--quick", action="store_true", help="does everything run? The figures mean nothing")
    parser.add_argument("--json", type=pathlib.Path, default=json_file, metavar="FILE")
    parser.add_argument("--update-docs", type=pathlib.Path, metavar="FILE", help="replace the table in there")
    options = parser.parse_args()
    if options.update_docs and (options.quick or options.only or options.rounds < 5):
        parser.error("--update-docs wants the whole table and 5 rounds or more")
    return options


def main():
    options = arguments(__doc__.split("\n")[0], 9, "build/bench.json", "cases whose name matches")
    rows = [row for row in ROWS if re.search(options.only, row.case)]
    rounds = 1 if options.quick else options.rounds
    host = machine(options.tree)
    if host["busy_before"] > 0.05:
        print(f"bench: others keep the machine {host['busy_before']:.0%} busy: figures will be off",
              file=sys.stderr)
    run_rounds(options.tree, rows, rounds, QUICK_DIVISOR if options.quick else 1)
    cells = table(rows)
    print(describe(host, rounds), plain(cells), sep="\n\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report_json(host, rows, rounds), indent=1) + "\n")
    print(f"\nwritten to {options.json}")
    if options.quick:
        print("a quick run: too few operations for the figures to mean anything")
    if options.update_docs:
        update_docs(options.update_docs, describe(host, rounds) + "\n\n" + markdown(cells))


if __name__ == "__main__":
    main()
