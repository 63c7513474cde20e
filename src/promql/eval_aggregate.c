/* SPDX-License-Identifier: Apache-2.0
 *
 * Aggregations with one series per group: group after group, series after series, all steps of a series at
 * once. Only the cells of the group that is being worked on are held.
 */
#include "promql/eval_aggregate.h"
#include "promql/kahan.h"
#include "promql/quantile.h"

#include <math.h>

typedef struct aggregation {
    const promql_node *node;
    promql_aggregation op;
    const double *param;       /* quantile: one per step */
    const promql_value *input; /* of a stream: labels only */
    promql_stream *stream;     /* NULL: `input` has the columns */
    promql_cell *cells;        /* one per step */
    double *rests;             /* the same for what aggregate_floats() needs */
    double *counts;
} aggregation;

static const promql_series *input_series(promql_eval *eval, const aggregation *a, size_t index)
{
    return a->stream == NULL ? &a->input->series[index] : promql_stream_column(eval, a->stream, index);
}

static void note_ignored(promql_eval *eval, const aggregation *a)
{
    promql_info(eval, a->node->aggregate.expr, "ignored histogram in %s aggregation",
                promql_aggregation_get(a->op)->name);
}

static bool add_histogram(promql_eval *eval, const aggregation *a, promql_cell *cell, model_labels labels,
                          const model_histogram *histogram)
{
    bool first = cell->count == 1;
    cell->has_histogram = true;
    if (!first && cell->sum == NULL) {
        return true; /* the first sample was a float: there will be no result */
    }
    cell->reset_seen = cell->reset_seen || histogram->hint == MODEL_RESET_YES;
    cell->no_reset_seen = cell->no_reset_seen || histogram->hint == MODEL_RESET_NO;
    if (first) {
        return promql_cell_start(eval, cell, histogram);
    }
    unsigned flags;
    if (!promql_cell_add(eval, cell, a->op == PROMQL_AVG, histogram, &flags)) {
        return false;
    }
    if ((flags & MODEL_ADD_BOUNDS_RECONCILED) != 0) {
        promql_info(eval, a->node->aggregate.expr,
                    "mismatched custom buckets were reconciled during aggregation");
    }
    if ((flags & MODEL_ADD_INCOMPATIBLE) != 0) {
        cell->incompatible = true;
        promql_warn(
            eval, a->node->aggregate.expr,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name "
            "%s",
            promql_quoted_name(eval, labels));
    }
    return true;
}

static void kahan_add(double value, double *sum, double *rest)
{
    promql_kahan kahan = {.sum = *sum, .rest = *rest};
    promql_kahan_add(&kahan, value);
    *sum = kahan.sum;
    *rest = kahan.rest;
}

/* A sum as long as it is finite, the mean itself from then on. */
static void add_to_mean(promql_cell *cell, double value)
{
    if (!cell->incremental) {
        double sum = cell->value;
        double rest = cell->rest;
        kahan_add(value, &sum, &rest);
        if (!isinf(sum)) {
            cell->value = sum;
            cell->rest = rest;
            return;
        }
        cell->incremental = true;
        cell->mean = cell->value / (cell->count - 1);
        cell->rest /= cell->count - 1;
    }
    double factor = (cell->count - 1) / cell->count;
    cell->mean *= factor;
    cell->rest *= factor;
    kahan_add(value / cell->count, &cell->mean, &cell->rest);
}

static void add_first_float(promql_aggregation op, promql_cell *cell, double value)
{
    cell->value = value;
    cell->mean = value;
    if (op == PROMQL_STDDEV || op == PROMQL_STDVAR) {
        cell->value = isnan(value) || isinf(value) ? model_from_bits(MODEL_NAN_BITS) : 0;
    }
}

static void add_float(promql_aggregation op, promql_cell *cell, double value)
{
    double delta;
    cell->has_float = true;
    if (cell->count == 1) {
        add_first_float(op, cell, value);
        return;
    }
    switch (op) {
    case PROMQL_SUM:
        kahan_add(value, &cell->value, &cell->rest);
        break;
    case PROMQL_AVG:
        add_to_mean(cell, value);
        break;
    case PROMQL_MAX:
        cell->value = cell->value < value || isnan(cell->value) ? value : cell->value;
        break;
    case PROMQL_MIN:
        cell->value = cell->value > value || isnan(cell->value) ? value : cell->value;
        break;
    case PROMQL_STDDEV:
    case PROMQL_STDVAR:
        delta = value - cell->mean;
        cell->mean += delta / cell->count;
        cell->value += delta * (value - cell->mean);
        break;
    default:
        break; /* count, group */
    }
}

static bool add_series(promql_eval *eval, const aggregation *a, const promql_series *series)
{
    bool adds_histograms = a->op == PROMQL_SUM || a->op == PROMQL_AVG;
    bool counts = a->op == PROMQL_COUNT || a->op == PROMQL_GROUP;
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        promql_cell *cell = &a->cells[step];
        if (!sample.present || cell->incompatible) {
            continue;
        }
        if (sample.histogram != NULL && !adds_histograms && !counts) {
            note_ignored(eval, a);
            continue;
        }
        cell->count++;
        if (sample.histogram == NULL || counts) {
            add_float(a->op, cell, sample.value);
        } else if (!add_histogram(eval, a, cell, series->labels, sample.histogram)) {
            return false;
        }
    }
    return promql_check_work(eval, eval->steps);
}

static promql_sample float_result(promql_aggregation op, const promql_cell *cell)
{
    promql_sample result = {.present = true, .value = cell->value};
    switch (op) {
    case PROMQL_SUM:
        result.value += cell->rest;
        break;
    case PROMQL_AVG:
        result.value = cell->incremental ? cell->mean + cell->rest
                                         : cell->value / cell->count + cell->rest / cell->count;
        break;
    case PROMQL_COUNT:
        result.value = cell->count;
        break;
    case PROMQL_GROUP:
        result.value = 1;
        break;
    case PROMQL_STDVAR:
        result.value /= cell->count;
        break;
    case PROMQL_STDDEV:
        result.value = sqrt(cell->value / cell->count);
        break;
    default:
        break;
    }
    return result;
}

static promql_sample cell_result(promql_eval *eval, const aggregation *a, promql_cell *cell)
{
    promql_sample none = {.present = false};
    bool adds = a->op == PROMQL_SUM || a->op == PROMQL_AVG;
    if (cell->count == 0) {
        return none;
    }
    if (adds && cell->has_float && cell->has_histogram) {
        promql_warn(eval, a->node->aggregate.expr,
                    "encountered a mix of histograms and floats for aggregation");
        return none;
    }
    if (cell->incompatible) {
        return none;
    }
    if (cell->reset_seen && cell->no_reset_seen) {
        promql_warn(eval, a->node->aggregate.expr, "conflicting counter resets during histogram aggregation");
    }
    if (adds && cell->has_histogram) {
        const model_histogram *histogram = promql_cell_histogram(eval, cell, a->op == PROMQL_AVG);
        return (promql_sample){.present = histogram != NULL, .histogram = histogram};
    }
    return float_result(a->op, cell);
}

static bool aggregate_samples(promql_eval *eval, const aggregation *a, const promql_groups *groups,
                              size_t group, promql_series *out)
{
    memset(a->cells, 0, eval->steps * sizeof *a->cells);
    for (size_t i = 0; i < groups->sizes[group]; i++) {
        const promql_series *series = input_series(eval, a, groups->members[group][i]);
        if (series == NULL || !add_series(eval, a, series)) {
            return false;
        }
        out->drop_name = out->drop_name || series->drop_name;
    }
    for (size_t step = 0; step < eval->steps; step++) {
        promql_series_set(eval, out, step, cell_result(eval, a, &a->cells[step]));
    }
    return promql_check_arena(eval);
}

static bool aggregate_group(promql_eval *eval, const aggregation *a, const promql_groups *groups,
                            size_t group, promql_series *out)
{
    uint64_t held = eval->run->samples;
    bool done = false;
    promql_floats floats = {.op = a->op, .steps = eval->steps, .values = out->values, .rests = a->rests};
    floats.counts = a->counts;
    if (!promql_floats_begin(&floats)) {
        return aggregate_samples(eval, a, groups, group, out);
    }
    for (size_t i = 0; i < groups->sizes[group]; i++) {
        const promql_series *series = input_series(eval, a, groups->members[group][i]);
        if (series == NULL) {
            return false;
        }
        out->drop_name = out->drop_name || series->drop_name;
        done = promql_floats_add(&floats, series) && promql_check_work(eval, eval->steps);
        if (!done) {
            break;
        }
    }
    if (done) {
        promql_floats_end(&floats);
        return true;
    }
    if (eval->err->code != IFM_OK) {
        return false;
    }
    promql_column_clear(eval, out->values); /* histograms, or an overflow: once more, with all that takes */
    eval->run->samples = held;
    return aggregate_samples(eval, a, groups, group, out);
}

/* quantile: all values of a step at once. */
static bool aggregate_quantile(promql_eval *eval, const aggregation *a, const promql_groups *groups,
                               size_t group, promql_series *out)
{
    double *values = promql_scratch(eval, groups->sizes[group] * sizeof *values);
    for (size_t step = 0; values != NULL && step < eval->steps; step++) {
        size_t count = 0;
        for (size_t i = 0; i < groups->sizes[group]; i++) {
            promql_sample sample = promql_series_at(&a->input->series[groups->members[group][i]], step);
            if (sample.present && sample.histogram != NULL) {
                note_ignored(eval, a);
            } else if (sample.present) {
                values[count++] = sample.value;
            }
        }
        if (count > 0) {
            out->values[step] = promql_quantile(a->param[step], values, count);
        }
        if (!promql_check_work(eval, groups->sizes[group])) {
            return false;
        }
    }
    for (size_t i = 0; i < groups->sizes[group]; i++) {
        out->drop_name = out->drop_name || a->input->series[groups->members[group][i]].drop_name;
    }
    return promql_check_arena(eval);
}

static void check_quantile(promql_eval *eval, const promql_node *node, const double *param)
{
    double least = param[0];
    double most = param[0];
    bool nan = false;
    for (size_t step = 0; step < eval->steps; step++) {
        nan = nan || isnan(param[step]);
        least = fmin(least, param[step]);
        most = fmax(most, param[step]);
    }
    const promql_node *at = promql_unwrap(node->aggregate.param);
    char text[IFM_NUMBER_SIZE + 1];
    if (nan) {
        promql_warn(eval, at, "quantile value should be between 0 and 1, got NaN");
    }
    if (most > 1) {
        text[ifm_number_write_g(text, most)] = '\0';
        promql_warn(eval, at, "quantile value should be between 0 and 1, got %s", text);
    }
    if (least < 0) {
        text[ifm_number_write_g(text, least)] = '\0';
        promql_warn(eval, at, "quantile value should be between 0 and 1, got %s", text);
    }
}

static bool aggregate_all(promql_eval *eval, aggregation *a, promql_value *out)
{
    promql_groups groups;
    if (!promql_groups_make(eval, a->node, a->input, &groups)) {
        return false;
    }
    a->cells = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *a->cells);
    a->rests = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *a->rests);
    a->counts = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *a->counts);
    if (!promql_check_arena(eval)) {
        return false;
    }
    uint64_t held = eval->run->samples;
    for (size_t group = 0; group < groups.count; group++) {
        promql_series *series = promql_value_add(eval, out, groups.labels[group]);
        if (series == NULL) {
            return promql_check_arena(eval);
        }
        bool done = a->op == PROMQL_QUANTILE ? aggregate_quantile(eval, a, &groups, group, series)
                                             : aggregate_group(eval, a, &groups, group, series);
        if (!done) {
            return false;
        }
    }
    eval->run->samples = held;
    promql_value_prune(eval, out);
    return true;
}

/* Aggregations that look at one series after the other. */
static bool streams(promql_aggregation op)
{
    return op == PROMQL_SUM || op == PROMQL_AVG || op == PROMQL_MIN || op == PROMQL_MAX ||
           op == PROMQL_COUNT || op == PROMQL_GROUP || op == PROMQL_STDDEV || op == PROMQL_STDVAR;
}

bool promql_eval_aggregate(promql_eval *eval, const promql_node *node, promql_value *out)
{
    const promql_aggregate *aggregate = &node->aggregate;
    promql_value param = {.type = PROMQL_TYPE_NONE};
    promql_value input;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    if (aggregate->param != NULL && !promql_eval_node(eval, aggregate->param, &param)) {
        return false;
    }
    if (streams(aggregate->op)) {
        promql_stream stream;
        bool possible;
        if (!promql_stream_open(eval, promql_unwrap(aggregate->expr), &stream, &possible)) {
            return false;
        }
        if (possible) {
            aggregation a = {.node = node, .op = aggregate->op, .input = &stream.labels, .stream = &stream};
            return aggregate_all(eval, &a, out);
        }
    }
    if (!promql_eval_node(eval, aggregate->expr, &input)) {
        return false;
    }
    switch (aggregate->op) {
    case PROMQL_COUNT_VALUES:
        return promql_aggregate_count_values(eval, node, &input, out);
    case PROMQL_TOPK:
    case PROMQL_BOTTOMK:
    case PROMQL_LIMITK:
    case PROMQL_LIMIT_RATIO:
        return promql_aggregate_pick(eval, node, param.scalar, &input, out);
    default:
        break;
    }
    if (aggregate->op == PROMQL_QUANTILE) {
        check_quantile(eval, node, param.scalar);
    }
    aggregation a = {.node = node, .op = aggregate->op, .param = param.scalar, .input = &input};
    return aggregate_all(eval, &a, out);
}
