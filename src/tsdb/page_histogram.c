/* SPDX-License-Identifier: Apache-2.0
 *
 * Native histograms in a page. A histogram that has the buckets of the one before it is the differences of
 * their counts; most are whole numbers and take a byte or two.
 */
#include "tsdb/page.h"

/* A byte before each sample: the kind, whether all counts are whole numbers, the hint. */
enum { KIND_FLOAT, KIND_SAME_LAYOUT, KIND_NEW_LAYOUT, KIND_MASK = 3, FLAG_WHOLE = 4, HINT_SHIFT = 3 };

#define WHOLE_MAX 9007199254740992.0 /* 2^53 */

static bool same_layout(const model_histogram *a, const model_histogram *b)
{
    return a->schema == b->schema && model_bits(a->zero_threshold) == model_bits(b->zero_threshold) &&
           a->positive_span_count == b->positive_span_count &&
           a->negative_span_count == b->negative_span_count && a->positive_count == b->positive_count &&
           a->negative_count == b->negative_count && a->custom_count == b->custom_count &&
           (a->positive_span_count == 0 ||
            memcmp(a->positive_spans, b->positive_spans, a->positive_span_count * sizeof(model_span)) == 0) &&
           (a->negative_span_count == 0 ||
            memcmp(a->negative_spans, b->negative_spans, a->negative_span_count * sizeof(model_span)) == 0) &&
           (a->custom_count == 0 || memcmp(a->custom, b->custom, a->custom_count * sizeof(double)) == 0);
}

/* Counts in one order: count, zero count, positive, negative. */
static uint32_t counts_of(const model_histogram *h)
{
    return 2 + h->positive_count + h->negative_count;
}

static double count_at(const model_histogram *h, uint32_t i)
{
    return i == 0                      ? h->count
           : i == 1                    ? h->zero_count
           : i - 2 < h->positive_count ? h->positive[i - 2]
                                       : h->negative[i - 2 - h->positive_count];
}

static bool is_whole(double value)
{
    return value >= 0 && value <= WHOLE_MAX && model_bits((double)(int64_t)value) == model_bits(value);
}

static bool all_whole(const model_histogram *h)
{
    for (uint32_t i = 0; i < counts_of(h); i++) {
        if (!is_whole(count_at(h, i))) {
            return false;
        }
    }
    return true;
}

static void layout_put(const model_histogram *h, ifm_buf *out)
{
    bytes_put_signed(out, h->schema);
    bytes_put_u64(out, model_bits(h->zero_threshold));
    bytes_put_varint(out, h->positive_span_count);
    for (uint32_t i = 0; i < h->positive_span_count; i++) {
        bytes_put_signed(out, h->positive_spans[i].offset);
        bytes_put_varint(out, h->positive_spans[i].length);
    }
    bytes_put_varint(out, h->negative_span_count);
    for (uint32_t i = 0; i < h->negative_span_count; i++) {
        bytes_put_signed(out, h->negative_spans[i].offset);
        bytes_put_varint(out, h->negative_spans[i].length);
    }
    bytes_put_varint(out, h->positive_count);
    bytes_put_varint(out, h->negative_count);
    bytes_put_varint(out, h->custom_count);
    for (uint32_t i = 0; i < h->custom_count; i++) {
        bytes_put_u64(out, model_bits(h->custom[i]));
    }
}

void tsdb_page_histograms_put(const tsdb_page_chunk *chunk, ifm_buf *out)
{
    const model_histogram *last = NULL;
    bool last_whole = false;
    for (size_t i = 0; i < chunk->count; i++) {
        const model_histogram *h = chunk->histograms[i];
        if (h == NULL) {
            ifm_buf_append_char(out, KIND_FLOAT);
            continue;
        }
        bool same = last != NULL && same_layout(last, h);
        bool whole = all_whole(h);
        ifm_buf_append_char(out, (char)((same ? KIND_SAME_LAYOUT : KIND_NEW_LAYOUT) |
                                        (whole ? FLAG_WHOLE : 0) | (int)h->hint << HINT_SHIFT));
        if (!same) {
            layout_put(h, out);
        }
        for (uint32_t j = 0; j < counts_of(h); j++) {
            if (whole) {
                double before = same && last_whole ? count_at(last, j) : 0;
                bytes_put_signed(out, (int64_t)count_at(h, j) - (int64_t)before);
            } else {
                bytes_put_u64(out, model_bits(count_at(h, j)));
            }
        }
        bytes_put_u64(out, model_bits(h->sum) ^ (same ? model_bits(last->sum) : 0));
        last = h;
        last_whole = whole;
    }
}

/* ---- Reading ---- */

static const model_span *spans_get(bytes_cursor *from, uint32_t *count, ifm_bump *arena)
{
    *count = bytes_get_below(from, bytes_cursor_left(from) / 2 + 1); /* a span takes two bytes at least */
    model_span *spans = ifm_bump_alloc_array(arena, *count, sizeof *spans);
    for (uint32_t i = 0; spans != NULL && i < *count; i++) {
        int64_t offset = bytes_get_signed(from);
        if (offset < INT32_MIN || offset > INT32_MAX) {
            from->failed = true;
        }
        spans[i].offset = (int32_t)offset;
        spans[i].length = bytes_get_below(from, UINT32_MAX);
    }
    return spans;
}

static void layout_get(bytes_cursor *from, model_histogram *h, ifm_bump *arena)
{
    int64_t schema = bytes_get_signed(from);
    if (schema < INT32_MIN || schema > INT32_MAX) {
        from->failed = true;
    }
    h->schema = (int32_t)schema;
    h->zero_threshold = model_from_bits(bytes_get_u64(from));
    h->positive_spans = spans_get(from, &h->positive_span_count, arena);
    h->negative_spans = spans_get(from, &h->negative_span_count, arena);
    h->positive_count = bytes_get_below(from, bytes_cursor_left(from) + 1);
    h->negative_count = bytes_get_below(from, bytes_cursor_left(from) + 1);
    h->custom_count = bytes_get_below(from, bytes_cursor_left(from) / 8 + 1);
    double *custom = ifm_bump_alloc_array(arena, h->custom_count, sizeof *custom);
    for (uint32_t i = 0; custom != NULL && i < h->custom_count; i++) {
        custom[i] = model_from_bits(bytes_get_u64(from));
    }
    h->custom = custom;
}

static double count_get(bytes_cursor *from, bool whole, double before)
{
    if (!whole) {
        return model_from_bits(bytes_get_u64(from));
    }
    uint64_t sum = (uint64_t)(int64_t)before + (uint64_t)bytes_get_signed(from);
    if (sum > (uint64_t)WHOLE_MAX) {
        from->failed = true;
        return 0;
    }
    return (double)(int64_t)sum;
}

/* Counts of `h`, whose layout is known. */
static void counts_get(bytes_cursor *from, model_histogram *h, const model_histogram *before, bool whole,
                       ifm_bump *arena)
{
    if ((uint64_t)h->positive_count + h->negative_count > bytes_cursor_left(from)) {
        from->failed = true;
        return;
    }
    double *positive = ifm_bump_alloc_array(arena, h->positive_count, sizeof *positive);
    double *negative = ifm_bump_alloc_array(arena, h->negative_count, sizeof *negative);
    if (positive == NULL || negative == NULL) {
        return;
    }
    h->positive = positive;
    h->negative = negative;
    h->count = count_get(from, whole, before == NULL ? 0 : before->count);
    h->zero_count = count_get(from, whole, before == NULL ? 0 : before->zero_count);
    for (uint32_t i = 0; i < h->positive_count; i++) {
        positive[i] = count_get(from, whole, before == NULL ? 0 : before->positive[i]);
    }
    for (uint32_t i = 0; i < h->negative_count; i++) {
        negative[i] = count_get(from, whole, before == NULL ? 0 : before->negative[i]);
    }
}

/* What the page goes on with. */
typedef struct histogram_state {
    const model_histogram *last;
    bool last_whole;
} histogram_state;

static const model_histogram *histogram_get(bytes_cursor *from, unsigned tag, histogram_state *state,
                                            ifm_bump *arena)
{
    bool same = (tag & KIND_MASK) == KIND_SAME_LAYOUT;
    bool whole = (tag & FLAG_WHOLE) != 0;
    if (same && state->last == NULL) {
        from->failed = true;
        return NULL;
    }
    model_histogram *h = ifm_bump_alloc(arena, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    if (same) {
        *h = *state->last;
    } else {
        layout_get(from, h, arena);
    }
    h->hint = (model_reset_hint)(tag >> HINT_SHIFT & 3);
    if (from->failed || arena->failed != IFM_OK) {
        return NULL;
    }
    counts_get(from, h, same && state->last_whole ? state->last : NULL, whole, arena);
    h->sum = model_from_bits(bytes_get_u64(from) ^ (same ? model_bits(state->last->sum) : 0));
    ifm_error ignored;
    if (!same && !from->failed && arena->failed == IFM_OK && !model_histogram_check(h, &ignored)) {
        from->failed = true;
    }
    *state = (histogram_state){h, whole};
    return h;
}

bool tsdb_page_histograms_get(tsdb_page *page, tsdb_page_chunk *chunk, bytes_cursor *from, ifm_error *err)
{
    ifm_bump *arena = &page->histograms;
    const model_histogram **items = ifm_bump_alloc_array(arena, chunk->count, sizeof *items);
    histogram_state state = {NULL, false};
    for (size_t i = 0; items != NULL && i < chunk->count && !from->failed; i++) {
        unsigned tag = bytes_get_byte(from);
        if ((tag & KIND_MASK) != KIND_FLOAT) {
            items[i] = histogram_get(from, tag, &state, arena);
        }
        if (arena->failed != IFM_OK) {
            return ifm_bump_check(arena, err);
        }
    }
    chunk->histograms = items;
    if (from->failed) {
        return ifm_error_set(err, IFM_INVALID, "a histogram is damaged");
    }
    return ifm_bump_check(arena, err);
}
