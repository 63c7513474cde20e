/* SPDX-License-Identifier: Apache-2.0
 *
 * Two histograms made of any bytes: those that pass the check go through all operations, and what comes of
 * them passes the check again.
 */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>

enum {
    FUZZ_MEMORY_MAX = 64 * 1024 * 1024,
    FUZZ_TEXT_MAX = 1024 * 1024,
    FUZZ_SPANS_MAX = 4,
    FUZZ_BUCKETS_MAX = 24
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
    const uint8_t *at;
    size_t left;
    ifm_bump *arena;
} input;

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint8_t take(input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

/* Small numbers mostly, and now and then any bits. */
static double take_number(input *in)
{
    uint8_t kind = take(in);
    if (kind < 250) {
        return (kind - 5) / 4.0;
    }
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | take(in);
    }
    return model_from_bits(bits);
}

static const double *take_numbers(input *in, uint32_t count)
{
    double *out = ifm_bump_alloc_array(in->arena, count, sizeof *out);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = take_number(in);
    }
    return out;
}

static uint32_t take_side(input *in, const model_span **spans, uint32_t *span_count, const double **counts)
{
    uint32_t buckets = 0;
    model_span *out = ifm_bump_alloc_array(in->arena, FUZZ_SPANS_MAX, sizeof *out);
    *span_count = take(in) % (FUZZ_SPANS_MAX + 1);
    for (uint32_t i = 0; i < *span_count; i++) {
        out[i].offset = (int8_t)take(in);
        out[i].offset *= take(in) == 255 ? 1 << 18 : 1;
        out[i].length = take(in) % (FUZZ_BUCKETS_MAX / FUZZ_SPANS_MAX);
        buckets += out[i].length;
    }
    buckets += take(in) == 255; /* one too many */
    *spans = out;
    *counts = take_numbers(in, buckets);
    return buckets;
}

static model_histogram take_histogram(input *in)
{
    model_histogram h = {.hint = (model_reset_hint)(take(in) % 4)};
    uint8_t schema = take(in);
    h.schema = schema % 3 == 0 ? MODEL_SCHEMA_CUSTOM : (int32_t)(schema % 14) - 4;
    h.count = take_number(in);
    h.sum = take_number(in);
    if (h.schema == MODEL_SCHEMA_CUSTOM) {
        h.custom_count = take(in) % FUZZ_BUCKETS_MAX;
        h.custom = take_numbers(in, h.custom_count);
    } else {
        h.zero_threshold = take_number(in);
        h.zero_count = take_number(in);
        h.negative_count = take_side(in, &h.negative_spans, &h.negative_span_count, &h.negative);
    }
    h.positive_count = take_side(in, &h.positive_spans, &h.positive_span_count, &h.positive);
    return h;
}

static void check(const model_histogram *h)
{
    ifm_error err;
    require(h != NULL && model_histogram_check(h, &err));
}

static void use_one(const model_histogram *h, double number, ifm_bump *arena)
{
    ifm_buf text;
    ifm_buf_init(&text, FUZZ_TEXT_MAX);
    model_histogram_print(h, &text);
    require(text.failed == IFM_OK && text.size > 0);
    ifm_buf_deinit(&text);
    const model_histogram *copy = model_histogram_copy(h, arena);
    require(copy != NULL && model_histogram_equal(h, copy));
    check(model_histogram_compact(h, 2, arena));
    const model_histogram *compact = model_histogram_compact(h, 0, arena);
    check(compact);
    require(model_histogram_equal(compact, model_histogram_compact(compact, 0, arena)));
    const model_histogram *part = model_histogram_divide(h, number, arena);
    require(part != NULL);
    if (isfinite(number) &&
        number != 0) { /* else a zero count of 0, which custom buckets have, becomes NaN */
        check(part);
    }
    check(model_histogram_trim(h, number, MODEL_TRIM_UPPER, arena));
    check(model_histogram_trim(h, number, MODEL_TRIM_LOWER, arena));
    if (h->schema > MODEL_SCHEMA_MIN) {
        check(model_histogram_copy_to_schema(h, h->schema - 1, arena));
    }
    size_t buckets = 0;
    model_bucket bucket;
    model_bucket_iterator it;
    for (model_bucket_iterator_init(&it, h, MODEL_BUCKETS_UP); model_bucket_iterator_next(&it, &bucket);) {
        buckets++;
    }
    for (model_bucket_iterator_init(&it, h, MODEL_BUCKETS_DOWN); model_bucket_iterator_next(&it, &bucket);) {
        buckets--;
    }
    require(buckets == 0);
    model_histogram unknown = *h;
    unknown.hint = MODEL_RESET_UNKNOWN;
    require(!model_histogram_detect_reset(&unknown, &unknown));
}

static void use_both(const model_histogram *a, const model_histogram *b, ifm_bump *arena)
{
    const model_histogram *out = NULL;
    model_histogram_sum sum;
    unsigned flags;
    model_histogram_detect_reset(a, b);
    require(model_histogram_sum_init(&sum, a, arena));
    bool mixed = model_histogram_is_custom(a) != model_histogram_is_custom(b);
    for (int i = 0; i < 2; i++) { /* the second time, layouts are more alike */
        require(model_histogram_sum_add(&sum, b, arena, &flags) == !mixed);
        check(&sum.value);
        check(model_histogram_sum_total(&sum, arena));
    }
    require(model_histogram_add(a, b, arena, &out, &flags) == !mixed);
    require(mixed == ((flags & MODEL_ADD_INCOMPATIBLE) != 0));
    if (!mixed) {
        check(out);
        require(model_histogram_sub(out, b, arena, &out, &flags));
        check(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_bump arena;
    ifm_error err;
    ifm_bump_init(&arena, FUZZ_MEMORY_MAX);
    input in = {data, size, &arena};
    double number = take_number(&in);
    model_histogram a = take_histogram(&in);
    model_histogram b = take_histogram(&in);
    if (model_histogram_check(&a, &err)) {
        use_one(&a, number, &arena);
        if (model_histogram_check(&b, &err)) {
            use_both(&a, &b, &arena);
        }
    }
    ifm_bump_deinit(&arena);
    return 0;
}
