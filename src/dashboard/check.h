/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks one dashboard as Grafana would read it from a provisioned file: form, layout, data sources,
 * variables, queries, units. What is wrong is a finding of the report, not an error of the call.
 *
 * Thread-safety: one thread for one report.
 */
#ifndef DASHBOARD_CHECK_H
#define DASHBOARD_CHECK_H

#include "dashboard/metrics.h"
#include "dashboard/report.h"

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The uid under which our stack provisions its data source. Never changes: Grafana keeps the old one. */
#define DASHBOARD_DATASOURCE_UID "inferometer-prometheus"

enum { DASHBOARD_SCRAPE_INTERVAL_MS = 5000 };

/* A query whose variables were replaced and that parses. Everything is borrowed until the call returns. */
typedef struct dashboard_query {
    const char *file;
    const char *place; /* the panel's title, "variable NAME" or "annotation NAME" */
    const char *ref;   /* "A"; "" where there is none */
    const char *text;  /* one line, without comments, as promql_print() writes it */
} dashboard_query;

typedef struct dashboard_check_options {
    int64_t scrape_interval_ms;       /* 0 means DASHBOARD_SCRAPE_INTERVAL_MS */
    const char *datasource_uid;       /* NULL means DASHBOARD_DATASOURCE_UID */
    const dashboard_metrics *metrics; /* NULL: names and types of metrics are not checked */
    bool provisioned;                 /* {"dashboard": ..} of the HTTP API is an error */
    /* Called for each query, in the order of the file. May be NULL. */
    void (*query)(void *context, const dashboard_query *query);
    void *context;
} dashboard_check_options;

/* Checks text[0..size), called `name` in findings, and adds what it finds to `report`, in which it is also
 * compared with the files before. `options` may be NULL. Errors: IFM_NOMEM. */
bool dashboard_check(const dashboard_check_options *options, const char *name, const char *text, size_t size,
                     dashboard_report *report, ifm_error *err) __attribute__((warn_unused_result));

/* Reads a duration as Grafana writes it: a whole number and one of ms, s, m, h, d, w, M, y. False when it is
 * none, or longer than some 10,000 years. */
bool dashboard_duration(const char *text, int64_t *ms);

#endif
