/* SPDX-License-Identifier: Apache-2.0
 *
 * A query from its text to its result.
 */
#include "promql/engine.h"

#include "promql/eval_impl.h"

#include <stdlib.h>

enum { FIVE_MINUTES_MS = 300000, MINUTE_MS = 60000 };

promql_engine_options promql_engine_defaults(void)
{
    return (promql_engine_options){.bytes_max = PROMQL_BYTES_MAX,
                                   .samples_max = PROMQL_SAMPLES_MAX,
                                   .lookback_ms = FIVE_MINUTES_MS,
                                   .default_step_ms = MINUTE_MS};
}

static promql_engine_options complete(const promql_engine_options *options)
{
    promql_engine_options completed = *options;
    promql_engine_options defaults = promql_engine_defaults();
    completed.bytes_max = options->bytes_max == 0 ? defaults.bytes_max : options->bytes_max;
    completed.samples_max = options->samples_max == 0 ? defaults.samples_max : options->samples_max;
    completed.lookback_ms = options->lookback_ms == 0 ? defaults.lookback_ms : options->lookback_ms;
    completed.default_step_ms =
        options->default_step_ms == 0 ? defaults.default_step_ms : options->default_step_ms;
    return completed;
}

static bool check_type(promql_eval *eval, const promql_node *tree)
{
    if (eval->run->step_ms == 0 || tree->type == PROMQL_TYPE_SCALAR || tree->type == PROMQL_TYPE_VECTOR) {
        return true;
    }
    return promql_eval_fail(
        eval, IFM_INVALID, "invalid expression type \"%s\" for range query, must be Scalar or instant Vector",
        tree->type == PROMQL_TYPE_STRING ? "string" : "range vector");
}

/* Names go at last where they were only marked. */
static bool remove_names(promql_eval *eval, promql_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        promql_series *series = &value->series[i];
        if (series->drop_name) {
            series->labels = model_labels_without_metadata(series->labels, eval->arena);
        }
    }
    return promql_check_arena(eval) && promql_value_merge(eval, value);
}

static bool result_add(promql_eval *eval, model_labels labels, promql_point *points, size_t count)
{
    promql_result *result = eval->run->result;
    promql_result_series *grown =
        ifm_bump_grow(eval->arena, result->series, result->series_count, sizeof *result->series);
    if (grown == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < count; i++) {
        if (points[i].histogram != NULL) { /* a storage's own must not be seen once it is closed */
            points[i].histogram = model_histogram_copy(points[i].histogram, eval->arena);
        }
    }
    result->series = grown;
    result->series[result->series_count++] = (promql_result_series){
        .labels = model_labels_copy(labels, eval->arena), .points = points, .count = count};
    return promql_check_arena(eval);
}

static bool add_series(promql_eval *eval, const promql_series *series)
{
    size_t count = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        count += !model_is_absent(series->values[step]);
    }
    promql_point *points = ifm_bump_alloc_array(eval->arena, count, sizeof *points);
    if (points == NULL) {
        return promql_check_arena(eval);
    }
    size_t at = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (sample.present) {
            points[at].time_ms = promql_step_time_ms(eval, step);
            points[at].value = sample.value;
            points[at++].histogram = sample.histogram;
        }
    }
    return count == 0 || result_add(eval, series->labels, points, count);
}

static int compare_series(const void *a, const void *b)
{
    return model_labels_compare(((const promql_result_series *)a)->labels,
                                ((const promql_result_series *)b)->labels);
}

static void sort_result(promql_result *result)
{
    if (result->series_count > 1) {
        qsort(result->series, result->series_count, sizeof *result->series, compare_series);
    }
}

/* A scalar over a range is one series without labels. */
static bool add_scalar(promql_eval *eval, const promql_value *value)
{
    promql_series series = {.values = value->scalar};
    if (eval->run->step_ms != 0) {
        eval->run->result->type = PROMQL_TYPE_MATRIX;
        return add_series(eval, &series);
    }
    eval->run->result->type = PROMQL_TYPE_SCALAR;
    eval->run->result->scalar = (promql_point){.time_ms = eval->start_ms, .value = value->scalar[0]};
    return true;
}

static bool add_value(promql_eval *eval, promql_value *value)
{
    promql_result *result = eval->run->result;
    if (value->type == PROMQL_TYPE_SCALAR) {
        return add_scalar(eval, value);
    }
    if (value->type == PROMQL_TYPE_STRING) {
        result->type = PROMQL_TYPE_STRING;
        result->string = value->text;
        result->scalar.time_ms = eval->start_ms;
        return true;
    }
    if (!remove_names(eval, value)) {
        return false;
    }
    result->type = eval->run->step_ms == 0 ? PROMQL_TYPE_VECTOR : PROMQL_TYPE_MATRIX;
    for (size_t i = 0; i < value->count; i++) {
        if (!add_series(eval, &value->series[i])) {
            return false;
        }
    }
    if (result->type == PROMQL_TYPE_MATRIX) {
        sort_result(result);
    }
    return true;
}

/* metric[5m] itself, of an instant query: the samples as they are. */
static bool add_range(promql_eval *eval, const promql_node *node)
{
    promql_range range;
    if (!promql_range_open(eval, node, "", &range)) {
        return false;
    }
    eval->run->result->type = PROMQL_TYPE_MATRIX;
    for (size_t i = 0; i < range.count; i++) {
        promql_track track;
        if (!promql_range_track(eval, &range, i, &track) || !promql_hold_samples(eval, track.samples.count)) {
            return false;
        }
        if (track.drop_name) {
            track.labels = model_labels_without_metadata(track.labels, eval->arena);
        }
        promql_point *points;
        size_t count;
        if (!promql_range_points(eval, &range, &track, &points, &count) ||
            (count > 0 && !result_add(eval, track.labels, points, count))) {
            return false;
        }
    }
    sort_result(eval->run->result);
    return true;
}

static bool run(promql_eval *eval, const promql_node *tree)
{
    promql_value value;
    const promql_node *root = promql_unwrap(tree);
    if (!check_type(eval, root) || !promql_check_durations(eval, root)) {
        return false;
    }
    if (root->type == PROMQL_TYPE_MATRIX) {
        return add_range(eval, root);
    }
    return promql_eval_node(eval, root, &value) && add_value(eval, &value);
}

/* Beyond, sums with ranges and offsets would overflow. */
static bool time_is_possible(int64_t time_ms)
{
    return time_ms <= INT64_MAX / 4 && time_ms >= -(INT64_MAX / 4);
}

static bool set_steps(promql_eval *eval, const promql_query *query)
{
    if (!time_is_possible(query->start_ms) || (query->step_ms != 0 && !time_is_possible(query->end_ms))) {
        return promql_eval_fail(eval, IFM_INVALID,
                                "the time of a query must not be 70 million years from 1970");
    }
    if (query->step_ms == 0) {
        eval->end_ms = eval->start_ms;
        eval->steps = 1;
        eval->step_ms = 1;
        return true;
    }
    if (query->step_ms < 0 || query->end_ms < query->start_ms) {
        return promql_eval_fail(eval, IFM_INVALID,
                                "a range query needs a step > 0 and an end that is not before its "
                                "start");
    }
    eval->steps =
        (size_t)(((uint64_t)query->end_ms - (uint64_t)query->start_ms) / (uint64_t)query->step_ms) + 1;
    eval->end_ms = promql_step_time_ms(eval, eval->steps - 1);
    return true;
}

bool promql_query_run(const promql_engine_options *options, storage *from, const promql_query *query,
                      promql_result *out, ifm_error *err)
{
    *out = (promql_result){.type = PROMQL_TYPE_NONE};
    err->code = IFM_OK;
    promql_run state = {.options = complete(options), .from = from, .result = out};
    ifm_bump_init(&out->arena, state.options.bytes_max);
    out->tree = query->tree != NULL ? query->tree : promql_parse(query->text, query->size, &out->arena, err);
    if (out->tree == NULL) {
        return false;
    }
    state.start_ms = query->start_ms;
    state.end_ms = query->step_ms == 0 ? query->start_ms : query->end_ms;
    state.step_ms = query->step_ms;
    ifm_bump_init(&state.reads, state.options.bytes_max);
    promql_eval eval = {.options = &state.options, .run = &state, .arena = &out->arena, .err = err};
    eval.reads = &state.reads;
    eval.start_ms = query->start_ms;
    eval.end_ms = query->end_ms;
    eval.step_ms = query->step_ms;
    /* A failure beside the way of results (the text of an annotation) is one too. */
    bool done = set_steps(&eval, query) && run(&eval, out->tree) && err->code == IFM_OK;
    for (size_t i = 0; i < state.querier_count; i++) {
        state.queriers[i]->functions->close(state.queriers[i]);
    }
    ifm_bump_deinit(&state.reads);
    if (!done) {
        out->series = NULL;
        out->series_count = 0;
        out->type = PROMQL_TYPE_NONE;
        if (err->code == IFM_OK && !promql_check_arena(&eval)) {
            return false;
        }
    }
    return done;
}

void promql_result_free(promql_result *result)
{
    ifm_bump_deinit(&result->arena);
    *result = (promql_result){.type = PROMQL_TYPE_NONE};
}
