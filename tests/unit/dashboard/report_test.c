/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard_fixture.h"

static void add(dashboard_report *report, dashboard_kind kind, dashboard_severity severity, const char *place,
                const char *text)
{
    const dashboard_finding finding = {.kind = kind, .severity = severity, .panel_id = 3};
    ifm_error err;
    CHECK(dashboard_report_add(report, &finding, place, text, &err));
}

static void report_says_a_thing_once_for_a_place(void **state)
{
    dashboard_report report;
    ifm_error err;
    (void)state;
    dashboard_report_init(&report);
    CHECK(dashboard_report_file(&report, "f", &err));
    add(&report, DASHBOARD_UNIT, DASHBOARD_WARNING, "p", "a");
    add(&report, DASHBOARD_QUERY, DASHBOARD_ERROR, "p", "a");
    add(&report, DASHBOARD_UNIT, DASHBOARD_WARNING, "p", "a");
    add(&report, DASHBOARD_UNIT, DASHBOARD_WARNING, "q", "a");
    CHECK_INT(report.finding_count, 3);
    CHECK_INT(report.warning_count, 2);
    CHECK_INT(report.error_count, 1);
    CHECK(dashboard_report_file(&report, "f", &err));
    add(&report, DASHBOARD_UNIT, DASHBOARD_WARNING, "q", "a");
    CHECK_INT(report.finding_count, 4);
    CHECK_INT(report.files[0].warning_count, 2);
    CHECK_INT(report.files[1].warning_count, 1);
    dashboard_report_deinit(&report);
    check_end();
}

static void report_has_no_control_characters(void **state)
{
    dashboard_report report;
    ifm_error err;
    (void)state;
    dashboard_report_init(&report);
    CHECK(dashboard_report_file(&report, "f", &err));
    add(&report, DASHBOARD_QUERY, DASHBOARD_ERROR, "a\x1b[31m",
        "\x7f\n\xc2\x9b"
        "1m\xc2\xb5s\xc3\x9f");
    CHECK_TEXT(findings_of(&report), "a [31m:   ??1m\xc2\xb5s\xc3\x9f\n");
    dashboard_report_deinit(&report);
    check_end();
}

static void report_is_written_as_json(void **state)
{
    dashboard_report report;
    ifm_buf text;
    ifm_error err;
    (void)state;
    dashboard_report_init(&report);
    ifm_buf_init(&text, 1 << 12);
    dashboard_report_json(&report, &text);
    ifm_buf_append_char(&text, '\n');
    CHECK(dashboard_report_file(&report, "a\"b\\\x01", &err));
    add(&report, DASHBOARD_DATASOURCE, DASHBOARD_ERROR, "panel \"P\"", "x");
    report.findings[0].line = 2;
    report.findings[0].column = 5;
    add(&report, DASHBOARD_LIMIT, DASHBOARD_WARNING, "", "y");
    report.findings[1].panel_id = -1;
    dashboard_report_json(&report, &text);
    ifm_buf_append_char(&text, '\0');
    CHECK_TEXT(
        text.data,
        "{\"files\":[],\"findings\":[],\"errors\":0,\"warnings\":0}\n"
        "{\"files\":[{\"file\":\"a\\\"b\\\\\\u0001\",\"uid\":null,\"title\":null,\"panels\":0,\"queries\":0,"
        "\"errors\":1,\"warnings\":1}],\"findings\":[{\"file\":\"a\\\"b\\\\\\u0001\",\"severity\":\"error\","
        "\"kind\":\"datasource\",\"line\":2,\"column\":5,\"panelId\":3,\"place\":\"panel "
        "\\\"P\\\"\",\"text\":"
        "\"x\"},{\"file\":\"a\\\"b\\\\\\u0001\",\"severity\":\"warning\",\"kind\":\"limit\",\"place\":\"\","
        "\"text\":\"y\"}],\"errors\":1,\"warnings\":1}");
    ifm_buf_deinit(&text);
    dashboard_report_deinit(&report);
    check_end();
}

static void report_counts_panels_and_queries(void **state)
{
    static const char json[] = ASKING("", "up");
    dashboard_report report;
    ifm_error err;
    (void)state;
    dashboard_report_init(&report);
    CHECK(dashboard_check(NULL, "f", json, sizeof json - 1, &report, &err));
    CHECK_INT(report.files[0].panel_count, 1);
    CHECK_INT(report.files[0].query_count, 1);
    CHECK_TEXT(report.files[0].uid, "u");
    CHECK_TEXT(report.files[0].title, "T");
    dashboard_report_deinit(&report);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_says_a_thing_once_for_a_place),
        cmocka_unit_test(report_has_no_control_characters),
        cmocka_unit_test(report_is_written_as_json),
        cmocka_unit_test(report_counts_panels_and_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
