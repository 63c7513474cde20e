/* SPDX-License-Identifier: Apache-2.0
 *
 * irate() and idelta(): the rise between the last two samples.
 */
#include "promql/functions_rate.h"

static double instant_seconds(const promql_window *window)
{
    return (double)(window->times_ms[window->count - 1] - window->times_ms[window->count - 2]) / 1000;
}

static bool instant_floats(const promql_window *window, bool counter, promql_sample *out)
{
    size_t last = window->count - 1;
    double before = window->values[last - 1];
    double now = window->values[last];
    bool reset = counter && (now < before || promql_start_resets(window, last));
    double rise = reset ? now : now - before;
    return promql_give(out, counter ? rise / instant_seconds(window) : rise);
}

static const model_histogram *instant_histograms(promql_rate_work *work, bool counter)
{
    const promql_window *window = work->window;
    size_t last = window->count - 1;
    const model_histogram *before = window->histograms[last - 1];
    const model_histogram *now = window->histograms[last];
    int gauges = (before->hint == MODEL_RESET_GAUGE) + (now->hint == MODEL_RESET_GAUGE);
    if (counter && gauges > 0) {
        promql_note_not_counter(work->eval, window->argument, window->labels);
    } else if (!counter && gauges < 2) {
        promql_note_not_gauge(work->eval, window->argument, window->labels);
    }
    const model_histogram *rise = now;
    if (!counter || !(promql_start_resets(window, last) || model_histogram_detect_reset(before, now))) {
        rise = promql_rate_sub(work, now, before);
    }
    rise = promql_rate_finish(work, rise);
    return rise == NULL || !counter ? rise
                                    : model_histogram_divide(rise, instant_seconds(window), &work->arena);
}

static bool instant_rate(promql_eval *eval, const promql_window *window, bool counter, promql_sample *out)
{
    promql_give_none(out);
    if (window->count < 2) {
        return true;
    }
    const model_histogram *before = promql_window_histogram(window, window->count - 2);
    const model_histogram *now = promql_window_histogram(window, window->count - 1);
    if ((before == NULL) != (now == NULL)) {
        promql_note_mixed_floats(eval, window->argument, window->labels);
        return true;
    }
    if (now == NULL) {
        return instant_floats(window, counter, out);
    }
    promql_rate_work work;
    promql_rate_begin(&work, eval, window);
    return promql_rate_end(&work, instant_histograms(&work, counter), out);
}

bool promql_irate(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    return instant_rate(eval, window, true, out);
}

bool promql_idelta(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    return instant_rate(eval, window, false, out);
}
