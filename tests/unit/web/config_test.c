/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of the configuration, and durations of parameters, which are its too.
 */
#include "unit/web/client.h"

static const char yaml[] = "global:\n"
                           "  external_labels:\n"
                           "    site: north\n"
                           "scrape_configs:\n"
                           "  - job_name: api\n"
                           "    static_configs:\n"
                           "      - targets: ['localhost:8000']\n"
                           "    relabel_configs:\n"
                           "      - source_labels: [__address__]\n"
                           "        regex: '(.*):(.*)'\n"
                           "        target_label: port\n"
                           "        replacement: '$2'\n"
                           "      - source_labels: [port]\n"
                           "        regex: '8000'\n"
                           "        action: drop\n"
                           "    basic_auth:\n"
                           "      username: ann\n"
                           "      password: sesame\n";

static const config_file *current(void *context)
{
    return config_acquire(context);
}

typedef struct config_fixture {
    web_fixture *web;
    tsdb db;
    const config_file *config;
} config_fixture;

static int64_t now_ms(void)
{
    return FAKE_BEGIN_MS + 1000;
}

static int64_t no_time(void)
{
    return 0;
}

static config_fixture *open_configured(void)
{
    static config_fixture fixture;
    static const ifm_os_clock clock = {.wall_ms = now_ms, .monotonic_ns = no_time};
    ifm_error err = {.code = IFM_OK};
    fixture = (config_fixture){.config = config_parse(yaml, strlen(yaml), NULL, &err)};
    if (fixture.config == NULL) {
        fail_msg("%s", err.message);
    }
    fixture.web = fixture_start((web_options){
        .listen = NULL, .clock = &clock, .config = current, .context = (void *)(uintptr_t)fixture.config});
    fake_store_open(&fixture.db);
    web_server_set_ready(fixture.web->server, &fixture.db, NULL);
    return &fixture;
}

static void close_configured(config_fixture *fixture)
{
    fixture_close(fixture->web);
    fake_store_close(&fixture->db);
    config_release(fixture->config);
}

static void relabelling_is_told_step_by_step(void **state)
{
    (void)state;
    config_fixture *fixture = open_configured();
    const char *body = client_get(fixture->web, "api/v1/targets/relabel_steps?scrapePool=api&labels="
                                                "%7B%22__address__%22:%22localhost:8000%22%7D");
    CHECK_TEXT(
        body,
        "{\"status\":\"success\",\"data\":{\"steps\":[{\"rule\":{\"source_labels\":[\"__address__\"],"
        "\"separator\":\";\",\"regex\":\"(.*):(.*)\",\"modulus\":0,\"target_label\":\"port\","
        "\"replacement\":\"$2\",\"action\":\"replace\"},\"output\":{\"__address__\":\"localhost:8000\","
        "\"port\":\"8000\"},\"keep\":true},{\"rule\":{\"source_labels\":[\"port\"],\"separator\":\";\","
        "\"regex\":\"8000\",\"modulus\":0,\"target_label\":\"\",\"replacement\":\"$1\",\"action\":\"drop\"},"
        "\"output\":{\"__address__\":\"localhost:8000\",\"port\":\"8000\"},\"keep\":false}]}}");
    static const char *const wrong[][2] = {
        {"api/v1/targets/relabel_steps?scrapePool=none&labels=%7B%7D", "scrape pool \\\"none\\\" not found"},
        {"api/v1/targets/relabel_steps?scrapePool=api&labels=%7B", "error parsing labels: "},
        {"api/v1/targets/relabel_steps?scrapePool=api&labels=[]", "error parsing labels: "},
        {"api/v1/targets/relabel_steps?scrapePool=api&labels=%7B%22a%22:1%7D", "error parsing labels: "},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        CHECK_CONTAINS(client_get(fixture->web, wrong[i][0]), wrong[i][1]);
        CHECK_INT(fixture->web->status, 400);
    }
    close_configured(fixture);
    check_end();
}

static void configuration_is_told_without_secrets(void **state)
{
    (void)state;
    config_fixture *fixture = open_configured();
    const char *body = client_get(fixture->web, "api/v1/status/config");
    CHECK_CONTAINS(body, "{\"status\":\"success\",\"data\":{\"yaml\":\"global:\\n");
    CHECK_CONTAINS(body, "\\u003csecret\\u003e");
    CHECK(strstr(body, "sesame") == NULL);
    close_configured(fixture);
    check_end();
}

static void federation_adds_external_labels(void **state)
{
    (void)state;
    config_fixture *fixture = open_configured();
    CHECK_TEXT(client_get(fixture->web, "federate?match[]=up"),
               "# TYPE up untyped\nup{instance=\"x\",job=\"api\",site=\"north\"} 1 1700000000000\n");
    close_configured(fixture);
    check_end();
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want_ns; /* -1: refused */
    } rows[] = {{"1", 1000000000},
                {"0.5", 500000000},
                {"-2", -2000000000},
                {"1m", 60000000000},
                {"1h30m", 5400000000000},
                {"1d", 86400000000000},
                {"10ms", 10000000},
                {"1m1h", -1},
                {"1.5m", -1},
                {"", -1},
                {"m", -1},
                {"1e300", -1},
                {"NaN", -1}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t ns = -1;
        ifm_error err = {.code = IFM_OK};
        bool ok = web_duration_parse(model_text_of(rows[i].text), &ns, &err);
        CHECK_INT(ns, rows[i].want_ns);
        CHECK_INT(ok, rows[i].want_ns != -1);
        CHECK(ok || strstr(err.message, "to a valid duration") != NULL);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relabelling_is_told_step_by_step),
        cmocka_unit_test(configuration_is_told_without_secrets),
        cmocka_unit_test(federation_adds_external_labels),
        cmocka_unit_test(durations_have_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
