/* SPDX-License-Identifier: Apache-2.0
 *
 * What the flags of a monitor come to, and the configuration that it makes without a file.
 */
#include "cmd/monitor.h"

#include "check.h"
#include "scratch.h"

#include <sys/stat.h>

static bool take(monitor_settings *settings, monitor_option id, const char *value, ifm_error *err)
{
    *err = (ifm_error){.code = IFM_OK};
    return monitor_take(settings, id, value, err);
}

static void flags_are_in_the_order_of_their_ids(void **state)
{
    (void)state;
    for (int i = 0; i < MONITOR_OPTION_COUNT; i++) {
        CHECK_INT(monitor_options[i].id, i);
    }
    CHECK(monitor_options[MONITOR_OPTION_COUNT].name == NULL);
    check_end();
}

static void values_are_read(void **state)
{
    (void)state;
    monitor_settings settings = {.report_fd = 0};
    ifm_error err;
    CHECK(take(&settings, MONITOR_RETENTION_TIME, "2d", &err));
    CHECK(take(&settings, MONITOR_RETENTION_SIZE, "512MB", &err));
    CHECK(take(&settings, MONITOR_PROFILE, "durable", &err));
    CHECK(take(&settings, MONITOR_SERIES_MAX, "1000", &err));
    CHECK(take(&settings, MONITOR_MEMORY_MAX, "64MB", &err));
    CHECK(take(&settings, MONITOR_QUERY_TIMEOUT, "30s", &err));
    CHECK(take(&settings, MONITOR_LOOKBACK, "1m", &err));
    CHECK(take(&settings, MONITOR_LIFECYCLE, NULL, &err));
    CHECK(take(&settings, MONITOR_FEATURE, "exemplar-storage,promql-delayed-name-removal", &err));
    CHECK(take(&settings, MONITOR_LOG_LEVEL, "warn", &err));
    monitor_settings_complete(&settings);
    CHECK_INT(settings.store.retention_ms, INT64_C(172800000));
    CHECK_INT(settings.store.retention_bytes, 512 << 20);
    CHECK_INT(settings.store.commit_interval_ms, 100);
    CHECK_INT(settings.store.series_max, 1000);
    CHECK_INT(settings.store.bytes_max, 64 << 20);
    CHECK_INT(settings.web.query_timeout_ms, 30000);
    CHECK_INT(settings.web.engine.lookback_ms, 60000);
    CHECK(settings.web.enable_lifecycle && !settings.web.enable_admin_api);
    CHECK(settings.web.engine.delayed_name_removal);
    CHECK_INT(settings.log.level, IFM_LOG_WARNING);
    CHECK_INT(settings.interval_ms, 5000);
    check_end();
}

static void values_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        monitor_option id;
        const char *value, *message;
    } rows[] = {
        {MONITOR_RETENTION_TIME, "long", "it is no duration; hint: "},
        {MONITOR_RETENTION_TIME, "1s", "it is less than 60000 ms"},
        {MONITOR_RETENTION_SIZE, "much", "it is no size; hint: "},
        {MONITOR_MEMORY_MAX, "1MB", "it is less than 16777216 bytes"},
        {MONITOR_SERIES_MAX, "0", "it is no whole number from 1 to "},
        {MONITOR_SCRAPE_INTERVAL, "1ms", "it is less than 100 ms"},
        {MONITOR_TARGET, "nonsense", "\"nonsense\" is no target"},
        {MONITOR_LISTEN, "127.0.0.1", "it has no port"},
        {MONITOR_EXTERNAL_URL, "host:1", "it is no URL"},
        {MONITOR_STORAGE_PATH, "", "it is empty"},
        {MONITOR_REPORT_FD, "2", "it is no whole number from 3 to 1023"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        monitor_settings settings = {.report_fd = 0};
        ifm_error err;
        CHECK(!take(&settings, rows[i].id, rows[i].value, &err));
        CHECK_CONTAINS(err.message, rows[i].message);
    }
    check_end();
}

/* One less than the least, the least; the most, one more. */
static void values_have_bounds(void **state)
{
    (void)state;
    static const struct {
        monitor_option id;
        const char *value;
        bool ok;
    } rows[] = {
        {MONITOR_SCRAPE_INTERVAL, "99ms", false},
        {MONITOR_SCRAPE_INTERVAL, "100ms", true},
        {MONITOR_RETENTION_TIME, "59s999ms", false},
        {MONITOR_RETENTION_TIME, "1m", true},
        {MONITOR_RETENTION_SIZE, "0", true},
        {MONITOR_RETENTION_SIZE, "1B", true},
        {MONITOR_MEMORY_MAX, "16777215B", false},
        {MONITOR_MEMORY_MAX, "16777216B", true},
        {MONITOR_SERIES_MAX, "0", false},
        {MONITOR_SERIES_MAX, "1", true},
        {MONITOR_SERIES_MAX, "1000000000", true},
        {MONITOR_SERIES_MAX, "1000000001", false},
        {MONITOR_CONNECTIONS_MAX, "0", false},
        {MONITOR_CONNECTIONS_MAX, "1", true},
        {MONITOR_QUERY_TIMEOUT, "0s", false},
        {MONITOR_QUERY_TIMEOUT, "1ms", true},
        {MONITOR_QUERY_SAMPLES, "0", false},
        {MONITOR_QUERY_SAMPLES, "1", true},
        {MONITOR_QUERY_CONCURRENCY, "0", false},
        {MONITOR_QUERY_CONCURRENCY, "1", true},
        {MONITOR_LOOKBACK, "0s", false},
        {MONITOR_LOOKBACK, "1ms", true},
        {MONITOR_REPORT_FD, "2", false},
        {MONITOR_REPORT_FD, "3", true},
        {MONITOR_REPORT_FD, "1023", true},
        {MONITOR_REPORT_FD, "1024", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        monitor_settings settings = {.report_fd = 0};
        ifm_error err;
        if (take(&settings, rows[i].id, rows[i].value, &err) != rows[i].ok) {
            print_message("--%s=%s: %s\n", monitor_options[rows[i].id].name, rows[i].value, err.message);
            CHECK(false);
        }
    }
    check_end();
}

static void targets_are_limited(void **state)
{
    (void)state;
    static monitor_settings settings;
    ifm_error err;
    for (int i = 0; i < MONITOR_TARGETS_MAX; i++) {
        CHECK(take(&settings, MONITOR_TARGET, "a:1", &err));
    }
    CHECK(!take(&settings, MONITOR_TARGET, "a:1", &err));
    CHECK_INT(err.code, IFM_LIMIT);
    check_end();
}

static void values_of_the_api_and_profiles_are_read(void **state)
{
    (void)state;
    monitor_settings settings = {.report_fd = 0};
    ifm_error err;
    CHECK(take(&settings, MONITOR_PROFILE, "flash", &err));
    CHECK(take(&settings, MONITOR_STORAGE_PATH, "/data", &err));
    CHECK(take(&settings, MONITOR_LISTEN, "127.0.0.1:0", &err));
    CHECK(take(&settings, MONITOR_EXTERNAL_URL, "https://h/x", &err));
    CHECK(take(&settings, MONITOR_ROUTE_PREFIX, "/y", &err));
    CHECK(take(&settings, MONITOR_ADMIN_API, NULL, &err));
    CHECK(take(&settings, MONITOR_CONNECTIONS_MAX, "7", &err));
    CHECK(take(&settings, MONITOR_QUERY_SAMPLES, "8", &err));
    CHECK(take(&settings, MONITOR_QUERY_CONCURRENCY, "9", &err));
    CHECK(take(&settings, MONITOR_LOG_FORMAT, "json", &err));
    CHECK(take(&settings, MONITOR_REPORT_NOTE, "why", &err));
    CHECK_INT(settings.store.commit_interval_ms, 10000);
    CHECK_INT(settings.store.flush_interval_ms, 3600000);
    CHECK_TEXT(settings.store.folder, "/data");
    CHECK_TEXT(settings.web.listen, "127.0.0.1:0");
    CHECK_TEXT(settings.web.external_url, "https://h/x");
    CHECK_TEXT(settings.web.route_prefix, "/y");
    CHECK(settings.web.enable_admin_api && !settings.web.enable_lifecycle);
    CHECK_INT(settings.web.connections_max, 7);
    CHECK_INT(settings.web.engine.samples_max, 8);
    CHECK_INT(settings.web.queries_max, 9);
    CHECK(settings.log.json);
    CHECK_TEXT(monitor_settings_note(&settings), "why");
    check_end();
}

static void flags_for_the_api_are_sorted_and_complete(void **state)
{
    (void)state;
    monitor_settings settings = {.report_fd = 0};
    ifm_bump arena;
    ifm_error err;
    size_t count = 0;
    ifm_bump_init(&arena, 1 << 20);
    CHECK(take(&settings, MONITOR_QUERY_TIMEOUT, "30s", &err));
    CHECK(take(&settings, MONITOR_REPORT_FD, "3", &err));
    const web_flag *flags = monitor_settings_flags(&settings, "/data", &arena, &count);
    assert_non_null(flags);
    CHECK_INT(count,
              MONITOR_OPTION_COUNT - 3); /* without --target, which was not given, and those for programs */
    for (size_t i = 0; i < count; i++) {
        CHECK(i == 0 || strcmp(flags[i - 1].name, flags[i].name) < 0);
        CHECK(strcmp(flags[i].name, "report-fd") != 0);
        if (strcmp(flags[i].name, "query.timeout") == 0) {
            CHECK_TEXT(flags[i].value, "30s");
        }
        if (strcmp(flags[i].name, "storage.tsdb.path") == 0) {
            CHECK_TEXT(flags[i].value, "/data");
        }
    }
    ifm_bump_deinit(&arena);
    check_end();
}

static void configuration_without_a_file_finds_loggers(void **state)
{
    (void)state;
    monitor_settings settings = {.report_fd = 0};
    struct monitor monitor = {.settings = &settings, .in_place = true};
    char want[4096];
    ifm_error err;
    ifm_buf text;
    ifm_buf_init(&text, sizeof want);
    assert_true(monitor_place_init(&monitor.place, false, &err));
    CHECK(take(&settings, MONITOR_TARGET, "https://a:1/x", &err));
    CHECK(take(&settings, MONITOR_SCRAPE_INTERVAL, "2s", &err));
    CHECK(monitor_config_render(&monitor, "http://127.0.0.1:9090/", &text, &err));
    ifm_buf_append_char(&text, '\0');
    snprintf(want, sizeof want,
             "global:\n  scrape_interval: 2s\n  scrape_timeout: 2s\n  evaluation_interval: 15s\n"
             "scrape_configs:\n"
             "  - job_name: inferometer\n    file_sd_configs:\n      - files:\n"
             "          - \"%s/inferometer/targets/*.json\"\n"
             "          - \"%s/inferometer/monitor/targets/*.json\"\n        refresh_interval: 5s\n"
             "    static_configs: [{\"targets\": [\"a:1\"], \"labels\": {\"__scheme__\": \"https\", "
             "\"__metrics_path__\": \"/x\"}}]\n"
             "  - job_name: inferometer-monitor\n"
             "    static_configs: [{\"targets\": [\"127.0.0.1:9090\"]}]\n",
             scratch, scratch);
    CHECK_TEXT(text.data, want);
    ifm_buf_deinit(&text);
    const config_file *config = monitor_config_read(&monitor, &err); /* it does not listen: not itself */
    if (config == NULL) {
        fail_msg("%s", err.message);
    }
    CHECK_INT(config->scrape_count, 1);
    CHECK_INT(config->scrape_interval_ms, 2000);
    config_release(config);
    monitor_place_deinit(&monitor.place);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_are_in_the_order_of_their_ids),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(values_have_bounds),
        cmocka_unit_test(targets_are_limited),
        cmocka_unit_test(values_of_the_api_and_profiles_are_read),
        cmocka_unit_test(flags_for_the_api_are_sorted_and_complete),
        cmocka_unit_test(configuration_without_a_file_finds_loggers),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
