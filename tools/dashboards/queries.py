# SPDX-License-Identifier: Apache-2.0
"""PromQL. Windows are $__rate_interval, which Grafana keeps at four scrapes or more, or $__range; nothing
else, so that no panel goes empty with a slower scrape. Histograms are asked for their classic buckets, which
is what a Prometheus stores unless it is told otherwise.

0 / 0 is left to be NaN: panels show it as "No traffic", and nobody takes it for a zero.
"""
RATE = "$__rate_interval"
RANGE = "$__range"
JOB = 'job=~"$job"'
PIPELINE = 'job=~"$job",pipeline=~"$pipeline"'
STAGE = PIPELINE + ',stage=~"$stage"'
INSTANCE = 'job=~"$job",instance=~"$instance"'

DURATION = "inference_duration_seconds"
STAGE_DURATION = "inference_stage_duration_seconds"
REQUESTS = "inference_requests_total"


def selector(metric, labels):
    return f"{metric}{{{labels}}}" if labels else metric


def total(inner, by=()):
    return f"sum by ({', '.join(by)}) ({inner})" if by else f"sum({inner})"


def rate(metric, labels=PIPELINE, by=(), window=RATE):
    """Per second."""
    return total(f"rate({selector(metric, labels)}[{window}])", by)


def increase(metric, labels=PIPELINE, by=(), window=RATE):
    return total(f"increase({selector(metric, labels)}[{window}])", by)


def mean(histogram, labels=PIPELINE, by=(), window=RATE):
    count = rate(histogram + "_count", labels, by, window)
    return f"{rate(histogram + '_sum', labels, by, window)} / {count}"


def quantile(q, histogram, labels=PIPELINE, by=(), window=RATE):
    return f"histogram_quantile({q}, {rate(histogram + '_bucket', labels, (*by, 'le'), window)})"


def error_ratio(by=(), window=RATE):
    failed = rate(REQUESTS, PIPELINE + ',outcome="failure"', by, window)
    return f"{failed} / {rate(REQUESTS, PIPELINE, by, window)}"


def in_time_ratio(by=(), window=RATE):
    """The share of inferences that took no longer than the objective."""
    in_time = increase(DURATION + "_bucket", PIPELINE + ',le="$slo"', by, window)
    return f"{in_time} / {increase(DURATION + '_count', PIPELINE, by, window)}"
