/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"
#include "promql/kahan.h"

#include <stdio.h>

typedef struct regression {
    double slope;
    double intercept;
} regression;

/* The straight line through the samples that is nearest to them, and its value at `time_ms`. */
static regression regression_of(const promql_floats *floats, int64_t time_ms)
{
    promql_kahan x = {0};
    promql_kahan y = {0};
    promql_kahan xy = {0};
    promql_kahan xx = {0};
    double first = floats->values[0];
    bool constant = true;
    double n = (double)floats->count;
    for (size_t i = 0; i < floats->count; i++) {
        double value = floats->values[i];
        double seconds = (double)(floats->times_ms[i] - time_ms) / 1e3;
        constant = constant && (i == 0 || value == first);
        promql_kahan_add(&x, seconds);
        promql_kahan_add(&y, value);
        promql_kahan_add(&xy, seconds * value);
        promql_kahan_add(&xx, seconds * seconds);
    }
    if (constant) {
        return isinf(first) ? (regression){NAN, NAN} : (regression){0, first};
    }
    double sum_x = x.sum + x.rest;
    double sum_y = y.sum + y.rest;
    double covariance = (xy.sum + xy.rest) - sum_x * sum_y / n;
    double variance = (xx.sum + xx.rest) - sum_x * sum_x / n;
    double slope = covariance / variance;
    return (regression){slope, sum_y / n - slope * sum_x / n};
}

/* The floats, if there are two at least. Tells of histograms beside floats in any case. */
static bool two_floats(promql_eval *eval, const promql_window *window, promql_floats *floats, bool *ok)
{
    *ok = promql_floats_of(eval, window, floats);
    if (!*ok || floats->count == 0) {
        return false;
    }
    if (floats->histogram_count > 0) {
        promql_note_histograms_ignored(eval, window->argument, window->labels);
    }
    return floats->count >= 2;
}

bool promql_deriv(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    promql_give_none(out);
    if (!two_floats(eval, window, &floats, &ok)) {
        return ok;
    }
    /* Times near to zero keep the sums exact. */
    return promql_give(out, regression_of(&floats, floats.times_ms[0]).slope);
}

bool promql_predict_linear(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    promql_give_none(out);
    if (!two_floats(eval, window, &floats, &ok)) {
        return ok;
    }
    regression line = regression_of(&floats, window->time_ms);
    return promql_give(out, line.slope * window->scalars[0] + line.intercept);
}

static bool check_factor(promql_eval *eval, const char *which, const char *symbol, double factor)
{
    if (!(factor <= 0 || factor >= 1)) { /* NaN passes, as in Prometheus */
        return true;
    }
    char number[352];
    if (isinf(factor)) {
        snprintf(number, sizeof number, "%s", factor > 0 ? "+Inf" : "-Inf");
    } else {
        snprintf(number, sizeof number, "%f", factor);
    }
    return promql_eval_fail(eval, IFM_INVALID, "invalid %s factor. Expected: 0 < %s < 1, got: %s", which,
                            symbol, number);
}

/* double_exponential_smoothing(): Holt's method. */
bool promql_smoothing(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    double smoothing = window->scalars[0];
    double trend_factor = window->scalars[1];
    promql_floats floats;
    bool ok;
    promql_give_none(out);
    if (!check_factor(eval, "smoothing", "sf", smoothing) ||
        !check_factor(eval, "trend", "tf", trend_factor)) {
        return false;
    }
    if (!two_floats(eval, window, &floats, &ok)) {
        return ok;
    }
    double before = 0;
    double level = floats.values[0];
    double trend = floats.values[1] - floats.values[0];
    for (size_t i = 1; i < floats.count; i++) {
        double scaled = smoothing * floats.values[i];
        if (i > 1) {
            trend = trend_factor * (level - before) + (1 - trend_factor) * trend;
        }
        double carried = (1 - smoothing) * (level + trend);
        before = level;
        level = scaled + carried;
    }
    return promql_give(out, level);
}
