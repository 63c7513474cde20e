# SPDX-License-Identifier: Apache-2.0
"""Models that produce tokens: how soon, how fast, how many."""
from . import model, panels, queries
from .panels import query
from .queries import PIPELINE

TOKENS = "inference_tokens_total"
FIRST = "inference_time_to_first_token_seconds"
EACH = "inference_time_per_output_token_seconds"
OUTPUT = PIPELINE + ',direction="output"'
INPUT = PIPELINE + ',direction="input"'
TOKENS_PER_SECOND = "count:tok/s"


def _per_request(labels, by=()):
    # Of all that ended: a request that failed half way has produced tokens, too.
    return f"{queries.rate(TOKENS, labels, by)} / {queries.rate(queries.REQUESTS, by=by)}"


def _strip(grid):
    plain = (("text", None),)
    for panel in (
        panels.stat(
            "Output tokens per second",
            "Tokens that all chosen pipelines together produce each second.",
            queries.rate(TOKENS, OUTPUT), TOKENS_PER_SECOND
        ),
        panels.stat(
            "Input tokens per second",
            "Tokens that all chosen pipelines together take in each second.",
            queries.rate(TOKENS, INPUT), TOKENS_PER_SECOND
        ),
        panels.stat(
            "First token, p95",
            "95 of 100 requests had their first token after no more than this: how long a user looks at "
            "nothing.",
            queries.quantile(0.95, FIRST), "s", plain
        ),
        panels.stat(
            "Per output token, p95",
            "95 of 100 requests had no more than this between two tokens, as a mean of the request.",
            queries.quantile(0.95, EACH), "s", plain
        ),
        panels.stat(
            "Speed of one request",
            "Tokens per second that one reader sees once the first one is there: 1 / the mean time per "
            "output token.",
            f"1 / ({queries.mean(EACH)})", TOKENS_PER_SECOND, plain
        ),
        panels.stat(
            "Output tokens per request",
            "Tokens that a request produced, on average.",
            _per_request(OUTPUT), "short", plain
        )
    ):
        grid.add(panel, 4, 4)


def dashboard():
    grid = model.Grid()
    _strip(grid)
    grid.row("Throughput")
    grid.add(panels.timeseries(
        "Tokens per second",
        "Tokens that went in (prompts) and came out (answers) each second.",
        [query(queries.rate(TOKENS, by=("direction",)), "{{direction}}")], TOKENS_PER_SECOND,
        named=("input", "output")
    ), 12, 8)
    grid.add(panels.timeseries(
        "Output tokens by pipeline",
        "Tokens that each pipeline produces per second.",
        [query(queries.rate(TOKENS, OUTPUT, ("pipeline",)), "{{pipeline}}")], TOKENS_PER_SECOND,
        stacked="normal"
    ), 12, 8)
    grid.row("Time to the first token")
    grid.add(panels.percentiles(
        "Time to first token",
        "From the beginning of a request to its first output token. It grows with the prompt and with the "
        "queue in front of the model.",
        FIRST
    ), 12, 8)
    grid.add(panels.heatmap(
        "Time to first token, distribution",
        "How many requests fell into each bucket; the darker, the more.",
        FIRST
    ), 12, 8)
    grid.row("Time per output token")
    grid.add(panels.percentiles(
        "Time per output token",
        "Time between output tokens after the first, as a mean of each request. It grows with the number "
        "of requests that are decoded at once.",
        EACH
    ), 12, 8)
    grid.add(panels.heatmap(
        "Time per output token, distribution",
        "How many requests fell into each bucket; the darker, the more.",
        EACH
    ), 12, 8)
    grid.row("Requests")
    grid.add(panels.timeseries(
        "Tokens per request",
        "Tokens that a request took in and produced, on average. A change here explains a change of "
        "latency that is nobody's fault.",
        [query(_per_request(INPUT), "input"), query(_per_request(OUTPUT), "output")], "short", fill=0,
        named=("input", "output")
    ), 12, 8)
    grid.add(panels.percentiles(
        "Latency of whole requests",
        "From the beginning of a request to its last token.",
        queries.DURATION
    ), 12, 8)
    return model.dashboard(
        "inferometer-generative", "Inferometer Generative",
        "Models that produce tokens: time to the first one, time between them, and how many there are. "
        "Only pipelines that report tokens can be chosen.",
        [model.job_variable(), model.pipeline_variable(TOKENS)], grid
    )
