/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms from texts, for tests of the operations on them.
 */
#ifndef IFM_TESTS_MODEL_HISTOGRAM_FIXTURE_H
#define IFM_TESTS_MODEL_HISTOGRAM_FIXTURE_H

#include "check.h"
#include "model/model.h"

#include <stdlib.h>

enum { FIXTURE_MEMORY_MAX = 64 * 1024 * 1024, FIXTURE_BUCKETS_MAX = 64 };

/* "3:1 4:2 9:5": buckets by index. Returns their number. */
static inline uint32_t fixture_side(ifm_bump *arena, const char *text, const model_span **spans,
                                    uint32_t *span_count, const double **counts)
{
    model_span *made = ifm_bump_alloc_array(arena, FIXTURE_BUCKETS_MAX, sizeof *made);
    double *values = ifm_bump_alloc_array(arena, FIXTURE_BUCKETS_MAX, sizeof *values);
    uint32_t count = 0;
    int32_t next = 0;
    *span_count = 0;
    while (made != NULL && values != NULL && *text != '\0') {
        char *end;
        int32_t index = (int32_t)strtol(text, &end, 10);
        if (*span_count == 0 || index != next) {
            made[(*span_count)++].offset = index - next;
        }
        made[*span_count - 1].length++;
        next = index + 1;
        values[count++] = strtod(end + 1, &end);
        text = *end == ' ' ? end + 1 : end;
    }
    *spans = made;
    *counts = values;
    return count;
}

/* Count and sum are made up: 100 and 1000 unless the test sets them. */
static inline model_histogram fixture_histogram(ifm_bump *arena, int32_t schema, const char *negative,
                                                double threshold, double zero, const char *positive)
{
    model_histogram h = {
        .schema = schema, .zero_threshold = threshold, .zero_count = zero, .count = 100, .sum = 1000};
    h.positive_count = fixture_side(arena, positive, &h.positive_spans, &h.positive_span_count, &h.positive);
    h.negative_count = fixture_side(arena, negative, &h.negative_spans, &h.negative_span_count, &h.negative);
    return h;
}

/* "1 2.5 10": bounds. */
static inline model_histogram fixture_custom(ifm_bump *arena, const char *bounds, const char *buckets)
{
    model_histogram h = fixture_histogram(arena, MODEL_SCHEMA_CUSTOM, "", 0, 0, buckets);
    double *custom = ifm_bump_alloc_array(arena, FIXTURE_BUCKETS_MAX, sizeof *custom);
    while (custom != NULL && *bounds != '\0') {
        char *end;
        custom[h.custom_count++] = strtod(bounds, &end);
        bounds = *end == ' ' ? end + 1 : end;
    }
    h.custom = custom;
    return h;
}

static inline const char *fixture_print(ifm_bump *arena, const model_histogram *h)
{
    ifm_buf buf;
    ifm_buf_init(&buf, FIXTURE_MEMORY_MAX);
    if (h != NULL) {
        model_histogram_print(h, &buf);
    }
    const char *out = ifm_bump_copy(arena, buf.data, buf.size);
    ifm_buf_deinit(&buf);
    return out;
}

/* What the printed form does not show: "schema threshold | index:count .. | index:count ..", empty ones
 * too. */
static inline const char *fixture_layout(ifm_bump *arena, const model_histogram *h)
{
    char text[2048];
    int at = snprintf(text, sizeof text, "%d %g:%g", (int)h->schema, h->zero_threshold, h->zero_count);
    for (int order = MODEL_BUCKETS_POSITIVE; order <= MODEL_BUCKETS_NEGATIVE; order++) {
        model_bucket_iterator it;
        model_bucket b;
        at += snprintf(text + at, sizeof text - (size_t)at, " |");
        for (model_bucket_iterator_init(&it, h, (model_bucket_order)order);
             model_bucket_iterator_next(&it, &b);) {
            at += snprintf(text + at, sizeof text - (size_t)at, " %d:%g", (int)b.index, b.count);
        }
    }
    return ifm_bump_copy(arena, text, (size_t)at);
}

static inline int fixture_setup(void **state)
{
    static ifm_bump arena;
    ifm_bump_init(&arena, FIXTURE_MEMORY_MAX);
    *state = &arena;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    ifm_bump_deinit(*state);
    return 0;
}

#endif
