/* SPDX-License-Identifier: Apache-2.0
 *
 * query and query_range, as clients of Prometheus see them.
 */
#include "unit/web/client.h"

static void query_answers_as_prometheus_does(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        long status;
        const char *body;
    } rows[] = {
        {"api/v1/query?query=1%2B1&time=4", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[4,\"2\"]}}"},
        {"api/v1/query?query=1e21&time=4.5", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[4.5,"
         "\"1000000000000000000000\"]}}"},
        {"api/v1/query?query=%22a%3Cb%22&time=0.001", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"string\",\"result\":[0.001,\"a\\u003cb\"]}}"},
        {"api/v1/query?query=up&time=60.5", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":"
         "\"up\",\"instance\":\"x\",\"job\":\"a\"},\"value\":[60.500,\"1\"]},{\"metric\":{\"__name__\":"
         "\"up\","
         "\"instance\":\"y\",\"job\":\"a\"},\"value\":[60.500,\"0\"]}]}}"},
        {"api/v1/query?query=odd&time=1970-01-01T00:01:00Z", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":"
         "\"odd\",\"path\":\"a\\\"<\\n\"},\"value\":[60,\"1e-07\"]}]}}"},
        {"api/v1/query?query=nothing&time=4", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"},
        {"api/v1/query?query=requests_total[2m]&time=120", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":"
         "\"requests_total\",\"job\":\"a\"},\"values\":[[60,\"30.5\"],[120,\"61\"]]}]}}"},
        {"api/v1/query?query=up&time=60&limit=1", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":"
         "\"up\",\"instance\":\"x\",\"job\":\"a\"},\"value\":[60,\"1\"]}]},\"warnings\":[\"results truncated "
         "due "
         "to limit\"]}"},
        {"api/v1/query_range?query=up%7Binstance%3D%22x%22%7D&start=0&end=60.5&step=30.25", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":"
         "\"up\",\"instance\":\"x\",\"job\":\"a\"},\"values\":[[0,\"1\"],[30.250,\"1\"],[60.500,\"1\"]]}]}}"},
        {"api/v1/query_range?query=2&start=0&end=60&step=1m", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":"
         "[[0,\"2\"],[60,\"2\"]]}]}}"},
        {"api/v1/query?query=rate(up[5m])&time=300", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"instance\":"
         "\"x\",\"job\":\"a\"},\"value\":[300,\"0\"]},{\"metric\":{\"instance\":\"y\",\"job\":\"a\"},"
         "\"value\":"
         "[300,\"0\"]}]},\"infos\":[\"PromQL info: metric might not be a counter, name does not end in "
         "_total/_sum/_count/_bucket: \\\"up\\\" (1:6)\"]}"},
    };
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_TEXT(client_get(fixture, rows[i].path), rows[i].body);
        CHECK_INT(fixture->status, rows[i].status);
    }
    fixture_close(fixture);
    check_end();
}

static void query_is_refused_as_prometheus_does(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        long status;
        const char *type, *error;
    } rows[] = {
        {"api/v1/query", 400, "bad_data",
         "invalid parameter \\\"query\\\": 1:1: parse error: no "
         "expression found in input"},
        {"api/v1/query?query=up&time=x", 400, "bad_data",
         "invalid parameter \\\"time\\\": Invalid time value for 'time': cannot parse \\\"x\\\" to a valid "
         "timestamp"},
        {"api/v1/query?query=up&timeout=x", 400, "bad_data",
         "invalid parameter \\\"timeout\\\": cannot parse \\\"x\\\" to a valid duration"},
        {"api/v1/query?query=up&lookback_delta=x", 400, "bad_data",
         "error parsing lookback delta duration: cannot parse \\\"x\\\" to a valid duration"},
        {"api/v1/query?query=up&limit=x", 400, "bad_data",
         "invalid parameter \\\"limit\\\": strconv.Atoi: parsing \\\"x\\\": invalid syntax"},
        {"api/v1/query?query=up&limit=-1", 400, "bad_data",
         "invalid parameter \\\"limit\\\": limit must be non-negative"},
        {"api/v1/query?query=up&limit=99999999999999999999", 400, "bad_data",
         "invalid parameter \\\"limit\\\": strconv.Atoi: parsing \\\"99999999999999999999\\\": value out of "
         "range"},
        {"api/v1/query_range?query=up&start=x&end=1&step=1", 400, "bad_data",
         "invalid parameter \\\"start\\\": cannot parse \\\"x\\\" to a valid timestamp"},
        {"api/v1/query_range?query=up&start=1&step=1", 400, "bad_data",
         "invalid parameter \\\"end\\\": cannot parse \\\"\\\" to a valid timestamp"},
        {"api/v1/query_range?query=up&start=2&end=1&step=1", 400, "bad_data",
         "invalid parameter \\\"end\\\": end timestamp must not be before start time"},
        {"api/v1/query_range?query=up&start=0&end=1&step=0", 400, "bad_data",
         "invalid parameter \\\"step\\\": zero or negative query resolution step widths are not accepted. "
         "Try a "
         "positive integer"},
        {"api/v1/query_range?query=up&start=0&end=1&step=1e40", 400, "bad_data",
         "invalid parameter \\\"step\\\": cannot parse \\\"1e40\\\" to a valid duration. It overflows int64"},
        {"api/v1/query_range?query=up&start=0&end=11001&step=1", 400, "bad_data",
         "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
         "(?step=XX)"},
        {"api/v1/query_range?query=up&start=-9000000000000000&end=9000000000000000&step=1", 400, "bad_data",
         "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
         "(?step=XX)"},
        {"api/v1/query_range?query=up[1m]&start=0&end=1&step=1", 400, "bad_data",
         "invalid parameter \\\"query\\\": invalid expression type \\\"range vector\\\" for range query, "
         "must be "
         "Scalar or instant Vector"},
        {"api/v1/query?query=up%20%2B%20on(job)%20up&time=60", 422, "execution",
         "found duplicate series for the match group {job=\\\"a\\\"} on the right hand-side of the "
         "operation"},
        {"api/v1/query?query=up&time=60&timeout=0", 503, "timeout",
         "query timed out in expression evaluation"},
    };
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char want[512];
        snprintf(want, sizeof want, "{\"status\":\"error\",\"errorType\":\"%s\",\"error\":\"%s", rows[i].type,
                 rows[i].error);
        const char *body = client_get(fixture, rows[i].path);
        CHECK_CONTAINS(body, want);
        CHECK_INT(fixture->status, rows[i].status);
    }
    CHECK_INT(client_get(fixture, "api/v1/query_range?query=up&start=0&end=11000&step=1") != NULL &&
                  fixture->status == 200,
              true);
    fixture_close(fixture);
    check_end();
}

static void query_tells_its_statistics(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    const char *body = client_get(fixture, "api/v1/query?query=up&time=60&stats=all");
    CHECK_CONTAINS(body, "\"stats\":{\"timings\":{\"evalTotalTime\":");
    CHECK_CONTAINS(body, "\"samples\":{\"totalQueryableSamples\":2,\"peakSamples\":2}");
    CHECK(strstr(client_get(fixture, "api/v1/query?query=up&time=60"), "stats") == NULL);
    fixture_close(fixture);
    check_end();
}

static void form_comes_before_query_string(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    const char *body = client_ask(fixture, "POST", "api/v1/query?query=2&time=4", "query=1%2B+2", NULL);
    CHECK_TEXT(body, "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[4,\"3\"]}}");
    fixture_close(fixture);
    check_end();
}

static void queries_are_formatted_and_parsed(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    CHECK_TEXT(client_get(fixture, "api/v1/format_query?query=foo%2Fbar"),
               "{\"status\":\"success\",\"data\":\"foo / bar\"}");
    CHECK_TEXT(client_get(fixture, "api/v1/parse_query?query=1"),
               "{\"status\":\"success\",\"data\":{\"type\":\"numberLiteral\",\"val\":\"1\"}}");
    client_get(fixture, "api/v1/format_query?query=foo%2F");
    CHECK_INT(fixture->status, 400);
    fixture_close(fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_answers_as_prometheus_does),
        cmocka_unit_test(query_is_refused_as_prometheus_does),
        cmocka_unit_test(query_tells_its_statistics),
        cmocka_unit_test(form_comes_before_query_string),
        cmocka_unit_test(queries_are_formatted_and_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
