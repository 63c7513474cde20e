/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"
#include "promql/natural.h"

#include <math.h>

/* How two series are to stand: < 0 in this order, > 0 the other way round, 0 as they came. */
typedef int sort_compare(const void *context, const promql_series *a, const promql_series *b);

/* Merges two sorted runs of `from` into `to`. */
static void merge_runs(const promql_series *from, promql_series *to, size_t middle, size_t end,
                       sort_compare *compare, const void *context)
{
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < end; i++) {
        bool take_right = left == middle || (right < end && compare(context, &from[right], &from[left]) < 0);
        to[i] = take_right ? from[right++] : from[left++];
    }
}

/* Stable, whatever the comparison says (natural order is no order where a label is missing). Up to twelve
 * are inserted one by one, which then gives what Go's sort gives. */
static bool sort_series(promql_eval *eval, promql_value *value, sort_compare *compare, const void *context)
{
    enum { RUN = 12 };
    promql_series *items = value->series;
    size_t count = value->count;
    for (size_t start = 0; start < count; start += RUN) {
        size_t end = count - start < RUN ? count : start + RUN;
        for (size_t i = start + 1; i < end; i++) {
            promql_series item = items[i];
            size_t at = i;
            for (; at > start && compare(context, &item, &items[at - 1]) < 0; at--) {
                items[at] = items[at - 1];
            }
            items[at] = item;
        }
    }
    if (count <= RUN) {
        return true;
    }
    promql_series *other = ifm_bump_alloc_array(eval->arena, count, sizeof *other);
    if (other == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t run = RUN; run < count; run *= 2) {
        for (size_t start = 0; start < count; start += 2 * run) {
            size_t left = count - start;
            merge_runs(items + start, other + start, left < run ? left : run, left < 2 * run ? left : 2 * run,
                       compare, context);
        }
        promql_series *sorted = other;
        other = items;
        items = sorted;
    }
    value->series = items;
    return true;
}

/* Leaves out the series that have no sample at the only step, or only a histogram if `floats` alone are
 * wanted. */
static void keep_present(promql_value *value, bool floats)
{
    size_t kept = 0;
    for (size_t i = 0; i < value->count; i++) {
        promql_sample sample = promql_series_at(&value->series[i], 0);
        if (sample.present && !(floats && sample.histogram != NULL)) {
            value->series[kept++] = value->series[i];
        }
    }
    value->count = kept;
}

/* A range query sorts its result by labels whatever the expression says. */
static bool sorts_in_vain(promql_eval *eval, const promql_node *call)
{
    if (eval->steps <= 1) {
        return false;
    }
    promql_warn(eval, call,
                "sort is ineffective for range queries since results are always ordered by labels");
    return true;
}

/* NaN last. Of two the later one comes first, as Go's insertion sort has it. */
static int compare_values(double a, double b)
{
    if (isnan(b)) {
        return -1;
    }
    return isnan(a) ? 1 : (a > b) - (a < b);
}

static int compare_ascending(const void *context, const promql_series *a, const promql_series *b)
{
    (void)context;
    return compare_values(a->values[0], b->values[0]);
}

static int compare_descending(const void *context, const promql_series *a, const promql_series *b)
{
    (void)context;
    double left = a->values[0];
    double right = b->values[0];
    return isnan(left) || isnan(right) ? compare_values(left, right) : compare_values(right, left);
}

static void drop_histogram_samples(promql_eval *eval, promql_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        promql_series *series = &value->series[i];
        for (size_t step = 0; step < eval->steps && series->histograms != NULL; step++) {
            if (series->histograms[step] != NULL) {
                series->values[step] = model_from_bits(MODEL_ABSENT_BITS);
            }
        }
        series->histograms = NULL;
    }
}

bool promql_sort(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                 promql_value *out)
{
    (void)count;
    *out = arguments[0];
    bool descending = strcmp(call->call.function->name, "sort_desc") == 0;
    drop_histogram_samples(eval, out);
    if (sorts_in_vain(eval, call)) {
        return true;
    }
    keep_present(out, true);
    return sort_series(eval, out, descending ? compare_descending : compare_ascending, NULL);
}

typedef struct sort_labels {
    const promql_value *names; /* STRING */
    size_t count;
    bool descending;
} sort_labels;

static int compare_labels(const void *context, const promql_series *a, const promql_series *b)
{
    const sort_labels *by = context;
    int sign = by->descending ? -1 : 1;
    for (size_t i = 0; i < by->count; i++) {
        model_text name = {by->names[i].text.data, by->names[i].text.size};
        model_text left = model_labels_get(a->labels, name);
        model_text right = model_labels_get(b->labels, name);
        if (!model_text_equal(left, right)) {
            return promql_natural_precedes(left, right) ? -sign : sign;
        }
    }
    return sign * model_labels_compare(a->labels, b->labels);
}

bool promql_sort_by_label(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                          promql_value *out)
{
    *out = arguments[0];
    if (sorts_in_vain(eval, call)) {
        return true;
    }
    keep_present(out, false);
    bool descending = strcmp(call->call.function->name, "sort_by_label_desc") == 0;
    sort_labels by = {.names = arguments + 1, .count = count - 1, .descending = descending};
    return sort_series(eval, out, compare_labels, &by);
}
