/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files about rates share.
 *
 * Thread-safety: one thread for one evaluation.
 */
#ifndef IFM_PROMQL_FUNCTIONS_RATE_H
#define IFM_PROMQL_FUNCTIONS_RATE_H

#include "promql/functions_impl.h"

typedef struct promql_rate_kind {
    bool counter;    /* falls are starts from zero */
    bool per_second; /* else over all of the range */
} promql_rate_kind;

/* As Go's Duration.Seconds(), to the last bit. */
double promql_range_seconds(const promql_window *window);

/* One computation with histograms, in memory of its own: that of the query has only the result. */
typedef struct promql_rate_work {
    promql_eval *eval;
    const promql_window *window;
    ifm_bump arena;
} promql_rate_work;

void promql_rate_begin(promql_rate_work *work, promql_eval *eval, const promql_window *window);
/* Hands out a copy of `result` (NULL: none) and frees the memory. False: eval->err is set. */
bool promql_rate_end(promql_rate_work *work, const model_histogram *result, promql_sample *out);

/* a + b and a - b with their notes; NULL when there is none, or `a` or `b` is NULL. Which counter resets
 * collide does not matter: they are dealt with one by one. */
const model_histogram *promql_rate_add(promql_rate_work *work, const model_histogram *a,
                                       const model_histogram *b);
const model_histogram *promql_rate_sub(promql_rate_work *work, const model_histogram *a,
                                       const model_histogram *b);
/* Makes it a gauge without empty buckets. */
const model_histogram *promql_rate_finish(promql_rate_work *work, const model_histogram *result);

/* functions_extended.c: of anchored and smoothed ranges. */
bool promql_extended_floats(const promql_window *window, promql_rate_kind kind, promql_sample *out);
const model_histogram *promql_extended_histograms(promql_rate_work *work, promql_rate_kind kind);

#endif
