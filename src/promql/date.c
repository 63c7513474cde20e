/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/date.h"

#include <stdbool.h>

enum {
    DAYS_PER_400_YEARS = 146097,
    DAYS_PER_100_YEARS = 36524,
    DAYS_PER_4_YEARS = 1461,
    SECONDS_PER_DAY = 86400
};

/* Days are counted, without a sign, from 1 January of a year so early that every second is behind it (the
 * year is Go's; 1 modulo 400, so that leap years fall as from year 1 on). */
static const int64_t YEAR_ZERO = -292277022399;
/* From there to 1970: 730692556 times 400 years, and 1969 years. */
static const uint64_t DAYS_TO_1970 = UINT64_C(730692556) * DAYS_PER_400_YEARS + 719162;

int64_t promql_int64_of(double value)
{
    return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

/* The days before each month of a year that is no leap year. */
static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static void find_month(promql_date *date, bool leap)
{
    int month = 12;
    while (month > 1 && date->day_of_year - 1 < days_before[month - 1] + (leap && month > 2)) {
        month--;
    }
    date->month = month;
    date->day = date->day_of_year - days_before[month - 1] - (leap && month > 2);
    date->days_in_month = days_before[month] - days_before[month - 1] + (leap && month == 2);
}

promql_date promql_date_of(int64_t seconds)
{
    uint64_t all = (uint64_t)seconds + DAYS_TO_1970 * SECONDS_PER_DAY;
    uint64_t days = all / SECONDS_PER_DAY;
    int second = (int)(all % SECONDS_PER_DAY);
    promql_date date = {.hour = second / 3600, .minute = second / 60 % 60, .second = second % 60};
    date.day_of_week = (int)((days + 1) % 7); /* that 1 January was a Monday */

    /* The last day of a leap year would begin a 5th year or century: it is the 4th one's. */
    uint64_t eras = days / DAYS_PER_400_YEARS;
    int rest = (int)(days % DAYS_PER_400_YEARS);
    int centuries = rest / DAYS_PER_100_YEARS;
    centuries -= centuries >> 2;
    rest -= centuries * DAYS_PER_100_YEARS;
    int fours = rest / DAYS_PER_4_YEARS;
    rest -= fours * DAYS_PER_4_YEARS;
    int years = rest / 365;
    years -= years >> 2;
    rest -= years * 365;

    date.year = (int64_t)(eras * 400) + centuries * 100 + fours * 4 + years + YEAR_ZERO;
    date.day_of_year = rest + 1;
    find_month(&date, years == 3 && (fours != 24 || centuries == 3));
    return date;
}
