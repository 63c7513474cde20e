# SPDX-License-Identifier: Apache-2.0
"""The first look: is it up, is it used, is it right, is it fast; for all pipelines and for each."""
from . import model, panels, queries
from .panels import Column, query
from .queries import DURATION, PIPELINE, RANGE

ERROR_STEPS = (("green", None), ("orange", 0.01), ("red", 0.05))
SLO_STEPS = (("red", None), ("orange", 0.9), ("green", 0.99))
BY_PIPELINE = ("pipeline",)


def _strip(grid):
    for panel in (
        panels.stat(
            "Requests per second",
            "Inferences that ended per second, whatever their outcome.",
            queries.rate(queries.REQUESTS), "reqps"
        ),
        panels.stat(
            "Error ratio",
            "Share of the inferences that ended as a failure. Cancelled ones count as requests, not as "
            "failures.",
            queries.error_ratio(), "percentunit", ERROR_STEPS, min=0
        ),
        panels.stat(
            "p95 latency",
            "95 of 100 inferences took no longer than this. It is read off bucket bounds, so it is exact "
            "only to the width of a bucket.",
            queries.quantile(0.95, DURATION), "s", (("text", None),)
        ),
        panels.stat(
            "In flight",
            "Inferences that have begun and not ended: what the pipelines work on right now.",
            f"sum(inference_requests_in_flight{{{PIPELINE}}})", "short", (("text", None),)
        ),
        panels.stat(
            "Targets up",
            "Programs that Prometheus reached at its last scrape.",
            f"sum(up{{{queries.JOB}}})", "short", (("red", None), ("green", 1)), panels.NO_DATA
        ),
        panels.stat(
            "Unreachable",
            "Programs that Prometheus knows and could not reach at its last scrape. They have ended, "
            "hang, or a firewall is in between.",
            f"count(up{{{queries.JOB}}} == 0) or vector(0)", "short", (("green", None), ("red", 1)),
            panels.NO_DATA
        ),
        panels.stat(
            "In time",
            "Share of the inferences in the time range that took no longer than the latency objective "
            "chosen above.",
            queries.in_time_ratio(window=RANGE), "percentunit", SLO_STEPS, instant=True, decimals=2, max=1
        ),
        panels.stat(
            "Budget burn",
            "How fast the inferences that are allowed to be late are used up: at 1 exactly as fast as the "
            "share in time chosen above allows, at 10 ten times as fast.",
            f"(1 - {queries.in_time_ratio(window=RANGE)}) / (1 - $objective)", "suffix:x",
            (("green", None), ("orange", 1), ("red", 10)), instant=True, decimals=1
        )
    ):
        grid.add(panel, 3, 4)


def _table():
    def by_pipeline(function, *arguments, **more):
        return function(*arguments, by=BY_PIPELINE, **more)

    columns = [
        Column("Requests/s", by_pipeline(queries.rate, queries.REQUESTS), "reqps"),
        Column("Errors", by_pipeline(queries.error_ratio), "percentunit", 2, ERROR_STEPS),
        Column("p50", by_pipeline(queries.quantile, 0.5, DURATION), "s"),
        Column("p95", by_pipeline(queries.quantile, 0.95, DURATION), "s"),
        Column("p99", by_pipeline(queries.quantile, 0.99, DURATION), "s"),
        Column("In flight", f"sum by (pipeline) (inference_requests_in_flight{{{PIPELINE}}})", "short", 0),
        Column("In time", by_pipeline(queries.in_time_ratio, window=RANGE), "percentunit", 2, SLO_STEPS),
    ]
    link = ("Stages of this pipeline",
            "/d/inferometer-stages?var-pipeline=${__value.raw}&${datasource:queryparam}&${job:queryparam}"
            "&${__url_time_range}")
    return panels.table(
        "Pipelines",
        "One line for each pipeline; its name leads to its stages. The percentiles and the rates are of "
        "the last moments, the share in time is of the whole time range.",
        {"pipeline": "Pipeline"}, columns, "Requests/s", link
    )


def _latency(grid):
    grid.row("Latency")
    grid.add(panels.percentiles(
        "Latency",
        "How long inferences took from beginning to end, all chosen pipelines together. p50: half were "
        "faster; p99: one of a hundred was slower. A mean far above p50 comes from a few very slow ones.",
        DURATION
    ), 12, 8)
    grid.add(panels.heatmap(
        "Latency distribution",
        "How many inferences fell into each bucket of latency; the darker, the more. Two bands mean two "
        "kinds of requests.",
        DURATION
    ), 12, 8)
    grid.add(panels.timeseries(
        "p95 by pipeline",
        "95 of 100 inferences of that pipeline took no longer than this.",
        [query(queries.quantile(0.95, DURATION, by=BY_PIPELINE), "{{pipeline}}")], "s", fill=0
    ), 12, 8)
    grid.add(panels.timeseries(
        "In time by pipeline",
        "Share of the inferences that took no longer than the latency objective chosen above. Empty when "
        "the pipeline has no bucket with that bound.",
        [query(queries.in_time_ratio(by=BY_PIPELINE), "{{pipeline}}")], "percentunit", fill=0, max=1
    ), 12, 8)


def _traffic(grid):
    grid.row("Traffic and failures")
    grid.add(panels.timeseries(
        "Requests by outcome",
        "Inferences that ended per second, stacked by how they ended.",
        [query(queries.rate(queries.REQUESTS, by=("outcome",)), "{{outcome}}")], "reqps", stacked="normal",
        named=("success", "failure", "cancelled")
    ), 12, 8)
    grid.add(panels.timeseries(
        "Requests by pipeline",
        "Inferences that ended per second, stacked by pipeline.",
        [query(queries.rate(queries.REQUESTS, by=BY_PIPELINE), "{{pipeline}}")], "reqps", stacked="normal"
    ), 12, 8)
    grid.add(panels.timeseries(
        "Failures by reason",
        "Failed inferences per second, stacked by the reason that the program gave. A reason shows up "
        "here with its first failure.",
        [query(
            queries.rate("inference_failures_total", by=("pipeline", "reason")), "{{pipeline}}: {{reason}}"
        )],
        "reqps", stacked="normal", empty="No failures"
    ), 8, 8)
    grid.add(panels.timeseries(
        "Error ratio by pipeline",
        "Share of the inferences that ended as a failure.",
        [query(queries.error_ratio(by=BY_PIPELINE), "{{pipeline}}")], "percentunit"
    ), 8, 8)
    grid.add(panels.timeseries(
        "In flight by pipeline",
        "Inferences that have begun and not ended. A line that climbs and never comes down means that "
        "they come faster than they are done, or hang.",
        [query(f"sum by (pipeline) (inference_requests_in_flight{{{PIPELINE}}})", "{{pipeline}}")], "short"
    ), 8, 8)


def _waiting(grid):
    grid.row("Queue and batches")
    grid.add(panels.percentiles(
        "Time in the queue",
        "How long requests waited before their inference began. It grows before latency does: there are "
        "too few workers. Only for pipelines that report it.",
        "inference_queue_duration_seconds"
    ), 12, 8)
    batch = "inference_batch_size"
    grid.add(panels.timeseries(
        "Batch size",
        "Items that one inference handled. Small batches under load mean that batching does not work. "
        "Only for pipelines that report it.",
        [query(queries.mean(batch), "mean"), query(queries.quantile(0.95, batch), "p95")], "short", fill=0,
        named=("mean", "p95")
    ), 12, 8)


def dashboard():
    grid = model.Grid()
    _strip(grid)
    grid.add(_table(), 24, 7)
    _latency(grid)
    _traffic(grid)
    _waiting(grid)
    return model.dashboard(
        "inferometer-overview", "Inferometer Overview",
        "All pipelines at a glance: traffic, errors, latency and its objective, and whether they are up.",
        [model.job_variable(), model.pipeline_variable()] + model.objective_variables(), grid
    )
