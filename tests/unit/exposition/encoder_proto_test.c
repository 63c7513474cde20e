/* SPDX-License-Identifier: Apache-2.0
 *
 * Delimited protobuf, decoded again by protobuf-c.
 */
#include "exposition/encoder.h"

#include "exposition/metrics.pb-c.h"
#include "unit/exposition/encoder_fixture.h"

#include <math.h>

enum { FAMILIES_MAX = 8 };

typedef struct decoded {
    Ifm__WireMetricFamily *families[FAMILIES_MAX];
    size_t count;
} decoded;

static size_t read_varint(const uint8_t *at, size_t size, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < size && i < 10; i++) {
        *out |= (uint64_t)(at[i] & 0x7f) << 7 * i;
        if (at[i] < 0x80) {
            return i + 1;
        }
    }
    return 0;
}

static decoded decode(const ifm_encoder_options *options, fixture_function *write)
{
    decoded out = {.count = 0};
    size_t size;
    char *bytes = fixture_bytes(options, write, &size);
    const uint8_t *at = (const uint8_t *)bytes;
    while (size > 0 && out.count < FAMILIES_MAX) {
        uint64_t length;
        size_t used = read_varint(at, size, &length);
        assert_true(used > 0 && length <= size - used);
        out.families[out.count] = ifm__wire_metric_family__unpack(NULL, length, at + used);
        assert_non_null(out.families[out.count]);
        assert_int_equal(out.families[out.count]->base.n_unknown_fields, 0);
        out.count++;
        at += used + length;
        size -= used + length;
    }
    assert_int_equal(size, 0);
    ifm_free(bytes);
    return out;
}

static void decoded_deinit(decoded *all)
{
    for (size_t i = 0; i < all->count; i++) {
        ifm__wire_metric_family__free_unpacked(all->families[i], NULL);
    }
}

static decoded decode_proto(fixture_function *write)
{
    return decode(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write);
}

static void check_bytes(ProtobufCBinaryData got, const char *want)
{
    char text[256];
    assert_true(got.len < sizeof text);
    memcpy(text, got.data == NULL ? (const uint8_t *)"" : got.data, got.len);
    text[got.len] = '\0';
    CHECK_TEXT(text, want);
}

static void check_label(const Ifm__WireLabelPair *label, const char *name, const char *value)
{
    check_bytes(label->name, name);
    CHECK(label->has_value);
    check_bytes(label->value, value);
}

static void check_time(const Ifm__WireTimestamp *time, int64_t seconds, int32_t nanos)
{
    assert_non_null(time);
    CHECK_INT(time->seconds, seconds);
    CHECK_INT(time->nanos, nanos);
}

static void check_head(const Ifm__WireMetricFamily *family, const char *name, const char *help,
                       Ifm__WireType type, size_t metrics)
{
    check_bytes(family->name, name);
    check_bytes(family->help, help);
    CHECK(family->has_type);
    CHECK_INT(family->type, type);
    assert_int_equal(family->n_metric, metrics);
}

static void counter_round_trips(void **state)
{
    (void)state;
    decoded all = decode_proto(fixture_counter);
    assert_int_equal(all.count, 1);
    check_head(all.families[0], "requests_total", "All requests.", IFM__WIRE_TYPE__COUNTER, 2);
    CHECK(!all.families[0]->has_unit);
    const Ifm__WireMetric *first = all.families[0]->metric[0];
    assert_int_equal(first->n_label, 2);
    check_label(first->label[0], "method", "GET");
    check_label(first->label[1], "path", "/");
    assert_non_null(first->counter);
    CHECK_DOUBLE(first->counter->value, 3.0);
    check_time(first->counter->created_timestamp, 1700000000, 123000000);
    assert_non_null(first->counter->exemplar);
    CHECK_DOUBLE(first->counter->exemplar->value, 0.5);
    check_label(first->counter->exemplar->label[0], "trace_id", "a\"b");
    check_time(first->counter->exemplar->timestamp, 1700000000, 500000000);
    const Ifm__WireMetric *second = all.families[0]->metric[1];
    check_label(second->label[1], "path", "");
    CHECK_DOUBLE(second->counter->value, 0.1);
    CHECK(second->counter->exemplar == NULL);
    CHECK(second->counter->created_timestamp == NULL);
    decoded_deinit(&all);
    check_end();
}

static void classic_histogram_round_trips(void **state)
{
    (void)state;
    static const double bounds[] = {0.00001, 0.5, 1, (double)INFINITY};
    static const uint64_t cumulative[] = {1, 3, 3, 7};
    decoded all = decode_proto(fixture_histogram);
    assert_int_equal(all.count, 1);
    check_head(all.families[0], "duration_seconds", "How long it takes.", IFM__WIRE_TYPE__HISTOGRAM, 1);
    check_bytes(all.families[0]->unit, "seconds");
    const Ifm__WireHistogram *histogram = all.families[0]->metric[0]->histogram;
    assert_non_null(histogram);
    CHECK_INT(histogram->sample_count, 7);
    CHECK_DOUBLE(histogram->sample_sum, 12.5);
    check_time(histogram->created_timestamp, 1700000000, 123000000);
    assert_int_equal(histogram->n_bucket, IFM_COUNT_OF(bounds));
    for (size_t i = 0; i < IFM_COUNT_OF(bounds); i++) {
        CHECK_DOUBLE(histogram->bucket[i]->upper_bound, bounds[i]);
        CHECK_INT(histogram->bucket[i]->cumulative_count, cumulative[i]);
        CHECK((histogram->bucket[i]->exemplar != NULL) == (i == 1 || i == 3));
    }
    CHECK(histogram->bucket[1]->exemplar->timestamp == NULL);
    CHECK_DOUBLE(histogram->bucket[3]->exemplar->value, 7.0);
    CHECK(!histogram->has_schema && !histogram->has_zero_threshold && histogram->n_positive_span == 0);
    decoded_deinit(&all);
    check_end();
}

static void summary_and_simple_types_round_trip(void **state)
{
    (void)state;
    decoded all = decode_proto(fixture_summary);
    assert_int_equal(all.count, 1);
    check_head(all.families[0], "size_bytes", "Sizes.", IFM__WIRE_TYPE__SUMMARY, 2);
    const Ifm__WireSummary *summary = all.families[0]->metric[0]->summary;
    CHECK_INT(summary->sample_count, 12);
    CHECK_DOUBLE(summary->sample_sum, 34.5);
    assert_int_equal(summary->n_quantile, 3);
    CHECK_DOUBLE(summary->quantile[1]->quantile, 0.99);
    CHECK_DOUBLE(summary->quantile[1]->value, (double)NAN);
    check_time(summary->created_timestamp, 1700000000, 123000000);
    CHECK_INT(all.families[0]->metric[1]->summary->n_quantile, 0);
    decoded_deinit(&all);

    all = decode_proto(fixture_simple);
    assert_int_equal(all.count, 4);
    check_head(all.families[0], "temperature", "Degrees.", IFM__WIRE_TYPE__GAUGE, 1);
    CHECK_DOUBLE(all.families[0]->metric[0]->gauge->value, -1.5);
    check_head(all.families[1], "other", "Something.", IFM__WIRE_TYPE__UNTYPED, 1);
    CHECK_DOUBLE(all.families[1]->metric[0]->untyped->value, 42.0);
    check_head(all.families[2], "build_info", "Build.", IFM__WIRE_TYPE__GAUGE, 1);
    CHECK_DOUBLE(all.families[2]->metric[0]->gauge->value, 1.0);
    check_head(all.families[3], "state", "State.", IFM__WIRE_TYPE__GAUGE, 2);
    for (size_t i = 0; i < 2; i++) {
        const Ifm__WireMetric *metric = all.families[3]->metric[i];
        assert_int_equal(metric->n_label, 2);
        check_label(metric->label[0], "version", "1.2");
        check_label(metric->label[1], "state", i == 0 ? "idle" : "busy");
        CHECK_DOUBLE(metric->gauge->value, (double)i);
    }
    decoded_deinit(&all);
    check_end();
}

/* --- Native histograms ------------------------------------------------------------------------------ */

typedef struct native_row {
    const char *why;
    ifm_native_run run;
    size_t span_count;
    struct {
        int32_t offset;
        uint32_t length;
    } spans[3];
    size_t delta_count;
    int64_t deltas[8];
} native_row;

#define COUNTS(...)                                                                                          \
    sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (const uint64_t[])                           \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static const native_row native_rows[] = {
    {"one bucket", {5, COUNTS(3)}, 1, {{5, 1}}, 1, {3}},
    {"neighbours", {-2, COUNTS(3, 1, 4)}, 1, {{-2, 3}}, 3, {3, -2, 3}},
    {"empty ends are left out", {0, COUNTS(0, 0, 0, 7, 0, 0)}, 1, {{3, 1}}, 1, {7}},
    {"a gap of one is bridged", {0, COUNTS(1, 0, 2)}, 1, {{0, 3}}, 3, {1, -1, 2}},
    {"a gap of two is bridged", {0, COUNTS(1, 0, 0, 2)}, 1, {{0, 4}}, 4, {1, -1, 0, 2}},
    {"a gap of three begins a span", {0, COUNTS(1, 0, 0, 0, 2)}, 2, {{0, 1}, {3, 1}}, 2, {1, 1}},
    {"spans and bridges",
     {-1, COUNTS(0, 5, 0, 5, 0, 0, 0, 0, 1, 2, 0, 0, 0, 9, 0)},
     3,
     {{0, 3}, {4, 2}, {3, 1}},
     6,
     {5, -5, 5, -4, 1, 7}},
    {"many spans", {0, COUNTS(1, 0, 0, 0, 1, 0, 0, 0, 1)}, 3, {{0, 1}, {3, 1}, {3, 1}}, 3, {1, 0, 0}},
    {"counts of 64 bits",
     {0, COUNTS(UINT64_C(1) << 62, 1)},
     1,
     {{0, 2}},
     2,
     {INT64_C(1) << 62, 1 - (INT64_C(1) << 62)}},
};

static void check_spans(const native_row *row, size_t span_count, Ifm__WireBucketSpan **spans,
                        size_t delta_count, const int64_t *deltas)
{
    int before = check_failures;
    CHECK_INT(span_count, row->span_count);
    CHECK_INT(delta_count, row->delta_count);
    for (size_t i = 0; i < span_count && i < row->span_count; i++) {
        CHECK_INT(spans[i]->offset, row->spans[i].offset);
        CHECK_INT(spans[i]->length, row->spans[i].length);
    }
    for (size_t i = 0; i < delta_count && i < row->delta_count; i++) {
        CHECK_INT(deltas[i], row->deltas[i]);
    }
    if (check_failures > before) {
        fprintf(stderr, "in row: %s\n", row->why);
    }
}

/* Every row once as positive and once as negative buckets. */
static void write_native_rows(ifm_encoder *encoder)
{
    const ifm_family_head head = {TEXT("n"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    for (size_t i = 0; i < 2 * IFM_COUNT_OF(native_rows); i++) {
        const ifm_native_run *run = &native_rows[i / 2].run;
        ifm_native_point native = {.schema = -4, .zero_threshold = 0x1p-128, .zero_count = 2};
        *(i % 2 == 0 ? &native.positive : &native.negative) = *run;
        ifm_encoder_histogram(encoder, &(ifm_point){0},
                              &(ifm_histogram_point){.count = 9, .sum = -1, .native = &native});
    }
    ifm_encoder_family_end(encoder);
}

static void native_buckets_are_spans_and_deltas(void **state)
{
    (void)state;
    decoded all = decode_proto(write_native_rows);
    assert_int_equal(all.families[0]->n_metric, 2 * IFM_COUNT_OF(native_rows));
    for (size_t i = 0; i < all.families[0]->n_metric; i++) {
        const Ifm__WireHistogram *got = all.families[0]->metric[i]->histogram;
        CHECK_INT(got->schema, -4);
        CHECK_DOUBLE(got->zero_threshold, 0x1p-128);
        CHECK_INT(got->zero_count, 2);
        CHECK_INT(got->n_bucket, 0);
        if (i % 2 == 0) {
            check_spans(&native_rows[i / 2], got->n_positive_span, got->positive_span, got->n_positive_delta,
                        got->positive_delta);
            CHECK_INT(got->n_negative_span + got->n_negative_delta, 0);
        } else {
            check_spans(&native_rows[i / 2], got->n_negative_span, got->negative_span, got->n_negative_delta,
                        got->negative_delta);
            CHECK_INT(got->n_positive_span + got->n_positive_delta, 0);
        }
    }
    decoded_deinit(&all);
    check_end();
}

static void write_empty_and_both(ifm_encoder *encoder)
{
    static const double bounds[] = {1};
    static const uint64_t buckets[] = {2, 1};
    static const uint64_t counts[] = {1, 2};
    static const ifm_exemplar_view exemplars[] = {{NULL, NULL, 0, 1.5, 0}, {NULL, NULL, 0, 2.5, -1}};
    static const ifm_native_point empty = {.schema = 3};
    static const ifm_native_point full = {
        .schema = 0, .positive = {0, 2, counts}, .exemplars = exemplars, .exemplar_count = 2};
    const ifm_family_head head = {TEXT("n"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, NULL, 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_histogram(encoder, &(ifm_point){0}, &(ifm_histogram_point){.native = &empty});
    ifm_encoder_histogram(encoder, &(ifm_point){0},
                          &(ifm_histogram_point){true, bounds, buckets, 1, 3, 4, NULL, &full});
    ifm_encoder_family_end(encoder);
}

static void empty_native_histogram_has_a_span_of_no_length(void **state)
{
    (void)state;
    decoded all = decode_proto(write_empty_and_both);
    assert_int_equal(all.count, 1);
    const Ifm__WireHistogram *empty = all.families[0]->metric[0]->histogram;
    assert_int_equal(empty->n_positive_span, 1);
    CHECK(empty->positive_span[0]->has_offset && empty->positive_span[0]->has_length);
    CHECK_INT(empty->positive_span[0]->offset, 0);
    CHECK_INT(empty->positive_span[0]->length, 0);
    CHECK_INT(empty->n_positive_delta, 0);
    CHECK(empty->has_schema && empty->has_zero_threshold && empty->has_zero_count);
    decoded_deinit(&all);
    check_end();
}

static void classic_and_native_stand_side_by_side(void **state)
{
    (void)state;
    decoded all = decode_proto(write_empty_and_both);
    const Ifm__WireHistogram *both = all.families[0]->metric[1]->histogram;
    CHECK_INT(both->n_bucket, 2);
    CHECK_INT(both->bucket[1]->cumulative_count, 3);
    CHECK_INT(both->n_positive_span, 1);
    CHECK_INT(both->n_positive_delta, 2);
    /* only the one with a time; 1 ms before 1970 */
    assert_int_equal(both->n_exemplars, 1);
    CHECK_DOUBLE(both->exemplars[0]->value, 2.5);
    check_time(both->exemplars[0]->timestamp, -1, 999000000);
    decoded_deinit(&all);
    check_end();
}

/* --- Names ------------------------------------------------------------------------------------------ */

static void write_dotted(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("a.b"), TEXT("a_b")};
    const ifm_family_head head = {TEXT("my.gauge"), {NULL, 0}, {NULL, 0}, IFM_TYPE_GAUGE, names, 2};
    fixture_gauge(encoder, &head, TEXTS(TEXT("1\n"), TEXT("2")), 1);
}

static void names_follow_the_escaping(void **state)
{
    (void)state;
    static const struct {
        ifm_escaping escaping;
        const char *name;
        const char *labels[2];
    } rows[] = {
        {IFM_ESCAPING_UNDERSCORES, "my_gauge", {"a_b_", "a_b"}},
        {IFM_ESCAPING_DOTS, "my_dot_gauge", {"a_dot_b", "a__b"}},
        {IFM_ESCAPING_VALUES, "U__my_2e_gauge", {"U__a_2e_b", "a_b"}},
        {IFM_ESCAPING_ALLOW_UTF8, "my.gauge", {"a.b", "a_b"}},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        decoded all =
            decode(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF, .escaping = rows[i].escaping},
                   write_dotted);
        assert_int_equal(all.count, 1);
        check_head(all.families[0], rows[i].name, "", IFM__WIRE_TYPE__GAUGE, 1);
        CHECK(!all.families[0]->has_help);
        check_label(all.families[0]->metric[0]->label[0], rows[i].labels[0], "1\n");
        check_label(all.families[0]->metric[0]->label[1], rows[i].labels[1], "2");
        decoded_deinit(&all);
    }
    check_end();
}

/* --- Length of a family ----------------------------------------------------------------------------- */

static size_t help_size;

static void write_long_help(ifm_encoder *encoder)
{
    static char help[1 << 15];
    memset(help, 'h', sizeof help);
    const ifm_family_head head = {TEXT("g"), {help, help_size}, {NULL, 0}, IFM_TYPE_GAUGE, NULL, 0};
    fixture_gauge(encoder, &head, NULL, 1);
    fixture_gauge(encoder, &head, NULL, 2);
}

static void families_of_any_length_follow_each_other(void **state)
{
    (void)state;
    /* around the sizes at which the length takes one more byte */
    static const size_t sizes[] = {1,     100,   106,   107,   108,   109,   110,   16000,
                                   16360, 16361, 16362, 16363, 16364, 16365, 16370, 1 << 15};
    for (size_t i = 0; i < IFM_COUNT_OF(sizes); i++) {
        help_size = sizes[i];
        decoded all = decode_proto(write_long_help);
        assert_int_equal(all.count, 2);
        CHECK_INT(all.families[0]->help.len, sizes[i]);
        CHECK_INT(all.families[1]->help.len, sizes[i]);
        CHECK_DOUBLE(all.families[1]->metric[0]->gauge->value, 2.0);
        decoded_deinit(&all);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counter_round_trips),
        cmocka_unit_test(classic_histogram_round_trips),
        cmocka_unit_test(summary_and_simple_types_round_trip),
        cmocka_unit_test(native_buckets_are_spans_and_deltas),
        cmocka_unit_test(empty_native_histogram_has_a_span_of_no_length),
        cmocka_unit_test(classic_and_native_stand_side_by_side),
        cmocka_unit_test(names_follow_the_escaping),
        cmocka_unit_test(families_of_any_length_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
