/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/base.h"
#include "promql/date.h"

#include <math.h>

typedef struct date_row {
    int64_t seconds;
    int64_t year;
    int month, day, day_of_year, day_of_week, days_in_month, hour, minute, second;
    const char *why;
} date_row;

static void date_is_that_of_the_calendar(void **state)
{
    (void)state;
    static const date_row rows[] = {
        {0, 1970, 1, 1, 1, 4, 31, 0, 0, 0, "the epoch was a Thursday"},
        {-1, 1969, 12, 31, 365, 3, 31, 23, 59, 59, "a second before it"},
        {951782400, 2000, 2, 29, 60, 2, 29, 0, 0, 0, "a year divisible by 400 is a leap year"},
        {4107542400, 2100, 3, 1, 60, 1, 31, 0, 0, 0, "a century is none"},
        {4107542399, 2100, 2, 28, 59, 0, 28, 23, 59, 59, "so its February is short"},
        {978307199, 2000, 12, 31, 366, 0, 31, 23, 59, 59, "the last day of a leap year"},
        {1136239445, 2006, 1, 2, 2, 1, 31, 22, 4, 5, "Go's reference time"},
        {1456790399, 2016, 2, 29, 60, 1, 29, 23, 59, 59, "a common leap day"},
        {-62135596800, 1, 1, 1, 1, 1, 31, 0, 0, 0, "year 1"},
        {-62135596801, 0, 12, 31, 366, 0, 31, 23, 59, 59, "year 0 is a leap year"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const date_row *row = &rows[i];
        promql_date date = promql_date_of(row->seconds);
        int failures = check_failures;
        CHECK_INT(date.year, row->year);
        CHECK_INT(date.month, row->month);
        CHECK_INT(date.day, row->day);
        CHECK_INT(date.day_of_year, row->day_of_year);
        CHECK_INT(date.day_of_week, row->day_of_week);
        CHECK_INT(date.days_in_month, row->days_in_month);
        CHECK_INT(date.hour, row->hour);
        CHECK_INT(date.minute, row->minute);
        CHECK_INT(date.second, row->second);
        if (check_failures > failures) {
            fprintf(stderr, "    row %zu: %s\n", i, row->why);
        }
    }
    check_end();
}

/* One day after another: the counts of the calendar fit together. */
static void dates_follow_each_other(void **state)
{
    (void)state;
    promql_date before = promql_date_of(-86400);
    for (int64_t day = 0; day < 150000; day++) {
        promql_date now = promql_date_of(day * 86400);
        bool month_ends = before.day == before.days_in_month;
        bool year_ends = month_ends && before.month == 12;
        CHECK_INT(now.day_of_week, (before.day_of_week + 1) % 7);
        CHECK_INT(now.day, month_ends ? 1 : before.day + 1);
        CHECK_INT(now.month, year_ends ? 1 : before.month + month_ends);
        CHECK_INT(now.year, before.year + year_ends);
        CHECK_INT(now.day_of_year, year_ends ? 1 : before.day_of_year + 1);
        if (check_failures > 0) {
            break;
        }
        before = now;
    }
    check_end();
}

static void numbers_without_a_date_are_the_smallest_second(void **state)
{
    (void)state;
    CHECK_INT(promql_int64_of(1.9), 1);
    CHECK_INT(promql_int64_of(-1.9), -1);
    CHECK_INT(promql_int64_of(NAN), INT64_MIN);
    CHECK_INT(promql_int64_of(INFINITY), INT64_MIN);
    CHECK_INT(promql_int64_of(-INFINITY), INT64_MIN);
    CHECK_INT(promql_int64_of(0x1p63), INT64_MIN);
    CHECK_INT(promql_int64_of(-0x1p63), INT64_MIN);
    CHECK_INT(promql_date_of(INT64_MIN).year, 292277026596); /* as in Go, which counts without a sign */
    CHECK_INT(promql_date_of(INT64_MAX).year, 292277026596);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_is_that_of_the_calendar),
        cmocka_unit_test(dates_follow_each_other),
        cmocka_unit_test(numbers_without_a_date_are_the_smallest_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
