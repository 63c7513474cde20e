/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that make a number of each native histogram.
 */
#include "promql/functions_impl.h"

#include <math.h>

typedef double histogram_part(const model_histogram *histogram);

static double part_count(const model_histogram *histogram)
{
    return histogram->count;
}

static double part_sum(const model_histogram *histogram)
{
    return histogram->sum;
}

static double part_avg(const model_histogram *histogram)
{
    return histogram->sum / histogram->count;
}

static double part_stddev(const model_histogram *histogram)
{
    return sqrt(promql_histogram_variance(histogram));
}

static const struct {
    const char *name;
    histogram_part *part;
} histogram_parts[] = {
    {"histogram_avg", part_avg},       {"histogram_count", part_count},
    {"histogram_stddev", part_stddev}, {"histogram_stdvar", promql_histogram_variance},
    {"histogram_sum", part_sum},
};

bool promql_histogram_part(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                           promql_value *out)
{
    (void)count;
    histogram_part *part = NULL;
    for (size_t i = 0; i < IFM_COUNT_OF(histogram_parts); i++) {
        if (strcmp(histogram_parts[i].name, call->call.function->name) == 0) {
            part = histogram_parts[i].part;
        }
    }
    *out = arguments[0];
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        promql_series series = out->series[i];
        if (series.histograms == NULL) {
            continue; /* there are floats only */
        }
        for (size_t step = 0; step < eval->steps; step++) {
            const model_histogram *histogram = series.histograms[step];
            series.values[step] = histogram == NULL ? model_from_bits(MODEL_ABSENT_BITS) : part(histogram);
        }
        series.histograms = NULL;
        promql_drop_name(eval, &series);
        out->series[kept++] = series;
    }
    out->count = kept;
    return promql_check_arena(eval);
}
