/* SPDX-License-Identifier: Apache-2.0
 *
 * Instant vector selectors with `smoothed`: at each step a value on the line between the samples before and
 * after it, both within the lookback.
 */
#include "promql/eval_impl.h"

typedef struct smoothed_series {
    const promql_node *node;
    const storage_samples *samples; /* without stale markers */
    model_labels labels;
} smoothed_series;

static const model_histogram *smoothed_histogram_at(const smoothed_series *from, size_t at)
{
    return from->samples->histograms == NULL ? NULL : from->samples->histograms[at];
}

/* a + (b - a) * fraction. */
static bool smoothed_between(promql_eval *eval, const smoothed_series *from, const model_histogram *a,
                             const model_histogram *b, double fraction, promql_sample *out)
{
    unsigned flags = 0;
    const model_histogram *result = NULL;
    if (model_histogram_is_custom(a) != model_histogram_is_custom(b)) {
        promql_warn(
            eval, from->node,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name "
            "%s",
            promql_quoted_name(eval, from->labels));
        return true;
    }
    if (b->hint != MODEL_RESET_GAUGE && model_histogram_detect_reset(a, b)) {
        result = model_histogram_scale(b, fraction, eval->arena);
    } else {
        if (!model_histogram_sub(b, a, eval->arena, &result, &flags)) {
            return promql_check_arena(eval);
        }
        if ((flags & MODEL_ADD_BOUNDS_RECONCILED) != 0) {
            promql_info(eval, from->node, "mismatched custom buckets were reconciled during subtraction");
        }
        result = model_histogram_scale(result, fraction, eval->arena);
        if (result == NULL || !model_histogram_add(result, a, eval->arena, &result, &flags)) {
            return promql_check_arena(eval);
        }
        if ((flags & MODEL_ADD_BOUNDS_RECONCILED) != 0) {
            promql_info(eval, from->node, "mismatched custom buckets were reconciled during addition");
        }
    }
    *out = (promql_sample){.present = result != NULL, .histogram = result};
    return promql_check_arena(eval);
}

/* `next` is the first sample at or after time_ms; first..last are within the lookback on either side. */
static bool smoothed_at(promql_eval *eval, const smoothed_series *from, size_t next, size_t last,
                        int64_t time_ms, promql_sample *out)
{
    const storage_samples *samples = from->samples;
    size_t at = next < last && samples->times_ms[next] == time_ms ? next : next - 1;
    *out = (promql_sample){.present = true, .value = samples->values[at]};
    out->histogram = smoothed_histogram_at(from, at);
    if (at == next || next == last) {
        return true; /* there is a sample, or none after it */
    }
    double fraction =
        (double)(time_ms - samples->times_ms[at]) / (double)(samples->times_ms[next] - samples->times_ms[at]);
    if (out->histogram != NULL) {
        const model_histogram *a = out->histogram;
        *out = (promql_sample){.present = false};
        return smoothed_between(eval, from, a, smoothed_histogram_at(from, next), fraction, out);
    }
    out->value += (samples->values[next] - out->value) * (double)(time_ms - samples->times_ms[at]) /
                  (double)(samples->times_ms[next] - samples->times_ms[at]);
    return true;
}

/* Whether floats and histograms stand side by side, of which nothing can be made. */
static bool smoothed_is_mixed(const smoothed_series *from, size_t first, size_t last)
{
    for (size_t i = first + 1; i < last; i++) {
        if ((smoothed_histogram_at(from, i) == NULL) != (smoothed_histogram_at(from, first) == NULL)) {
            return true;
        }
    }
    return false;
}

static bool smoothed_column(promql_eval *eval, const smoothed_series *from, const promql_moment *moment,
                            promql_series *series)
{
    const storage_samples *samples = from->samples;
    int64_t lookback_ms = eval->options->lookback_ms;
    size_t first = 0;
    size_t next = 0;
    size_t last = 0;
    for (size_t step = 0; step < eval->steps; step++) {
        int64_t time_ms = promql_moment_at(eval, moment, step);
        while (first < samples->count && samples->times_ms[first] <= time_ms - lookback_ms) {
            first++;
        }
        while (next < samples->count && samples->times_ms[next] < time_ms) {
            next++;
        }
        while (last < samples->count && samples->times_ms[last] <= time_ms + lookback_ms) {
            last++;
        }
        promql_sample sample = {.present = false};
        bool exact = next < last && samples->times_ms[next] == time_ms;
        if (smoothed_is_mixed(from, first, last)) {
            promql_warn(eval, from->node, "encountered a mix of histograms and floats for metric name %s",
                        promql_quoted_name(eval, from->labels));
            continue;
        }
        if (!exact && next <= first) {
            continue; /* nothing before it */
        }
        if (!smoothed_at(eval, from, next, last, time_ms, &sample)) {
            return false;
        }
        promql_series_set(eval, series, step, sample);
    }
    return promql_check_work(eval, eval->steps) && promql_check_arena(eval);
}

bool promql_select_smoothed(promql_eval *eval, const promql_node *node, const promql_selection *selection,
                            const promql_moment *moment, promql_value *out)
{
    int64_t first_ms = promql_moment_at(eval, moment, 0) - eval->options->lookback_ms + 1;
    int64_t last_ms = promql_moment_at(eval, moment, eval->steps - 1) + eval->options->lookback_ms;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 0; i < selection->count; i++) {
        storage_samples samples;
        const storage_series *from = &selection->series[i];
        ifm_bump_mark mark = ifm_bump_mark_now(eval->reads);
        if (!promql_read(eval, selection->querier, from, first_ms, last_ms, &samples) ||
            !promql_leave_out_stale(eval, &samples)) {
            return false;
        }
        promql_series *series = promql_value_add(eval, out, from->labels);
        if (series == NULL) {
            return promql_check_arena(eval);
        }
        smoothed_series smoothed = {.node = node, .samples = &samples, .labels = from->labels};
        if (!smoothed_column(eval, &smoothed, moment, series)) {
            return false;
        }
        promql_forget(eval, mark, &samples);
    }
    promql_value_prune(eval, out);
    return true;
}
