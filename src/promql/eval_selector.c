/* SPDX-License-Identifier: Apache-2.0
 *
 * Instant vector selectors: of each series the newest sample within the lookback, left-open, unless it is
 * stale.
 */
#include "promql/eval_impl.h"

model_matcher *promql_matchers_new(promql_eval *eval, const promql_matcher *matchers, size_t count)
{
    static const model_match kinds[] = {
        [PROMQL_MATCH_EQUAL] = MODEL_EQUAL,
        [PROMQL_MATCH_NOT] = MODEL_NOT_EQUAL,
        [PROMQL_MATCH_REGEX] = MODEL_REGEX,
        [PROMQL_MATCH_NOT_REGEX] = MODEL_NOT_REGEX,
    };
    model_matcher *compiled = ifm_bump_alloc_array(eval->arena, count, sizeof *compiled);
    for (size_t i = 0; compiled != NULL && i < count; i++) {
        compiled[i].name = promql_model_text(matchers[i].name);
        compiled[i].value = promql_model_text(matchers[i].value);
        compiled[i].match = kinds[matchers[i].match];
        if (compiled[i].match != MODEL_REGEX && compiled[i].match != MODEL_NOT_REGEX) {
            continue;
        }
        compiled[i].regex = model_regex_new(compiled[i].value, eval->err);
        if (compiled[i].regex == NULL) {
            promql_matchers_free(compiled, i);
            return NULL;
        }
    }
    if (compiled == NULL) {
        (void)promql_check_arena(eval);
    }
    return compiled;
}

void promql_matchers_free(model_matcher *matchers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        model_regex_free(matchers[i].regex);
    }
}

/* Queriers stay open until the query's end: results point into what they handed out. */
static storage_querier *selector_querier(promql_eval *eval, const storage_hints *hints)
{
    promql_run *run = eval->run;
    storage_querier **grown = ifm_bump_grow(eval->arena, run->queriers, run->querier_count, sizeof *grown);
    if (grown == NULL) {
        (void)promql_check_arena(eval);
        return NULL;
    }
    run->queriers = grown;
    storage_querier *querier = NULL;
    if (!run->from->functions->querier(run->from, hints->start_ms, hints->end_ms, &querier, eval->err)) {
        return NULL;
    }
    run->queriers[run->querier_count++] = querier;
    return querier;
}

bool promql_select(promql_eval *eval, const model_matcher *matchers, size_t count, const storage_hints *hints,
                   promql_selection *out)
{
    *out = (promql_selection){.querier = selector_querier(eval, hints)};
    return out->querier != NULL &&
           out->querier->functions->select(out->querier, matchers, count, hints, eval->arena, &out->series,
                                           &out->count, eval->err);
}

/* The column that is being filled from one series. */
typedef struct selector_cursor {
    const storage_samples *samples;
    size_t next; /* the first sample after the time of the last step */
    promql_selector_value what;
    bool starts; /* start timestamps are switched on */
} selector_cursor;

static promql_sample selector_take(const selector_cursor *cursor, size_t at)
{
    const storage_samples *samples = cursor->samples;
    promql_sample sample = {.present = true, .value = samples->values[at]};
    if (samples->histograms != NULL) {
        sample.histogram = samples->histograms[at];
    }
    if (model_is_stale(sample.histogram == NULL ? sample.value : sample.histogram->sum)) {
        return (promql_sample){.present = false};
    }
    if (cursor->what == PROMQL_SELECT_TIME) {
        return (promql_sample){.present = true, .value = (double)samples->times_ms[at] / 1000};
    }
    if (cursor->what == PROMQL_SELECT_INFO) {
        sample.value = (double)samples->times_ms[at] / 1000;
        return sample;
    }
    if (cursor->what == PROMQL_SELECT_START_TIME) {
        int64_t start_ms = samples->starts_ms == NULL || !cursor->starts ? 0 : samples->starts_ms[at];
        return (promql_sample){.present = true, .value = (double)start_ms / 1000}; /* 0: unknown */
    }
    return sample;
}

static promql_sample selector_at(selector_cursor *cursor, int64_t time_ms, int64_t lookback_ms)
{
    const storage_samples *samples = cursor->samples;
    while (cursor->next < samples->count && samples->times_ms[cursor->next] <= time_ms) {
        cursor->next++;
    }
    if (cursor->next == 0 || samples->times_ms[cursor->next - 1] <= time_ms - lookback_ms) {
        return (promql_sample){.present = false};
    }
    return selector_take(cursor, cursor->next - 1);
}

bool promql_selector_column(promql_eval *eval, const storage_samples *samples, const promql_moment *moment,
                            promql_selector_value what, promql_series *series)
{
    selector_cursor cursor = {.samples = samples, .what = what, .starts = eval->options->start_timestamps};
    uint64_t count = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        int64_t time_ms = promql_moment_at(eval, moment, step);
        promql_sample sample = selector_at(&cursor, time_ms, eval->options->lookback_ms);
        if (what == PROMQL_SELECT_INFO && sample.histogram != NULL) {
            return promql_eval_fail(eval, IFM_INVALID,
                                    "this should be an info metric, with float samples: %s",
                                    promql_quoted_name(eval, series->labels));
        }
        if (sample.present) {
            promql_series_set(eval, series, step, sample);
            count++;
        }
    }
    eval->run->result->samples_total += count;
    return promql_hold_samples(eval, count) && promql_check_work(eval, eval->steps) &&
           promql_check_arena(eval);
}

/* What one arena does not use is left to the other. */
static void balance(promql_eval *eval)
{
    size_t max = eval->options->bytes_max;
    size_t used = eval->arena->used + eval->reads->used;
    size_t left = used < max ? max - used : 0;
    eval->arena->max = eval->arena->used + left;
    eval->reads->max = eval->reads->used + left;
}

bool promql_read(promql_eval *eval, storage_querier *querier, const storage_series *series, int64_t first_ms,
                 int64_t last_ms, storage_samples *out)
{
    balance(eval);
    if (querier->functions->read(querier, series, first_ms, last_ms, eval->reads, out, eval->err)) {
        return promql_detect_resets(eval, out);
    }
    if (eval->reads->failed == IFM_LIMIT) {
        eval->err->code = IFM_OK;
        return promql_check_bump(eval, eval->reads);
    }
    return false;
}

void promql_forget(promql_eval *eval, ifm_bump_mark mark, const storage_samples *samples)
{
    if (samples->histograms == NULL) {
        ifm_bump_rewind(eval->reads, mark);
    }
}

bool promql_select_instant(promql_eval *eval, const promql_selection *selection, const promql_moment *moment,
                           promql_selector_value what, promql_value *out)
{
    int64_t first_ms = promql_moment_at(eval, moment, 0) - eval->options->lookback_ms + 1;
    int64_t last_ms = promql_moment_at(eval, moment, eval->steps - 1);
    uint64_t held = eval->run->samples;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 0; i < selection->count; i++) {
        storage_samples samples;
        const storage_series *from = &selection->series[i];
        ifm_bump_mark mark = ifm_bump_mark_now(eval->reads);
        if (!promql_read(eval, selection->querier, from, first_ms, last_ms, &samples)) {
            return false;
        }
        if (samples.count == 0) {
            continue;
        }
        promql_series *series = promql_value_add(eval, out, from->labels);
        if (series == NULL) {
            return promql_check_arena(eval);
        }
        if (!promql_selector_column(eval, &samples, moment, what, series)) {
            return false;
        }
        promql_forget(eval, mark, &samples);
    }
    promql_value_prune(eval, out);
    eval->run->samples = held; /* promql_eval_node() counts what comes out */
    return true;
}

bool promql_selector_open(promql_eval *eval, const promql_node *node, promql_selector_value what,
                          promql_selection *selection, promql_moment *moment)
{
    const promql_vector *vector = &node->vector;
    if (!promql_moment_of(eval, &vector->shift, moment)) {
        return false;
    }
    model_matcher *matchers = promql_matchers_new(eval, vector->matchers, vector->matcher_count);
    if (matchers == NULL) {
        return false;
    }
    bool smoothed = vector->extended == PROMQL_SMOOTHED && what == PROMQL_SELECT_VALUE;
    storage_hints hints = {
        .step_ms = eval->step_ms, .function = "", .need_starts = what == PROMQL_SELECT_START_TIME};
    hints.start_ms = promql_moment_at(eval, moment, 0) - eval->options->lookback_ms + 1;
    hints.end_ms =
        promql_moment_at(eval, moment, eval->steps - 1) + (smoothed ? eval->options->lookback_ms : 0);
    bool selected = promql_select(eval, matchers, vector->matcher_count, &hints, selection);
    promql_matchers_free(matchers, vector->matcher_count);
    return selected;
}

bool promql_eval_selector(promql_eval *eval, const promql_node *node, promql_selector_value what,
                          promql_value *out)
{
    promql_moment moment;
    promql_selection selection;
    if (!promql_selector_open(eval, node, what, &selection, &moment)) {
        return false;
    }
    if (node->vector.extended == PROMQL_SMOOTHED && what == PROMQL_SELECT_VALUE) {
        return promql_select_smoothed(eval, node, &selection, &moment, out);
    }
    return promql_select_instant(eval, &selection, &moment, what, out);
}
