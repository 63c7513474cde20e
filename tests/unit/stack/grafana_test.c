/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers in the form of Grafana's HTTP API, and those of other programs on its port.
 */
#include "stack/grafana.h"

#include "check.h"
#include "fake_server.h"

static stack_system system_of;

static stack_server answers_with(fake_server *fake, const fake_page *answers)
{
    *fake = (fake_server){.answers = answers};
    stack_server server = fake_server_of(fake, &system_of);
    server.name = "Grafana";
    server.url = "http://127.0.0.1:3000";
    return server;
}

static void grafana_health_knows_grafana(void **state)
{
    static const struct {
        int status;
        const char *body;
        ifm_code code;
    } rows[] = {
        {200, "{\"database\":\"ok\",\"version\":\"13.2.1\",\"commit\":\"abc\"}", IFM_OK},
        {200, "{\"database\":\"failing\"}", IFM_INVALID},
        {200, "{}", IFM_INVALID},
        {200, "<html>", IFM_INVALID},
        {503, "{\"database\":\"failing\"}", IFM_BUSY},
        {404, "Not Found", IFM_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page answers[] = {{"/api/health", rows[i].status, rows[i].body, 0}, {0}};
        fake_server fake;
        stack_server server = answers_with(&fake, answers);
        int64_t date_ms;
        ifm_error err = {.code = IFM_OK};
        CHECK(stack_grafana_health(&server, &date_ms, &err) == (rows[i].code == IFM_OK));
        CHECK_INT(err.code, rows[i].code);
    }
    check_end();
}

static void grafana_login_is_accepted_refused_or_unknown(void **state)
{
    static const struct {
        int status;
        bool ok, accepted;
    } rows[] = {{200, true, true}, {401, true, false}, {500, false, false}, {404, false, false}};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page answers[] = {
            {"/api/org", rows[i].status, "{\"message\":\"Invalid username or password\"}", 0}, {0}};
        fake_server fake;
        stack_server server = answers_with(&fake, answers);
        bool accepted = false;
        ifm_error err;
        CHECK(stack_grafana_login(&server, &accepted, &err) == rows[i].ok);
        CHECK(accepted == rows[i].accepted);
        CHECK_INT(fake.requests, 1);
    }
    check_end();
}

static void grafana_source_is_read(void **state)
{
    static const fake_page answers[] = {
        {"/api/datasources/uid/inferometer-prometheus", 200,
         "{\"id\":1,\"uid\":\"inferometer-prometheus\",\"name\":\"inferometer\",\"type\":\"prometheus\","
         "\"url\":\"http://prometheus:9090\",\"jsonData\":{\"httpMethod\":\"POST\",\"timeInterval\":\"5s\"}}",
         0},
        {"/api/datasources/name/inferometer", 404, "{\"message\":\"Data source not found\"}", 0},
        {"/api/datasources/uid/odd", 200, "{\"uid\":7,\"jsonData\":[]}", 0},
        {"/api/datasources/uid/denied", 403, "{\"message\":\"Permission denied\"}", 0},
        {"/api/datasources/uid/page", 200, "<html>", 0},
        {0}};
    fake_server fake;
    stack_server server = answers_with(&fake, answers);
    stack_grafana_source source;
    bool found;
    ifm_error err;
    (void)state;
    CHECK(stack_grafana_source_by_uid(&server, "inferometer-prometheus", &found, &source, &err) && found);
    CHECK_TEXT(source.name, "inferometer");
    CHECK_TEXT(source.type, "prometheus");
    CHECK_TEXT(source.url, "http://prometheus:9090");
    CHECK_TEXT(source.time_interval, "5s");
    CHECK(stack_grafana_source_by_name(&server, "inferometer", &found, &source, &err) && !found);
    CHECK(stack_grafana_source_by_uid(&server, "odd", &found, &source, &err) && found);
    CHECK_TEXT(source.uid, "");
    CHECK_TEXT(source.time_interval, "");
    CHECK(!stack_grafana_source_by_uid(&server, "denied", &found, &source, &err));
    CHECK_CONTAINS(err.message, "403: Permission denied");
    CHECK(!stack_grafana_source_by_uid(&server, "page", &found, &source, &err));
    CHECK(!stack_grafana_source_by_uid(&server, "a/../b", &found, &source, &err));
    CHECK_INT(err.code, IFM_INVALID);
    check_end();
}

static void grafana_source_health_has_grafanas_words(void **state)
{
    static const struct {
        int status;
        const char *body;
        bool ok, healthy;
        const char *message;
    } rows[] = {
        {200, "{\"status\":\"OK\",\"message\":\"Successfully queried the Prometheus API.\"}", true, true,
         "Successfully queried the Prometheus API."},
        {400, "{\"status\":\"ERROR\",\"message\":\"dial tcp 127.0.0.1:9090: connect: connection refused\"}",
         true, false, "dial tcp 127.0.0.1:9090: connect: connection refused"},
        {404, "{\"message\":\"Data source not found\"}", true, false, "Data source not found"},
        {500, "{\"message\":\"Plugin unavailable\\u001b[0m\"}", true, false, "Plugin unavailable [0m"},
        {401, "{\"message\":\"Unauthorized\"}", false, false, ""},
        {200, "[]", false, false, ""},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page answers[] = {
            {"/api/datasources/uid/inferometer-prometheus/health", rows[i].status, rows[i].body, 0}, {0}};
        fake_server fake;
        stack_server server = answers_with(&fake, answers);
        char message[STACK_GRAFANA_TEXT_SIZE] = "";
        bool healthy = false;
        ifm_error err;
        CHECK(stack_grafana_source_health(&server, "inferometer-prometheus", &healthy, message, &err) ==
              rows[i].ok);
        CHECK(healthy == rows[i].healthy);
        CHECK_TEXT(message, rows[i].message);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grafana_health_knows_grafana),
        cmocka_unit_test(grafana_login_is_accepted_refused_or_unknown),
        cmocka_unit_test(grafana_source_is_read),
        cmocka_unit_test(grafana_source_health_has_grafanas_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
