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
/* Samples of one histogram whose buckets were fixed. */
typedef struct promql_fixes {
    promql_monotonicity fixed; /* of all together */
    int64_t first_ms, last_ms;
    uint64_t samples;
} promql_fixes;

static inline void promql_fixes_add(promql_fixes *fixes, int64_t time_ms, promql_monotonicity fixed)
{
    promql_monotonicity *all = &fixes->fixed;
    bool none = fixes->samples++ == 0;
    fixes->first_ms = none || time_ms < fixes->first_ms ? time_ms : fixes->first_ms;
    fixes->last_ms = none || time_ms > fixes->last_ms ? time_ms : fixes->last_ms;
    all->forced = true;
    all->lowest = none || fixed.lowest < all->lowest ? fixed.lowest : all->lowest;
    all->highest = none || fixed.highest > all->highest ? fixed.highest : all->highest;
    all->fall = none || fixed.fall > all->fall ? fixed.fall : all->fall;
}

/* One annotation for each name of a metric, which tells of all samples. Says nothing when there are none. */
void promql_note_monotonicity(promql_eval *eval, const promql_node *at, model_labels labels,
                              const promql_fixes *fixes);

#endif
