# SPDX-License-Identifier: Apache-2.0
"""Where the time of an inference goes."""
from . import model, panels, queries
from .panels import Column, query
from .queries import DURATION, PIPELINE, RANGE, STAGE, STAGE_DURATION

BY_STAGE = ("stage",)


def _share(window):
    time = queries.rate(STAGE_DURATION + "_sum", by=BY_STAGE, window=window)
    return f"{time} / on () group_left () {queries.rate(STAGE_DURATION + '_sum', window=window)}"


def _whole(grid):
    per_inference = (f"{queries.rate(STAGE_DURATION + '_sum', by=BY_STAGE)} / on () group_left () "
                     f"{queries.rate(DURATION + '_count')}")
    grid.add(panels.timeseries(
        "Time of each stage per inference",
        "What each stage adds to the mean inference, stacked. The dashed line is the whole: a gap below "
        "it is time outside all stages, a stack above it means stages that run at once.",
        [query(per_inference, "{{stage}}"), query(queries.mean(DURATION), "total")], "s", stacked="normal",
        named=("total",),
        overrides=[panels.override(
            "total", custom__stacking={"mode": "none", "group": "A"}, custom__fillOpacity=0,
            custom__lineWidth=2, custom__lineStyle={"fill": "dash", "dash": [10, 10]}
        )]
    ), 16, 9)
    grid.add(panels.bars(
        "Share of each stage",
        "Which part of all time in stages went to each, over the whole time range. The longest bar is "
        "where making things faster pays.",
        [query(_share(RANGE), "{{stage}}", instant=True)], "percentunit", decimals=1, max=1
    ), 8, 9)


def _table():
    def of(q):
        return queries.quantile(q, STAGE_DURATION, by=BY_STAGE)

    columns = [
        Column("Runs/s", queries.rate(STAGE_DURATION + "_count", by=BY_STAGE), "ops"),
        Column("Mean", queries.mean(STAGE_DURATION, by=BY_STAGE), "s"),
        Column("p50", of(0.5), "s"),
        Column("p95", of(0.95), "s"),
        Column("p99", of(0.99), "s"),
        Column("Busy", queries.rate(STAGE_DURATION + "_sum", by=BY_STAGE), "short", 2),
        Column("Share", _share(queries.RATE), "percentunit", 1),
    ]
    return panels.table(
        "Stages",
        "One line for each stage, of the last moments. Busy: how many workers it keeps busy on average. "
        "Share: its part of all time in stages.",
        {"stage": "Stage"}, columns, "Share"
    )


def _course(grid):
    grid.add(panels.timeseries(
        "Share of each stage over time",
        "Which part of all time in stages went to each; all of them make 100 %.",
        [query(_share(queries.RATE), "{{stage}}")], "percentunit", stacked="percent"
    ), 12, 8)
    grid.add(panels.timeseries(
        "Runs of each stage",
        "How often each stage ended per second. A stage that runs more often than there are inferences "
        "runs several times in each; one that falls behind is being skipped.",
        [
            query(queries.rate(STAGE_DURATION + "_count", by=BY_STAGE), "{{stage}}"),
            query(queries.rate(DURATION + "_count"), "inferences")
        ],
        "ops", fill=0
    ), 12, 8)


def _each(grid):
    grid.row("Stage $stage", repeat="stage")
    grid.add(panels.percentiles(
        "$stage: time",
        "How long this stage took. p50: half of its runs were faster; p99: one of a hundred was slower.",
        STAGE_DURATION, STAGE
    ), 12, 8)
    grid.add(panels.heatmap(
        "$stage: distribution",
        "How many runs of this stage fell into each bucket; the darker, the more.",
        STAGE_DURATION, STAGE
    ), 12, 8)


def dashboard():
    grid = model.Grid()
    _whole(grid)
    grid.add(_table(), 24, 7)
    _course(grid)
    _each(grid)
    stage = model.query_variable(
        "stage", "Stage", f"label_values({STAGE_DURATION}_count{{{PIPELINE}}}, stage)",
        "The stages that are shown one by one at the end.")
    return model.dashboard(
        "inferometer-stages", "Inferometer Stages",
        "Where the time of an inference goes: each stage's share, percentiles and distribution. Choose "
        "one pipeline; of several, stages of one name are taken together.",
        [model.job_variable(), model.pipeline_variable(), stage], grid
    )
