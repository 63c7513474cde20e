/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of metrics that are known, with their types, as one has to write them in a query: of a
 * family `x` that is a histogram, `x_bucket`, `x_sum`, `x_count`, `x_created`, and `x` itself, which is
 * the native one.
 *
 * Thread-safety: one thread; finding from any number, while none adds.
 */
#ifndef DASHBOARD_METRICS_H
#define DASHBOARD_METRICS_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum dashboard_metric_type {
    DASHBOARD_METRIC_NONE, /* not known */
    DASHBOARD_METRIC_UNTYPED,
    DASHBOARD_METRIC_COUNTER, /* also the sum and count of a histogram */
    DASHBOARD_METRIC_GAUGE,
    DASHBOARD_METRIC_HISTOGRAM, /* native */
    DASHBOARD_METRIC_BUCKET
} dashboard_metric_type;

typedef struct dashboard_metrics dashboard_metrics;

/* Knows what Prometheus itself makes: up, scrape_*, ALERTS, ALERTS_FOR_STATE. NULL on IFM_NOMEM. */
dashboard_metrics *dashboard_metrics_new(ifm_error *err);
void dashboard_metrics_free(dashboard_metrics *metrics);

/* Adds one name; the type that is known first stays. Errors: IFM_LIMIT, IFM_NOMEM. */
bool dashboard_metrics_add(dashboard_metrics *metrics, const char *name, size_t size,
                           dashboard_metric_type type, ifm_error *err);

/* Adds the families of an exposition: OpenMetrics when its last line is "# EOF", text 0.0.4 otherwise. With
 * `marker`, which may be NULL, a family whose name ends in "_MARKER" stands for every name that begins as it
 * does up to there. Errors: IFM_INVALID (with the line), IFM_LIMIT, IFM_NOMEM. */
bool dashboard_metrics_add_exposition(dashboard_metrics *metrics, const char *text, size_t size,
                                      const char *marker, ifm_error *err);

/* Adds what a file of Prometheus's rules records: groups[].rules[].record. Errors: IFM_INVALID (with line and
 * column), IFM_LIMIT, IFM_NOMEM. */
bool dashboard_metrics_add_rules(dashboard_metrics *metrics, const char *text, size_t size, ifm_error *err);

dashboard_metric_type dashboard_metrics_find(const dashboard_metrics *metrics, const char *name, size_t size);

/* The known name that is written most alike, for "did you mean"; NULL when none comes close. Valid until the
 * next add. */
const char *dashboard_metrics_nearest(const dashboard_metrics *metrics, const char *name, size_t size);

/* How many names and patterns are known. */
size_t dashboard_metrics_count(const dashboard_metrics *metrics);

#endif
