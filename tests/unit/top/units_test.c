/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as they stand in columns and on axes.
 */
#include "top/units.h"

#include "base/base.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static void numbers_have_three_digits_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        top_unit unit;
        double value;
        const char *want, *want_short;
    } rows[] = {
        {TOP_UNIT_SECONDS, 0, "0s", "0s"},
        {TOP_UNIT_SECONDS, 2.5e-9, "2.50ns", "2.5ns"},
        {TOP_UNIT_SECONDS, 12.3e-6, "12.3us", "12.3us"},
        {TOP_UNIT_SECONDS, 0.0005, "500us", "500us"},
        {TOP_UNIT_SECONDS, 0.05, "50.0ms", "50ms"},
        {TOP_UNIT_SECONDS, 0.99949, "999ms", "999ms"},
        {TOP_UNIT_SECONDS, 0.99951, "1.00s", "1s"},
        {TOP_UNIT_SECONDS, 9.994, "9.99s", "9.99s"},
        {TOP_UNIT_SECONDS, 9.996, "10.0s", "10s"},
        {TOP_UNIT_SECONDS, 119, "119s", "119s"},
        {TOP_UNIT_SECONDS, 125, "2m05s", "2m05s"},
        {TOP_UNIT_SECONDS, 3661, "1h01m", "1h01m"},
        {TOP_UNIT_SECONDS, 864000, "10d", "10d"},
        {TOP_UNIT_SECONDS, -0.5, "-500ms", "-500ms"},
        {TOP_UNIT_NUMBER, 0, "0", "0"},
        {TOP_UNIT_NUMBER, 0.001, "1e-03", "1e-03"},
        {TOP_UNIT_NUMBER, 0.25, "0.25", "0.25"},
        {TOP_UNIT_NUMBER, 7, "7.00", "7"},
        {TOP_UNIT_NUMBER, 9999, "9999", "9999"},
        {TOP_UNIT_NUMBER, 12345, "12.3k", "12.3k"},
        {TOP_UNIT_NUMBER, 1.5e9, "1.50G", "1.5G"},
        {TOP_UNIT_NUMBER, 1e18, "1.0e+18", "1e+18"},
        {TOP_UNIT_PERCENT, 0, "0.0%", "0%"},
        {TOP_UNIT_PERCENT, 0.0001, "<0.1%", "<0.1%"},
        {TOP_UNIT_PERCENT, 0.125, "12.5%", "12.5%"},
        {TOP_UNIT_PERCENT, 0.99991, "99.99%", "99.99%"},
        {TOP_UNIT_PERCENT, 0.99999, ">99.9%", ">99.9%"},
        {TOP_UNIT_PERCENT, 1, "100%", "100%"},
        {TOP_UNIT_SECONDS, NAN, "-", "-"},
        {TOP_UNIT_NUMBER, INFINITY, "+Inf", "+Inf"},
        {TOP_UNIT_PERCENT, -INFINITY, "-Inf", "-Inf"},
    };
    char text[TOP_UNIT_SIZE];
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        top_unit_print(text, rows[i].unit, rows[i].value, false);
        CHECK_TEXT(text, rows[i].want);
        top_unit_print_short(text, rows[i].unit, rows[i].value, false);
        CHECK_TEXT(text, rows[i].want_short);
    }
    top_unit_print(text, TOP_UNIT_SECONDS, 12.3e-6, true);
    CHECK_TEXT(text, "12.3\xc2\xb5s");
    check_end();
}

/* Columns are seven wide, whatever a server says. */
static void no_number_is_wider_than_its_column(void **state)
{
    (void)state;
    static const double signs[] = {1, -1};
    char text[TOP_UNIT_SIZE];
    for (int unit = TOP_UNIT_SECONDS; unit <= TOP_UNIT_PERCENT; unit++) {
        for (int power = -300; power <= 300; power++) {
            for (size_t i = 0; i < IFM_COUNT_OF(signs); i++) {
                top_unit_print(text, (top_unit)unit, signs[i] * 9.9951 * pow(10, power), false);
                CHECK(strlen(text) <= (signs[i] < 0 ? 9 : 8));
            }
        }
    }
    check_end();
}

static void spans_are_whole_units(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *want;
    } rows[] = {{0, "0ms"},      {500, "500ms"},  {2000, "2s"},     {90000, "90s"},
                {900000, "15m"}, {3600000, "1h"}, {86400000, "1d"}, {5400000, "90m"}};
    char text[TOP_UNIT_SIZE];
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        top_span_print(text, rows[i].ms);
        CHECK_TEXT(text, rows[i].want);
    }
    check_end();
}

static void axes_end_at_round_values(void **state)
{
    (void)state;
    static const struct {
        double value, want;
    } rows[] = {{0, 1},     {-1, 1}, {NAN, 1}, {INFINITY, 1},  {1, 1},    {1.1, 1.5},
                {2.2, 2.5}, {3, 3},  {5.1, 6}, {0.013, 0.015}, {99, 100}, {1e-9, 1e-9}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        double got = top_round_up(rows[i].value);
        CHECK(fabs(got - rows[i].want) < 1e-9 * rows[i].want);
    }
    CHECK(top_round_up(5e-324) > 0); /* it is divided by */
    CHECK(isfinite(top_round_up(1.7e308)));
    CHECK_INT(top_time_step(900000, 5), 300000);
    CHECK_INT(top_time_step(900000, 4), 300000);
    CHECK_INT(top_time_step(900000, 3), 600000);
    CHECK_INT(top_time_step(86400000, 7), 21600000);
    CHECK_INT(top_time_step(0, 0), 1000);
    check_end();
}

static void clocks_have_24_hours(void **state)
{
    (void)state;
    char text[TOP_CLOCK_SIZE];
    top_clock_print(text, INT64_C(1700000000000)); /* 2023-11-14T22:13:20Z */
    CHECK_TEXT(text, "22:13:20");
    top_clock_print_minute(text, INT64_C(1700000000000), 900000);
    CHECK_TEXT(text, "22:13");
    top_clock_print_minute(text, INT64_C(1700000000000), 2 * 86400000);
    CHECK_TEXT(text, "11-14 22:13");
    top_clock_print(text, INT64_MAX);
    CHECK(strlen(text) < TOP_CLOCK_SIZE);
    check_end();
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_three_digits_and_a_unit),
        cmocka_unit_test(no_number_is_wider_than_its_column),
        cmocka_unit_test(spans_are_whole_units),
        cmocka_unit_test(axes_end_at_round_values),
        cmocka_unit_test(clocks_have_24_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
