/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"

size_t promql_count_histograms(const promql_window *window)
{
    size_t count = 0;
    for (size_t i = 0; i < window->count && window->histograms != NULL; i++) {
        count += window->histograms[i] != NULL;
    }
    return count;
}

bool promql_floats_of(promql_eval *eval, const promql_window *window, promql_floats *out)
{
    size_t histograms = promql_count_histograms(window);
    *out = (promql_floats){.count = window->count - histograms,
                           .times_ms = window->times_ms,
                           .values = window->values,
                           .histogram_count = histograms};
    if (histograms == 0 || out->count == 0) {
        return true;
    }
    int64_t *times = promql_scratch(eval, out->count * (sizeof *times + 2 * sizeof(double)));
    if (times == NULL) {
        return promql_check_arena(eval);
    }
    double *values = (double *)(times + out->count);
    size_t at = 0;
    for (size_t i = 0; i < window->count; i++) {
        if (window->histograms[i] == NULL) {
            times[at] = window->times_ms[i];
            values[at++] = window->values[i];
        }
    }
    out->times_ms = times;
    out->values = values;
    out->room = values + out->count;
    return true;
}

double *promql_floats_copy(promql_eval *eval, const promql_floats *floats)
{
    double *copy =
        floats->room != NULL ? floats->room : promql_scratch(eval, floats->count * sizeof *floats->room);
    if (copy != NULL) {
        memcpy(copy, floats->values, floats->count * sizeof *copy);
    }
    return copy;
}

bool promql_start_resets(const promql_window *window, size_t index)
{
    int64_t start = promql_window_start(window, index);
    int64_t before_start = promql_window_start(window, index - 1);
    int64_t before = window->times_ms[index - 1];
    /* None is known (0), or it makes no sense, or it is OpenTelemetry's way to say that none is known (its
     * own time). */
    if (start == 0 || start >= window->times_ms[index] || start < before) {
        return false;
    }
    /* A start at the sample before is the next delta of a delta series, or a cumulative series that does not
     * know when it began: then the one before does not know it either. */
    return start > before || (before_start != 0 && before_start < before);
}

bool promql_start_overlaps(const promql_window *window, size_t index)
{
    int64_t start = promql_window_start(window, index);
    return start != 0 && start < window->times_ms[index - 1] &&
           start != promql_window_start(window, index - 1);
}
