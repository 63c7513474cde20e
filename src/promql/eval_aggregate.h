/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the aggregations: one group at one step.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PROMQL_EVAL_AGGREGATE_H
#define IFM_PROMQL_EVAL_AGGREGATE_H

#include "promql/eval_impl.h"

typedef struct promql_cell {
    double value;             /* sum, extreme; of stddev and stdvar the sum of squared differences */
    double mean;              /* of stddev and stdvar; of avg once its sum overflowed */
    double rest;              /* what value (or mean) lost in rounding */
    double count;             /* samples so far */
    model_histogram_sum *sum; /* NULL unless the first sample was a histogram */
    bool has_float;
    bool has_histogram;
    bool incompatible; /* exponential and custom buckets met: there will be no result */
    bool incremental;  /* avg: `mean` and `rest` count, `value` does not */
    bool reset_seen;
    bool no_reset_seen;
} promql_cell;

bool promql_cell_start(promql_eval *eval, promql_cell *cell, const model_histogram *histogram);
/* `mean`: of avg, whose count has been raised. *flags as of model_histogram_add(), where true is returned
 * too. */
bool promql_cell_add(promql_eval *eval, promql_cell *cell, bool mean, const model_histogram *histogram,
                     unsigned *flags);
const model_histogram *promql_cell_histogram(promql_eval *eval, promql_cell *cell, bool mean);

/* eval_aggregate_floats.c: one group without histograms, at all steps. Results are those of cells to the last
 * bit. */
typedef struct promql_floats {
    promql_aggregation op;
    size_t steps;
    double *values; /* absent at first; the result */
    double *rests;  /* of sum and avg */
    double *counts; /* of avg */
} promql_floats;

/* False: the operation needs cells. */
bool promql_floats_begin(promql_floats *floats);
/* False: there is a histogram, or avg overflowed; what was added is void. */
bool promql_floats_add(promql_floats *floats, const promql_series *series);
void promql_floats_end(promql_floats *floats);

#endif
