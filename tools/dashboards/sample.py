# SPDX-License-Identifier: Apache-2.0
"""The dashboard of the prototype, for sample_pipeline and the naming "deepsparse".

Its panels were a number of requests, the mean of total_inference and a histogram of latencies;
percentiles and the stages stand beside them. The mean has the prototype's query to the letter, 5m and all.
"""
from . import model, panels, queries
from .panels import query

PIPELINE = "sample_pipeline_name"
TOTAL = "total_inference_" + PIPELINE
STAGES = ("pre_process", "engine_forward", "post_process")
PROTOTYPE_MEAN = f"rate({TOTAL}_sum[5m])/rate({TOTAL}_count[5m])"

INTRODUCTION = f"""\
The metrics are those of a logger with the naming `deepsparse` or `both`: stage and pipeline are part of the
name, such as `{TOTAL}_sum`. Start `sample_pipeline`, and its mean is 1.5 s.
For a pipeline of another name, replace `{PIPELINE}` in the queries, or use the other dashboards, which
work for every pipeline."""


def dashboard():
    grid = model.Grid()
    grid.add(panels.text("Sample pipeline", "What this dashboard is for.", INTRODUCTION), 12, 5)
    grid.add(panels.stat(
        "Number of requests",
        "Inferences since the program was started, of all programs.",
        f"sum({TOTAL}_count)", "short", (("text", None),)
    ), 6, 5)
    grid.add(panels.stat(
        "Mean, last 5 minutes",
        "Mean time of an inference, over five minutes.",
        PROTOTYPE_MEAN, "s", (("text", None),)
    ), 6, 5)
    grid.add(panels.timeseries(
        "Total inference: mean over 5 minutes",
        "Mean time of an inference, over the five minutes before each point: the query that the "
        "prototype's manual shows.",
        [query(PROTOTYPE_MEAN, "mean")], "s", named=("mean",)
    ), 12, 8)
    histogram = queries.increase(TOTAL + "_bucket", "", ("le",), queries.RANGE)
    grid.add(panels.bars(
        "Histogram of latencies",
        "How many inferences of the time range took up to so many seconds and longer than the bar before: "
        "each is counted once.",
        [query(histogram, "{{le}}", format="heatmap")], "short", decimals=0
    ), 12, 8)
    grid.add(panels.percentiles(
        "Total inference: percentiles",
        "p50: half of the inferences were faster; p99: one of a hundred was slower.",
        TOTAL, ""
    ), 12, 8)
    grid.add(panels.heatmap(
        "Total inference: distribution",
        "How many inferences fell into each bucket; the darker, the more.",
        TOTAL, ""
    ), 12, 8)
    grid.add(panels.timeseries(
        "Mean of each stage",
        "Mean time of each stage, stacked: together they are the whole.",
        [query(queries.mean(f"{stage}_{PIPELINE}", ""), stage) for stage in STAGES], "s", stacked="normal"
    ), 12, 8)
    grid.add(panels.timeseries(
        "Requests per second", "Inferences that ended per second.",
        [query(queries.rate(TOTAL + "_count", ""), "requests")], "reqps"
    ), 12, 8)
    return model.dashboard(
        "inferometer-sample-pipeline", "Inferometer Sample pipeline",
        "The panels of the prototype, under its own metric names, for examples/sample_pipeline.c.",
        [], grid
    )
