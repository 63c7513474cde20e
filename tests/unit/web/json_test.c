/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON, byte by byte as Prometheus writes it.
 */
#include "web/json.h"

#include "unit/web/fakes.h"

#include <math.h>

static const char *text_of(ifm_buf *buf)
{
    ifm_buf_append_char(buf, '\0');
    return buf->data;
}

static void strings_are_escaped_as_by_their_encoder(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *label, *other;
    } rows[] = {
        {"a", 1, "\"a\"", "\"a\""},
        {"", 0, "\"\"", "\"\""},
        {"\"\\/", 3, "\"\\\"\\\\/\"", "\"\\\"\\\\/\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\"", "\"\\n\\r\\t\""},
        {"\b\f\0\x1f\x7f", 5, "\"\\u0008\\u000c\\u0000\\u001f\x7f\"", "\"\\u0008\\u000c\\u0000\\u001f\x7f\""},
        {"<&>", 3, "\"<&>\"", "\"\\u003c\\u0026\\u003e\""},
        {"\xe2\x82\xac", 3, "\"\xe2\x82\xac\"", "\"\xe2\x82\xac\""},
        {"\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\xe2\x80\xa8\xe2\x80\xa9\"", "\"\\u2028\\u2029\""},
        {"a\xff", 2, "\"a\xff\"", "\"a\\ufffd\""},
        {"0123456\"89abcde\\0123456\n", 24, "\"0123456\\\"89abcde\\\\0123456\\n\"",
         "\"0123456\\\"89abcde\\\\0123456\\n\""}, /* at the end of words of 8 bytes */
        {"gr\xc3\xb6\xc3\x9f"
         "e \xe2\x82\xac!#[]",
         15,
         "\"gr\xc3\xb6\xc3\x9f"
         "e \xe2\x82\xac!#[]\"",
         "\"gr\xc3\xb6\xc3\x9f"
         "e \xe2\x82\xac!#[]\""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf label, other;
        ifm_buf_init(&label, 1024);
        ifm_buf_init(&other, 1024);
        web_json_label_text(&label, (model_text){rows[i].text, rows[i].size});
        web_json_text(&other, (model_text){rows[i].text, rows[i].size});
        CHECK_TEXT(text_of(&label), rows[i].label);
        CHECK_TEXT(text_of(&other), rows[i].other);
        ifm_buf_deinit(&label);
        ifm_buf_deinit(&other);
    }
    check_end();
}

static void times_are_seconds_with_three_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *want;
    } rows[] = {{0, "0"},
                {1, "0.001"},
                {10, "0.010"},
                {500, "0.500"},
                {-1, "-0.001"},
                {-60000, "-60"},
                {1500, "1.500"},
                {1700000000123, "1700000000.123"},
                {INT64_MIN, "-9223372036854775.808"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf out;
        ifm_buf_init(&out, 1024);
        web_json_time(&out, rows[i].ms);
        CHECK_TEXT(text_of(&out), rows[i].want);
        ifm_buf_deinit(&out);
    }
    check_end();
}

static void numbers_are_those_of_encoding_json(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } rows[] = {{0, "0"},        {1.5, "1.5"},           {1e-7, "1e-7"},  {1.5e-10, "1.5e-10"},
                {1e21, "1e+21"}, {0.000001, "0.000001"}, {INFINITY, "0"}, {1700000000.5, "1700000000.5"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf out;
        ifm_buf_init(&out, 1024);
        web_json_number(&out, rows[i].value);
        CHECK_TEXT(text_of(&out), rows[i].want);
        ifm_buf_deinit(&out);
    }
    check_end();
}

static const model_histogram *histogram(void)
{
    static const model_span spans[] = {{0, 2}};
    static const double positive[] = {1, 2};
    static const double negative[] = {3, 0};
    static const model_histogram h = {.schema = 0,
                                      .zero_threshold = 0.001,
                                      .zero_count = 4,
                                      .count = 10,
                                      .sum = -1.5,
                                      .positive_spans = spans,
                                      .positive_span_count = 1,
                                      .positive = positive,
                                      .positive_count = 2,
                                      .negative_spans = spans,
                                      .negative_span_count = 1,
                                      .negative = negative,
                                      .negative_count = 2};
    return &h;
}

static void histograms_leave_empty_buckets_out(void **state)
{
    (void)state;
    ifm_buf out;
    ifm_buf_init(&out, 4096);
    web_json_histogram(&out, histogram());
    CHECK_TEXT(text_of(&out),
               "{\"count\":\"10\",\"sum\":\"-1.5\",\"buckets\":[[1,\"-1\",\"-0.5\",\"3\"],"
               "[3,\"-0.001\",\"0.001\",\"4\"],[0,\"0.5\",\"1\",\"1\"],[0,\"1\",\"2\",\"2\"]]}");
    ifm_buf_clear(&out);
    web_json_histogram(&out, &(model_histogram){.count = 0});
    CHECK_TEXT(text_of(&out), "{\"count\":\"0\",\"sum\":\"0\"}");
    ifm_buf_deinit(&out);
    check_end();
}

static void results_separate_floats_from_histograms(void **state)
{
    (void)state;
    const promql_point points[] = {{0, 1, NULL}, {500, 0, histogram()}, {1000, NAN, NULL}};
    promql_result_series series[] = {{.points = points, .count = 3}, {.points = points, .count = 1}};
    promql_result matrix = {.type = PROMQL_TYPE_MATRIX, .series = series, .series_count = 2};
    ifm_buf out;
    ifm_buf_init(&out, 4096);
    web_json_result(&out, &matrix, 0);
    const char *text = text_of(&out);
    CHECK_CONTAINS(
        text, "{\"metric\":{},\"values\":[[0,\"1\"],[1,\"NaN\"]],\"histograms\":[[0.500,{\"count\":\"10\"");
    CHECK_CONTAINS(text, "]]}]]},{\"metric\":{},\"values\":[[0,\"1\"]]}]");
    ifm_buf_clear(&out);
    promql_result vector = {.type = PROMQL_TYPE_VECTOR, .series = series, .series_count = 2};
    series[0].points = points + 1;
    web_json_result(&out, &vector, 1);
    text = text_of(&out);
    CHECK_CONTAINS(text, "\"result\":[{\"metric\":{},\"histogram\":[0.500,{\"count\"");
    CHECK(strstr(text, "value\"") == NULL);
    ifm_buf_deinit(&out);
    check_end();
}

/* Every limit of the output ends in a failure that sticks, none in a write past it. */
static void results_stop_at_the_limit(void **state)
{
    (void)state;
    promql_point points[600];
    for (int i = 0; i < 600; i++) {
        points[i] = (promql_point){.time_ms = i * 1000, .value = i / 7.0};
    }
    const promql_result_series series[] = {{.points = points, .count = 600}};
    promql_result matrix = {
        .type = PROMQL_TYPE_MATRIX, .series = (promql_result_series *)(uintptr_t)series, .series_count = 1};
    for (size_t max = 0; max < 20000; max += 333) {
        ifm_buf out;
        ifm_buf_init(&out, max);
        web_json_result(&out, &matrix, 0);
        CHECK_INT(out.failed, IFM_LIMIT);
        CHECK(out.size <= max);
        ifm_buf_deinit(&out);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped_as_by_their_encoder),
        cmocka_unit_test(times_are_seconds_with_three_digits),
        cmocka_unit_test(numbers_are_those_of_encoding_json),
        cmocka_unit_test(histograms_leave_empty_buckets_out),
        cmocka_unit_test(results_separate_floats_from_histograms),
        cmocka_unit_test(results_stop_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
