/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers recorded from Prometheus 2.42, and what no Prometheus would send.
 */
#include "stack/prometheus.h"

#include "check.h"
#include "fake_server.h"
#include "stack/api_limits.h"
#include "torture.h"

#include <stdlib.h>

#define TARGET(url, health, error)                                                                           \
    "{\"discoveredLabels\":{\"__address__\":\"127.0.0.1:1\",\"job\":\"test\"},"                              \
    "\"labels\":{\"instance\":\"127.0.0.1:1\",\"job\":\"test\"},\"scrapePool\":\"test\","                    \
    "\"scrapeUrl\":\"" url "\",\"globalUrl\":\"http://vm:1/metrics\",\"lastError\":\"" error "\","           \
    "\"lastScrape\":\"2026-11-25T18:55:22.148540541Z\",\"lastScrapeDuration\":0.003505135,"                  \
    "\"health\":\"" health "\",\"scrapeInterval\":\"1s\",\"scrapeTimeout\":\"1s\"}"
#define TARGETS(list) "{\"status\":\"success\",\"data\":{\"activeTargets\":[" list "],\"droppedTargets\":[]}}"

static const char two_targets[] =
    TARGETS(TARGET("http://127.0.0.1:1/metrics", "down",
                   "Get \\\"http://127.0.0.1:1/metrics\\\": dial tcp 127.0.0.1:1: connect: connection "
                   "refused") "," TARGET("http://127.0.0.1:2/metrics", "up", ""));

static void prometheus_targets_are_read(void **state)
{
    stack_targets targets;
    ifm_error err;
    (void)state;
    assert_true(stack_prometheus_targets_parse(two_targets, &targets, &err));
    assert_int_equal(targets.count, 2);
    CHECK_TEXT(targets.items[0].job, "test");
    CHECK_TEXT(targets.items[0].instance, "127.0.0.1:1");
    CHECK_TEXT(targets.items[0].scrape_url, "http://127.0.0.1:1/metrics");
    CHECK_TEXT(targets.items[0].health, "down");
    CHECK_TEXT(targets.items[0].last_error,
               "Get \"http://127.0.0.1:1/metrics\": dial tcp 127.0.0.1:1: connect: connection refused");
    CHECK_INT(targets.items[0].last_scrape_ms, 1795632922148);
    CHECK_DOUBLE(targets.items[0].last_scrape_duration_s, 0.003505135);
    CHECK_INT(targets.items[0].scrape_interval_ms, 1000);
    CHECK_TEXT(targets.items[1].last_error, "");
    stack_targets_deinit(&targets);
    check_end();
}

static void prometheus_target_without_facts_is_never_scraped(void **state)
{
    static const char *const answers[] = {
        TARGETS("{}"),
        TARGETS(
            "{\"lastScrape\":\"0001-01-01T00:00:00Z\",\"labels\":7,\"health\":null,\"scrapeInterval\":5}"),
        TARGETS("{\"lastScrape\":\"yesterday\",\"lastScrapeDuration\":\"long\"}"),
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(answers); i++) {
        stack_targets targets;
        ifm_error err;
        assert_true(stack_prometheus_targets_parse(answers[i], &targets, &err));
        CHECK_INT(targets.count, 1);
        CHECK_INT(targets.items[0].last_scrape_ms, -1);
        CHECK_INT(targets.items[0].scrape_interval_ms, 0);
        CHECK_TEXT(targets.items[0].health, "");
        stack_targets_deinit(&targets);
    }
    check_end();
}

static void prometheus_refuses_garbage_with_a_sentence(void **state)
{
    static const struct {
        const char *answer;
        const char *part;
    } rows[] = {
        {"", "no JSON"},
        {"<html>", "no JSON"},
        {"[]", "no object"},
        {"null", "no JSON"},
        {"{}", "not of Prometheus's API"},
        {"{\"status\":\"error\",\"data\":{}}", "not of Prometheus's API"},
        {"{\"status\":\"success\",\"data\":[]}", "not of Prometheus's API"},
        {"{\"status\":\"success\",\"data\":{}}", "no list of targets"},
        {"{\"status\":\"success\",\"data\":{\"activeTargets\":{}}}", "no list of targets"},
        {TARGETS("7"), "is no object"},
        {TARGETS("{},\"x\""), "is no object"},
        {"{\"status\":\"success\",\"data\":{\"activeTargets\":[{", "no JSON"},
        {"{\"a\":\"\xFF\"}", "no JSON"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        stack_targets targets;
        ifm_error err = {.message = ""};
        CHECK(!stack_prometheus_targets_parse(rows[i].answer, &targets, &err));
        CHECK_CONTAINS(err.message, rows[i].part);
        CHECK_INT(err.code, IFM_INVALID);
    }
    check_end();
}

static char *many(const char *before, const char *item, size_t count, const char *after)
{
    ifm_buf buf;
    ifm_buf_init(&buf, 64 << 20);
    ifm_buf_append_text(&buf, before);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(&buf, i == 0 ? "" : ",");
        ifm_buf_append_text(&buf, item);
    }
    ifm_buf_append_text(&buf, after);
    size_t size;
    ifm_error err;
    char *text = ifm_buf_take(&buf, &size, &err);
    ifm_buf_deinit(&buf);
    return text;
}

static void prometheus_targets_have_a_limit(void **state)
{
    static const size_t counts[] = {STACK_API_TARGETS_MAX - 1, STACK_API_TARGETS_MAX,
                                    STACK_API_TARGETS_MAX + 1};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(counts); i++) {
        char *text = many("{\"status\":\"success\",\"data\":{\"activeTargets\":[", "{}", counts[i], "]}}");
        stack_targets targets;
        ifm_error err;
        bool ok = stack_prometheus_targets_parse(text, &targets, &err);
        CHECK(ok == (counts[i] <= STACK_API_TARGETS_MAX));
        if (ok) {
            CHECK_INT(targets.count, counts[i]);
            stack_targets_deinit(&targets);
        } else {
            CHECK_INT(err.code, IFM_LIMIT);
        }
        ifm_free(text);
    }
    check_end();
}

static void prometheus_query_answers_are_read(void **state)
{
    static const struct {
        const char *answer;
        bool ok;
        size_t count;
        double first;
        const char *why;
    } rows[] = {
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},"
         "\"value\":[1795632922.795,\"5\"]}]}}",
         true, 1, 5, "count(up)"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1795632922.803,"
         "\"1795632922.803\"]}}",
         true, 1, 1795632922.803, "time()"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}", true, 0, 0,
         "no series"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", false, 0, 0,
         "a range"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1]}}", false, 0, 0,
         "no value"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":{}}}", false, 0, 0,
         "no list"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[7]}}", false, 0, 0,
         "no series"},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"value\":[1,\"x\"]}]}}",
         false, 0, 0, "no number"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        stack_query_result result = {0};
        ifm_error err;
        bool ok = stack_prometheus_query_parse(rows[i].answer, &result, &err);
        if (!check_report(ok == rows[i].ok && result.count == rows[i].count, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %d, %zu\n", rows[i].why, ok, result.count);
        }
        if (ok && result.count > 0) {
            CHECK_DOUBLE(result.values[0], rows[i].first);
        }
        stack_query_result_deinit(&result);
    }
    check_end();
}

static void prometheus_query_is_escaped_in_a_form(void **state)
{
    static const fake_page answers[] = {
        {"/api/v1/query", 200,
         "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}", 0},
        {0}};
    fake_server fake = {.answers = answers};
    stack_system system;
    stack_server server = fake_server_of(&fake, &system);
    server.user = "admin";
    stack_query_result result;
    ifm_error err;
    (void)state;
    assert_true(stack_prometheus_query(&server, "up{job=\"a+b&c\"} == 1", &result, &err));
    CHECK_TEXT(fake.form, "query=up%7Bjob%3D%22a%2Bb%26c%22%7D%20%3D%3D%201");
    CHECK_TEXT(fake.user, "admin");
    stack_query_result_deinit(&result);
    check_end();
}

static void prometheus_ready_tells_starting_from_strangers(void **state)
{
    static const struct {
        int status;
        ifm_code code;
    } rows[] = {{200, IFM_OK}, {503, IFM_BUSY}, {404, IFM_INVALID}};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page answers[] = {{"/-/ready", rows[i].status, "x", 5000}, {0}};
        fake_server fake = {.answers = answers};
        stack_system system;
        stack_server server = fake_server_of(&fake, &system);
        int64_t date_ms = 0;
        ifm_error err = {.code = IFM_OK};
        CHECK(stack_prometheus_ready(&server, &date_ms, &err) == (rows[i].code == IFM_OK));
        CHECK_INT(err.code, rows[i].code);
        CHECK_INT(date_ms, 5000);
    }
    check_end();
}

static void prometheus_says_what_the_server_complains_of(void **state)
{
    static const fake_page answers[] = {
        {"/api/v1/query", 400,
         "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:5: parse error\"}", 0},
        {"/api/v1/targets", 0, "", 0},
        {0}};
    fake_server fake = {.answers = answers};
    stack_system system;
    stack_server server = fake_server_of(&fake, &system);
    stack_query_result result;
    stack_targets targets;
    int64_t interval_ms;
    ifm_error err;
    (void)state;
    CHECK(!stack_prometheus_query(&server, "foo(", &result, &err));
    CHECK_CONTAINS(err.message, "HTTP status 400: 1:5: parse error");
    CHECK(!stack_prometheus_targets(&server, &targets, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK(!stack_prometheus_scrape_interval(&server, &interval_ms, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "refused");
    check_end();
}

static void prometheus_configuration_gives_the_interval(void **state)
{
    static const struct {
        const char *body;
        int64_t want_ms; /* -1: refused */
    } rows[] = {
        {"{\"status\":\"success\",\"data\":{\"yaml\":\"global:\\n  scrape_interval: 1m30s\\n\"}}", 90000},
        {"{\"status\":\"success\",\"data\":{\"yaml\":\"scrape_configs: []\\n\"}}", 60000},
        {"{\"status\":\"success\",\"data\":{\"yaml\":\"global: {scrape_interval: soon}\"}}", -1},
        {"{\"status\":\"success\",\"data\":{\"yaml\":\"a: [\"}}", -1},
        {"{\"status\":\"success\",\"data\":{}}", 60000},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page answers[] = {{"/api/v1/status/config", 200, rows[i].body, 0}, {0}};
        fake_server fake = {.answers = answers};
        stack_system system;
        stack_server server = fake_server_of(&fake, &system);
        int64_t interval_ms = -1;
        ifm_error err;
        CHECK(stack_prometheus_scrape_interval(&server, &interval_ms, &err) == (rows[i].want_ms >= 0));
        CHECK(rows[i].want_ms < 0 || interval_ms == rows[i].want_ms);
    }
    check_end();
}

static bool parse_targets(void *context, ifm_error *err)
{
    stack_targets targets;
    if (!stack_prometheus_targets_parse(context, &targets, err)) {
        return false;
    }
    stack_targets_deinit(&targets);
    return true;
}

static void prometheus_targets_survive_without_memory(void **state)
{
    char *text = ifm_copy_text(two_targets);
    (void)state;
    CHECK(torture_allocations(parse_targets, text, TORTURE_MUST_FAIL) >= 11);
    ifm_free(text);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prometheus_targets_are_read),
        cmocka_unit_test(prometheus_target_without_facts_is_never_scraped),
        cmocka_unit_test(prometheus_refuses_garbage_with_a_sentence),
        cmocka_unit_test(prometheus_targets_have_a_limit),
        cmocka_unit_test(prometheus_query_answers_are_read),
        cmocka_unit_test(prometheus_query_is_escaped_in_a_form),
        cmocka_unit_test(prometheus_ready_tells_starting_from_strangers),
        cmocka_unit_test(prometheus_says_what_the_server_complains_of),
        cmocka_unit_test(prometheus_configuration_gives_the_interval),
        cmocka_unit_test(prometheus_targets_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
