/* SPDX-License-Identifier: Apache-2.0 */
#include "model/histogram_impl.h"

static void iterator_start(model_bucket_iterator *it, bool positive, bool backwards)
{
    model_side side = model_side_of(it->h, positive);
    it->positive = positive;
    it->backwards = backwards;
    it->spans = side.spans;
    it->counts = side.counts;
    it->span = 0;
    it->in_span = 0;
    it->at = 0;
    it->index = side.span_count > 0 ? side.spans[0].offset : 0;
    if (!backwards || side.span_count == 0) {
        return;
    }
    int64_t index = 0; /* of what would come after the last */
    for (uint32_t i = 0; i < side.span_count; i++) {
        index += (int64_t)side.spans[i].offset + side.spans[i].length;
    }
    it->index = (int32_t)index - 1;
    it->span = side.span_count - 1;
    it->in_span = side.spans[it->span].length;
    it->at = side.count;
}

void model_bucket_iterator_init(model_bucket_iterator *it, const model_histogram *h, model_bucket_order order)
{
    *it = (model_bucket_iterator){.h = h, .order = order};
    iterator_start(it, order == MODEL_BUCKETS_POSITIVE || order == MODEL_BUCKETS_DOWN,
                   order == MODEL_BUCKETS_UP || order == MODEL_BUCKETS_DOWN);
}

static bool iterator_forward(model_bucket_iterator *it, model_bucket *out)
{
    model_side side = model_side_of(it->h, it->positive);
    while (it->span < side.span_count && it->in_span >= side.spans[it->span].length) {
        it->span++;
        it->in_span = 0;
        it->index += it->span < side.span_count ? side.spans[it->span].offset : 0;
    }
    if (it->span >= side.span_count || it->at >= side.count) {
        return false;
    }
    *out = model_side_bucket(it->h, it->positive, it->index, it->counts[it->at]);
    it->in_span++;
    it->at++;
    it->index++;
    return true;
}

static bool iterator_backward(model_bucket_iterator *it, model_bucket *out)
{
    if (it->at == 0) {
        return false;
    }
    while (it->in_span == 0 && it->span > 0) {
        it->index -= it->spans[it->span].offset;
        it->span--;
        it->in_span = it->spans[it->span].length;
    }
    it->at--;
    it->in_span--;
    *out = model_side_bucket(it->h, it->positive, it->index, it->counts[it->at]);
    it->index--;
    return true;
}

/* Cuts a bucket where the zero bucket reaches into it. */
static void iterator_cut(const model_histogram *h, model_bucket *bucket)
{
    if (bucket->upper < 0 && bucket->upper > -h->zero_threshold) {
        bucket->upper = -h->zero_threshold;
    } else if (bucket->lower > 0 && bucket->lower < h->zero_threshold) {
        bucket->lower = h->zero_threshold;
    }
}

static model_bucket zero_bucket(const model_histogram *h)
{
    return (model_bucket){-h->zero_threshold, h->zero_threshold, true, true, h->zero_count, 0};
}

bool model_bucket_iterator_next(model_bucket_iterator *it, model_bucket *out)
{
    if (it->order == MODEL_BUCKETS_POSITIVE || it->order == MODEL_BUCKETS_NEGATIVE) {
        return iterator_forward(it, out);
    }
    if (it->part == 0) {
        if (iterator_backward(it, out)) {
            iterator_cut(it->h, out);
            return true;
        }
        it->part = 1;
    }
    if (it->part == 1) {
        it->part = 2;
        iterator_start(it, it->order == MODEL_BUCKETS_UP, false);
        if (it->h->zero_count > 0) {
            *out = zero_bucket(it->h);
            return true;
        }
    }
    if (!iterator_forward(it, out)) {
        return false;
    }
    iterator_cut(it->h, out);
    return true;
}

static void print_number(ifm_buf *out, double number)
{
    char text[IFM_NUMBER_SIZE];
    ifm_buf_append(out, text, ifm_number_write_g(text, number));
}

void model_bucket_print(const model_bucket *bucket, ifm_buf *out)
{
    ifm_buf_append_char(out, bucket->lower_inclusive ? '[' : '(');
    print_number(out, bucket->lower);
    ifm_buf_append_char(out, ',');
    print_number(out, bucket->upper);
    ifm_buf_append_text(out, bucket->upper_inclusive ? "]:" : "):");
    print_number(out, bucket->count);
}

void model_histogram_print(const model_histogram *h, ifm_buf *out)
{
    ifm_buf_append_text(out, "{count:");
    print_number(out, h->count);
    ifm_buf_append_text(out, ", sum:");
    print_number(out, h->sum);
    model_bucket bucket;
    model_bucket_iterator it = {.h = h};
    iterator_start(&it, false, true);
    while (iterator_backward(&it, &bucket)) {
        if (bucket.count != 0) {
            ifm_buf_append_text(out, ", ");
            model_bucket_print(&bucket, out);
        }
    }
    if (h->zero_count != 0) {
        bucket = zero_bucket(h);
        ifm_buf_append_text(out, ", ");
        model_bucket_print(&bucket, out);
    }
    iterator_start(&it, true, false);
    while (iterator_forward(&it, &bucket)) {
        if (bucket.count != 0) {
            ifm_buf_append_text(out, ", ");
            model_bucket_print(&bucket, out);
        }
    }
    ifm_buf_append_char(out, '}');
}
