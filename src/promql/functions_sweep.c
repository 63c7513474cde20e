/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions that dashboards call most, for all steps of a series at once. Results are those of
 * functions_rate.c and functions_over_time.c to the last bit: what is kept from one step to the next is
 * exact.
 */
#include "promql/functions_sweep.h"

#include <math.h>

/* What of functions_rate.c's extension depends on times alone: samples come at regular times, so that one
 * step is like the one before. */
typedef struct sweep_extension {
    int64_t to_start_ms, to_end_ms, sampled_ms; /* of which the rest is made */
    size_t count;
    double to_start, to_end, sampled;
    double factor; /* unless a counter would be negative at the start */
} sweep_extension;

static void extension_make(sweep_extension *e, bool per_second, double range_seconds)
{
    double to_start = (double)e->to_start_ms / 1000;
    double to_end = (double)e->to_end_ms / 1000;
    double sampled = (double)e->sampled_ms / 1000;
    double distance = sampled / (double)(e->count - 1);
    double threshold = distance * 1.1;
    e->to_start = to_start >= threshold ? distance / 2 : to_start;
    e->to_end = to_end >= threshold ? distance / 2 : to_end;
    e->sampled = sampled;
    e->factor = (sampled + e->to_start + e->to_end) / sampled;
    if (per_second) {
        e->factor /= range_seconds;
    }
}

/* The factor of a counter that rose, and began with `first` >= 0. */
static double extension_of_counter(const sweep_extension *e, double rise, double first, bool per_second,
                                   double range_seconds)
{
    if (first >= rise && e->sampled >= e->to_start) {
        return e->factor; /* it was 0 longer ago than all that was sampled */
    }
    double to_zero = e->sampled * (first / rise);
    if (to_zero >= e->to_start) {
        return e->factor;
    }
    double factor = (e->sampled + to_zero + e->to_end) / e->sampled;
    return per_second ? factor / range_seconds : factor;
}

/* Samples of the window that are smaller than the one before them, which is in the window, too. */
typedef struct sweep_falls {
    size_t first, end; /* of the window that was counted */
    size_t count;
} sweep_falls;

static inline void falls_move(sweep_falls *falls, const promql_sweep_window *window)
{
    const double *values = window->sweep->values;
    if (window->first >= falls->end) { /* a window of other samples */
        *falls = (sweep_falls){window->first, window->first + (window->end > window->first), 0};
    }
    for (; falls->end < window->end; falls->end++) {
        falls->count += values[falls->end] < values[falls->end - 1];
    }
    for (; falls->first < window->first; falls->first++) {
        falls->count -= values[falls->first + 1] < values[falls->first];
    }
}

/* Whether a sample is smaller than the one before it: counters rise, but for a restart now and then. */
static bool sweep_falls_somewhere(const promql_sweep *sweep)
{
    const double *values = sweep->values;
    size_t found = 0;
    for (size_t i = 1; i < sweep->count; i++) { /* without a way out: several at once */
        found += values[i] < values[i - 1];
    }
    return found > 0;
}

static double sweep_rise(const promql_sweep_window *window, const sweep_falls *falls)
{
    const double *values = window->sweep->values;
    double rise = values[window->end - 1] - values[window->first];
    for (size_t i = window->first + 1; i < window->end && falls->count > 0; i++) {
        if (values[i] < values[i - 1]) {
            rise += values[i - 1];
        }
    }
    return rise;
}

static inline void extension_update(sweep_extension *e, const promql_sweep_window *window, bool per_second,
                                    double range_seconds)
{
    const int64_t *times = window->sweep->times_ms;
    int64_t first_ms = times[window->first];
    int64_t last_ms = times[window->end - 1];
    int64_t to_start_ms = first_ms - window->start_ms;
    int64_t to_end_ms = window->end_ms - last_ms;
    size_t count = window->end - window->first;
    if (to_start_ms != e->to_start_ms || to_end_ms != e->to_end_ms || last_ms - first_ms != e->sampled_ms ||
        count != e->count) {
        e->to_start_ms = to_start_ms;
        e->to_end_ms = to_end_ms;
        e->sampled_ms = last_ms - first_ms;
        e->count = count;
        extension_make(e, per_second, range_seconds);
    }
}

/* ---- Windows that series share ---- */

/* A step of series whose samples have the same times. */
typedef struct shared_step {
    uint32_t first, end;
    double factor; /* of sweep_extension */
    double enough; /* `first` of a counter that rose by 1: from there on the factor holds */
} shared_step;

/* Series of a scrape have the same times: their windows and factors are found once. */
struct promql_sweep_shared {
    int64_t *times_ms; /* of the series before */
    size_t count, room;
    shared_step *steps; /* NULL or of these times, when `made` */
    bool made;
    uint64_t seen;
};

static void shared_make(promql_sweep_shared *shared, const promql_sweep *sweep, bool per_second)
{
    promql_sweep_window window = {.sweep = sweep};
    sweep_extension e = {0};
    double range_seconds = promql_sweep_seconds(sweep);
    shared->seen = 0;
    for (size_t step = 0; step < sweep->steps; step++) {
        promql_sweep_move(&window, step);
        shared_step *to = &shared->steps[step];
        *to = (shared_step){.first = (uint32_t)window.first, .end = (uint32_t)window.end};
        shared->seen += window.end - window.first;
        if (window.end - window.first >= 2) {
            extension_update(&e, &window, per_second, range_seconds);
            to->factor = e.factor;
            to->enough = e.sampled >= e.to_start ? 1 : INFINITY;
        }
    }
    shared->made = true;
}

/* The shared steps when this series has the times of the one before; NULL: it has not, or no memory. */
static const promql_sweep_shared *shared_get(promql_eval *eval, const promql_sweep *sweep, bool per_second)
{
    promql_sweep_shared *shared = sweep->shared == NULL ? NULL : *sweep->shared;
    size_t size = sweep->count * sizeof *sweep->times_ms;
    if (sweep->shared == NULL || sweep->count == 0 || sweep->count > UINT32_MAX) {
        return NULL;
    }
    if (shared == NULL) {
        shared = *sweep->shared = ifm_bump_alloc(eval->arena, sizeof *shared);
    } else if (shared->count == sweep->count && memcmp(shared->times_ms, sweep->times_ms, size) == 0) {
        if (shared->steps == NULL) {
            shared->steps = ifm_bump_alloc_array(eval->arena, sweep->steps, sizeof *shared->steps);
        }
        if (shared->steps != NULL && !shared->made) {
            shared_make(shared, sweep, per_second);
        }
        return shared->made ? shared : NULL;
    }
    if (shared == NULL) {
        return NULL;
    }
    shared->made = false;
    if (sweep->count > shared->room) {
        shared->times_ms = ifm_bump_alloc(eval->arena, 2 * size);
        shared->room = 2 * sweep->count;
    }
    shared->count = shared->times_ms == NULL ? 0 : sweep->count;
    shared->room = shared->times_ms == NULL ? 0 : shared->room;
    if (shared->count > 0) {
        memcpy(shared->times_ms, sweep->times_ms, size);
    }
    return NULL;
}

/* ---- rate(), increase(), delta() ---- */

typedef struct rate_kind {
    bool counter, per_second;
} rate_kind;

static void rate_step(promql_sweep_window *window, const sweep_falls *falls, sweep_extension *e,
                      rate_kind kind, double *out)
{
    const promql_sweep *sweep = window->sweep;
    double range_seconds = promql_sweep_seconds(sweep);
    extension_update(e, window, kind.per_second, range_seconds);
    double first = sweep->values[window->first];
    double rise = sweep_rise(window, falls);
    bool limited = kind.counter && rise > 0 && first >= 0;
    *out =
        rise * (limited ? extension_of_counter(e, rise, first, kind.per_second, range_seconds) : e->factor);
}

/* A series without falls, in shared windows. */
static void rate_shared(const promql_sweep *sweep, const promql_sweep_shared *shared, rate_kind kind,
                        double *out)
{
    static const sweep_falls none = {0};
    const double *values = sweep->values;
    sweep_extension e = {0};
    for (size_t step = 0; step < sweep->steps; step++) {
        const shared_step *at = &shared->steps[step];
        if (at->end - at->first < 2) {
            continue;
        }
        double first = values[at->first];
        double rise = values[at->end - 1] - first;
        if (!kind.counter || !(rise > 0 && first >= 0) || first >= rise * at->enough) {
            out[step] = rise * at->factor;
            continue;
        }
        promql_sweep_window window = {.sweep = sweep, .first = at->first, .end = at->end};
        window.end_ms = sweep->end_ms + (int64_t)step * sweep->stride_ms;
        window.start_ms = window.end_ms - sweep->range_ms;
        rate_step(&window, &none, &e, kind, &out[step]);
    }
}

static uint64_t sweep_rate(promql_eval *eval, const promql_sweep *sweep, rate_kind kind, double *out)
{
    bool falling = kind.counter && sweep_falls_somewhere(sweep);
    const promql_sweep_shared *shared = falling ? NULL : shared_get(eval, sweep, kind.per_second);
    if (shared != NULL) {
        rate_shared(sweep, shared, kind, out);
        return shared->seen;
    }
    promql_sweep_window window = {.sweep = sweep};
    sweep_falls falls = {0};
    sweep_extension e = {0};
    uint64_t seen = 0;
    for (size_t step = 0; step < sweep->steps; step++) {
        promql_sweep_move(&window, step);
        size_t count = window.end - window.first;
        seen += count;
        if (falling) {
            falls_move(&falls, &window);
        }
        if (count >= 2) {
            rate_step(&window, &falls, &e, kind, &out[step]);
        }
    }
    return seen;
}

bool promql_sweep_rate(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    *seen = sweep_rate(eval, sweep, (rate_kind){true, true}, out);
    return promql_check_interrupt(eval);
}

bool promql_sweep_increase(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    *seen = sweep_rate(eval, sweep, (rate_kind){true, false}, out);
    return promql_check_interrupt(eval);
}

bool promql_sweep_delta(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    *seen = sweep_rate(eval, sweep, (rate_kind){false, false}, out);
    return promql_check_interrupt(eval);
}

bool promql_sweep_count(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    promql_sweep_window window = {.sweep = sweep};
    *seen = 0;
    for (size_t step = 0; step < sweep->steps; step++) {
        promql_sweep_move(&window, step);
        size_t count = window.end - window.first;
        *seen += count;
        if (count > 0) {
            out[step] = (double)count;
        }
    }
    return promql_check_interrupt(eval);
}

/* Whether `later` is the extreme of the two; equal ones leave it to the earlier. NaN is none beside a
 * number. */
static inline bool beats(double later, double earlier, bool greatest)
{
    return (greatest ? later > earlier : later < earlier) || (isnan(earlier) && !isnan(later));
}

/* The extremes of sliding windows: a queue of the samples that are one of what follows them in the window.
 *
 *     window   4 7 5 6 1      greatest: 7, and then 6, and then 1
 *                ^   ^ ^
 */
static bool sweep_extreme(promql_eval *eval, const promql_sweep *sweep, bool greatest, double *out,
                          uint64_t *seen)
{
    promql_sweep_window window = {.sweep = sweep};
    size_t *queue = promql_scratch(eval, (sweep->count + 1) * sizeof *queue);
    size_t head = 0;
    size_t tail = 0;
    size_t taken = 0; /* samples that were put in the queue, or lie before the window */
    *seen = 0;
    if (queue == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t step = 0; step < sweep->steps; step++) {
        promql_sweep_move(&window, step);
        *seen += window.end - window.first;
        for (taken = taken < window.first ? window.first : taken; taken < window.end; taken++) {
            while (tail > head && beats(sweep->values[taken], sweep->values[queue[tail - 1]], greatest)) {
                tail--;
            }
            queue[tail++] = taken;
        }
        while (head < tail && queue[head] < window.first) {
            head++;
        }
        if (head < tail) {
            out[step] = sweep->values[queue[head]];
        }
    }
    return promql_check_interrupt(eval);
}

bool promql_sweep_max(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    return sweep_extreme(eval, sweep, true, out, seen);
}

bool promql_sweep_min(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    return sweep_extreme(eval, sweep, false, out, seen);
}
