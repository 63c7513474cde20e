/* SPDX-License-Identifier: Apache-2.0 */
#include "model/histogram_impl.h"

#include <float.h>
#include <math.h>

model_side model_side_of(const model_histogram *h, bool positive)
{
    if (positive) {
        return (model_side){h->positive_spans, h->positive, NULL, h->positive_span_count, h->positive_count};
    }
    return (model_side){h->negative_spans, h->negative, NULL, h->negative_span_count, h->negative_count};
}

void model_side_set(model_histogram *h, bool positive, model_side side)
{
    if (positive) {
        h->positive_spans = side.spans;
        h->positive = side.counts;
        h->positive_span_count = side.span_count;
        h->positive_count = side.count;
    } else {
        h->negative_spans = side.spans;
        h->negative = side.counts;
        h->negative_span_count = side.span_count;
        h->negative_count = side.count;
    }
}

void model_kahan_add(double value, double *sum, double *rest)
{
    double before = *sum;
    double total = before + value;
    if (fabs(total) > DBL_MAX) {
        *rest = 0;
    } else if (fabs(before) >= fabs(value)) {
        *rest += (before - total) + value;
    } else {
        *rest += (value - total) + before;
    }
    *sum = total;
}

void model_cursor_init(model_cursor *c, model_side side, int32_t schema, int32_t target)
{
    *c = (model_cursor){.side = side, .shift = schema - target};
    c->next = side.span_count > 0 ? side.spans[0].offset : 0;
}

/* The bucket with index i holds (2^((i-1)/n), 2^(i/n)]: the index before it is what is divided. */
static int64_t cursor_target(const model_cursor *c, int64_t index)
{
    return c->shift == 0 ? index : ((index - 1) >> c->shift) + 1;
}

/* Moves to a span with a bucket that was not read yet; false when there is none. */
static bool cursor_seek(model_cursor *c)
{
    while (c->span < c->side.span_count && c->in_span >= c->side.spans[c->span].length) {
        c->span++;
        c->in_span = 0;
        if (c->span < c->side.span_count) {
            c->next += c->side.spans[c->span].offset;
        }
    }
    return c->span < c->side.span_count && c->at < c->side.count;
}

static void cursor_take(model_cursor *c, double *count, double *extra)
{
    *count = c->side.counts[c->at];
    *extra = c->side.extra == NULL ? 0 : c->side.extra[c->at];
    c->at++;
    c->in_span++;
    c->next++;
}

bool model_cursor_next(model_cursor *c)
{
    if (!cursor_seek(c)) {
        return false;
    }
    c->index = cursor_target(c, c->next);
    cursor_take(c, &c->count, &c->extra);
    while (c->shift > 0 && cursor_seek(c) && cursor_target(c, c->next) == c->index) {
        double count, extra;
        cursor_take(c, &count, &extra);
        /* The sum is the plain one; its compensation is used by compensated sums only. */
        model_kahan_add(count, &c->count, &c->extra);
        if (extra != 0) {
            model_kahan_add(extra, &c->count, &c->extra);
        }
    }
    return true;
}

bool model_builder_init(model_builder *b, size_t spans, size_t buckets, bool extra, ifm_bump *arena)
{
    *b = (model_builder){0};
    b->spans = ifm_bump_alloc_array(arena, spans, sizeof *b->spans);
    b->counts = ifm_bump_alloc_array(arena, buckets, sizeof *b->counts);
    if (extra) {
        b->extra = ifm_bump_alloc_array(arena, buckets, sizeof *b->extra);
    }
    return arena->failed == IFM_OK;
}

void model_builder_push(model_builder *b, int64_t index, double count, double extra)
{
    if (b->span_count == 0 || index != b->next) {
        b->spans[b->span_count++] = (model_span){(int32_t)(index - b->next), 0};
    }
    b->spans[b->span_count - 1].length++;
    b->next = index + 1;
    if (b->extra != NULL) {
        b->extra[b->count] = extra;
    }
    b->counts[b->count++] = count;
}

model_side model_builder_side(const model_builder *b)
{
    return (model_side){b->spans, b->counts, b->extra, b->span_count, b->count};
}

static bool side_is_compact(model_side side, uint32_t empty_max)
{
    for (uint32_t i = 0; i < side.count; i++) {
        if (side.counts[i] == 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < side.span_count; i++) {
        if (side.spans[i].length == 0 || (i > 0 && side.spans[i].offset <= (int64_t)empty_max)) {
            return false;
        }
    }
    return true;
}

bool model_side_compact(model_side side, uint32_t empty_max, ifm_bump *arena, model_side *out)
{
    if (side_is_compact(side, empty_max)) {
        *out = side;
        return true;
    }
    model_cursor c;
    size_t room = 0;
    int64_t last = INT64_MIN / 2;
    for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
        if (c.count != 0 || c.extra != 0) {
            room += 1 + (c.index - last - 1 <= empty_max ? (size_t)(c.index - last - 1) : 0);
            last = c.index;
        }
    }
    model_builder b;
    if (!model_builder_init(&b, room, room, side.extra != NULL, arena)) {
        return false;
    }
    for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
        if (c.count != 0 || c.extra != 0) {
            while (b.count > 0 && b.next < c.index && c.index - b.next <= empty_max) {
                /* The gap shrinks with each: it stays short enough until it is filled. */
                model_builder_push(&b, b.next, 0, 0);
            }
            model_builder_push(&b, c.index, c.count, c.extra);
        }
    }
    *out = model_builder_side(&b);
    return true;
}

double model_side_bound(const model_histogram *h, int64_t index)
{
    if (h->schema != MODEL_SCHEMA_CUSTOM) {
        return model_histogram_bound((int32_t)index, h->schema);
    }
    return index < 0 ? -INFINITY : index >= h->custom_count ? INFINITY : h->custom[index];
}

model_bucket model_side_bucket(const model_histogram *h, bool positive, int64_t index, double count)
{
    double upper = model_side_bound(h, index);
    double lower = model_side_bound(h, index - 1);
    model_bucket bucket = {.lower = positive ? lower : -upper,
                           .upper = positive ? upper : -lower,
                           .count = count,
                           .index = (int32_t)index};
    bool custom = h->schema == MODEL_SCHEMA_CUSTOM;
    bucket.lower_inclusive = custom ? index == 0 : bucket.lower < 0;
    bucket.upper_inclusive = custom || bucket.upper > 0;
    return bucket;
}

/* Adds the buckets of one sign below *threshold to *zero. False when that threshold fell into a populated
 * bucket and became its end. */
static bool zero_count_side(const model_histogram *h, const model_histogram *rest, bool positive,
                            double *threshold, double zero[2])
{
    model_cursor c;
    model_side side = model_side_of(h, positive);
    side.extra = rest == NULL ? NULL : positive ? rest->positive : rest->negative;
    for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
        if (model_histogram_bound((int32_t)c.index - 1, h->schema) >= *threshold) {
            return true;
        }
        model_kahan_add(c.count, &zero[0], &zero[1]);
        if (rest != NULL) {
            model_kahan_add(c.extra, &zero[0], &zero[1]);
        }
        double upper = model_histogram_bound((int32_t)c.index, h->schema);
        if (upper > *threshold) {
            bool empty = c.count == 0;
            *threshold = empty ? *threshold : upper;
            return empty;
        }
    }
    return true;
}

double model_zero_count(const model_histogram *h, const model_histogram *rest, double *threshold,
                        double *zero_rest)
{
    double zero[2];
    do {
        zero[0] = h->zero_count;
        zero[1] = rest == NULL ? 0 : rest->zero_count;
        if (*threshold <= h->zero_threshold) {
            break;
        }
        zero_count_side(h, rest, true, threshold, zero);
        /* When the negative side moves the threshold, the positive one has to be looked at again. */
    } while (!zero_count_side(h, rest, false, threshold, zero));
    *zero_rest = zero[1];
    return zero[0];
}
