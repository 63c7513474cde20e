/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"
#include "promql/kahan.h"
#include "promql/quantile.h"

bool promql_count_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return promql_give(out, (double)window->count);
}

bool promql_present_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    (void)window;
    return promql_give(out, 1);
}

static bool give_sample(const promql_window *window, size_t index, promql_sample *out)
{
    const model_histogram *histogram = promql_window_histogram(window, index);
    return histogram == NULL ? promql_give(out, window->values[index])
                             : promql_give_histogram(out, histogram);
}

bool promql_first_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return give_sample(window, 0, out);
}

bool promql_last_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return give_sample(window, window->count - 1, out);
}

bool promql_ts_of_first_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return promql_give(out, (double)window->times_ms[0] / 1000);
}

bool promql_ts_of_last_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    (void)eval;
    return promql_give(out, (double)window->times_ms[window->count - 1] / 1000);
}

/* The floats of the window, with a note about histograms that are left out. False: there is nothing to
 * compute, and *ok is to be returned. */
static bool floats_with_note(promql_eval *eval, const promql_window *window, const promql_node *at,
                             promql_floats *floats, promql_sample *out, bool *ok)
{
    promql_give_none(out);
    *ok = promql_floats_of(eval, window, floats);
    if (!*ok || floats->count == 0) {
        return false;
    }
    if (floats->histogram_count > 0) {
        promql_note_histograms_ignored(eval, at, window->labels);
    }
    return true;
}

bool promql_min_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    double least = floats.values[0];
    for (size_t i = 1; i < floats.count; i++) {
        least = floats.values[i] < least || isnan(least) ? floats.values[i] : least;
    }
    return promql_give(out, least);
}

bool promql_max_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    double most = floats.values[0];
    for (size_t i = 1; i < floats.count; i++) {
        most = floats.values[i] > most || isnan(most) ? floats.values[i] : most;
    }
    return promql_give(out, most);
}

/* The last of several extremes counts. */
bool promql_ts_of_min_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    size_t at = 0;
    for (size_t i = 1; i < floats.count; i++) {
        at = floats.values[i] <= floats.values[at] || isnan(floats.values[at]) ? i : at;
    }
    return promql_give(out, (double)floats.times_ms[at] / 1000);
}

bool promql_ts_of_max_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    size_t at = 0;
    for (size_t i = 1; i < floats.count; i++) {
        at = floats.values[i] >= floats.values[at] || isnan(floats.values[at]) ? i : at;
    }
    return promql_give(out, (double)floats.times_ms[at] / 1000);
}

/* Welford's algorithm with compensated sums. */
static double variance_of(const promql_floats *floats)
{
    promql_kahan mean = {0};
    promql_kahan squares = {0};
    for (size_t i = 0; i < floats->count; i++) {
        double value = floats->values[i];
        double delta = value - (mean.sum + mean.rest);
        promql_kahan_add(&mean, delta / (double)(i + 1));
        promql_kahan_add(&squares, delta * (value - (mean.sum + mean.rest)));
    }
    return (squares.sum + squares.rest) / (double)floats->count;
}

bool promql_stddev_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    return promql_give(out, sqrt(variance_of(&floats)));
}

bool promql_stdvar_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    return promql_give(out, variance_of(&floats));
}

bool promql_quantile_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    const promql_node *at =
        window->call->call.arguments[0]; /* Prometheus points to the quantile for both notes */
    if (!floats_with_note(eval, window, at, &floats, out, &ok)) {
        return ok;
    }
    double q = window->scalars[0];
    if (isnan(q) || q < 0 || q > 1) {
        promql_note_quantile(eval, at, q);
    }
    double *values = promql_floats_copy(eval, &floats);
    if (values == NULL) {
        return promql_check_arena(eval);
    }
    return promql_give(out, promql_quantile(q, values, floats.count));
}

static bool any_nan(const promql_floats *floats)
{
    for (size_t i = 0; i < floats->count; i++) {
        if (isnan(floats->values[i])) {
            return true;
        }
    }
    return false;
}

/* The median of the distances to the median. NaN is not the smallest number here: it makes the result NaN. */
bool promql_mad_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_floats floats;
    bool ok;
    if (!floats_with_note(eval, window, window->argument, &floats, out, &ok)) {
        return ok;
    }
    if (any_nan(&floats)) {
        return promql_give(out, NAN);
    }
    double *values = promql_floats_copy(eval, &floats);
    if (values == NULL) {
        return promql_check_arena(eval);
    }
    double median = promql_quantile(0.5, values, floats.count);
    for (size_t i = 0; i < floats.count; i++) {
        values[i] = fabs(floats.values[i] - median);
    }
    return promql_give(out, promql_quantile(0.5, values, floats.count));
}
