/* SPDX-License-Identifier: Apache-2.0 */
#include "top/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Three digits that count: "1.25", "12.3", "123". */
static void print_digits(char out[TOP_UNIT_SIZE], double value, const char *unit)
{
    double size = fabs(value);
    int digits = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    snprintf(out, TOP_UNIT_SIZE, "%.*f%s", digits, value, unit);
}

static void print_minutes(char out[TOP_UNIT_SIZE], double seconds)
{
    double size = fabs(seconds);
    const char *sign = seconds < 0 ? "-" : "";
    if (size < 3600) {
        snprintf(out, TOP_UNIT_SIZE, "%s%dm%02ds", sign, (int)size / 60, (int)size % 60);
    } else if (size < 360000) {
        snprintf(out, TOP_UNIT_SIZE, "%s%dh%02dm", sign, (int)size / 3600, (int)size / 60 % 60);
    } else if (size < 8.64e9) {
        snprintf(out, TOP_UNIT_SIZE, "%s%.0fd", sign, size / 86400);
    } else {
        snprintf(out, TOP_UNIT_SIZE, "%.0es", seconds);
    }
}

static void print_seconds(char out[TOP_UNIT_SIZE], double seconds, bool utf8)
{
    double size = fabs(seconds);
    if (size == 0) {
        snprintf(out, TOP_UNIT_SIZE, "0s");
    } else if (size < 0.9995e-6) {
        print_digits(out, seconds * 1e9, "ns");
    } else if (size < 0.9995e-3) {
        print_digits(out, seconds * 1e6, utf8 ? "\xc2\xb5s" : "us");
    } else if (size < 0.9995) {
        print_digits(out, seconds * 1e3, "ms");
    } else if (size < 119.5) {
        print_digits(out, seconds, "s");
    } else {
        print_minutes(out, seconds);
    }
}

static void print_number(char out[TOP_UNIT_SIZE], double value)
{
    static const char *const units[] = {"k", "M", "G", "T"};
    double size = fabs(value);
    if (size == 0) {
        snprintf(out, TOP_UNIT_SIZE, "0");
    } else if (size < 0.00995) {
        snprintf(out, TOP_UNIT_SIZE, "%.0e", value);
    } else if (size < 9999.5) {
        print_digits(out, value, "");
    } else if (size >= 1e15) {
        snprintf(out, TOP_UNIT_SIZE, "%.1e", value);
    } else {
        int i = 0;
        for (value /= 1000; fabs(value) >= 999.5 && i < 3; i++) {
            value /= 1000;
        }
        print_digits(out, value, units[i]);
    }
}

static void print_percent(char out[TOP_UNIT_SIZE], double ratio)
{
    double percent = ratio * 100, size = fabs(percent);
    if (size > 0 && size < 0.05) {
        snprintf(out, TOP_UNIT_SIZE, "<0.1%%");
    } else if (percent > 99.9 && percent < 99.995) {
        snprintf(out, TOP_UNIT_SIZE, "%.2f%%", floor(percent * 100) / 100); /* 99.99 is not all */
    } else if (percent > 99.9 && percent < 100) {
        snprintf(out, TOP_UNIT_SIZE, ">99.9%%");
    } else if (size < 1e6) {
        snprintf(out, TOP_UNIT_SIZE, "%.*f%%", size < 99.95 ? 1 : 0, percent);
    } else {
        snprintf(out, TOP_UNIT_SIZE, "%.0e%%", percent);
    }
}

void top_unit_print(char out[TOP_UNIT_SIZE], top_unit unit, double value, bool utf8)
{
    if (isnan(value)) {
        snprintf(out, TOP_UNIT_SIZE, "-");
    } else if (isinf(value)) {
        snprintf(out, TOP_UNIT_SIZE, value > 0 ? "+Inf" : "-Inf");
    } else if (unit == TOP_UNIT_SECONDS) {
        print_seconds(out, value, utf8);
    } else if (unit == TOP_UNIT_NUMBER) {
        print_number(out, value);
    } else {
        print_percent(out, value);
    }
}

void top_unit_print_short(char out[TOP_UNIT_SIZE], top_unit unit, double value, bool utf8)
{
    top_unit_print(out, unit, value, utf8);
    char *point = strchr(out, '.');
    if (point != NULL) {
        size_t digits = strspn(point + 1, "0123456789"), kept = digits;
        while (kept > 0 && point[kept] == '0') {
            kept--;
        }
        char *to = kept > 0 ? point + 1 + kept : point;
        memmove(to, point + 1 + digits, strlen(point + 1 + digits) + 1);
    }
}

void top_span_print(char out[TOP_UNIT_SIZE], int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;
    while (ms % units[i].ms != 0 || ms < units[i].ms) {
        if (units[i].ms == 1) {
            break; /* 0 */
        }
        i++;
    }
    snprintf(out, TOP_UNIT_SIZE, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

static void print_time(char *out, int64_t wall_ms, const char *format)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ms / 1000);
    if (localtime_r(&seconds, &parts) == NULL || strftime(out, TOP_CLOCK_SIZE, format, &parts) == 0) {
        snprintf(out, TOP_CLOCK_SIZE, "?");
    }
}

void top_clock_print(char out[TOP_CLOCK_SIZE], int64_t wall_ms)
{
    print_time(out, wall_ms, "%H:%M:%S");
}

void top_clock_print_minute(char out[TOP_CLOCK_SIZE], int64_t wall_ms, int64_t range_ms)
{
    print_time(out, wall_ms, range_ms > 86400000 ? "%m-%d %H:%M" : range_ms < 120000 ? "%H:%M:%S" : "%H:%M");
}

double top_round_up(double value)
{
    static const double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    if (!(value > 0) || isinf(value)) {
        return 1;
    }
    double power = pow(10, floor(log10(value)));
    if (!(power > 0) || isinf(10 * power)) {
        return value; /* at the ends of what a number can be */
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] * power >= value * (1 - 1e-12)) {
            return steps[i] * power;
        }
    }
    return 10 * power;
}

int64_t top_time_step(int64_t range_ms, int count)
{
    static const int seconds[] = {1,   2,    5,    10,   15,    30,    60,    120,   300,    600,
                                  900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        if (range_ms / (seconds[i] * INT64_C(1000)) < (count > 1 ? count : 1)) {
            return seconds[i] * INT64_C(1000);
        }
    }
    return range_ms > 0 ? range_ms : 1000;
}
