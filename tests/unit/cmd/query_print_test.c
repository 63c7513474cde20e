/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of Prometheus's API as promtool prints them; integration_query compares more of them with promtool.
 */
#include "cmd/query.h"

#include "check.h"

typedef bool printer(const json_t *data, query_format format, ifm_buf *out, ifm_error *err);

/* What comes of `text`, or "CODE: MESSAGE". */
static const char *printed(printer *print, const char *text, query_format format)
{
    static char got[4096];
    ifm_buf out;
    ifm_error err;
    json_t *data = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(data);
    ifm_buf_init(&out, sizeof got - 1);
    bool ok = print(data, format, &out, &err);
    if (ok) {
        snprintf(got, sizeof got, "%.*s", (int)out.size, out.size > 0 ? out.data : "");
    } else {
        snprintf(got, sizeof got, "%s: %s", ifm_code_name(err.code), err.message);
    }
    ifm_buf_deinit(&out);
    json_decref(data);
    return got;
}

static void values_are_printed_as_promtool_does(void **state)
{
    (void)state;
    static const struct {
        const char *data, *promql, *json;
    } rows[] = {
        {"{\"resultType\":\"vector\",\"result\":[]}", "\n", "[]\n"},
        {"{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"b\":\"2\",\"__name__\":\"up\",\"a\":\"<"
         "\\\"\"},"
         "\"value\":[1700000000.5,\"1e-9\"]},{\"metric\":{},\"value\":[1,\"NaN\"]},"
         "{\"metric\":{\"__name__\":\"x\"},\"value\":[1,\"+Inf\"]}]}",
         "up{a=\"<\\\"\", b=\"2\"} => 0.000000001 @[1700000000.5]\n{} => NaN @[1]\nx => +Inf @[1]\n",
         "[{\"metric\":{\"__name__\":\"up\",\"a\":\"\\u003c\\\"\",\"b\":\"2\"},\"value\":[1700000000.5,"
         "\"0.000000001\"]},{\"metric\":{},\"value\":[1,\"NaN\"]},{\"metric\":{\"__name__\":\"x\"},\"value\":"
         "[1,\"+Inf\"]}]\n"},
        {"{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"a\":\"2\"},\"values\":[[1,\"1\"],[2,\"2\"]]},"
         "{\"metric\":{\"a\":\"1\"},\"values\":[[1,\"3\"]]}]}",
         "{a=\"1\"} =>\n3 @[1]\n{a=\"2\"} =>\n1 @[1]\n2 @[2]\n",
         "[{\"metric\":{\"a\":\"2\"},\"values\":[[1,\"1\"],[2,\"2\"]]},{\"metric\":{\"a\":\"1\"},\"values\":"
         "[[1,\"3\"]]}]\n"},
        {"{\"resultType\":\"scalar\",\"result\":[1.25,\"2\"]}", "scalar: 2 @[1.25]\n", "[1.25,\"2\"]\n"},
        {"{\"resultType\":\"string\",\"result\":[1,\"a\\n\"]}", "a\n\n", "[1,\"a\\n\"]\n"},
        {"{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"a\":\"1\"},\"histogram\":[1,{\"count\":\"3\","
         "\"sum\":\"1.5\",\"buckets\":[[0,\"0.5\",\"1\",\"2\"],[3,\"-1\",\"1\",\"1\"]]}]}]}",
         "{a=\"1\"} => Count: 3, Sum: 1.5, Buckets: [(0.5,1]:2 [-1,1]:1] @[1]\n",
         "[{\"metric\":{\"a\":\"1\"},\"histogram\":[1,{\"count\":\"3\",\"sum\":\"1.5\",\"buckets\":[[0,\"0."
         "5\","
         "\"1\",\"2\"],[3,\"-1\",\"1\",\"1\"]]}]}]\n"},
        {"{}", "INVALID: the answer is not what Prometheus's API says it is",
         "INVALID: the answer is not what Prometheus's API says it is"},
        {"{\"resultType\":\"vector\",\"result\":[1]}",
         "INVALID: the answer is not what Prometheus's API says it is",
         "INVALID: the answer is not what Prometheus's API says it is"},
        {"{\"resultType\":\"scalar\",\"result\":[1]}",
         "INVALID: the answer is not what Prometheus's API says it is",
         "INVALID: the answer is not what Prometheus's API says it is"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_TEXT(printed(query_print_value, rows[i].data, QUERY_PROMQL), rows[i].promql);
        CHECK_TEXT(printed(query_print_value, rows[i].data, QUERY_JSON), rows[i].json);
    }
    check_end();
}

static void series_and_names_are_printed_as_promtool_does(void **state)
{
    (void)state;
    static const char series[] = "[{\"job\":\"a\",\"__name__\":\"up\"},{}]";
    CHECK_TEXT(printed(query_print_series, series, QUERY_PROMQL), "{__name__=\"up\", job=\"a\"}\n{}\n");
    CHECK_TEXT(printed(query_print_series, series, QUERY_JSON), "[{\"__name__\":\"up\",\"job\":\"a\"},{}]\n");
    CHECK_TEXT(printed(query_print_series, "[]", QUERY_JSON), "[]\n");
    CHECK_TEXT(printed(query_print_names, "[\"a\",\"b&\"]", QUERY_PROMQL), "a\nb&\n");
    CHECK_TEXT(printed(query_print_names, "[\"a\",\"b&\"]", QUERY_JSON), "[\"a\",\"b\\u0026\"]\n");
    CHECK_TEXT(printed(query_print_names, "[1]", QUERY_JSON),
               "INVALID: the answer is not what Prometheus's API says it is");
    check_end();
}

/* ESC, DEL and U+009B, which terminals obey, and a line feed. */
#define EVIL "\\u001b[2J\\u007f\\u009b1m\\n"

static void control_characters_are_not_printed(void **state)
{
    (void)state;
    static const char vector[] = "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"n" EVIL
                                 "\",\"l" EVIL "\":\"v" EVIL "\"},\"value\":[1,\"x" EVIL "\"]}]}";
    static const char string[] = "{\"resultType\":\"string\",\"result\":[1,\"a" EVIL "b\"]}";
    CHECK_TEXT(printed(query_print_value, vector, QUERY_PROMQL),
               "n [2J  1m {l [2J  1m =\"v\\x1b[2J\\x7f\\u009b1m\\n\"} => ? @[1]\n");
    CHECK_TEXT(printed(query_print_value, vector, QUERY_JSON),
               "[{\"metric\":{\"__name__\":\"n" EVIL "\",\"l" EVIL "\":\"v" EVIL
               "\"},\"value\":[1,\"?\"]}]\n");
    CHECK_TEXT(printed(query_print_value, string, QUERY_PROMQL), "a [2J  1m\nb\n");
    CHECK_TEXT(printed(query_print_value, string, QUERY_JSON), "[1,\"a" EVIL "b\"]\n");
    CHECK_TEXT(printed(query_print_names, "[\"a" EVIL "\"]", QUERY_PROMQL), "a [2J  1m\n\n");
    CHECK_TEXT(printed(query_print_names, "[\"a" EVIL "\"]", QUERY_JSON), "[\"a" EVIL "\"]\n");
    check_end();
}

static void times_are_seconds_or_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {"1700000000", 1700000000000},
        {"1700000000.1234", 1700000000123},
        {"0", 0},
        {"2023-11-14T22:13:20Z", 1700000000000},
        {"2023-11-14T23:13:20.5+01:00", 1700000000500},
        {"", -1},
        {"yesterday", -1},
        {"NaN", -1},
        {"1e300", -1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t ms = -1;
        ifm_error err = {.code = IFM_OK};
        CHECK_INT(query_time(rows[i].text, &ms, &err), rows[i].ms >= 0);
        CHECK_INT(ms, rows[i].ms);
        CHECK_INT(err.code, rows[i].ms >= 0 ? IFM_OK : IFM_INVALID);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_printed_as_promtool_does),
        cmocka_unit_test(series_and_names_are_printed_as_promtool_does),
        cmocka_unit_test(control_characters_are_not_printed),
        cmocka_unit_test(times_are_seconds_or_rfc_3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
