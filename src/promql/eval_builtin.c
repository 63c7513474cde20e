/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that look at the evaluation itself, or at the selector in their argument rather than at its
 * samples.
 */
#include "promql/eval_impl.h"

enum { MS_PER_SECOND = 1000 };

static double *scalar_new(promql_eval *eval, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_SCALAR};
    out->scalar = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *out->scalar);
    if (out->scalar == NULL) {
        (void)promql_check_arena(eval);
    }
    return out->scalar;
}

static bool scalar_constant(promql_eval *eval, double value, promql_value *out)
{
    double *values = scalar_new(eval, out);
    for (size_t step = 0; values != NULL && step < eval->steps; step++) {
        values[step] = value;
    }
    return values != NULL;
}

static bool builtin_time(promql_eval *eval, const promql_node *call, promql_value *out)
{
    (void)call;
    double *values = scalar_new(eval, out);
    for (size_t step = 0; values != NULL && step < eval->steps; step++) {
        values[step] = (double)promql_step_time_ms(eval, step) / MS_PER_SECOND;
    }
    return values != NULL;
}

static bool builtin_start(promql_eval *eval, const promql_node *call, promql_value *out)
{
    (void)call;
    return scalar_constant(eval, (double)eval->run->start_ms / MS_PER_SECOND, out);
}

static bool builtin_end(promql_eval *eval, const promql_node *call, promql_value *out)
{
    (void)call;
    return scalar_constant(eval, (double)eval->run->end_ms / MS_PER_SECOND, out);
}

static bool builtin_range(promql_eval *eval, const promql_node *call, promql_value *out)
{
    (void)call;
    return scalar_constant(eval, (double)(eval->run->end_ms - eval->run->start_ms) / MS_PER_SECOND, out);
}

static bool builtin_step(promql_eval *eval, const promql_node *call, promql_value *out)
{
    (void)call;
    return scalar_constant(eval, (double)eval->run->step_ms / MS_PER_SECOND, out);
}

/* The only sample of a step; NaN when there is none, or more, or a histogram. */
static bool builtin_scalar(promql_eval *eval, const promql_node *call, promql_value *out)
{
    promql_value vector;
    if (!promql_eval_node(eval, call->call.arguments[0], &vector)) {
        return false;
    }
    double *values = scalar_new(eval, out);
    if (values == NULL) {
        return false;
    }
    for (size_t step = 0; step < eval->steps; step++) {
        size_t floats = 0;
        values[step] = model_from_bits(MODEL_NAN_BITS);
        for (size_t i = 0; i < vector.count; i++) {
            promql_sample sample = promql_series_at(&vector.series[i], step);
            if (sample.present && sample.histogram == NULL) {
                floats++;
                values[step] = floats == 1 ? sample.value : model_from_bits(MODEL_NAN_BITS);
            }
        }
    }
    return true;
}

static bool builtin_vector(promql_eval *eval, const promql_node *call, promql_value *out)
{
    promql_value scalar;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    if (!promql_eval_node(eval, call->call.arguments[0], &scalar)) {
        return false;
    }
    promql_series *series = promql_value_add(eval, out, (model_labels){.items = NULL});
    if (series == NULL) {
        return promql_check_arena(eval);
    }
    memcpy(series->values, scalar.scalar, eval->steps * sizeof *series->values);
    return true;
}

/* All samples of a step take its time, whatever they were. */
static bool timestamp_of_steps(promql_eval *eval, promql_value *out)
{
    for (size_t i = 0; i < out->count; i++) {
        promql_series *series = &out->series[i];
        series->histograms = NULL;
        double *values = promql_column_new(eval);
        if (values == NULL) {
            return promql_check_arena(eval);
        }
        for (size_t step = 0; step < eval->steps; step++) {
            if (!model_is_absent(series->values[step])) {
                values[step] = (double)promql_step_time_ms(eval, step) / MS_PER_SECOND;
            }
        }
        series->values = values;
    }
    return true;
}

static bool builtin_timestamp(promql_eval *eval, const promql_node *call, promql_value *out)
{
    const promql_node *argument = promql_unwrap(call->call.arguments[0]);
    bool done = argument->kind == PROMQL_VECTOR
                    ? promql_eval_selector(eval, argument, PROMQL_SELECT_TIME, out)
                    : promql_eval_node(eval, argument, out) && timestamp_of_steps(eval, out);
    for (size_t i = 0; done && i < out->count; i++) {
        promql_drop_name(eval, &out->series[i]);
    }
    return done;
}

/* Of a selector's samples only: whatever is computed has no start. */
static bool builtin_start_timestamp(promql_eval *eval, const promql_node *call, promql_value *out)
{
    const promql_node *argument = promql_unwrap(call->call.arguments[0]);
    if (argument->kind != PROMQL_VECTOR) {
        if (!promql_eval_node(eval, argument, out)) { /* for its errors and annotations */
            return false;
        }
        out->count = 0;
        return true;
    }
    bool done = promql_eval_selector(eval, argument, PROMQL_SELECT_START_TIME, out);
    for (size_t i = 0; done && i < out->count; i++) {
        promql_drop_name(eval, &out->series[i]);
    }
    return done;
}

/* Whether a matcher before this one demands a value of the same label. */
static bool matcher_repeats(const promql_vector *vector, size_t at)
{
    model_text name = promql_model_text(vector->matchers[at].name);
    for (size_t i = 0; i < at; i++) {
        if (vector->matchers[i].match == PROMQL_MATCH_EQUAL &&
            model_text_equal(promql_model_text(vector->matchers[i].name), name)) {
            return true;
        }
    }
    return false;
}

/* The labels of absent(): what the selector demands with =. */
static model_labels absent_labels(promql_eval *eval, const promql_node *argument)
{
    const promql_node *node = argument->kind == PROMQL_MATRIX ? argument->matrix.selector : argument;
    model_labels labels = {.items = NULL};
    if (node->kind != PROMQL_VECTOR) {
        return labels;
    }
    const promql_vector *vector = &node->vector;
    for (size_t i = 0; i < vector->matcher_count; i++) {
        const promql_matcher *matcher = &vector->matchers[i];
        model_text name = promql_model_text(matcher->name);
        if (model_text_equal(name, model_text_of(MODEL_NAME_LABEL))) {
            continue;
        }
        bool known = matcher->match == PROMQL_MATCH_EQUAL && !matcher_repeats(vector, i);
        model_text value = known ? promql_model_text(matcher->value) : model_text_of("");
        labels = model_labels_with(labels, name, value, eval->arena);
    }
    return labels;
}

/* One series with 1 where `found` has nothing. */
static bool absent_of(promql_eval *eval, const promql_node *argument, const bool *found, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    promql_series *series = promql_value_add(eval, out, absent_labels(eval, argument));
    if (series == NULL) {
        return promql_check_arena(eval);
    }
    promql_drop_name(eval, series);
    for (size_t step = 0; step < eval->steps; step++) {
        if (!found[step]) {
            series->values[step] = 1;
        }
    }
    promql_value_prune(eval, out);
    return promql_check_arena(eval);
}

static bool builtin_absent(promql_eval *eval, const promql_node *call, promql_value *out)
{
    const promql_node *argument = promql_unwrap(call->call.arguments[0]);
    promql_value vector;
    bool *found = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *found);
    if (found == NULL) {
        return promql_check_arena(eval);
    }
    if (!promql_eval_node(eval, argument, &vector)) {
        return false;
    }
    for (size_t i = 0; i < vector.count; i++) {
        for (size_t step = 0; step < eval->steps; step++) {
            found[step] = found[step] || !model_is_absent(vector.series[i].values[step]);
        }
    }
    return absent_of(eval, argument, found, out);
}

/* Marks the steps whose window has a sample of this series. */
static void absent_mark(const promql_eval *eval, const promql_range *range, const storage_samples *samples,
                        bool *found)
{
    size_t last = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        int64_t end_ms = promql_moment_at(eval, &range->moment, step);
        while (last < samples->count && samples->times_ms[last] <= end_ms) {
            last++;
        }
        found[step] = found[step] || (last > 0 && samples->times_ms[last - 1] > end_ms - range->range_ms);
    }
}

static bool builtin_absent_over_time(promql_eval *eval, const promql_node *call, promql_value *out)
{
    const promql_node *argument = promql_unwrap(call->call.arguments[0]);
    promql_range range;
    bool *found = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *found);
    if (found == NULL) {
        return promql_check_arena(eval);
    }
    if (!promql_check_extended(eval, "absent_over_time", argument) ||
        !promql_range_open(eval, argument, "absent_over_time", &range)) {
        return false;
    }
    for (size_t i = 0; i < range.count; i++) {
        promql_track track;
        ifm_bump_mark mark = ifm_bump_mark_now(eval->reads);
        if (!promql_range_track(eval, &range, i, &track) || !promql_check_work(eval, eval->steps)) {
            return false;
        }
        absent_mark(eval, &range, &track.samples, found);
        promql_forget(eval, mark, &track.samples);
    }
    return absent_of(eval, argument, found, out);
}

promql_builtin *promql_builtin_find(const char *name)
{
    static const struct {
        const char *name;
        promql_builtin *builtin;
    } builtins[] = {
        {"absent", builtin_absent},
        {"absent_over_time", builtin_absent_over_time},
        {"end", builtin_end},
        {"info", promql_eval_info},
        {"range", builtin_range},
        {"scalar", builtin_scalar},
        {"start", builtin_start},
        {"start_timestamp", builtin_start_timestamp},
        {"step", builtin_step},
        {"time", builtin_time},
        {"timestamp", builtin_timestamp},
        {"vector", builtin_vector},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(builtins); i++) {
        if (strcmp(builtins[i].name, name) == 0) {
            return builtins[i].builtin;
        }
    }
    return NULL;
}
