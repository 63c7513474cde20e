/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and differences. Two histograms are brought to the larger zero bucket and the coarser schema (or to
 * the custom bounds that both have) before their buckets are added. One body serves plain and compensated
 * sums: the latter have a second histogram of the same layout, `rest`.
 */
#include "model/histogram_impl.h"

#include <math.h>

typedef struct sum {
    model_histogram value; /* but for its buckets, which are in `sides` while the sum is made */
    model_histogram rest;
    model_side sides[2]; /* negative, positive */
    bool kahan;
    bool negative; /* a difference */
    ifm_bump *arena;
    unsigned *flags;
} sum;

static model_reset_hint sum_hint(model_reset_hint a, model_reset_hint b, unsigned *flags)
{
    if (a == b) {
        return a;
    }
    if (a == MODEL_RESET_GAUGE || b == MODEL_RESET_GAUGE) {
        return MODEL_RESET_GAUGE;
    }
    if (a != MODEL_RESET_UNKNOWN && b != MODEL_RESET_UNKNOWN) {
        *flags |= MODEL_ADD_RESET_COLLISION;
    }
    return MODEL_RESET_UNKNOWN;
}

static void sum_number(const sum *s, double b, double *a, double *rest)
{
    if (s->kahan) {
        model_kahan_add(b, a, rest);
    } else {
        *a = s->negative ? *a - b : *a + b;
    }
}

/* What the zero bucket has grown over is dropped, and with it what is empty. */
static bool sum_drop_below_zero(sum *s)
{
    for (int positive = 0; positive <= 1; positive++) {
        model_side side = s->sides[positive];
        model_builder b;
        if (!model_builder_init(&b, side.count, side.count, s->kahan, s->arena)) {
            return false;
        }
        model_cursor c;
        for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
            double lower = model_histogram_bound((int32_t)c.index - 1, s->value.schema);
            if (lower >= s->value.zero_threshold && (c.count != 0 || c.extra != 0)) {
                model_builder_push(&b, c.index, c.count, c.extra);
            }
        }
        s->sides[positive] = model_builder_side(&b);
    }
    return true;
}

static bool sum_grow_zero(sum *s, double threshold)
{
    for (int positive = 0; positive <= 1; positive++) {
        model_side_set(&s->value, positive, s->sides[positive]);
        model_side rest = s->sides[positive];
        rest.counts = rest.extra;
        model_side_set(&s->rest, positive, rest);
    }
    double rest = 0;
    s->value.zero_count = model_zero_count(&s->value, s->kahan ? &s->rest : NULL, &threshold, &rest);
    s->rest.zero_count = rest;
    s->value.zero_threshold = threshold;
    return sum_drop_below_zero(s);
}

static bool sum_zero_buckets(sum *s, const model_histogram *b)
{
    double count = b->zero_count;
    double threshold = b->zero_threshold;
    double rest = 0;
    while (threshold != s->value.zero_threshold) {
        if (threshold < s->value.zero_threshold) {
            threshold = s->value.zero_threshold;
            count = model_zero_count(b, NULL, &threshold, &rest);
        }
        if (threshold > s->value.zero_threshold && !sum_grow_zero(s, threshold)) {
            return false;
        }
    }
    sum_number(s, count, &s->value.zero_count, &s->rest.zero_count);
    if (s->kahan) {
        model_kahan_add(rest, &s->value.zero_count, &s->rest.zero_count);
    }
    return true;
}

static void sum_push(const sum *s, model_builder *out, const model_cursor *a, const model_cursor *b)
{
    if (b == NULL) {
        model_builder_push(out, a->index, a->count, a->extra);
        return;
    }
    if (a == NULL) {
        model_builder_push(out, b->index, s->negative ? -b->count : b->count, b->extra);
        return;
    }
    double count = a->count;
    double rest = a->extra;
    sum_number(s, b->count, &count, &rest);
    if (s->kahan && b->extra != 0) {
        model_kahan_add(b->extra, &count, &rest);
    }
    model_builder_push(out, a->index, count, rest);
}

/* Adds the buckets of one sign; both are taken to the schema `target`. What `b` has within the zero bucket is
 * in the zero count already. */
static bool sum_side(sum *s, const model_histogram *b, bool positive, int32_t target)
{
    model_side from = model_side_of(b, positive);
    model_side to = s->sides[positive];
    model_builder out;
    if (!model_builder_init(&out, (size_t)from.span_count + to.span_count, (size_t)from.count + to.count,
                            s->kahan, s->arena)) {
        return false;
    }
    model_cursor at_a, at_b;
    model_cursor_init(&at_a, to, s->value.schema, target);
    model_cursor_init(&at_b, from, b->schema, target);
    bool more_a = model_cursor_next(&at_a);
    bool more_b = model_cursor_next(&at_b);
    while (more_b && target != MODEL_SCHEMA_CUSTOM &&
           model_histogram_bound((int32_t)at_b.index, target) <= s->value.zero_threshold) {
        more_b = model_cursor_next(&at_b);
    }
    while (more_a || more_b) {
        bool take_a = more_a && (!more_b || at_a.index <= at_b.index);
        bool take_b = more_b && (!more_a || at_b.index <= at_a.index);
        sum_push(s, &out, take_a ? &at_a : NULL, take_b ? &at_b : NULL);
        more_a = take_a ? model_cursor_next(&at_a) : more_a;
        more_b = take_b ? model_cursor_next(&at_b) : more_b;
    }
    s->sides[positive] = model_builder_side(&out);
    return true;
}

/* The bounds that both have. */
static double *common_bounds(const model_histogram *a, const model_histogram *b, ifm_bump *arena,
                             uint32_t *count)
{
    uint32_t room = a->custom_count < b->custom_count ? a->custom_count : b->custom_count;
    double *out = ifm_bump_alloc_array(arena, room, sizeof *out);
    *count = 0;
    for (uint32_t i = 0, j = 0; out != NULL && i < a->custom_count && j < b->custom_count;) {
        if (a->custom[i] == b->custom[j]) {
            out[(*count)++] = a->custom[i];
            i++;
            j++;
        } else if (a->custom[i] < b->custom[j]) {
            i++;
        } else {
            j++;
        }
    }
    return out;
}

/* Adds a side to buckets[0..count], which end at bounds[0..count) and +Inf. */
static void sum_custom_side(const sum *s, model_side side, const model_histogram *h,
                            const model_histogram *bounds, double *buckets[2])
{
    model_cursor c;
    uint32_t at = 0;
    for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
        double upper = model_side_bound(h, c.index);
        while (at < bounds->custom_count && bounds->custom[at] < upper) {
            at++;
        }
        sum_number(s, c.count, &buckets[0][at], &buckets[1][at]);
        if (s->kahan && c.extra != 0) {
            model_kahan_add(c.extra, &buckets[0][at], &buckets[1][at]);
        }
    }
}

/* Custom bounds that differ. */
static bool sum_custom(sum *s, const model_histogram *b)
{
    model_histogram common = s->value;
    common.custom = common_bounds(&s->value, b, s->arena, &common.custom_count);
    size_t count = (size_t)common.custom_count + 1;
    double *buckets[2] = {ifm_bump_alloc_array(s->arena, count, sizeof *buckets[0]),
                          ifm_bump_alloc_array(s->arena, count, sizeof *buckets[1])};
    model_builder out;
    if (!model_builder_init(&out, count, count, s->kahan, s->arena)) {
        return false;
    }
    sum first = *s;
    first.negative = false;
    sum_custom_side(&first, s->sides[1], &s->value, &common, buckets);
    sum_custom_side(s, model_side_of(b, true), b, &common, buckets);
    for (size_t i = 0; i < count; i++) {
        if (buckets[0][i] != 0) {
            model_builder_push(&out, (int64_t)i, buckets[0][i], buckets[1][i]);
        }
    }
    s->sides[1] = model_builder_side(&out);
    s->value.custom = common.custom;
    s->value.custom_count = common.custom_count;
    *s->flags |= MODEL_ADD_BOUNDS_RECONCILED;
    return true;
}

/* Both signs, once the zero buckets are the same. */
static bool sum_sides(sum *s, const model_histogram *b)
{
    if (model_histogram_is_custom(b)) {
        return model_histogram_same_bounds(&s->value, b) ? sum_side(s, b, true, MODEL_SCHEMA_CUSTOM)
                                                         : sum_custom(s, b);
    }
    int32_t target = b->schema < s->value.schema ? b->schema : s->value.schema;
    if (!sum_side(s, b, false, target) || !sum_side(s, b, true, target)) {
        return false;
    }
    s->value.schema = target;
    return true;
}

/* Adds `b` to `s`, of which value, rest and sides are set. On false `s` is of no use. */
static bool sum_make(sum *s, const model_histogram *b)
{
    *s->flags = 0;
    if (model_histogram_is_custom(&s->value) != model_histogram_is_custom(b)) {
        *s->flags = MODEL_ADD_INCOMPATIBLE;
        return false;
    }
    s->value.hint = sum_hint(s->value.hint, b->hint, s->flags);
    if (!model_histogram_is_custom(b) && !sum_zero_buckets(s, b)) {
        return false;
    }
    sum_number(s, b->count, &s->value.count, &s->rest.count);
    sum_number(s, b->sum, &s->value.sum, &s->rest.sum);
    if (!sum_sides(s, b)) {
        return false;
    }
    model_side_set(&s->value, false, s->sides[0]);
    model_side_set(&s->value, true, s->sides[1]);
    return true;
}

static bool add(const model_histogram *a, const model_histogram *b, bool negative, ifm_bump *arena,
                const model_histogram **out, unsigned *flags)
{
    sum s = {.value = *a, .negative = negative, .arena = arena, .flags = flags};
    s.sides[0] = model_side_of(a, false);
    s.sides[1] = model_side_of(a, true);
    if (!sum_make(&s, b)) {
        return false;
    }
    model_histogram *made = ifm_bump_alloc(arena, sizeof *made);
    if (made == NULL) {
        return false;
    }
    *made = s.value;
    *out = made;
    return true;
}

bool model_histogram_add(const model_histogram *a, const model_histogram *b, ifm_bump *arena,
                         const model_histogram **out, unsigned *flags)
{
    return add(a, b, false, arena, out, flags);
}

bool model_histogram_sub(const model_histogram *a, const model_histogram *b, ifm_bump *arena,
                         const model_histogram **out, unsigned *flags)
{
    return add(a, b, true, arena, out, flags);
}

/* --- Compensated sums ------------------------------------------------------------------------------- */

/* The same pointers, which are ours and so may be written through. */
static double *own_counts(const double *counts)
{
    return (double *)(uintptr_t)counts;
}

/* Takes value and sides over; the compensations have the layout of the value. */
static void sum_keep(model_histogram_sum *to, const sum *s)
{
    to->value = s->value;
    to->compensation = s->value;
    to->compensation.zero_count = s->rest.zero_count;
    to->compensation.count = s->rest.count;
    to->compensation.sum = s->rest.sum;
    to->compensation.negative = s->sides[0].extra;
    to->compensation.positive = s->sides[1].extra;
    to->own[0] = own_counts(s->sides[1].counts);
    to->own[1] = own_counts(s->sides[0].counts);
    to->own[2] = own_counts(s->sides[1].extra);
    to->own[3] = own_counts(s->sides[0].extra);
}

static bool sum_copy(const model_histogram *h, const model_histogram *rest, ifm_bump *arena,
                     model_histogram_sum *out)
{
    const model_histogram *copy = model_histogram_copy(h, arena);
    sum s = {.arena = arena, .kahan = true};
    if (copy == NULL) {
        return false;
    }
    s.value = *copy;
    for (int positive = 0; positive <= 1; positive++) {
        s.sides[positive] = model_side_of(copy, positive);
        double *extra = ifm_bump_alloc_array(arena, s.sides[positive].count, sizeof *extra);
        const double *from = rest == NULL ? NULL : positive ? rest->positive : rest->negative;
        if (extra == NULL) {
            return false;
        }
        if (from != NULL) {
            memcpy(extra, from, s.sides[positive].count * sizeof *extra);
        }
        s.sides[positive].extra = extra;
    }
    if (rest != NULL) {
        s.rest = *rest;
    }
    sum_keep(out, &s);
    return true;
}

bool model_histogram_sum_init(model_histogram_sum *to, const model_histogram *h, ifm_bump *arena)
{
    return sum_copy(h, NULL, arena, to);
}

bool model_histogram_sum_copy(const model_histogram_sum *from, ifm_bump *arena, model_histogram_sum *out)
{
    return sum_copy(&from->value, &from->compensation, arena, out);
}

static bool same_spans(model_side a, model_side b)
{
    return a.span_count == b.span_count && a.count == b.count &&
           (a.span_count == 0 || memcmp(a.spans, b.spans, a.span_count * sizeof *a.spans) == 0);
}

/* Whether nothing of this side lies within the zero bucket, where it would have to be left out. */
static bool side_is_above_zero(const model_histogram *h, model_side side)
{
    return model_histogram_is_custom(h) || side.span_count == 0 ||
           model_histogram_bound(side.spans[0].offset, h->schema) > h->zero_threshold;
}

static bool same_layout(const model_histogram *a, const model_histogram *b)
{
    return a->schema == b->schema && a->zero_threshold == b->zero_threshold &&
           same_spans(model_side_of(a, true), model_side_of(b, true)) &&
           same_spans(model_side_of(a, false), model_side_of(b, false)) &&
           model_histogram_same_bounds(a, b) && side_is_above_zero(b, model_side_of(b, true)) &&
           side_is_above_zero(b, model_side_of(b, false));
}

/* The usual case: bucket by bucket, without new memory. */
static void sum_add_in_place(model_histogram_sum *to, const model_histogram *h, unsigned *flags)
{
    *flags = 0;
    to->value.hint = sum_hint(to->value.hint, h->hint, flags);
    to->compensation.hint = to->value.hint;
    model_kahan_add(h->zero_count, &to->value.zero_count, &to->compensation.zero_count);
    model_kahan_add(h->count, &to->value.count, &to->compensation.count);
    model_kahan_add(h->sum, &to->value.sum, &to->compensation.sum);
    for (uint32_t i = 0; i < h->positive_count; i++) {
        model_kahan_add(h->positive[i], &to->own[0][i], &to->own[2][i]);
    }
    for (uint32_t i = 0; i < h->negative_count; i++) {
        model_kahan_add(h->negative[i], &to->own[1][i], &to->own[3][i]);
    }
}

bool model_histogram_sum_add(model_histogram_sum *to, const model_histogram *h, ifm_bump *arena,
                             unsigned *flags)
{
    if (same_layout(&to->value, h)) {
        sum_add_in_place(to, h, flags);
        return true;
    }
    sum s = {.value = to->value, .rest = to->compensation, .kahan = true, .arena = arena, .flags = flags};
    for (int positive = 0; positive <= 1; positive++) {
        s.sides[positive] = model_side_of(&to->value, positive);
        s.sides[positive].extra = positive ? to->compensation.positive : to->compensation.negative;
    }
    if (!sum_make(&s, h)) {
        return false;
    }
    sum_keep(to, &s);
    return true;
}

static void divide_counts(double *counts, uint32_t count, double divisor)
{
    for (uint32_t i = 0; i < count; i++) {
        counts[i] /= divisor;
    }
}

void model_histogram_sum_divide(model_histogram_sum *of, double divisor)
{
    model_histogram *both[] = {&of->value, &of->compensation};
    for (size_t i = 0; i < IFM_COUNT_OF(both); i++) {
        both[i]->zero_count /= divisor;
        both[i]->count /= divisor;
        both[i]->sum /= divisor;
        divide_counts(of->own[2 * i], both[i]->positive_count, divisor);
        divide_counts(of->own[2 * i + 1], both[i]->negative_count, divisor);
    }
}

const model_histogram *model_histogram_sum_total(const model_histogram_sum *of, ifm_bump *arena)
{
    model_histogram_sum copy;
    model_histogram *out = ifm_bump_alloc(arena, sizeof *out);
    if (out == NULL || !model_histogram_sum_copy(of, arena, &copy)) {
        return NULL;
    }
    *out = copy.value;
    out->zero_count += copy.compensation.zero_count;
    out->count += copy.compensation.count;
    out->sum += copy.compensation.sum;
    for (uint32_t i = 0; i < out->positive_count; i++) {
        copy.own[0][i] += copy.own[2][i];
    }
    for (uint32_t i = 0; i < out->negative_count; i++) {
        copy.own[1][i] += copy.own[3][i];
    }
    return out;
}
