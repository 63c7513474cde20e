#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Deterministic OpenMetrics backfill: inference pipelines x stages, latency histograms + counters + gauges.
usage: gen_openmetrics.py PIPELINES HOURS STEP_S END_UNIX > out.om"""
import random, sys
pipelines, hours, step, end = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
stages = ["pre_process", "engine_forward", "post_process", "total_inference"]
bounds = [.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10]
rng = random.Random(42)
start = end - int(hours * 3600)
ts = list(range(start, end, step))
out = sys.stdout.write
out("# TYPE inference_duration_seconds histogram\n")
for p in range(pipelines):
    for s in stages:
        mu = 0.01 + rng.random() * 0.5
        cnt = 0; tot = 0.0; b = [0] * (len(bounds) + 1)
        rows = []
        for t in ts:
            n = rng.randint(5, 60)
            for _ in range(3):
                v = rng.lognormvariate(0, 0.5) * mu
                i = next((k for k, u in enumerate(bounds) if v <= u), len(bounds))
                b[i] += n // 3; tot += v * (n // 3); cnt += n // 3
            rows.append((t, list(b), tot, cnt))
        base = f'pipeline="p{p}",stage="{s}",instance="host{p%8}:8000"'
        for k in range(len(bounds) + 1):
            le = f"{float(bounds[k])}" if k < len(bounds) else "+Inf"
            for t, bb, _, _ in rows:
                out(f'inference_duration_seconds_bucket{{{base},le="{le}"}} {sum(bb[:k+1])} {t}\n')
        for t, _, tt, _ in rows: out(f'inference_duration_seconds_sum{{{base}}} {tt:.6f} {t}\n')
        for t, _, _, c in rows: out(f'inference_duration_seconds_count{{{base}}} {c} {t}\n')
out("# TYPE cpu_utilization_ratio gauge\n")
for p in range(pipelines):
    x = 0.5
    for t in ts:
        x = min(1, max(0, x + rng.uniform(-.05, .05)))
        out(f'cpu_utilization_ratio{{pipeline="p{p}",instance="host{p%8}:8000"}} {x:.4f} {t}\n')
out("# EOF\n")
