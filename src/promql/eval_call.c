/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of functions: over range vectors window by window, over all else with whole values.
 */
#include "promql/eval_impl.h"

/* The longest list is that of histogram_quantiles(): 12. Functions without limit (label_join) get an
 * array. */
static bool call_arguments(promql_eval *eval, const promql_node *call, promql_value **out)
{
    size_t count = call->call.argument_count;
    *out = ifm_bump_alloc_array(eval->arena, count, sizeof **out);
    if (*out == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < count; i++) {
        const promql_node *argument = promql_unwrap(call->call.arguments[i]);
        if (argument->type != PROMQL_TYPE_MATRIX && !promql_eval_node(eval, argument, &(*out)[i])) {
            return false;
        }
    }
    return true;
}

static bool call_instant(promql_eval *eval, const promql_node *call, const promql_function_code *code,
                         promql_value *out)
{
    promql_value *arguments;
    *out = (promql_value){.type = call->call.function->result};
    return call_arguments(eval, call, &arguments) &&
           code->instant(eval, call, arguments, call->call.argument_count, out) && promql_check_arena(eval);
}

/* Samples of one series, and those of the window within them: two pointers that only go forward. */
typedef struct range_window {
    const storage_samples *samples;
    size_t first;
    size_t last; /* behind the window */
} range_window;

static void window_move(range_window *at, int64_t after_ms, int64_t until_ms)
{
    const storage_samples *samples = at->samples;
    while (at->last < samples->count && samples->times_ms[at->last] <= until_ms) {
        at->last++;
    }
    while (at->first < at->last && samples->times_ms[at->first] <= after_ms) {
        at->first++;
    }
}

static void window_show(const range_window *at, promql_window *window)
{
    const storage_samples *samples = at->samples;
    window->count = at->last - at->first;
    window->times_ms = samples->times_ms + at->first;
    window->values = samples->values + at->first;
    window->histograms = samples->histograms == NULL ? NULL : samples->histograms + at->first;
    window->starts_ms = samples->starts_ms == NULL ? NULL : samples->starts_ms + at->first;
}

static bool range_call_step(promql_eval *eval, promql_range_call *call, range_window *at, size_t step,
                            promql_sample *out)
{
    promql_window *window = &call->window;
    int64_t lookback_ms = eval->options->lookback_ms;
    window->step = step;
    window->time_ms = promql_step_time_ms(eval, step);
    window->end_ms = promql_moment_at(eval, &call->range.moment, step);
    window->start_ms = window->end_ms - window->range_ms;
    int64_t after_ms = window->start_ms - (window->extended == PROMQL_PLAIN ? 0 : lookback_ms);
    window_move(at, after_ms, window->end_ms + (window->extended == PROMQL_SMOOTHED ? lookback_ms : 0));
    *out = (promql_sample){.present = false};
    if (at->first == at->last) {
        return true;
    }
    window_show(at, window);
    for (size_t i = 0; i < call->scalar_count; i++) {
        call->at_step[i] = call->scalars[i][step];
    }
    eval->run->result->samples_total += window->count;
    /* Prometheus holds the window of one series beside the results. */
    return promql_may_hold(eval, window->count) && call->code->range(eval, window, out);
}

static bool range_call_series(promql_eval *eval, promql_range_call *call, const promql_track *track,
                              promql_series *series)
{
    range_window at = {.samples = &track->samples};
    call->window.labels = track->labels;
    uint64_t held = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample;
        if (!range_call_step(eval, call, &at, step, &sample)) {
            return false;
        }
        if (sample.present) {
            promql_series_set(eval, series, step, sample);
            held++;
        }
        if (!promql_check_interrupt(eval)) {
            return false;
        }
    }
    return promql_hold_samples(eval, held) && promql_check_arena(eval);
}

/* All steps at once, where the function can do that. False in *done: it cannot. */
static bool range_call_sweep(promql_eval *eval, promql_range_call *call, const promql_track *track,
                             promql_series *series, bool *done)
{
    const storage_samples *samples = &track->samples;
    *done =
        call->code->sweep != NULL && samples->histograms == NULL && samples->starts_ms == NULL &&
        call->window.extended == PROMQL_PLAIN &&
        samples->count <= eval->options->samples_max - eval->run->samples; /* no window passes the limit */
    if (!*done) {
        return true;
    }
    int64_t end_ms = promql_moment_at(eval, &call->range.moment, 0);
    promql_sweep sweep = {.shared = &call->shared,
                          .count = samples->count,
                          .times_ms = samples->times_ms,
                          .values = samples->values,
                          .end_ms = end_ms,
                          .stride_ms = promql_moment_at(eval, &call->range.moment, 1) - end_ms,
                          .range_ms = call->window.range_ms,
                          .steps = eval->steps};
    uint64_t seen = 0;
    uint64_t held = 0;
    if (!call->code->sweep(eval, &sweep, series->values, &seen)) {
        return false;
    }
    for (size_t step = 0; step < eval->steps; step++) {
        held += !model_is_absent(series->values[step]);
    }
    eval->run->result->samples_total += seen;
    return promql_hold_samples(eval, held) && promql_check_arena(eval);
}

model_labels promql_range_call_labels(const promql_range_call *call, size_t index)
{
    return call->range.node->kind == PROMQL_MATRIX ? call->range.selection.series[index].labels
                                                   : call->range.value.series[index].labels;
}

bool promql_range_call_column(promql_eval *eval, promql_range_call *call, size_t index, promql_series *series)
{
    promql_track track;
    ifm_bump_mark mark = ifm_bump_mark_now(eval->reads);
    if (!promql_range_track(eval, &call->range, index, &track)) {
        return false;
    }
    series->labels = track.labels;
    if (!call->code->keeps_name) {
        promql_drop_name(eval, series);
    }
    series->drop_name = series->drop_name || track.drop_name;
    bool swept;
    if (!range_call_sweep(eval, call, &track, series, &swept) ||
        (!swept && !range_call_series(eval, call, &track, series))) {
        return false;
    }
    promql_check_counter(eval, call->window.call, track.labels, series);
    promql_forget(eval, mark, &track.samples);
    return promql_check_work(eval, eval->steps + track.samples.count);
}

static bool range_call_run(promql_eval *eval, promql_range_call *call, promql_value *out)
{
    uint64_t held = eval->run->samples;
    for (size_t i = 0; i < call->range.count; i++) {
        promql_series *series = promql_value_add(eval, out, promql_range_call_labels(call, i));
        if (series == NULL) {
            return promql_check_arena(eval);
        }
        if (!promql_range_call_column(eval, call, i, series)) {
            return false;
        }
    }
    eval->run->samples = held;
    promql_value_prune(eval, out);
    return true;
}

/* Functions that know the samples around the range, and how the message lists them. */
bool promql_check_extended(promql_eval *eval, const char *name, const promql_node *argument)
{
    static const char *const names[] = {"delta", "increase", "rate", "changes", "resets"};
    promql_extended extended =
        argument->kind == PROMQL_MATRIX ? argument->matrix.selector->vector.extended : PROMQL_PLAIN;
    size_t count = extended == PROMQL_ANCHORED ? IFM_COUNT_OF(names) : 3;
    for (size_t i = 0; extended != PROMQL_PLAIN && i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    if (extended == PROMQL_PLAIN) {
        return true;
    }
    bool anchored = extended == PROMQL_ANCHORED;
    return promql_eval_fail(
        eval, IFM_INVALID, "%s modifier can only be used with: %sdelta, increase, rate%s - not with %s",
        anchored ? "anchored" : "smoothed", anchored ? "changes, " : "", anchored ? ", resets" : "", name);
}

static bool range_call_scalars(promql_eval *eval, const promql_node *node, promql_range_call *call)
{
    size_t count = node->call.argument_count;
    promql_value *arguments;
    if (!call_arguments(eval, node, &arguments)) {
        return false;
    }
    call->scalars = ifm_bump_alloc_array(eval->arena, count, sizeof *call->scalars);
    call->at_step = ifm_bump_alloc_array(eval->arena, count, sizeof *call->at_step);
    if (call->scalars == NULL || call->at_step == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < count; i++) {
        const promql_node *argument = promql_unwrap(node->call.arguments[i]);
        if (argument->type == PROMQL_TYPE_MATRIX) {
            call->window.argument = argument;
        } else {
            call->scalars[call->scalar_count++] = arguments[i].scalar;
        }
    }
    call->window.scalars = call->at_step;
    return true;
}

bool promql_range_call_open(promql_eval *eval, const promql_node *node, const promql_function_code *code,
                            promql_range_call *out)
{
    *out = (promql_range_call){.code = code, .window = {.call = node}};
    if (!range_call_scalars(eval, node, out)) {
        return false;
    }
    const promql_node *argument = out->window.argument;
    if (!promql_check_extended(eval, code->name, argument) ||
        !promql_range_open(eval, argument, code->name, &out->range)) {
        return false;
    }
    out->window.range_ms = out->range.range_ms;
    out->window.offset_ms = out->range.moment.offset_ms;
    out->window.extended = out->range.extended;
    return true;
}

static bool call_range(promql_eval *eval, const promql_node *node, const promql_function_code *code,
                       promql_value *out)
{
    promql_range_call call;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    return promql_range_call_open(eval, node, code, &call) && range_call_run(eval, &call, out);
}

/* Which histograms are decoded with promql_detect_resets(). */
static void call_note_stats(promql_eval *eval, const char *name)
{
    eval->stats = eval->stats || strcmp(name, "histogram_count") == 0 || strcmp(name, "histogram_sum") == 0 ||
                  strcmp(name, "histogram_avg") == 0;
    eval->stats_forbidden = eval->stats_forbidden || strcmp(name, "histogram_quantile") == 0 ||
                            strcmp(name, "histogram_fraction") == 0;
}

bool promql_eval_call(promql_eval *eval, const promql_node *node, promql_value *out)
{
    const char *name = node->call.function->name;
    promql_eval inner = *eval;
    call_note_stats(&inner, name);
    promql_builtin *builtin = promql_builtin_find(name);
    if (builtin != NULL) {
        return builtin(&inner, node, out);
    }
    const promql_function_code *code = promql_function_code_find(name);
    if (code == NULL) {
        return promql_eval_fail(eval, IFM_UNSUPPORTED, "function \"%s\" is not implemented", name);
    }
    return code->range != NULL ? call_range(&inner, node, code, out) : call_instant(&inner, node, code, out);
}
