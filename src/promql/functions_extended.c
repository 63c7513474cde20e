/* SPDX-License-Identifier: Apache-2.0
 *
 * Rates over anchored and smoothed ranges. Nothing is extended: the range begins with a sample at or before
 * its start,
 *
 *         o        |   o       o      o   |       o
 *       anchor   start                   end
 *
 * which stands for the start itself (anchored), or from which the value at the start is interpolated, as it
 * is at the end from the sample behind it (smoothed).
 */
#include "promql/functions_rate.h"

/* The samples that the range begins and ends with. */
typedef struct extended_range {
    size_t first;
    size_t last;
    bool smoothed;
} extended_range;

/* False when nothing lies inside of the range. */
static bool extended_find(const promql_window *window, extended_range *range)
{
    const int64_t *times = window->times_ms;
    size_t end = window->count - 1;
    *range = (extended_range){.last = end, .smoothed = window->extended == PROMQL_SMOOTHED};
    while (range->first < end && times[range->first] <= window->start_ms) {
        range->first++;
    }
    range->first -= range->first > 0;
    if (range->smoothed) {
        range->last = 0;
        while (range->last < end && times[range->last] < window->end_ms) {
            range->last++;
        }
    }
    return times[range->last] > window->start_ms &&
           !(range->smoothed && times[range->first] > window->end_ms);
}

/* The value at `time_ms` between sample `index` and the next. A counter that falls has started from zero. */
static double interpolate(const promql_window *window, size_t index, int64_t time_ms, bool counter)
{
    double low = window->values[index];
    double high = window->values[index + 1];
    if (counter && high < low) {
        low = 0;
    }
    int64_t low_ms = window->times_ms[index];
    return low + (high - low) * (double)(time_ms - low_ms) / (double)(window->times_ms[index + 1] - low_ms);
}

/* What a counter lost in its resets. Those that an interpolation has seen count no more. */
static double lost_in_resets(const promql_window *window, extended_range range, double left, double right)
{
    size_t from = range.first + (window->times_ms[range.first] <= window->start_ms);
    size_t to = range.last + (window->times_ms[range.last] < window->end_ms);
    double lost = 0;
    double before = left;
    for (size_t i = from; i < to; i++) {
        lost += window->values[i] < before ? before : 0;
        before = window->values[i];
    }
    return lost + (right < before ? before : 0);
}

bool promql_extended_floats(const promql_window *window, promql_rate_kind kind, promql_sample *out)
{
    extended_range range;
    if (!extended_find(window, &range)) {
        return promql_give_none(out);
    }
    double left = window->values[range.first];
    double right = window->values[range.last];
    if (range.smoothed && window->times_ms[range.first] < window->start_ms) {
        left = interpolate(window, range.first, window->start_ms, kind.counter);
    }
    if (range.smoothed && range.last > 0 && window->times_ms[range.last] > window->end_ms) {
        right = interpolate(window, range.last - 1, window->end_ms, kind.counter);
    }
    double rise = right - left;
    if (kind.counter) {
        rise += lost_in_resets(window, range, left, right);
    }
    return promql_give(out, kind.per_second ? rise / promql_range_seconds(window) : rise);
}

/* The same with histograms; NULL when they do not fit together, or without memory. */
static const model_histogram *interpolate_histogram(promql_rate_work *work, size_t index, int64_t time_ms,
                                                    bool counter)
{
    const promql_window *window = work->window;
    const model_histogram *low = window->histograms[index];
    const model_histogram *high = window->histograms[index + 1];
    int64_t low_ms = window->times_ms[index];
    double fraction = (double)(time_ms - low_ms) / (double)(window->times_ms[index + 1] - low_ms);
    if (counter && model_histogram_detect_reset(low, high)) {
        return model_histogram_scale(high, fraction, &work->arena);
    }
    const model_histogram *rise = promql_rate_sub(work, high, low);
    if (rise != NULL) {
        rise = model_histogram_scale(rise, fraction, &work->arena);
    }
    return promql_rate_add(work, rise, low);
}

/* Says what is wrong with the samples of the range. False: they cannot be compared. */
static bool extended_examine(promql_rate_work *work, extended_range range, bool counter)
{
    const promql_window *window = work->window;
    bool custom = model_histogram_is_custom(window->histograms[range.first]);
    for (size_t i = range.first; i <= range.last; i++) {
        if (model_histogram_is_custom(window->histograms[i]) != custom) {
            promql_note_mixed_schemas(work->eval, window->argument, window->labels);
            return false;
        }
        if (counter && window->histograms[i]->hint == MODEL_RESET_GAUGE) {
            promql_note_not_counter(work->eval, window->argument, window->labels);
        }
    }
    return true;
}

/* Adds what was counted before each start from zero. `left` and `right` are what the range begins and ends
 * with. */
static const model_histogram *extended_add_resets(promql_rate_work *work, extended_range range,
                                                  const model_histogram *rise, const model_histogram *left,
                                                  const model_histogram *right)
{
    const promql_window *window = work->window;
    const model_histogram *const *histograms = window->histograms;
    size_t from = range.first + 1;
    const model_histogram *before = left;
    if (range.smoothed && window->times_ms[range.first] < window->start_ms &&
        model_histogram_detect_reset(histograms[range.first], histograms[from])) {
        /* The interpolation of `left` has seen this one. */
        before = histograms[from];
        from++;
    }
    if (from > range.last) {
        return rise; /* there is nothing between the two ends */
    }
    /* `right` is the last sample, or has its hint: it is compared once, below. */
    const model_histogram *lost = NULL;
    for (size_t i = from; i <= range.last; i++) {
        const model_histogram *now = i < range.last ? histograms[i] : right;
        if (model_histogram_detect_reset(before, now)) {
            lost = lost == NULL ? before : promql_rate_add(work, lost, before);
            if (lost == NULL) {
                return NULL;
            }
        }
        before = now;
    }
    return lost == NULL ? rise : promql_rate_add(work, rise, lost);
}

const model_histogram *promql_extended_histograms(promql_rate_work *work, promql_rate_kind kind)
{
    const promql_window *window = work->window;
    extended_range range;
    if (!extended_find(window, &range) || !extended_examine(work, range, kind.counter)) {
        return NULL;
    }
    const model_histogram *left = window->histograms[range.first];
    const model_histogram *right = window->histograms[range.last];
    if (range.smoothed && window->times_ms[range.first] < window->start_ms) {
        left = interpolate_histogram(work, range.first, window->start_ms, kind.counter);
    }
    if (range.smoothed && range.last > 0 && window->times_ms[range.last] > window->end_ms) {
        right = interpolate_histogram(work, range.last - 1, window->end_ms, kind.counter);
    }
    if (left == NULL || right == NULL) {
        return NULL;
    }
    if (!kind.counter && (left->hint != MODEL_RESET_GAUGE || right->hint != MODEL_RESET_GAUGE)) {
        promql_note_not_gauge(work->eval, window->argument, window->labels);
    }
    const model_histogram *rise = promql_rate_sub(work, right, left);
    if (rise != NULL && kind.counter) {
        rise = extended_add_resets(work, range, rise, left, right);
    }
    if (rise != NULL && kind.per_second) {
        rise = model_histogram_divide(rise, promql_range_seconds(window), &work->arena);
    }
    return promql_rate_finish(work, rise);
}
