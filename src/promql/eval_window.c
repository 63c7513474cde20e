/* SPDX-License-Identifier: Apache-2.0
 *
 * Range vectors: the samples of their series, read once for all steps, out of a storage or of a subquery.
 */
#include "promql/eval_impl.h"

static bool sample_is_stale(const storage_samples *samples, size_t at)
{
    const model_histogram *histogram = samples->histograms == NULL ? NULL : samples->histograms[at];
    return model_is_stale(histogram == NULL ? samples->values[at] : histogram->sum);
}

static bool check_reads(promql_eval *eval)
{
    return promql_check_bump(eval, eval->reads);
}

/* Copies all but the stale samples. */
static bool leave_out_stale_copy(promql_eval *eval, storage_samples *samples)
{
    int64_t *times = ifm_bump_alloc_array(eval->reads, samples->count, sizeof *times);
    double *values = ifm_bump_alloc_array(eval->reads, samples->count, sizeof *values);
    const model_histogram **histograms =
        samples->histograms == NULL ? NULL
                                    : ifm_bump_alloc_array(eval->reads, samples->count, sizeof *histograms);
    int64_t *starts =
        samples->starts_ms == NULL ? NULL : ifm_bump_alloc_array(eval->reads, samples->count, sizeof *starts);
    if (!check_reads(eval)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < samples->count; i++) {
        if (sample_is_stale(samples, i)) {
            continue;
        }
        times[kept] = samples->times_ms[i];
        values[kept] = samples->values[i];
        if (histograms != NULL) {
            histograms[kept] = samples->histograms[i];
        }
        if (starts != NULL) {
            starts[kept] = samples->starts_ms[i];
        }
        kept++;
    }
    *samples = (storage_samples){
        .count = kept, .times_ms = times, .values = values, .histograms = histograms, .starts_ms = starts};
    return true;
}

bool promql_leave_out_stale(promql_eval *eval, storage_samples *samples)
{
    for (size_t i = 0; i < samples->count; i++) {
        if (sample_is_stale(samples, i)) {
            return leave_out_stale_copy(eval, samples);
        }
    }
    return true;
}

bool promql_detect_resets(promql_eval *eval, storage_samples *samples)
{
    if (samples->histograms == NULL || !eval->stats || eval->stats_forbidden) {
        return true;
    }
    const model_histogram **histograms =
        ifm_bump_alloc_array(eval->reads, samples->count, sizeof *histograms);
    const model_histogram *last = NULL;
    for (size_t i = 0; histograms != NULL && i < samples->count; i++) {
        const model_histogram *histogram = samples->histograms[i];
        histograms[i] = histogram;
        if (histogram != NULL && histogram->hint == MODEL_RESET_UNKNOWN && last != NULL) {
            bool reset = model_histogram_detect_reset(last, histogram);
            histograms[i] =
                model_histogram_with_hint(histogram, reset ? MODEL_RESET_YES : MODEL_RESET_NO, eval->reads);
        }
        last = histogram != NULL && model_is_stale(histogram->sum) ? NULL : histogram;
    }
    samples->histograms = histograms;
    return check_reads(eval);
}

static bool range_open_matrix(promql_eval *eval, const promql_node *node, const char *function,
                              promql_range *range)
{
    const promql_vector *vector = &node->matrix.selector->vector;
    range->extended = vector->extended;
    if (!promql_moment_of(eval, &vector->shift, &range->moment) ||
        !promql_range_ms(eval, node, &range->range_ms)) {
        return false;
    }
    int64_t before_ms = range->extended == PROMQL_PLAIN ? 0 : eval->options->lookback_ms;
    int64_t after_ms = range->extended == PROMQL_SMOOTHED ? eval->options->lookback_ms : 0;
    range->first_ms = promql_moment_at(eval, &range->moment, 0) - range->range_ms - before_ms + 1;
    range->last_ms = promql_moment_at(eval, &range->moment, eval->steps - 1) + after_ms;
    model_matcher *matchers = promql_matchers_new(eval, vector->matchers, vector->matcher_count);
    if (matchers == NULL) {
        return false;
    }
    storage_hints hints = {.start_ms = range->first_ms,
                           .end_ms = range->last_ms,
                           .step_ms = eval->step_ms,
                           .function = function,
                           .need_starts = eval->options->start_timestamps};
    bool selected = promql_select(eval, matchers, vector->matcher_count, &hints, &range->selection);
    promql_matchers_free(matchers, vector->matcher_count);
    range->count = selected ? range->selection.count : 0;
    return selected;
}

/* Floor division would put steps of negative times elsewhere than Prometheus: the first multiple of the step
 * that is later than `after_ms`. */
static int64_t range_first_step(int64_t after_ms, int64_t step_ms)
{
    int64_t first_ms = after_ms / step_ms * step_ms;
    return first_ms <= after_ms ? first_ms + step_ms : first_ms;
}

static bool range_open_subquery(promql_eval *eval, const promql_node *node, promql_range *range)
{
    promql_eval *inner = &range->inner;
    *inner = *eval;
    inner->stats_forbidden = true;
    if (!promql_moment_of(eval, &node->subquery.shift, &range->moment) ||
        !promql_range_ms(eval, node, &range->range_ms) ||
        !promql_subquery_step_ms(eval, node, &inner->step_ms)) {
        return false;
    }
    inner->start_ms =
        range_first_step(promql_moment_at(eval, &range->moment, 0) - range->range_ms, inner->step_ms);
    inner->end_ms = promql_moment_at(eval, &range->moment, eval->steps - 1);
    if (inner->end_ms < inner->start_ms) {
        return true;
    }
    inner->steps = (size_t)((inner->end_ms - inner->start_ms) / inner->step_ms) + 1;
    range->times = ifm_bump_alloc_array(eval->arena, inner->steps, sizeof *range->times);
    if (range->times == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t step = 0; step < inner->steps; step++) {
        range->times[step] = promql_step_time_ms(inner, step);
    }
    if (!promql_eval_node(inner, node->subquery.expr, &range->value)) {
        return false;
    }
    range->count = range->value.count;
    return true;
}

bool promql_range_open(promql_eval *eval, const promql_node *node, const char *function, promql_range *out)
{
    *out = (promql_range){.node = node};
    return node->kind == PROMQL_MATRIX ? range_open_matrix(eval, node, function, out)
                                       : range_open_subquery(eval, node, out);
}

/* Reset hints of a subquery's histograms say nothing: samples between them may be missing, or stand twice. */
static const model_histogram *range_without_hint(promql_eval *eval, const model_histogram *histogram)
{
    if (histogram != NULL && (histogram->hint == MODEL_RESET_YES || histogram->hint == MODEL_RESET_NO)) {
        return model_histogram_with_hint(histogram, MODEL_RESET_UNKNOWN, eval->reads);
    }
    return histogram;
}

static bool range_track_subquery(promql_eval *eval, promql_range *range, size_t index, promql_track *out)
{
    const promql_series *series = &range->value.series[index];
    size_t steps = range->inner.steps;
    size_t kept = 0;
    int64_t *times = ifm_bump_alloc_array(eval->reads, steps, sizeof *times);
    double *values = ifm_bump_alloc_array(eval->reads, steps, sizeof *values);
    const model_histogram **histograms =
        series->histograms == NULL ? NULL : ifm_bump_alloc_array(eval->reads, steps, sizeof *histograms);
    if (!check_reads(eval)) {
        return false;
    }
    for (size_t step = 0; step < steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (!sample.present) {
            continue;
        }
        times[kept] = range->times[step];
        values[kept] = sample.value;
        if (histograms != NULL) {
            histograms[kept] = range_without_hint(eval, sample.histogram);
        }
        kept++;
    }
    *out = (promql_track){.labels = series->labels, .drop_name = series->drop_name};
    out->samples =
        (storage_samples){.count = kept, .times_ms = times, .values = values, .histograms = histograms};
    return check_reads(eval);
}

bool promql_range_track(promql_eval *eval, promql_range *range, size_t index, promql_track *out)
{
    if (range->node->kind == PROMQL_SUBQUERY) {
        return range_track_subquery(eval, range, index, out);
    }
    storage_querier *querier = range->selection.querier;
    const storage_series *series = &range->selection.series[index];
    *out = (promql_track){.labels = series->labels};
    if (!promql_read(eval, querier, series, range->first_ms, range->last_ms, &out->samples)) {
        return false;
    }
    if (!eval->options->start_timestamps) {
        out->samples.starts_ms = NULL;
    }
    return promql_leave_out_stale(eval, &out->samples);
}
