/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and averages over time. An average is a sum divided by the count, unless that sum would overflow:
 * then the rest is averaged step by step.
 */
#include "promql/functions_impl.h"
#include "promql/kahan.h"

/* 0 without histograms, 1 with nothing else, -1 with both. */
static int kind_of(const promql_window *window)
{
    size_t histograms = promql_count_histograms(window);
    return histograms == 0 ? 0 : histograms == window->count ? 1 : -1;
}

/* What the histograms of a window have to say about each other. */
typedef struct sum_notes {
    bool reset, no_reset, reconciled;
} sum_notes;

static void notes_take(sum_notes *notes, const model_histogram *histogram, unsigned flags)
{
    notes->reset |= histogram->hint == MODEL_RESET_YES;
    notes->no_reset |= histogram->hint == MODEL_RESET_NO;
    notes->reconciled |= (flags & MODEL_ADD_BOUNDS_RECONCILED) != 0;
}

static void notes_give(promql_eval *eval, const promql_window *window, sum_notes notes)
{
    if (notes.reset && notes.no_reset) {
        promql_note_reset_collision(eval, window->argument, PROMQL_HISTOGRAM_AGGREGATION);
    }
    if (notes.reconciled) {
        promql_note_bounds_reconciled(eval, window->argument, PROMQL_HISTOGRAM_AGGREGATION);
    }
}

/* One sum, in memory of its own: that of the query has only what is kept. */
typedef struct sum_work {
    ifm_bump arena;
    model_histogram_sum sum;
    sum_notes notes;
} sum_work;

typedef enum sum_end { SUM_DONE, SUM_OVERFLOW, SUM_INCOMPATIBLE, SUM_NO_MEMORY } sum_end;

/* Adds up the first `count` histograms; *added is how many it took, when one more overflows or fits not. */
static sum_end add_histograms(const promql_window *window, size_t count, bool check_overflow, sum_work *work,
                              size_t *added)
{
    model_histogram_sum *sum = &work->sum;
    *added = 1;
    work->notes = (sum_notes){0};
    if (!model_histogram_sum_init(sum, window->histograms[0], &work->arena)) {
        return SUM_NO_MEMORY;
    }
    notes_take(&work->notes, window->histograms[0], 0);
    for (; *added < count; (*added)++) {
        unsigned flags = 0;
        const model_histogram *next = window->histograms[*added];
        if (!model_histogram_sum_add(sum, next, &work->arena, &flags)) {
            return (flags & MODEL_ADD_INCOMPATIBLE) != 0 ? SUM_INCOMPATIBLE : SUM_NO_MEMORY;
        }
        notes_take(&work->notes, next, flags);
        if (check_overflow && model_histogram_overflows(&sum->value)) {
            return SUM_OVERFLOW;
        }
    }
    return SUM_DONE;
}

/* Ends a sum, of which `end` is the result. */
static bool give_sum(promql_eval *eval, const promql_window *window, sum_end end, sum_work *work,
                     promql_sample *out)
{
    ifm_error err = {0};
    bool ok = ifm_bump_check(&work->arena, &err) || promql_eval_fail(eval, err.code, "%s", err.message);
    if (ok && end == SUM_INCOMPATIBLE) {
        promql_note_mixed_schemas(eval, window->argument, window->labels);
    } else if (ok) {
        promql_give_histogram(out, model_histogram_sum_total(&work->sum, eval->arena));
        notes_give(eval, window, work->notes);
    }
    ifm_bump_deinit(&work->arena);
    return ok && promql_check_arena(eval);
}

static bool sum_histograms(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    sum_work work;
    size_t added = 0;
    ifm_bump_init(&work.arena, eval->arena->max);
    sum_end end = add_histograms(window, window->count, false, &work, &added);
    return give_sum(eval, window, end, &work, out);
}

static void scale_part(model_histogram *part, double *positive, double *negative, double factor)
{
    part->zero_count *= factor;
    part->count *= factor;
    part->sum *= factor;
    for (uint32_t i = 0; i < part->positive_count; i++) {
        positive[i] *= factor;
    }
    for (uint32_t i = 0; i < part->negative_count; i++) {
        negative[i] *= factor;
    }
}

/* The average of all, of which the first `done` may be added up. */
static sum_end average_step_by_step(const promql_window *window, size_t done, sum_work *work)
{
    size_t added = 0;
    model_histogram_sum *sum = &work->sum;
    sum_end end = add_histograms(window, done, false, work, &added);
    if (end != SUM_DONE) {
        return end;
    }
    model_histogram_sum_divide(sum, (double)done);
    for (size_t i = done; i < window->count; i++) {
        double count = (double)(i + 1);
        double share = (count - 1) / count;
        scale_part(&sum->value, sum->own[0], sum->own[1], share);
        scale_part(&sum->compensation, sum->own[2], sum->own[3], share);
        unsigned flags = 0;
        const model_histogram *part = model_histogram_divide(window->histograms[i], count, &work->arena);
        if (part == NULL || !model_histogram_sum_add(sum, part, &work->arena, &flags)) {
            return (flags & MODEL_ADD_INCOMPATIBLE) != 0 ? SUM_INCOMPATIBLE : SUM_NO_MEMORY;
        }
        notes_take(&work->notes, window->histograms[i], flags);
    }
    return SUM_DONE;
}

static bool average_histograms(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    sum_work work;
    size_t added = 0;
    ifm_bump_init(&work.arena, eval->arena->max);
    sum_end end = add_histograms(window, window->count, true, &work, &added);
    if (end == SUM_OVERFLOW) {
        end = average_step_by_step(window, added, &work);
    } else if (end == SUM_DONE) {
        model_histogram_sum_divide(&work.sum, (double)window->count);
    }
    return give_sum(eval, window, end, &work, out);
}

bool promql_sum_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_give_none(out);
    int kind = kind_of(window);
    if (kind < 0) {
        promql_note_mixed_floats(eval, window->argument, window->labels);
        return true;
    }
    if (kind > 0) {
        return sum_histograms(eval, window, out);
    }
    return promql_give(out, promql_sum_floats(window->values, window->count));
}

double promql_sum_floats(const double *values, size_t count)
{
    promql_kahan sum = {0};
    for (size_t i = 0; i < count; i++) {
        promql_kahan_add(&sum, values[i]);
    }
    return isinf(sum.sum) ? sum.sum : sum.sum + sum.rest;
}

double promql_average_floats(const double *values, size_t count)
{
    promql_kahan sum = {.sum = values[0]};
    size_t done = 1;
    for (; done < count; done++) {
        promql_kahan next = sum;
        promql_kahan_add(&next, values[done]);
        if (isinf(next.sum)) {
            break;
        }
        sum = next;
    }
    double n = (double)done;
    if (done == count) {
        return sum.sum / n + sum.rest / n;
    }
    promql_kahan mean = {.sum = sum.sum / n, .rest = sum.rest / n};
    for (; done < count; done++) {
        n = (double)(done + 1);
        double share = (n - 1) / n;
        mean = (promql_kahan){.sum = share * mean.sum, .rest = share * mean.rest};
        promql_kahan_add(&mean, values[done] / n);
    }
    return mean.sum + mean.rest;
}

bool promql_avg_over_time(promql_eval *eval, const promql_window *window, promql_sample *out)
{
    promql_give_none(out);
    int kind = kind_of(window);
    if (kind < 0) {
        promql_note_mixed_floats(eval, window->argument, window->labels);
        return true;
    }
    if (kind > 0) {
        return average_histograms(eval, window, out);
    }
    return promql_give(out, promql_average_floats(window->values, window->count));
}
