/* SPDX-License-Identifier: Apache-2.0
 *
 * histogram_quantile(), histogram_quantiles() and histogram_fraction(): the series that belong together are
 * found and sorted once, then each step is computed.
 *
 * Q1  the bounds of a group are sorted; those that are equal are in the order in which they came.
 */
#include "promql/functions_impl.h"

#include <math.h>
#include <stdlib.h>

/* One series of a classic histogram. */
typedef struct classic_bound {
    double upper;
    uint32_t series;
} classic_bound;

/* A classic histogram, a native one, or both: series with the same labels but for `le`. */
typedef struct histogram_group {
    model_labels labels;
    classic_bound *bounds;
    uint32_t bound_count;
    const promql_series *native; /* NULL: there is none */
} histogram_group;

typedef struct histogram_groups {
    promql_eval *eval;
    const promql_value *vector;
    const promql_node *at; /* the vector, for annotations */
    histogram_group *items;
    size_t count;
    promql_index index;
    promql_bucket *buckets; /* room for those of the largest group */
} histogram_groups;

static int compare_bounds(const void *a, const void *b)
{
    const classic_bound *left = a;
    const classic_bound *right = b;
    if (left->upper != right->upper && !isnan(left->upper) && !isnan(right->upper)) {
        return left->upper < right->upper ? -1 : 1;
    }
    return (left->series > right->series) - (left->series < right->series);
}

static bool has_sample(const promql_eval *eval, const promql_series *series, bool histogram)
{
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (sample.present && (sample.histogram != NULL) == histogram) {
            return true;
        }
    }
    return false;
}

/* The group with these labels; NULL without memory. */
static histogram_group *group_get(histogram_groups *groups, model_labels labels)
{
    size_t number = 0;
    bool fresh = false;
    if (!promql_index_put(groups->eval, &groups->index, labels, &number, &fresh)) {
        return NULL;
    }
    if (fresh) {
        histogram_group *items =
            ifm_bump_grow(groups->eval->arena, groups->items, groups->count, sizeof *items);
        if (items == NULL) {
            return NULL;
        }
        groups->items = items;
        groups->items[groups->count++] = (histogram_group){.labels = labels};
    }
    return &groups->items[number];
}

static bool put_classic(histogram_groups *groups, size_t index)
{
    promql_eval *eval = groups->eval;
    const promql_series *series = &groups->vector->series[index];
    model_text le = model_labels_get(series->labels, model_text_of("le"));
    double upper;
    if (!ifm_number_read(le.data, le.size, &upper)) {
        promql_note_bad_bucket(eval, groups->at, series->labels);
        return true;
    }
    model_labels labels =
        model_labels_with(series->labels, model_text_of("le"), (model_text){0}, eval->arena);
    histogram_group *group = group_get(groups, labels);
    classic_bound *bounds =
        group == NULL ? NULL : ifm_bump_grow(eval->arena, group->bounds, group->bound_count, sizeof *bounds);
    if (bounds == NULL) {
        return false;
    }
    bounds[group->bound_count++] = (classic_bound){upper, (uint32_t)index};
    group->bounds = bounds;
    return true;
}

static bool put_native(histogram_groups *groups, size_t index)
{
    const promql_series *series = &groups->vector->series[index];
    histogram_group *group = group_get(groups, series->labels);
    if (group == NULL) {
        return false;
    }
    group->native = series;
    return true;
}

/* False: eval->err is set. */
static bool groups_make(histogram_groups *groups, promql_eval *eval, const promql_value *vector,
                        const promql_node *at)
{
    *groups = (histogram_groups){.eval = eval, .vector = vector, .at = at};
    for (size_t i = 0; i < vector->count; i++) {
        const promql_series *series = &vector->series[i];
        if ((has_sample(eval, series, false) && !put_classic(groups, i)) ||
            (series->histograms != NULL && has_sample(eval, series, true) && !put_native(groups, i))) {
            return promql_check_arena(eval);
        }
    }
    uint32_t most = 0;
    for (size_t i = 0; i < groups->count; i++) {
        histogram_group *group = &groups->items[i];
        if (group->bound_count > 0) { /* else there is no array */
            qsort(group->bounds, group->bound_count, sizeof *group->bounds, compare_bounds); /* Q1 */
        }
        most = group->bound_count > most ? group->bound_count : most;
    }
    groups->buckets = ifm_bump_alloc_array(eval->arena, most, sizeof *groups->buckets);
    return promql_check_arena(eval);
}

/* What a group has at one step. */
typedef struct group_step {
    const model_histogram *native;
    size_t bucket_count; /* in groups->buckets */
} group_step;

/* A classic and a native histogram at once are neither. */
static group_step group_at(histogram_groups *groups, const histogram_group *group, size_t step)
{
    group_step found = {0};
    for (uint32_t i = 0; i < group->bound_count; i++) {
        promql_sample sample = promql_series_at(&groups->vector->series[group->bounds[i].series], step);
        if (sample.present && sample.histogram == NULL) {
            groups->buckets[found.bucket_count++] = (promql_bucket){group->bounds[i].upper, sample.value};
        }
    }
    if (group->native != NULL) {
        found.native = group->native->histograms[step];
    }
    if (found.native != NULL && found.bucket_count > 0) {
        promql_note_mixed_classic(groups->eval, groups->at, group->native->labels);
        found = (group_step){0};
    }
    return found;
}

/* The result of a group: a series that has no metadata labels at the end. */
static promql_series *add_result(promql_eval *eval, promql_value *out, model_labels labels)
{
    promql_series *series = promql_value_add(eval, out, labels);
    if (series != NULL) {
        promql_drop_name(eval, series);
    }
    return series;
}

/* The labels to name in a note. Without delayed name removal, Prometheus does not know the name any more. */
static model_labels noted_labels(const promql_eval *eval, const histogram_group *group)
{
    return eval->options->delayed_name_removal ? group->labels : (model_labels){0};
}

static double group_quantile(histogram_groups *groups, const histogram_group *group, group_step found,
                             double q, size_t step, promql_fixes *fixes)
{
    promql_eval *eval = groups->eval;
    if (found.native != NULL) {
        promql_nan_note note;
        double value = promql_histogram_quantile(q, found.native, &note);
        if (note != PROMQL_NAN_NONE) {
            promql_note_nan(eval, groups->at, noted_labels(eval, group), note);
        }
        return value;
    }
    promql_monotonicity fixed;
    double value = promql_bucket_quantile(q, groups->buckets, found.bucket_count, &fixed);
    if (fixed.forced) {
        promql_fixes_add(fixes, promql_step_time_ms(eval, step), fixed);
    }
    return value;
}

static void check_quantiles(promql_eval *eval, const promql_node *at, const double *quantiles)
{
    for (size_t step = 0; step < eval->steps; step++) {
        double q = quantiles[step];
        bool again = step > 0 && model_bits(q) == model_bits(quantiles[step - 1]);
        if (!again && (isnan(q) || q < 0 || q > 1)) {
            promql_note_quantile(eval, at, q);
        }
    }
}

/* One group at all steps. */
static bool quantile_series(histogram_groups *groups, const histogram_group *group, const double *quantiles,
                            promql_value *out)
{
    promql_eval *eval = groups->eval;
    promql_series *series = add_result(eval, out, group->labels);
    promql_fixes fixes = {.samples = 0};
    for (size_t step = 0; step < eval->steps && series != NULL; step++) {
        group_step found = group_at(groups, group, step);
        if (found.native != NULL || found.bucket_count > 0) {
            series->values[step] = group_quantile(groups, group, found, quantiles[step], step, &fixes);
        }
    }
    promql_note_monotonicity(eval, groups->at, noted_labels(eval, group), &fixes);
    return promql_check_arena(eval) && promql_check_interrupt(eval);
}

bool promql_histogram_quantile_call(promql_eval *eval, const promql_node *call, promql_value *arguments,
                                    size_t count, promql_value *out)
{
    (void)count;
    histogram_groups groups;
    check_quantiles(eval, call->call.arguments[0], arguments[0].scalar);
    if (!groups_make(&groups, eval, &arguments[1], call->call.arguments[1])) {
        return false;
    }
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 0; i < groups.count; i++) {
        if (!quantile_series(&groups, &groups.items[i], arguments[0].scalar, out)) {
            return false;
        }
    }
    return true;
}

/* The labels of a group with the quantile among them, as OpenMetrics writes it. */
static model_labels quantile_labels(promql_eval *eval, model_labels labels, promql_text name, double quantile)
{
    char number[IFM_NUMBER_SIZE];
    size_t size = ifm_number_write_canonical(number, quantile);
    const char *copy = ifm_bump_copy(eval->arena, number, size);
    if (copy == NULL) {
        return labels;
    }
    return model_labels_with(labels, (model_text){name.data, name.size}, (model_text){copy, size},
                             eval->arena);
}

/* All groups for one quantile, which may be another one at each step: then there is a series for each. */
static bool quantiles_of(histogram_groups *groups, const double *quantiles, promql_text name,
                         promql_value *out)
{
    promql_eval *eval = groups->eval;
    for (size_t i = 0; i < groups->count; i++) {
        const histogram_group *group = &groups->items[i];
        promql_series *series = NULL;
        promql_fixes fixes = {.samples = 0};
        for (size_t step = 0; step < eval->steps; step++) {
            if (step == 0 || model_bits(quantiles[step]) != model_bits(quantiles[step - 1])) {
                series = add_result(eval, out, quantile_labels(eval, group->labels, name, quantiles[step]));
            }
            if (series == NULL) {
                return promql_check_arena(eval);
            }
            group_step found = group_at(groups, group, step);
            if (found.native != NULL || found.bucket_count > 0) {
                series->values[step] = group_quantile(groups, group, found, quantiles[step], step, &fixes);
            }
        }
        promql_note_monotonicity(eval, groups->at, noted_labels(eval, group), &fixes);
        if (!promql_check_arena(eval) || !promql_check_interrupt(eval)) {
            return false;
        }
    }
    return true;
}

bool promql_histogram_quantiles_call(promql_eval *eval, const promql_node *call, promql_value *arguments,
                                     size_t count, promql_value *out)
{
    histogram_groups groups;
    for (size_t i = 2; i < count; i++) {
        check_quantiles(eval, call->call.arguments[i], arguments[i].scalar);
    }
    if (!groups_make(&groups, eval, &arguments[0], call->call.arguments[0])) {
        return false;
    }
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 2; i < count; i++) {
        if (!quantiles_of(&groups, arguments[i].scalar, arguments[1].text, out)) {
            return false;
        }
    }
    return true;
}

static double group_fraction(histogram_groups *groups, const histogram_group *group, group_step found,
                             const promql_value *arguments, size_t step)
{
    double lower = arguments[0].scalar[step];
    double upper = arguments[1].scalar[step];
    if (found.native == NULL) {
        return promql_bucket_fraction(lower, upper, groups->buckets, found.bucket_count);
    }
    promql_nan_note note;
    double value = promql_histogram_fraction(lower, upper, found.native, &note);
    if (note != PROMQL_NAN_NONE) {
        promql_note_nan(groups->eval, groups->at, noted_labels(groups->eval, group), note);
    }
    return value;
}

bool promql_histogram_fraction_call(promql_eval *eval, const promql_node *call, promql_value *arguments,
                                    size_t count, promql_value *out)
{
    (void)count;
    histogram_groups groups;
    if (!groups_make(&groups, eval, &arguments[2], call->call.arguments[2])) {
        return false;
    }
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 0; i < groups.count; i++) {
        const histogram_group *group = &groups.items[i];
        promql_series *series = add_result(eval, out, group->labels);
        for (size_t step = 0; step < eval->steps && series != NULL; step++) {
            group_step found = group_at(&groups, group, step);
            if (found.native != NULL || found.bucket_count > 0) {
                series->values[step] = group_fraction(&groups, group, found, arguments, step);
            }
        }
        if (!promql_check_arena(eval) || !promql_check_interrupt(eval)) {
            return false;
        }
    }
    return true;
}
