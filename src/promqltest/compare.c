/* SPDX-License-Identifier: Apache-2.0
 *
 * Results against what is expected. Numbers may differ by a millionth of their size, times not at all.
 */
#include "promqltest/eval.h"
#include "promqltest/text.h"

#include <math.h>

static const double EPSILON = 1e-6;

static bool almost_equal(double a, double b)
{
    return model_almost_equal(a, b, EPSILON);
}

/* The next bucket that is not empty. */
static bool next_filled(model_bucket_iterator *it, model_bucket *out)
{
    bool more = model_bucket_iterator_next(it, out);
    while (more && out->count == 0) {
        more = model_bucket_iterator_next(it, out);
    }
    return more;
}

static bool buckets_equal(const model_histogram *a, const model_histogram *b, model_bucket_order order)
{
    model_bucket_iterator left;
    model_bucket_iterator right;
    model_bucket of_left;
    model_bucket of_right;
    model_bucket_iterator_init(&left, a, order);
    model_bucket_iterator_init(&right, b, order);
    bool more = next_filled(&left, &of_left);
    while (more) {
        if (!next_filled(&right, &of_right) || of_left.index != of_right.index ||
            !almost_equal(of_left.count, of_right.count)) {
            return false;
        }
        more = next_filled(&left, &of_left);
    }
    return !next_filled(&right, &of_right);
}

static bool histograms_equal(const promqltest_item *want, const model_histogram *got)
{
    const model_histogram *h = want->histogram;
    return h->schema == got->schema && almost_equal(h->count, got->count) && almost_equal(h->sum, got->sum) &&
           almost_equal(h->zero_count, got->zero_count) && h->zero_threshold == got->zero_threshold &&
           (!model_histogram_is_custom(h) || model_histogram_same_bounds(h, got)) &&
           (!want->hint_given || h->hint == got->hint) && buckets_equal(h, got, MODEL_BUCKETS_POSITIVE) &&
           buckets_equal(h, got, MODEL_BUCKETS_NEGATIVE);
}

static bool point_equal(const promqltest_item *want, const promql_point *got)
{
    if ((want->histogram != NULL) != (got->histogram != NULL)) {
        return false;
    }
    return want->histogram != NULL ? histograms_equal(want, got->histogram)
                                   : almost_equal(want->value, got->value);
}

static void print_item(ifm_buf *out, const promqltest_item *item)
{
    if (item->omitted) {
        ifm_buf_append_char(out, '_');
    } else {
        promqltest_print_sample(out, item->value, item->histogram);
    }
}

/* "{a="b"}: expected X, got Y" */
static void point_differs(ifm_buf *why, model_labels labels, const promqltest_item *want,
                          const promql_point *got)
{
    model_labels_print(labels, why);
    ifm_buf_append_text(why, ": expected ");
    print_item(why, want);
    ifm_buf_append_text(why, ", got ");
    promqltest_print_sample(why, got->value, got->histogram);
}

static void print_points(ifm_buf *out, const promql_result_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : " ");
        promqltest_print_sample(out, series->points[i].value, series->points[i].histogram);
        ifm_buf_printf(out, "@%lld", (long long)series->points[i].time_ms);
    }
}

static promqltest_expected *find_expected(promqltest_eval *eval, model_labels labels)
{
    for (size_t i = 0; i < eval->series_count; i++) {
        if (model_labels_equal(eval->series[i].series.labels, labels)) {
            return &eval->series[i];
        }
    }
    return NULL;
}

static void unexpected(ifm_buf *why, const promql_result_series *got)
{
    ifm_buf_append_text(why, "expected no series ");
    model_labels_print(got->labels, why);
    ifm_buf_append_text(why, ", got ");
    print_points(why, got);
}

static void check_missing(const promqltest_eval *eval, ifm_buf *why)
{
    for (size_t i = 0; i < eval->series_count && why->size == 0; i++) {
        const promqltest_expected *expected = &eval->series[i];
        if (!expected->seen) {
            ifm_buf_append_text(why, "expected ");
            model_labels_print(expected->series.labels, why);
            ifm_buf_append_char(why, ' ');
            print_item(why, &expected->series.items[0]);
            ifm_buf_append_text(why, ", got no such series");
        }
    }
}

static void compare_vector(promqltest_eval *eval, const promql_result_series *series, size_t count,
                           bool in_order, ifm_buf *why)
{
    for (size_t i = 0; i < count && why->size == 0; i++) {
        promqltest_expected *expected = find_expected(eval, series[i].labels);
        if (expected == NULL) {
            unexpected(why, &series[i]);
            return;
        }
        expected->seen = true;
        if (!point_equal(&expected->series.items[0], &series[i].points[0])) {
            point_differs(why, series[i].labels, &expected->series.items[0], &series[i].points[0]);
        } else if (in_order && expected->position != i + 1) {
            model_labels_print(series[i].labels, why);
            ifm_buf_printf(why, ": expected at position %zu, got at %zu", expected->position, i + 1);
        }
    }
    check_missing(eval, why);
}

/* Each point that is expected, at its time, and no other. */
static void compare_points(const promqltest_eval *eval, const promqltest_series *want,
                           const promql_result_series *got, ifm_buf *why)
{
    size_t at = 0;
    for (size_t i = 0; i < want->count && why->size == 0; i++) {
        int64_t time_ms = eval->start_ms + (int64_t)i * eval->step_ms;
        const promqltest_item *item = &want->items[i];
        if (time_ms > eval->end_ms) {
            model_labels_print(got->labels, why);
            ifm_buf_printf(why, ": expected %zu points, got a time range that has less", want->count);
        } else if (item->omitted) {
            continue;
        } else if (at == got->count || got->points[at].time_ms != time_ms) {
            model_labels_print(got->labels, why);
            ifm_buf_append_text(why, ": expected ");
            print_item(why, item);
            ifm_buf_printf(why, "@%lld, got ", (long long)time_ms);
            print_points(why, got);
        } else if (!point_equal(item, &got->points[at])) {
            point_differs(why, got->labels, item, &got->points[at]);
            ifm_buf_printf(why, " at %lld ms", (long long)time_ms);
        }
        at++;
    }
    if (at < got->count && why->size == 0) {
        model_labels_print(got->labels, why);
        ifm_buf_printf(why, ": expected %zu points, got ", at);
        print_points(why, got);
    }
}

static void check_order(const promql_result *result, ifm_buf *why)
{
    for (size_t i = 1; i < result->series_count && why->size == 0; i++) {
        if (model_labels_compare(result->series[i - 1].labels, result->series[i].labels) >= 0) {
            ifm_buf_append_text(why, "expected series sorted by labels, got ");
            model_labels_print(result->series[i - 1].labels, why);
            ifm_buf_append_text(why, " before ");
            model_labels_print(result->series[i].labels, why);
        }
    }
}

static void compare_matrix(promqltest_eval *eval, const promql_result *result, ifm_buf *why)
{
    check_order(result, why);
    for (size_t i = 0; i < result->series_count && why->size == 0; i++) {
        promqltest_expected *expected = find_expected(eval, result->series[i].labels);
        if (expected == NULL) {
            unexpected(why, &result->series[i]);
            return;
        }
        expected->seen = true;
        compare_points(eval, &expected->series, &result->series[i], why);
    }
    check_missing(eval, why);
}

static void compare_scalar(const promqltest_eval *eval, double got, ifm_buf *why)
{
    if (!eval->expects_scalar) {
        ifm_buf_append_text(why, "expected instant vector, got the scalar ");
        promqltest_print_sample(why, got, NULL);
    } else if (!almost_equal(eval->scalar, got)) {
        ifm_buf_append_text(why, "expected ");
        promqltest_print_sample(why, eval->scalar, NULL);
        ifm_buf_append_text(why, ", got ");
        promqltest_print_sample(why, got, NULL);
    }
}

static void compare_string(const promqltest_eval *eval, model_text got, ifm_buf *why)
{
    if (!eval->expects_string || !model_text_equal(eval->string, got)) {
        ifm_buf_append_text(why, "expected ");
        if (eval->expects_string) {
            model_quote(why, eval->string);
        } else {
            ifm_buf_append_text(why, "no string");
        }
        ifm_buf_append_text(why, ", got ");
        model_quote(why, got);
    }
}

/* The type first: the rest relies on it. */
static bool type_fits(const promqltest_eval *eval, promql_type type, ifm_buf *why)
{
    const char *want = NULL;
    if (eval->expects_string && type != PROMQL_TYPE_STRING) {
        want = "string";
    } else if (eval->expects_scalar && type != PROMQL_TYPE_SCALAR) {
        want = "scalar";
    } else if (eval->expects_matrix && type != PROMQL_TYPE_MATRIX) {
        want = "range vector";
    } else if (type == PROMQL_TYPE_MATRIX && !eval->is_range && !eval->expects_matrix) {
        want = "instant vector";
    }
    if (want != NULL) {
        ifm_buf_printf(why, "expected %s, got %s", want, promql_type_name(type));
    }
    return want == NULL;
}

static void forget_seen(promqltest_eval *eval)
{
    for (size_t i = 0; i < eval->series_count; i++) {
        eval->series[i].seen = false;
    }
}

void promqltest_compare(promqltest_eval *eval, const promql_result *result, ifm_buf *why)
{
    forget_seen(eval);
    if (!type_fits(eval, result->type, why)) {
        return;
    }
    switch (result->type) {
    case PROMQL_TYPE_SCALAR:
        compare_scalar(eval, result->scalar.value, why);
        break;
    case PROMQL_TYPE_STRING:
        compare_string(eval, (model_text){result->string.data, result->string.size}, why);
        break;
    case PROMQL_TYPE_MATRIX:
        if (eval->kinds[PROMQLTEST_ORDERED] > 0) {
            ifm_buf_append_text(why, "expected an order, got a range vector, which is sorted by labels");
        } else {
            compare_matrix(eval, result, why);
        }
        break;
    default:
        compare_vector(eval, result->series, result->series_count, eval->kinds[PROMQLTEST_ORDERED] > 0, why);
        break;
    }
}

void promqltest_compare_step(promqltest_eval *eval, const promql_result *result, promql_type type,
                             int64_t time_ms, ifm_bump *arena, ifm_buf *why)
{
    promql_result_series *series = ifm_bump_alloc_array(arena, result->series_count, sizeof *series);
    size_t count = 0;
    forget_seen(eval);
    check_order(result, why);
    for (size_t i = 0; series != NULL && i < result->series_count; i++) {
        const promql_result_series *from = &result->series[i];
        for (size_t k = 0; k < from->count; k++) {
            if (from->points[k].time_ms == time_ms) {
                series[count++] = (promql_result_series){from->labels, &from->points[k], 1};
            }
        }
    }
    if (series == NULL) {
        why->failed = arena->failed;
    }
    if (why->size > 0 || series == NULL) {
        return;
    }
    if (type != PROMQL_TYPE_SCALAR) {
        compare_vector(eval, series, count, false, why);
    } else if (count == 0) {
        ifm_buf_append_text(why, "expected scalar, got nothing");
    } else {
        compare_scalar(eval, series[0].points[0].value, why);
    }
}
