/* SPDX-License-Identifier: Apache-2.0
 *
 * rate(), increase() and delta(): the rise over a range, extended to its ends. Ranges that are anchored or
 * smoothed are those of functions_extended.c.
 */
#include "promql/functions_rate.h"

double promql_range_seconds(const promql_window *window)
{
    int64_t rest_ms = window->range_ms % 1000;
    return (double)(window->range_ms / 1000) + (double)(rest_ms * 1000000) / 1e9;
}

/* The rise of a counter from the first to the last sample; falls are starts from zero. */
static double counter_rise(promql_eval *eval, const promql_window *window)
{
    const double *values = window->values;
    size_t count = window->count;
    double rise = values[count - 1] - values[0];
    if (window->starts_ms == NULL) {
        for (size_t i = 1; i < count; i++) {
            if (values[i] < values[i - 1]) {
                rise += values[i - 1];
            }
        }
        return rise;
    }
    bool overlaps = false;
    for (size_t i = 1; i < count; i++) {
        overlaps = overlaps || promql_start_overlaps(window, i);
        if (values[i] < values[i - 1] || promql_start_resets(window, i)) {
            rise += values[i - 1];
        }
    }
    if (overlaps) {
        promql_note_start_overlap(eval, window->argument, window->labels);
    }
    return rise;
}

/* Whether the first sample tells that counting began inside of the range. */
static bool began_inside(const promql_window *window, bool counter)
{
    int64_t start = promql_window_start(window, 0);
    return counter && start != 0 && start > window->start_ms && start < window->times_ms[0];
}

/* The factor that extends a rise between the samples to all of the range: up to its ends, if the samples
 * come near enough to them (1.1 of their usual distance); else half of that distance further, which is where
 * the series is guessed to begin or end. A counter is not extended to where it would be negative. `first` is
 * its first value. */
static double extension(const promql_window *window, bool counter, double rise, double first)
{
    int64_t first_ms = window->times_ms[0];
    int64_t last_ms = window->times_ms[window->count - 1];
    double to_start = (double)(first_ms - window->start_ms) / 1000;
    double to_end = (double)(window->end_ms - last_ms) / 1000;
    double sampled = (double)(last_ms - first_ms) / 1000;
    double distance = window->count > 1 ? sampled / (double)(window->count - 1) : 0;
    double threshold = distance * 1.1;

    if (began_inside(window, counter)) {
        /* A sample of 0 at the start timestamp, so there is nothing to guess. */
        to_start = 0;
        sampled = (double)(last_ms - promql_window_start(window, 0)) / 1000;
    } else {
        if (to_start >= threshold) {
            to_start = distance / 2;
        }
        if (counter && rise > 0 && first >= 0) {
            double to_zero = sampled * (first / rise);
            to_start = to_zero < to_start ? to_zero : to_start;
        }
    }
    if (to_end >= threshold) {
        to_end = distance / 2;
    }
    return sampled == 0 ? 1 : (sampled + to_start + to_end) / sampled;
}

static bool rate_floats(promql_eval *eval, const promql_window *window, promql_rate_kind kind,
                        promql_sample *out)
{
    double first = window->values[0];
    bool inside = began_inside(window, kind.counter);
    if (window->count < 2 && !inside) {
        return promql_give_none(out);
    }
    double rise = kind.counter ? counter_rise(eval, window) : window->values[window->count - 1] - first;
    double factor = extension(window, kind.counter, rise, first);
    if (inside) {
        rise += first;
    }
    if (kind.per_second) {
        factor /= promql_range_seconds(window);
    }
    return promql_give(out, rise * factor);
}

static void note_sum(promql_rate_work *work, unsigned flags, promql_histogram_operation operation)
{
    if ((flags & MODEL_ADD_BOUNDS_RECONCILED) != 0) {
        promql_note_bounds_reconciled(work->eval, work->window->argument, operation);
    }
    if ((flags & MODEL_ADD_INCOMPATIBLE) != 0) {
        promql_note_mixed_schemas(work->eval, work->window->argument, work->window->labels);
    }
}

const model_histogram *promql_rate_add(promql_rate_work *work, const model_histogram *a,
                                       const model_histogram *b)
{
    unsigned flags = 0;
    const model_histogram *sum = NULL;
    bool ok = a != NULL && b != NULL && model_histogram_add(a, b, &work->arena, &sum, &flags);
    note_sum(work, flags, PROMQL_HISTOGRAM_ADDITION);
    return ok ? sum : NULL;
}

const model_histogram *promql_rate_sub(promql_rate_work *work, const model_histogram *a,
                                       const model_histogram *b)
{
    unsigned flags = 0;
    const model_histogram *rest = NULL;
    bool ok = a != NULL && b != NULL && model_histogram_sub(a, b, &work->arena, &rest, &flags);
    note_sum(work, flags, PROMQL_HISTOGRAM_SUBTRACTION);
    return ok ? rest : NULL;
}

void promql_rate_begin(promql_rate_work *work, promql_eval *eval, const promql_window *window)
{
    *work = (promql_rate_work){.eval = eval, .window = window};
    ifm_bump_init(&work->arena, eval->arena->max);
}

bool promql_rate_end(promql_rate_work *work, const model_histogram *result, promql_sample *out)
{
    ifm_error err = {0};
    bool ok = ifm_bump_check(&work->arena, &err) || promql_eval_fail(work->eval, err.code, "%s", err.message);
    promql_give_none(out);
    if (ok && result != NULL) {
        promql_give_histogram(out, model_histogram_copy(result, work->eval->arena));
    }
    ifm_bump_deinit(&work->arena);
    return ok && promql_check_arena(work->eval);
}

const model_histogram *promql_rate_finish(promql_rate_work *work, const model_histogram *result)
{
    if (result != NULL) {
        result = model_histogram_with_hint(result, MODEL_RESET_GAUGE, &work->arena);
    }
    return result == NULL ? NULL : model_histogram_compact(result, 0, &work->arena);
}

/* Whether counting began anew between sample `index` and `before`, the one before it or what stands for
 * that. */
static bool histogram_resets(const promql_window *window, size_t index, const model_histogram *before)
{
    return promql_start_resets(window, index) ||
           model_histogram_detect_reset(before, window->histograms[index]);
}

/* The first histogram; one without observations when a counter begins anew at the second. */
static model_histogram first_histogram(const promql_window *window, bool counter)
{
    const model_histogram *second = window->histograms[1];
    if (!counter || !histogram_resets(window, 1, window->histograms[0])) {
        return *window->histograms[0];
    }
    return (model_histogram){
        .schema = second->schema, .custom = second->custom, .custom_count = second->custom_count};
}

/* Says what is wrong with the histograms of a window of two or more, and finds the schema that all can have;
 * `first` stands for the first. False: they cannot be compared. */
static bool examine_histograms(promql_rate_work *work, bool counter, const model_histogram *first,
                               int32_t *schema)
{
    const promql_window *window = work->window;
    const model_histogram *last = window->histograms[window->count - 1];
    bool gauge = window->histograms[0]->hint == MODEL_RESET_GAUGE || last->hint == MODEL_RESET_GAUGE;
    bool custom = model_histogram_is_custom(first);
    bool ends_mixed = model_histogram_is_custom(last) != custom;
    bool mixed = ends_mixed;
    *schema = last->schema < first->schema ? last->schema : first->schema;
    for (size_t i = 1; i + 1 < window->count && counter && !mixed; i++) {
        const model_histogram *now = window->histograms[i];
        gauge = gauge || now->hint == MODEL_RESET_GAUGE;
        *schema = now->schema < *schema ? now->schema : *schema;
        mixed = model_histogram_is_custom(now) != custom;
    }
    if (mixed) {
        promql_note_mixed_schemas(work->eval, window->argument, window->labels);
    }
    if (counter && gauge && (!mixed || ends_mixed)) {
        promql_note_not_counter(work->eval, window->argument, window->labels);
    }
    return !mixed;
}

/* Adds to `rise` what was counted before each start from zero. */
static const model_histogram *add_resets(promql_rate_work *work, const model_histogram *rise,
                                         const model_histogram *first)
{
    const promql_window *window = work->window;
    const model_histogram *before = first;
    bool overlaps = false;
    for (size_t i = 1; i < window->count && rise != NULL; i++) {
        overlaps = overlaps || promql_start_overlaps(window, i);
        if (histogram_resets(window, i, before)) {
            rise = promql_rate_add(work, rise, before);
        }
        before = window->histograms[i];
    }
    if (overlaps) {
        promql_note_start_overlap(work->eval, window->argument, window->labels);
    }
    return rise;
}

/* The rise from the first to the last histogram; NULL when there is none. */
static const model_histogram *histogram_rise(promql_rate_work *work, bool counter)
{
    const promql_window *window = work->window;
    const model_histogram *last = window->histograms[window->count - 1];
    model_histogram first = first_histogram(window, counter);
    int32_t schema;
    if (!examine_histograms(work, counter, &first, &schema)) {
        return NULL;
    }
    const model_histogram *rise = last;
    if (!model_histogram_is_custom(last) && schema < last->schema) {
        rise = model_histogram_copy_to_schema(last, schema, &work->arena);
    }
    rise = promql_rate_sub(work, rise, &first);
    if (counter) {
        rise = add_resets(work, rise, &first);
    } else if (window->histograms[0]->hint != MODEL_RESET_GAUGE || last->hint != MODEL_RESET_GAUGE) {
        promql_note_not_gauge(work->eval, window->argument, window->labels);
    }
    return promql_rate_finish(work, rise);
}

static const model_histogram *rate_histograms(promql_rate_work *work, promql_rate_kind kind)
{
    const promql_window *window = work->window;
    const model_histogram *first = window->histograms[0];
    const model_histogram *rise = NULL;
    bool inside = began_inside(window, kind.counter);
    if (window->count > 1) {
        rise = histogram_rise(work, kind.counter);
        if (rise == NULL) {
            return NULL;
        }
    } else if (!inside) {
        return NULL;
    }
    double factor = extension(window, kind.counter, rise == NULL ? 0 : rise->count, first->count);
    if (inside) {
        rise = rise == NULL ? first : promql_rate_add(work, rise, first);
    }
    if (kind.per_second) {
        factor /= promql_range_seconds(window);
    }
    return rise == NULL ? NULL : model_histogram_scale(rise, factor, &work->arena);
}

static bool rate(promql_eval *eval, const promql_window *window, promql_rate_kind kind, promql_sample *out)
{
    size_t histograms = promql_count_histograms(window);
    if (histograms > 0 && histograms < window->count) {
        promql_note_mixed_floats(eval, window->argument, window->labels);
        return promql_give_none(out);
    }
    bool extended = window->extended != PROMQL_PLAIN;
    if (histograms == 0) {
        return extended ? promql_extended_floats(window, kind, out) : rate_floats(eval, window, kind, out);
    }
    promql_rate_work work;
    promql_rate_begin(&work, eval, window);
    const model_histogram *result =
        extended ? promql_extended_histograms(&work, kind) : rate_histograms(&work, kind);
    return promql_rate_end(&work, result, out);
}

bool promql_rate(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    return rate(eval, window, (promql_rate_kind){.counter = true, .per_second = true}, out);
}

bool promql_increase(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    return rate(eval, window, (promql_rate_kind){.counter = true}, out);
}

bool promql_delta(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    return rate(eval, window, (promql_rate_kind){0}, out);
}
