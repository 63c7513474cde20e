/* SPDX-License-Identifier: Apache-2.0
 *
 * A range vector that is the result of an instant query itself: its samples, and for anchored and smoothed
 * selectors one at either end of the range.
 */
#include "promql/eval_impl.h"

static double points_between(const storage_samples *samples, size_t at, int64_t time_ms)
{
    double slope_ms = (double)(samples->times_ms[at + 1] - samples->times_ms[at]);
    double rise = samples->values[at + 1] - samples->values[at];
    return samples->values[at] + rise * (double)(time_ms - samples->times_ms[at]) / slope_ms;
}

/* The range itself, and the samples that its ends are taken from: the last one at or before its start (or the
 * first there is), and of a smoothed one the first at or after its end. */
typedef struct points_range {
    int64_t start_ms, end_ms;
    size_t first, last;
    bool smoothed;
} points_range;

static bool points_find(const storage_samples *samples, points_range *range)
{
    size_t newest = samples->count - 1;
    if (samples->times_ms[newest] <= range->start_ms) {
        return false;
    }
    while (range->first < newest && samples->times_ms[range->first + 1] <= range->start_ms) {
        range->first++;
    }
    range->last = newest;
    while (range->smoothed && range->last > 0 && samples->times_ms[range->last - 1] >= range->end_ms) {
        range->last--;
    }
    return true;
}

static size_t points_extended(const storage_samples *samples, points_range *range, promql_point *points)
{
    size_t count = 0;
    if (!points_find(samples, range)) {
        return 0;
    }
    size_t first = range->first;
    size_t last = range->last;
    bool cut_left =
        range->smoothed && first < samples->count - 1 && samples->times_ms[first] < range->start_ms;
    bool cut_right = range->smoothed && last > 0 && samples->times_ms[last] > range->end_ms;
    points[count].time_ms = range->start_ms;
    points[count++].value =
        cut_left ? points_between(samples, first, range->start_ms) : samples->values[first];
    for (size_t i = first; i <= last; i++) {
        if (samples->times_ms[i] > range->start_ms && samples->times_ms[i] < range->end_ms) {
            points[count].time_ms = samples->times_ms[i];
            points[count++].value = samples->values[i];
        }
    }
    points[count].time_ms = range->end_ms;
    points[count++].value =
        cut_right ? points_between(samples, last - 1, range->end_ms) : samples->values[last];
    return count;
}

static void points_copy(const storage_samples *samples, promql_point *points)
{
    for (size_t i = 0; i < samples->count; i++) {
        points[i].time_ms = samples->times_ms[i];
        points[i].value = samples->values[i];
        points[i].histogram = samples->histograms == NULL ? NULL : samples->histograms[i];
    }
}

static bool has_histogram(const storage_samples *samples)
{
    for (size_t i = 0; samples->histograms != NULL && i < samples->count; i++) {
        if (samples->histograms[i] != NULL) {
            return true;
        }
    }
    return false;
}

bool promql_range_points(promql_eval *eval, const promql_range *range, const promql_track *track,
                         promql_point **points, size_t *count)
{
    const storage_samples *samples = &track->samples;
    enum { ENDS = 2 };
    *count = 0;
    *points = ifm_bump_alloc_array(eval->arena, samples->count + ENDS, sizeof **points);
    if (*points == NULL || samples->count == 0) {
        return promql_check_arena(eval);
    }
    if (range->extended == PROMQL_PLAIN) {
        points_copy(samples, *points);
        *count = samples->count;
        return true;
    }
    if (has_histogram(samples)) {
        return promql_eval_fail(eval, IFM_INVALID, "anchored modifier is not supported with histograms");
    }
    points_range ends = {.smoothed = range->extended == PROMQL_SMOOTHED};
    ends.end_ms = promql_moment_at(eval, &range->moment, 0);
    ends.start_ms = ends.end_ms - range->range_ms;
    *count = points_extended(samples, &ends, *points);
    return true;
}
