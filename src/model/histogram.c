/* SPDX-License-Identifier: Apache-2.0
 *
 * H1 to H3 are the invariants of histogram.h.
 */
#include "model/histogram.h"

#include "model/histogram_impl.h"

#include <math.h>

bool model_histogram_is_custom(const model_histogram *h)
{
    return h->schema == MODEL_SCHEMA_CUSTOM;
}

static bool check_custom(const model_histogram *h, ifm_error *err)
{
    if (h->zero_count != 0 || h->zero_threshold != 0 || h->negative_count > 0 || h->negative_span_count > 0) {
        return ifm_error_set(err, IFM_INVALID,
                             "histogram with custom buckets has a zero bucket or negative buckets");
    }
    for (uint32_t i = 0; i < h->custom_count; i++) {
        if (!isfinite(h->custom[i])) {
            return ifm_error_set(err, IFM_INVALID, "custom bound %u of a histogram is not finite", i + 1);
        }
        if (i > 0 && h->custom[i] <= h->custom[i - 1]) {
            return ifm_error_set(err, IFM_INVALID,
                                 "custom bound %u of a histogram is not above the one before", i + 1);
        }
    }
    return true;
}

static bool check_side(const model_histogram *h, bool positive, ifm_error *err)
{
    model_side side = model_side_of(h, positive);
    bool custom = model_histogram_is_custom(h);
    int64_t lowest = custom ? 0 : -MODEL_BUCKET_INDEX_MAX;
    int64_t highest = custom ? h->custom_count : MODEL_BUCKET_INDEX_MAX;
    uint64_t count = 0;
    int64_t index = 0;
    for (uint32_t i = 0; i < side.span_count; i++) {
        if (i > 0 && side.spans[i].offset < 0) {
            return ifm_error_set(err, IFM_INVALID, "span %u of a histogram has the negative offset %d", i + 1,
                                 (int)side.spans[i].offset);
        }
        index += side.spans[i].offset;
        count += side.spans[i].length;
        if (index < lowest || index + side.spans[i].length > highest + 1) {
            return ifm_error_set(err, IFM_INVALID, "span %u of a histogram has buckets beyond the last",
                                 i + 1);
        }
        index += side.spans[i].length;
    }
    if (count != side.count || count > MODEL_BUCKETS_MAX) {
        return ifm_error_set(err, IFM_INVALID, "spans of a histogram stand for %llu buckets, but it has %u",
                             (unsigned long long)count, side.count);
    }
    return true;
}

bool model_histogram_check(const model_histogram *h, ifm_error *err)
{
    bool custom = model_histogram_is_custom(h);
    if (!custom && (h->schema < MODEL_SCHEMA_MIN || h->schema > MODEL_SCHEMA_MAX)) {
        return ifm_error_set(err, IFM_INVALID,
                             "histogram has the invalid schema %d; hint: it is %d to %d, or %d",
                             (int)h->schema, MODEL_SCHEMA_MIN, MODEL_SCHEMA_MAX, MODEL_SCHEMA_CUSTOM);
    }
    if (!(h->zero_threshold >= 0)) {
        return ifm_error_set(err, IFM_INVALID, "zero threshold of a histogram is not a number from 0 on");
    }
    if (!custom && h->custom_count > 0) {
        return ifm_error_set(err, IFM_INVALID, "histogram with exponential buckets has custom bounds");
    }
    return (!custom || check_custom(h, err)) && check_side(h, true, err) && check_side(h, false, err);
}

bool model_histogram_overflows(const model_histogram *h)
{
    if (isinf(h->count) || isinf(h->sum) || isinf(h->zero_count)) {
        return true;
    }
    for (uint32_t i = 0; i < h->positive_count; i++) {
        if (isinf(h->positive[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < h->negative_count; i++) {
        if (isinf(h->negative[i])) {
            return true;
        }
    }
    return false;
}

bool model_histogram_same_bounds(const model_histogram *a, const model_histogram *b)
{
    if (a->custom_count != b->custom_count) {
        return false;
    }
    for (uint32_t i = 0; a->custom != b->custom && i < a->custom_count; i++) {
        if (a->custom[i] != b->custom[i]) {
            return false;
        }
    }
    return true;
}

/* `h` itself in the arena; its arrays stay where they are. */
static model_histogram *copy_head(const model_histogram *h, ifm_bump *arena)
{
    model_histogram *out = ifm_bump_alloc(arena, sizeof *out);
    if (out != NULL) {
        *out = *h;
    }
    return out;
}

const model_histogram *model_histogram_copy(const model_histogram *h, ifm_bump *arena)
{
    model_histogram *out = copy_head(h, arena);
    if (out == NULL) {
        return NULL;
    }
    out->positive_spans = (const model_span *)(const void *)ifm_bump_copy(
        arena, h->positive_spans, h->positive_span_count * sizeof *h->positive_spans);
    out->negative_spans = (const model_span *)(const void *)ifm_bump_copy(
        arena, h->negative_spans, h->negative_span_count * sizeof *h->negative_spans);
    out->positive = (const double *)(const void *)ifm_bump_copy(arena, h->positive,
                                                                h->positive_count * sizeof *h->positive);
    out->negative = (const double *)(const void *)ifm_bump_copy(arena, h->negative,
                                                                h->negative_count * sizeof *h->negative);
    out->custom =
        (const double *)(const void *)ifm_bump_copy(arena, h->custom, h->custom_count * sizeof *h->custom);
    return arena->failed == IFM_OK ? out : NULL;
}

const model_histogram *model_histogram_with_hint(const model_histogram *h, model_reset_hint hint,
                                                 ifm_bump *arena)
{
    model_histogram *out = copy_head(h, arena);
    if (out != NULL) {
        out->hint = hint;
    }
    return out;
}

/* Each count times or by `by`, in new memory. */
static const double *scale_counts(const double *counts, uint32_t count, double by, bool divide,
                                  ifm_bump *arena)
{
    double *out = ifm_bump_alloc_array(arena, count, sizeof *out);
    if (out == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        out[i] = divide ? counts[i] / by : counts[i] * by;
    }
    return out;
}

static const model_histogram *scale(const model_histogram *h, double by, bool divide, ifm_bump *arena)
{
    model_histogram *out = copy_head(h, arena);
    if (out == NULL) {
        return NULL;
    }
    out->zero_count = divide ? h->zero_count / by : h->zero_count * by;
    out->count = divide ? h->count / by : h->count * by;
    out->sum = divide ? h->sum / by : h->sum * by;
    if (divide && by == 0) {
        model_side_set(out, true, (model_side){0});
        model_side_set(out, false, (model_side){0});
        return out;
    }
    out->positive = scale_counts(h->positive, h->positive_count, by, divide, arena);
    out->negative = scale_counts(h->negative, h->negative_count, by, divide, arena);
    if (by < 0) {
        out->hint = MODEL_RESET_GAUGE;
    }
    return arena->failed == IFM_OK ? out : NULL;
}

const model_histogram *model_histogram_scale(const model_histogram *h, double factor, ifm_bump *arena)
{
    return scale(h, factor, false, arena);
}

const model_histogram *model_histogram_divide(const model_histogram *h, double divisor, ifm_bump *arena)
{
    return scale(h, divisor, true, arena);
}

const model_histogram *model_histogram_compact(const model_histogram *h, uint32_t empty_max, ifm_bump *arena)
{
    model_side positive, negative;
    if (!model_side_compact(model_side_of(h, true), empty_max, arena, &positive) ||
        !model_side_compact(model_side_of(h, false), empty_max, arena, &negative)) {
        return NULL;
    }
    if (positive.counts == h->positive && negative.counts == h->negative) {
        return h;
    }
    model_histogram *out = copy_head(h, arena);
    if (out != NULL) {
        model_side_set(out, true, positive);
        model_side_set(out, false, negative);
    }
    return out;
}

const model_histogram *model_histogram_copy_to_schema(const model_histogram *h, int32_t schema,
                                                      ifm_bump *arena)
{
    model_histogram *out = copy_head(h, arena);
    if (out == NULL || schema == h->schema) {
        return out;
    }
    out->schema = schema;
    out->hint = MODEL_RESET_UNKNOWN;
    for (int positive = 0; positive <= 1; positive++) {
        model_side side = model_side_of(h, positive);
        model_builder b;
        if (!model_builder_init(&b, side.span_count, side.count, false, arena)) {
            return NULL;
        }
        model_cursor c;
        for (model_cursor_init(&c, side, h->schema, schema); model_cursor_next(&c);) {
            model_builder_push(&b, c.index, c.count, 0);
        }
        model_side_set(out, positive, model_builder_side(&b));
    }
    return out;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool side_equal(model_side a, model_side b)
{
    model_cursor at_a, at_b;
    model_cursor_init(&at_a, a, 0, 0);
    model_cursor_init(&at_b, b, 0, 0);
    for (;;) {
        bool more = model_cursor_next(&at_a);
        if (more != model_cursor_next(&at_b)) {
            return false;
        }
        if (!more) {
            return true;
        }
        if (at_a.index != at_b.index || !same_bits(at_a.count, at_b.count)) {
            return false;
        }
    }
}

bool model_histogram_equal(const model_histogram *a, const model_histogram *b)
{
    return a->schema == b->schema && same_bits(a->count, b->count) && same_bits(a->sum, b->sum) &&
           a->zero_threshold == b->zero_threshold && same_bits(a->zero_count, b->zero_count) &&
           model_histogram_same_bounds(a, b) && side_equal(model_side_of(a, true), model_side_of(b, true)) &&
           side_equal(model_side_of(a, false), model_side_of(b, false));
}
