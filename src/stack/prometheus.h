/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus says of itself, read from its HTTP API. Everything is asked with GET or a form, so that a
 * Prometheus of any version from 2.42 on answers.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_PROMETHEUS_H
#define STACK_PROMETHEUS_H

#include "stack/api.h"

typedef struct stack_target { /* one of /api/v1/targets; no text is NULL */
    char *job;
    char *instance;
    char *scrape_url;
    char *health;           /* "up", "down", "unknown" (not scraped yet) */
    char *last_error;       /* "" when all is well */
    int64_t last_scrape_ms; /* since 1970; -1: never */
    double last_scrape_duration_s;
    int64_t scrape_interval_ms; /* 0: it does not say */
} stack_target;

typedef struct stack_targets {
    stack_target *items;
    size_t count;
} stack_targets;

typedef struct stack_query_result {
    double *values; /* of a scalar one, of a vector one for each series */
    size_t count;
} stack_query_result;

/* Whether it takes queries. False with `err`: IFM_BUSY while it starts, and as stack_api_ask(). *date_ms is
 * what its clock says, in whole seconds; -1 when it does not tell. */
bool stack_prometheus_ready(const stack_server *server, int64_t *date_ms, ifm_error *err);

/* Its active targets. Errors: as stack_api_read(); IFM_LIMIT. */
bool stack_prometheus_targets(const stack_server *server, stack_targets *out, ifm_error *err);
/* The same from the text of an answer. */
bool stack_prometheus_targets_parse(const char *text, stack_targets *out, ifm_error *err);
void stack_targets_deinit(stack_targets *targets);

/* An instant query. */
bool stack_prometheus_query(const stack_server *server, const char *expression, stack_query_result *out,
                            ifm_error *err);
bool stack_prometheus_query_parse(const char *text, stack_query_result *out, ifm_error *err);
void stack_query_result_deinit(stack_query_result *result);

/* A flag that it was started with, "web.page-title"; "" when it does not say. */
bool stack_prometheus_flag(const stack_server *server, const char *name, char *out, size_t size,
                           ifm_error *err);

/* The scrape interval of its configuration: what is global and what it is by default. */
bool stack_prometheus_scrape_interval(const stack_server *server, int64_t *out_ms, ifm_error *err);

#endif
