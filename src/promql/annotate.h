/* SPDX-License-Identifier: Apache-2.0
 *
 * What functions say about their input, in the words of Prometheus's annotations package.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PROMQL_ANNOTATE_H
#define IFM_PROMQL_ANNOTATE_H

#include "promql/quantile.h"
#include "promql/value.h"

typedef enum promql_histogram_operation {
    PROMQL_HISTOGRAM_ADDITION,
    PROMQL_HISTOGRAM_SUBTRACTION,
    PROMQL_HISTOGRAM_AGGREGATION
} promql_histogram_operation;

/* Warnings; `labels` are those of the series, for its name. */
void promql_note_mixed_floats(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_mixed_schemas(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_mixed_classic(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_not_counter(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_not_gauge(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_start_overlap(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_bad_bucket(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_quantile(promql_eval *eval, const promql_node *at, double quantile);
void promql_note_reset_collision(promql_eval *eval, const promql_node *at,
                                 promql_histogram_operation operation);

/* Infos. */
void promql_note_histograms_ignored(promql_eval *eval, const promql_node *at, model_labels labels);
void promql_note_bounds_reconciled(promql_eval *eval, const promql_node *at,
                                   promql_histogram_operation operation);
void promql_note_nan(promql_eval *eval, const promql_node *at, model_labels labels, promql_nan_note note);
/* One annotation for each name of a metric, which tells of all samples that were fixed. */
void promql_note_monotonicity(promql_eval *eval, const promql_node *at, model_labels labels, int64_t time_ms,
                              promql_monotonicity fixed);

#endif
