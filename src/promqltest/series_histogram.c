/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms as they are written in lines: {{schema:0 count:3 sum:4.5 buckets:[1 2]}}, fields in any order.
 */
#include "promqltest/series.h"
#include "promqltest/text.h"

typedef struct numbers {
    double *items;
    size_t count;
} numbers;

typedef struct histogram_fields {
    model_histogram *histogram;
    numbers positive, negative, custom;
    int32_t positive_offset, negative_offset;
    uint32_t seen; /* a bit for each field */
    bool hint_given;
} histogram_fields;

static bool read_numbers(promqltest_reader *reader, numbers *out)
{
    if (!promqltest_reader_take(reader, '[')) {
        return promqltest_reader_fail(reader, "there is no list in brackets");
    }
    promqltest_reader_space(reader);
    while (!promqltest_reader_take(reader, ']')) {
        double *items = ifm_bump_grow(reader->arena, out->items, out->count, sizeof *items);
        if (items == NULL) {
            return ifm_bump_check(reader->arena, reader->err);
        }
        out->items = items;
        if (!promqltest_number_read(reader, &items[out->count])) {
            return false;
        }
        out->count++;
        promqltest_reader_space(reader);
    }
    return true;
}

static bool read_int(promqltest_reader *reader, int32_t *out)
{
    double value;
    if (!promqltest_number_read(reader, &value)) {
        return false;
    }
    if (!(value >= INT32_MIN && value <= INT32_MAX) || value != (double)(int32_t)value) {
        return promqltest_reader_fail(reader, "there is no whole number");
    }
    *out = (int32_t)value;
    return true;
}

static bool read_hint(promqltest_reader *reader, histogram_fields *fields)
{
    static const char *const names[] = {"unknown", "reset", "not_reset", "gauge"};
    model_text word = promqltest_reader_word(reader);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (promqltest_text_is(word, names[i])) {
            fields->histogram->hint = (model_reset_hint)i;
            fields->hint_given = true;
            return true;
        }
    }
    return promqltest_reader_fail(reader, "the hint is none of unknown, reset, not_reset, gauge");
}

enum { SCHEMA, SUM, COUNT, ZERO, WIDTH, BUCKETS, OFFSET, NEGATIVE, NEGATIVE_OFFSET, CUSTOM, HINT };

static bool read_value(promqltest_reader *reader, histogram_fields *fields, size_t field)
{
    model_histogram *to = fields->histogram;
    switch (field) {
    case SCHEMA:
        return read_int(reader, &to->schema);
    case SUM:
        return promqltest_number_read(reader, &to->sum);
    case COUNT:
        return promqltest_number_read(reader, &to->count);
    case ZERO:
        return promqltest_number_read(reader, &to->zero_count);
    case WIDTH:
        return promqltest_number_read(reader, &to->zero_threshold);
    case BUCKETS:
        return read_numbers(reader, &fields->positive);
    case OFFSET:
        return read_int(reader, &fields->positive_offset);
    case NEGATIVE:
        return read_numbers(reader, &fields->negative);
    case NEGATIVE_OFFSET:
        return read_int(reader, &fields->negative_offset);
    case CUSTOM:
        return read_numbers(reader, &fields->custom);
    default:
        return read_hint(reader, fields);
    }
}

static bool read_field(promqltest_reader *reader, histogram_fields *fields)
{
    static const char *const names[] = {
        "schema", "sum",       "count",    "z_bucket",      "z_bucket_w",        "buckets",
        "offset", "n_buckets", "n_offset", "custom_values", "counter_reset_hint"};
    const char *from = reader->at;
    model_text word = promqltest_reader_word(reader);
    size_t field = 0;
    while (field < IFM_COUNT_OF(names) && !promqltest_text_is(word, names[field])) {
        field++;
    }
    if (field == IFM_COUNT_OF(names)) {
        reader->at = from;
        return promqltest_reader_fail(reader, "there is no field of a histogram");
    }
    if ((fields->seen & (1u << field)) != 0) {
        reader->at = from;
        return promqltest_reader_fail(reader, "a field of the histogram is given twice");
    }
    fields->seen |= 1u << field;
    if (!promqltest_reader_take(reader, ':')) {
        return promqltest_reader_fail(reader, "there is no colon behind the field of a histogram");
    }
    return read_value(reader, fields, field);
}

/* One span, when there are buckets. */
static bool make_span(promqltest_reader *reader, int32_t offset, size_t count, const model_span **out,
                      uint32_t *out_count)
{
    *out_count = count > 0 ? 1 : 0;
    if (count == 0) {
        return true;
    }
    model_span *span = ifm_bump_alloc(reader->arena, sizeof *span);
    if (span == NULL) {
        return ifm_bump_check(reader->arena, reader->err);
    }
    *span = (model_span){offset, (uint32_t)count};
    *out = span;
    return true;
}

static bool finish(promqltest_reader *reader, histogram_fields *fields)
{
    model_histogram *to = fields->histogram;
    to->positive = fields->positive.items;
    to->positive_count = (uint32_t)fields->positive.count;
    to->negative = fields->negative.items;
    to->negative_count = (uint32_t)fields->negative.count;
    to->custom = fields->custom.items;
    to->custom_count = (uint32_t)fields->custom.count;
    return make_span(reader, fields->positive_offset, fields->positive.count, &to->positive_spans,
                     &to->positive_span_count) &&
           make_span(reader, fields->negative_offset, fields->negative.count, &to->negative_spans,
                     &to->negative_span_count) &&
           model_histogram_check(to, reader->err);
}

bool promqltest_histogram_read(promqltest_reader *reader, model_histogram **out, bool *hint_given)
{
    histogram_fields fields = {.histogram = ifm_bump_alloc(reader->arena, sizeof *fields.histogram)};
    if (fields.histogram == NULL) {
        return ifm_bump_check(reader->arena, reader->err);
    }
    if (!promqltest_reader_take(reader, '{') || !promqltest_reader_take(reader, '{')) {
        return promqltest_reader_fail(reader, "there is no histogram in {{ }}");
    }
    promqltest_reader_space(reader);
    while (!promqltest_reader_take(reader, '}')) {
        if (!read_field(reader, &fields)) {
            return false;
        }
        if (!promqltest_reader_peek(reader, '}') &&
            (reader->at == reader->end || !promqltest_is_space(*reader->at))) {
            return promqltest_reader_fail(reader, "there is no space behind the field of a histogram");
        }
        promqltest_reader_space(reader);
    }
    if (!promqltest_reader_take(reader, '}')) {
        return promqltest_reader_fail(reader, "a histogram is not ended by }}");
    }
    *out = fields.histogram;
    *hint_given = fields.hint_given;
    return finish(reader, &fields);
}
