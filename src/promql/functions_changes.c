/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"

#include <math.h>

/* Whether something happened between sample `index` and the one before it. */
typedef bool changes_test(const promql_window *window, size_t index);

/* The first sample to look at: of an anchored range, the last one at or before its start. False when nothing
 * lies inside of the range. */
static bool first_sample(const promql_window *window, size_t *first)
{
    *first = 0;
    if (window->extended != PROMQL_ANCHORED) {
        return true;
    }
    while (*first < window->count && window->times_ms[*first] <= window->start_ms) {
        (*first)++;
    }
    if (*first == window->count) {
        return false;
    }
    *first -= *first > 0;
    return true;
}

static bool count_changes(const promql_window *window, changes_test *test, promql_sample *out)
{
    size_t first;
    if (!first_sample(window, &first)) {
        return promql_give_none(out);
    }
    size_t count = 0;
    for (size_t i = first + 1; i < window->count; i++) {
        const model_histogram *before = promql_window_histogram(window, i - 1);
        const model_histogram *now = promql_window_histogram(window, i);
        count += (before == NULL) != (now == NULL) || test(window, i);
    }
    return promql_give(out, (double)count);
}

static bool is_reset(const promql_window *window, size_t index)
{
    const model_histogram *now = promql_window_histogram(window, index);
    if (promql_start_resets(window, index)) {
        return true;
    }
    return now == NULL ? window->values[index] < window->values[index - 1]
                       : model_histogram_detect_reset(promql_window_histogram(window, index - 1), now);
}

static bool is_change(const promql_window *window, size_t index)
{
    const model_histogram *histogram = promql_window_histogram(window, index);
    double before = window->values[index - 1];
    double now = window->values[index];
    return histogram == NULL ? now != before && !(isnan(now) && isnan(before))
                             : !model_histogram_equal(promql_window_histogram(window, index - 1), histogram);
}

bool promql_resets(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return count_changes(window, is_reset, out);
}

bool promql_changes(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return count_changes(window, is_change, out);
}
