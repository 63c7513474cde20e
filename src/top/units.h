/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: numbers as people read them, in seven columns unless they are absurd, and round values for
 * axes.
 *
 * Thread-safety: any thread.
 */
#ifndef TOP_UNITS_H
#define TOP_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOP_UNIT_SIZE = 16, TOP_CLOCK_SIZE = 24 };

typedef enum top_unit {
    TOP_UNIT_SECONDS, /* "850us", "12.3ms", "1.25s", "2m05s" */
    TOP_UNIT_NUMBER,  /* "0.25", "12.3", "1234", "12.3k" */
    TOP_UNIT_PERCENT  /* of a ratio: "0.0%", "12.5%" */
} top_unit;

/* "-" for what is no number. `utf8` lets microseconds have their own sign. */
void top_unit_print(char out[TOP_UNIT_SIZE], top_unit unit, double value, bool utf8);

/* The same without zeros at the end: "50ms", "2.5s", "1". For round values, and for whole ones. */
void top_unit_print_short(char out[TOP_UNIT_SIZE], top_unit unit, double value, bool utf8);

/* Whole units: "15m", "2h", "90s", "1d". */
void top_span_print(char out[TOP_UNIT_SIZE], int64_t ms);

/* Local time: "14:03:22"; and for marks on an axis of `range_ms`: "14:03", with the day above a day. */
void top_clock_print(char out[TOP_CLOCK_SIZE], int64_t wall_ms);
void top_clock_print_minute(char out[TOP_CLOCK_SIZE], int64_t wall_ms, int64_t range_ms);

/* The smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is >= value; 1 for what is not
 * above 0. */
double top_round_up(double value);

/* The distance of marks on an axis of time, so that there are at most `count`. */
int64_t top_time_step(int64_t range_ms, int count);

#endif
