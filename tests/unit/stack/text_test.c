/* SPDX-License-Identifier: Apache-2.0
 *
 * The small readers and writers of text.
 */
#include "stack/text.h"

#include "check.h"
#include "stack/time_text.h"
#include "stack/yaml_value.h"

static void text_is_safe_and_cut_at_a_character(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *want;
    } rows[] = {
        {"abc", 4, "abc"},
        {"abcd", 4, "..."},
        {"abcdefgh", 8, "abcd..."},
        {"abcdefg", 8, "abcdefg"},
        {"a\tb\x1b[0m", 20, "a b [0m"},
        {"a\xFFz", 20, "a?z"},
        {"", 4, ""},
        {"\xC3\xA4\xC3\xB6", 5, "\xC3\xA4\xC3\xB6"},
        {"ab\xC3\xA4\xC3\xB6\xC3\xBC", 8, "ab\xC3\xA4..."},
        {"a\xC2\x85z", 20, "a  z"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char out[32];
        memset(out, 'x', sizeof out);
        stack_text_copy(out, rows[i].size, rows[i].text);
        CHECK_TEXT(out, rows[i].want);
    }
    char out[16];
    stack_text_format(out, sizeof out, "%d %s", 7, "and more than fits");
    CHECK_TEXT(out, "7 and more t...");
    check_end();
}

static void time_of_rfc_3339_is_read(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want_ms;
    } rows[] = {
        {"2026-11-25T18:55:22.148540541Z", true, 1795632922148},
        {"2026-11-25T18:55:22Z", true, 1795632922000},
        {"2026-11-25T19:55:22.1+01:00", true, 1795632922100},
        {"2026-11-25T13:25:22-05:30", true, 1795632922000},
        {"1970-01-01T00:00:00Z", true, 0},
        {"2024-02-29T12:00:00Z", true, 1709208000000},
        {"0001-01-01T00:00:00Z", true, -62135596800000},
        {"2026-13-25T18:55:22Z", false, 0},
        {"2026-11-25T18:55:22", false, 0},
        {"2026-11-25T18:55:22.Z", false, 0},
        {"2026-11-25T18:55:22Zx", false, 0},
        {"2026-11-25T18:55:22+1", false, 0},
        {"2026-11-25", false, 0},
        {"", false, 0},
        {"yesterday", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t got = 0;
        if (!check_report(stack_time_read(rows[i].text, &got) == rows[i].ok, __FILE__, __LINE__)) {
            fprintf(stderr, "%s\n", rows[i].text);
        }
        CHECK_INT(got, rows[i].want_ms);
    }
    check_end();
}

static void duration_is_read(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want_ms;
    } rows[] = {
        {"5s", true, 5000},       {"1m30s", true, 90000},
        {"500ms", true, 500},     {"1h", true, 3600000},
        {"2d", true, 172800000},  {"0s", true, 0},
        {"", false, 0},           {"5", false, 0},
        {"s", false, 0},          {"5 s", false, 0},
        {"-5s", false, 0},        {"9999999999s", false, 0},
        {"999999999y", false, 0}, {"$__rate_interval", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t got = 0;
        CHECK(stack_duration_read(rows[i].text, &got) == rows[i].ok);
        CHECK_INT(got, rows[i].want_ms);
    }
    check_end();
}

static void yaml_values_are_found_by_path(void **state)
{
    static const char text[] = "apiVersion: 1\n"
                               "datasources:\n"
                               "  - {name: a, jsonData: {timeInterval: 5s}}\n"
                               "  - name: b\n"
                               "services: {prometheus: {volumes: ['./x:/y:ro']}, grafana: {}}\n";
    ifm_error err;
    (void)state;
    stack_yaml *yaml = stack_yaml_new(text, &err);
    assert_non_null(yaml);
    CHECK_TEXT(stack_yaml_text(yaml, "datasources.0.jsonData.timeInterval"), "5s");
    CHECK_TEXT(stack_yaml_text(yaml, "datasources.1.name"), "b");
    CHECK_TEXT(stack_yaml_text(yaml, "services.prometheus.volumes.0"), "./x:/y:ro");
    CHECK(stack_yaml_text(yaml, "datasources.2.name") == NULL);
    CHECK(stack_yaml_text(yaml, "datasources.-1.name") == NULL);
    CHECK(stack_yaml_text(yaml, "datasources.nan.name") == NULL);
    CHECK(stack_yaml_text(yaml, "datasources") == NULL);
    CHECK(stack_yaml_text(yaml, "apiVersion.x") == NULL);
    CHECK(stack_yaml_text(yaml, "a.b.c.d.e.f.g.h.i.j") == NULL);
    CHECK_INT(stack_yaml_count(yaml, "datasources"), 2);
    CHECK_INT(stack_yaml_count(yaml, ""), 3);
    CHECK_INT(stack_yaml_count(yaml, "nothing"), 0);
    CHECK_TEXT(stack_yaml_key(yaml, "services", 1), "grafana");
    CHECK(stack_yaml_key(yaml, "services", 2) == NULL);
    stack_yaml_free(yaml);
    check_end();
}

static void yaml_that_is_none_is_refused(void **state)
{
    ifm_error err;
    (void)state;
    CHECK(stack_yaml_new("a: [", &err) == NULL);
    CHECK_CONTAINS(err.message, "line ");
    CHECK(stack_yaml_read_file("/nonexistent/file.yaml", &err) == NULL);
    CHECK_INT(err.code, IFM_IO);
    stack_yaml *empty = stack_yaml_new("", &err);
    assert_non_null(empty);
    CHECK(stack_yaml_text(empty, "a") == NULL);
    stack_yaml_free(empty);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_safe_and_cut_at_a_character),
        cmocka_unit_test(time_of_rfc_3339_is_read),
        cmocka_unit_test(duration_is_read),
        cmocka_unit_test(yaml_values_are_found_by_path),
        cmocka_unit_test(yaml_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
