/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples as the language writes them, so that what was got can be pasted into a file.
 */
#include "promqltest/eval.h"

static void print_number(ifm_buf *out, double value)
{
    char *to = ifm_buf_reserve(out, IFM_NUMBER_SIZE);
    if (model_is_stale(value)) {
        ifm_buf_append_text(out, "stale");
    } else if (to != NULL) {
        out->size += ifm_number_write(to, value);
    }
}

static void print_field(ifm_buf *out, const char *name, double value)
{
    ifm_buf_append_text(out, name);
    print_number(out, value);
}

static void print_numbers(ifm_buf *out, const char *name, const double *values, size_t count)
{
    ifm_buf_append_text(out, name);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : " ");
        print_number(out, values[i]);
    }
    ifm_buf_append_char(out, ']');
}

/* Buckets from the first to the last, those between the spans as zeros: the language has one span only. */
static void print_buckets(ifm_buf *out, const model_histogram *h, model_bucket_order order,
                          const char *offset, const char *buckets)
{
    enum { GAP_MAX = 64 }; /* what is longer is shown as a gap, which does not read back */
    model_bucket_iterator it;
    model_bucket bucket;
    int64_t next = 0;
    bool first = true;
    model_bucket_iterator_init(&it, h, order);
    while (model_bucket_iterator_next(&it, &bucket)) {
        if (first) {
            ifm_buf_printf(out, "%s%d%s", offset, bucket.index, buckets);
        } else if (bucket.index - next > GAP_MAX) {
            ifm_buf_append_text(out, " ...");
        } else {
            for (; next < bucket.index; next++) {
                ifm_buf_append_text(out, " 0");
            }
        }
        ifm_buf_append_text(out, first ? "" : " ");
        print_number(out, bucket.count);
        next = (int64_t)bucket.index + 1;
        first = false;
    }
    ifm_buf_append_text(out, first ? "" : "]");
}

static void print_histogram(ifm_buf *out, const model_histogram *h)
{
    static const char *const hints[] = {"unknown", "reset", "not_reset", "gauge"};
    ifm_buf_printf(out, "{{schema:%d", h->schema);
    print_field(out, " count:", h->count);
    print_field(out, " sum:", h->sum);
    if (h->zero_count != 0 || h->zero_threshold != 0) {
        print_field(out, " z_bucket:", h->zero_count);
        print_field(out, " z_bucket_w:", h->zero_threshold);
    }
    print_buckets(out, h, MODEL_BUCKETS_POSITIVE, " offset:", " buckets:[");
    print_buckets(out, h, MODEL_BUCKETS_NEGATIVE, " n_offset:", " n_buckets:[");
    if (model_histogram_is_custom(h)) {
        print_numbers(out, " custom_values:[", h->custom, h->custom_count);
    }
    ifm_buf_printf(out, " counter_reset_hint:%s}}", hints[h->hint]);
}

void promqltest_print_sample(ifm_buf *out, double value, const model_histogram *histogram)
{
    if (histogram != NULL) {
        print_histogram(out, histogram);
    } else {
        print_number(out, value);
    }
}
