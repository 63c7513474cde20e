/* SPDX-License-Identifier: Apache-2.0
 *
 * Aggregations of numbers alone: in columns, as they come.
 */
#include "promql/eval_aggregate.h"
#include "promql/kahan.h"

#include <math.h>

bool promql_floats_begin(promql_floats *floats)
{
    switch (floats->op) {
    case PROMQL_SUM:
    case PROMQL_AVG:
        memset(floats->rests, 0, floats->steps * sizeof *floats->rests);
        memset(floats->counts, 0, floats->steps * sizeof *floats->counts);
        return true;
    case PROMQL_MIN:
    case PROMQL_MAX:
    case PROMQL_COUNT:
    case PROMQL_GROUP:
        return true;
    default:
        return false;
    }
}

static void add_sums(promql_floats *floats, const double *from)
{
    double *values = floats->values;
    double *rests = floats->rests;
    for (size_t step = 0; step < floats->steps; step++) {
        if (model_is_absent(from[step])) {
            continue;
        }
        floats->counts[step]++;
        if (model_is_absent(values[step])) {
            values[step] = from[step];
            continue;
        }
        promql_kahan kahan = {.sum = values[step], .rest = rests[step]};
        promql_kahan_add(&kahan, from[step]);
        values[step] = kahan.sum;
        rests[step] = kahan.rest;
    }
}

/* Whether a sum overflowed that avg would have had to leave. */
static bool mean_overflows(const promql_floats *floats)
{
    for (size_t step = 0; step < floats->steps; step++) {
        if (isinf(floats->values[step]) && floats->counts[step] > 1) {
            return true;
        }
    }
    return false;
}

static void add_extremes(promql_floats *floats, const double *from)
{
    double *values = floats->values;
    bool most = floats->op == PROMQL_MAX;
    for (size_t step = 0; step < floats->steps; step++) {
        double value = from[step];
        if (model_is_absent(value)) {
            continue;
        }
        if (isnan(values[step]) ||
            (most ? values[step] < value : values[step] > value)) { /* absent is NaN, too */
            values[step] = value;
        }
    }
}

static void add_counts(promql_floats *floats, const double *from)
{
    double *values = floats->values;
    for (size_t step = 0; step < floats->steps; step++) {
        if (!model_is_absent(from[step])) {
            values[step] = model_is_absent(values[step]) || floats->op == PROMQL_GROUP ? 1 : values[step] + 1;
        }
    }
}

bool promql_floats_add(promql_floats *floats, const promql_series *series)
{
    switch (floats->op) {
    case PROMQL_SUM:
    case PROMQL_AVG:
        add_sums(floats, series->values);
        return series->histograms == NULL && (floats->op == PROMQL_SUM || !mean_overflows(floats));
    case PROMQL_MIN:
    case PROMQL_MAX:
        add_extremes(floats, series->values);
        return series->histograms == NULL;
    default:
        add_counts(floats, series->values);
        return true;
    }
}

void promql_floats_end(promql_floats *floats)
{
    bool mean = floats->op == PROMQL_AVG;
    for (size_t step = 0; (mean || floats->op == PROMQL_SUM) && step < floats->steps; step++) {
        double *value = &floats->values[step];
        if (model_is_absent(*value)) {
            continue;
        }
        double count = mean ? floats->counts[step] : 1;
        *value = *value / count + floats->rests[step] / count;
    }
}
