# SPDX-License-Identifier: Apache-2.0
"""What the programs and their machines use, and how the monitoring itself is doing."""
from . import model, panels, queries
from .panels import Column, NO_DATA, query
from .queries import INSTANCE, JOB

RATIO_STEPS = (("green", None), ("orange", 0.8), ("red", 0.95))


def _of(metric):
    return f"{metric}{{{INSTANCE}}}"


def _lines(title, description, targets, unit, **more):
    return panels.timeseries(title, description, targets, unit, empty=NO_DATA, **more)


def _strip(grid):
    plain = (("text", None),)
    for panel in (
        panels.stat(
            "Programs up",
            "Programs that Prometheus reached at its last scrape.",
            f"sum({_of('up')})", "short", (("red", None), ("green", 1)), NO_DATA
        ),
        panels.stat(
            "CPU of the programs",
            "How many cores the chosen programs keep busy together.",
            queries.rate("process_cpu_seconds_total", INSTANCE), "suffix:cores", plain, NO_DATA, decimals=2
        ),
        panels.stat(
            "Memory of the programs",
            "Memory that the chosen programs have in RAM, added up; what they share is counted for each.",
            f"sum({_of('process_resident_memory_bytes')})", "bytes", plain, NO_DATA
        ),
        panels.stat(
            "CPU of the host",
            "Share of the time of all cores that they were not idle; of the busiest host.",
            f"max({_of('inferometer_host_cpu_ratio')})", "percentunit", RATIO_STEPS, NO_DATA, min=0, max=1
        ),
        panels.stat(
            "Memory of the host",
            "Share of the memory that is in use; of the fullest host.",
            f"max({_of('inferometer_host_memory_ratio')})", "percentunit", RATIO_STEPS, NO_DATA, min=0,
            max=1
        ),
        panels.stat(
            "Youngest program",
            "Time since the program that was started last began. A small number that stays small is a "
            "program that keeps being started again.",
            f"min(time() - {_of('process_start_time_seconds')})", "s", plain, NO_DATA, graph=False
        )
    ):
        grid.add(panel, 4, 4)


def _process(grid):
    grid.row("Process")
    grid.add(_lines(
        "CPU", "Cores that each program keeps busy.",
        [query(queries.rate("process_cpu_seconds_total", INSTANCE, ("instance",)), "{{instance}}")],
        "suffix:cores"
    ), 8, 8)
    grid.add(_lines(
        "Memory",
        "Memory of each program that is in RAM, and its heap below the program break.",
        [
            query(_of("process_resident_memory_bytes"), "{{instance}} in RAM"),
            query(_of("process_heap_bytes"), "{{instance}} heap")
        ],
        "bytes", fill=0
    ), 8, 8)
    grid.add(_lines(
        "Address space",
        "Addresses that each program has reserved. Only its growth says something.",
        [query(_of("process_virtual_memory_bytes"), "{{instance}}")], "bytes", fill=0
    ), 8, 8)
    grid.add(_lines(
        "Open files",
        "File descriptors that each program has open. At its limit it can open no connection any more.",
        [query(_of("process_open_fds"), "{{instance}}")], "short", fill=0
    ), 8, 8)
    grid.add(_lines(
        "Open files, share of the limit",
        "How much of the allowed number of file descriptors is open.",
        [query(f"{_of('process_open_fds')} / {_of('process_max_fds')}", "{{instance}}")], "percentunit",
        fill=0, max=1
    ), 8, 8)
    grid.add(_lines(
        "Threads", "Threads of each program.", [query(_of("process_threads"), "{{instance}}")], "short",
        fill=0
    ), 8, 8)


def _host(grid):
    grid.row("Host")
    grid.add(_lines(
        "CPU, share of all cores",
        "How much of the time of all cores the host used, and how much of it the program.",
        [
            query(_of("inferometer_host_cpu_ratio"), "{{instance}} host"),
            query(_of("inferometer_process_cpu_ratio"), "{{instance}} program")
        ],
        "percentunit", fill=0, max=1
    ), 8, 8)
    grid.add(_lines(
        "Memory, share of all",
        "How much of the host's memory is in use, and how much of it by the program.",
        [
            query(_of("inferometer_host_memory_ratio"), "{{instance}} host"),
            query(_of("inferometer_process_memory_ratio"), "{{instance}} program")
        ],
        "percentunit", fill=0, max=1
    ), 8, 8)
    grid.add(_lines(
        "Memory left",
        "Memory that programs can still get without swapping, and all there is.",
        [
            query(_of("inferometer_host_memory_available_bytes"), "{{instance}} available"),
            query(_of("inferometer_host_memory_total_bytes"), "{{instance}} total")
        ],
        "bytes", fill=0
    ), 8, 8)
    grid.add(_lines(
        "Threads of the host", "Threads of all programs of the host.",
        [query(_of("inferometer_host_threads"), "{{instance}}")], "short", fill=0
    ), 12, 7)
    grid.add(_lines(
        "Open files of the host",
        "Files that all programs of the host have open.",
        [query(_of("inferometer_host_open_files"), "{{instance}}")], "short", fill=0
    ), 12, 7)


def _scrapes(grid):
    grid.row("Scrapes")
    grid.add(_lines(
        "Up",
        "1 while Prometheus reaches the program, 0 while it does not, no line before it knew of it.",
        [query(_of("up"), "{{instance}}")], "short", max=1, step=True
    ), 8, 7)
    grid.add(_lines(
        "Scrape duration",
        "How long Prometheus took to read the metrics. Above a second something is wrong.",
        [query(_of("scrape_duration_seconds"), "{{instance}}")], "s", fill=0
    ), 8, 7)
    grid.add(_lines(
        "Samples per scrape",
        "Numbers that each scrape brought. A line that keeps climbing is a label with ever new values.",
        [query(_of("scrape_samples_scraped"), "{{instance}}")], "short", fill=0
    ), 8, 7)


def _library(grid):
    grid.row("The library itself")

    def counted(metric, by):
        return queries.increase(metric, INSTANCE, by)

    grid.add(_lines(
        "Dropped updates",
        "Updates that changed nothing, by reason: their series was removed, a counter was to go down, the "
        "gauge is not of that kind, or there was no memory for the thread. Anything but 0 is a mistake in "
        "the program.",
        [query(
            counted("inferometer_dropped_updates_total", ("instance", "reason")), "{{instance}} {{reason}}"
        )],
        "short"
    ), 8, 7)
    grid.add(_lines(
        "Over a limit, left out",
        "Updates that went to an overflow series because there were too many series, and histograms left "
        "out of a scrape because a thread stood still in the middle of an update.",
        [
            query(counted("inferometer_overflow_updates_total", ("instance",)), "{{instance}} overflow"),
            query(counted("inferometer_skipped_series_total", ("instance",)), "{{instance}} skipped")
        ],
        "short"
    ), 8, 7)
    grid.add(_lines(
        "Collectors and text file, failures",
        "Scrapes in which a collector failed, and writes of the text file that failed. The second is "
        "there for programs that write one.",
        [
            query(
                counted("inferometer_collector_failures_total", ("instance", "collector")),
                "{{instance}} {{collector}}"
            ),
            query(counted("inferometer_text_file_failures_total", ("instance",)), "{{instance}} text file")
        ],
        "short"
    ), 8, 7)
    grid.add(_lines(
        "Collector duration",
        "Time that each collector took in a scrape.",
        [query(_of("inferometer_collector_duration_seconds"), "{{instance}} {{collector}}")], "s", fill=0
    ), 8, 7)
    grid.add(panels.table(
        "Versions",
        "Which version of the library the programs run, and what compiled it.",
        {"version": "Version", "compiler": "Compiler"},
        [Column("Programs", f"count by (version, compiler) ({_of('inferometer_build_info')})", "short", 0)],
        "Programs", empty=NO_DATA
    ), 8, 7)
    model_labels = ("pipeline", "name", "version", "engine")
    grid.add(panels.table(
        "Models",
        "Which model each pipeline says that it runs.",
        {"pipeline": "Pipeline", "name": "Model", "version": "Version", "engine": "Engine"},
        [Column("Programs", queries.total(_of("inference_model_info"), model_labels), "short", 0)],
        "Programs", empty=NO_DATA
    ), 8, 7)


def dashboard():
    grid = model.Grid()
    _strip(grid)
    _process(grid)
    _host(grid)
    _scrapes(grid)
    _library(grid)
    instance = model.query_variable(
        "instance", "Instance", f"label_values(inferometer_overflow_updates_total{{{JOB}}}, instance)",
        "The programs that are shown, by the address that is scraped.")
    return model.dashboard(
        "inferometer-host", "Inferometer Host and process",
        "What the programs and their machines use, whether they are reached, and what the library had to "
        "drop.",
        [model.job_variable(), instance], grid
    )
