/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows of a sweep, one after the other.
 */
#ifndef IFM_PROMQL_FUNCTIONS_SWEEP_H
#define IFM_PROMQL_FUNCTIONS_SWEEP_H

#include "promql/functions_impl.h"

/* S1  [first, end) are the samples of the window; both only go forward. */
typedef struct promql_sweep_window {
    const promql_sweep *sweep;
    size_t first; /* S1 */
    size_t end;
    int64_t start_ms, end_ms;
} promql_sweep_window;

static inline double promql_sweep_seconds(const promql_sweep *sweep)
{
    return (double)(sweep->range_ms / 1000) + (double)(sweep->range_ms % 1000 * 1000000) / 1e9;
}

/* The first of times[from..end) behind `time_ms`. */
static inline size_t promql_sweep_past(const int64_t *times, size_t from, size_t end, int64_t time_ms)
{
    while (end - from > 4 && times[from + 3] <= time_ms) {
        from += 4;
    }
    while (from < end && times[from] <= time_ms) {
        from++;
    }
    return from;
}

static inline void promql_sweep_move(promql_sweep_window *window, size_t step)
{
    const promql_sweep *sweep = window->sweep;
    const int64_t *times = sweep->times_ms;
    window->end_ms = sweep->end_ms + (int64_t)step * sweep->stride_ms;
    window->start_ms = window->end_ms - sweep->range_ms;
    window->end = promql_sweep_past(times, window->end, sweep->count, window->end_ms);
    window->first = promql_sweep_past(times, window->first, window->end, window->start_ms);
}

#endif
