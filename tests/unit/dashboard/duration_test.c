/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/duration.h"

#include "check.h"
#include "dashboard/dashboard.h"

static void duration_is_a_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t want; /* -1: none */
    } rows[] = {
        {"5s", 5000},
        {"15ms", 15},
        {"1m", 60000},
        {"2h", 7200000},
        {"1d", 86400000},
        {"1w", 604800000},
        {"1M", INT64_C(2592000000)},
        {"1y", INT64_C(31536000000)},
        {"9999999y", INT64_C(9999999) * 31536000000},
        {"99999999y", -1},
        {"0s", 0},
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"5 s", -1},
        {"5sec", -1},
        {"-5s", -1},
        {"1h30m", -1},
        {"1.5s", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = -1;
        bool ok = dashboard_duration(rows[i].text, &got);
        if (!check_report(ok == (rows[i].want >= 0) && got == rows[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "\"%s\": %" PRId64 ", want %" PRId64 "\n", rows[i].text, got, rows[i].want);
        }
    }
    check_end();
}

static void time_is_relative_or_a_date(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } rows[] = {
        {"now", true, 0},
        {"now-15m", true, 900000},
        {"now-1d-1h", true, 90000000},
        {"now+1h", true, -3600000},
        {"now/d", true, 0},
        {"now-1d/d", true, 86400000},
        {"now-1y/fy", true, INT64_C(31536000000)},
        {"now/", false, 0},
        {"now-", false, 0},
        {"now-5", false, 0},
        {"now/x", false, 0},
        {"now-1h x", false, 0},
        {"2026-01-31T12:00:00.000Z", true, -1},
        {"2026-01-31", true, -1},
        {"1767225600000", true, -1},
        {"yesterday", false, 0},
        {"", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = 0;
        bool ok = dashboard_time(rows[i].text, &got);
        if (!check_report(ok == rows[i].ok && (!ok || got == rows[i].want), __FILE__, __LINE__)) {
            fprintf(stderr, "\"%s\": %d, %" PRId64 "\n", rows[i].text, ok, got);
        }
    }
    check_end();
}

static void time_does_not_overflow(void **state)
{
    char text[4096] = "now";
    int64_t ms;
    (void)state;
    for (size_t i = 3; i + 10 < sizeof text; i += 9) {
        memcpy(text + i, "-9999999y", 10);
    }
    CHECK(!dashboard_time(text, &ms));
    check_end();
}

static void duration_is_written_for_promql(void **state)
{
    char text[DASHBOARD_DURATION_SIZE];
    (void)state;
    dashboard_duration_write(text, 20000);
    CHECK_TEXT(text, "20s");
    dashboard_duration_write(text, 1500);
    CHECK_TEXT(text, "1500ms");
    dashboard_duration_write(text, INT64_MAX / 4);
    CHECK_CONTAINS(text, "ms");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duration_is_a_number_and_a_unit),
        cmocka_unit_test(time_is_relative_or_a_date),
        cmocka_unit_test(time_does_not_overflow),
        cmocka_unit_test(duration_is_written_for_promql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
