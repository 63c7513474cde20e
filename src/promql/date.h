/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates in UTC, of any second that 64 bits can name, as Go's time package reckons them.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PROMQL_DATE_H
#define IFM_PROMQL_DATE_H

#include <stdint.h>

typedef struct promql_date {
    int64_t year;
    int month;       /* 1 to 12 */
    int day;         /* 1 to 31 */
    int day_of_year; /* 1 to 366 */
    int day_of_week; /* 0: Sunday */
    int days_in_month;
    int hour, minute, second;
} promql_date;

/* `seconds` since 1970. */
promql_date promql_date_of(int64_t seconds);

/* As Go converts on amd64: what does not fit, and NaN, is the smallest number. */
int64_t promql_int64_of(double value);

#endif
