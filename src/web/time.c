/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and durations of parameters, as Prometheus's API reads them.
 */
#include "config/config.h"
#include "web/params.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define NS_PER_MS INT64_C(1000000)

enum { MS_PER_SECOND = 1000, SECONDS_PER_DAY = 86400, DAYS_TO_1970 = 719468 };

/* math.MinInt64/1000 + 62135596801 seconds, and math.MaxInt64/1000 - 62135596801 seconds and 999 ms. */
const int64_t web_time_min_ms = (INT64_MIN / 1000 + 62135596801) * 1000;
const int64_t web_time_max_ms = (INT64_MAX / 1000 - 62135596801) * 1000 + 999;

static bool time_fail(model_text text, const char *what, const char *more, ifm_error *err)
{
    ifm_buf quoted;
    ifm_buf_init(&quoted, 4096);
    model_quote(&quoted, (model_text){text.data, text.size < 100 ? text.size : 100});
    ifm_error_set(err, IFM_INVALID, "cannot parse %.*s to a valid %s%s", (int)quoted.size,
                  quoted.data == NULL ? "" : quoted.data, what, more);
    ifm_buf_deinit(&quoted);
    return false;
}

/* Reads exactly `count` digits. */
static bool digits(const char **at, const char *end, int count, int64_t *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (*at == end || **at < '0' || **at > '9') {
            return false;
        }
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool literal(const char **at, const char *end, char c)
{
    bool found = *at < end && **at == c;
    *at += found;
    return found;
}

/* Days since 1970 of a date of the Gregorian calendar: years begin in March, so that the day which some of
 * them have more is their last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - DAYS_TO_1970;
}

static int64_t month_days(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* Of a fraction of a second, the milliseconds; what is finer is cut off. */
static bool fraction_parse(const char **at, const char *end, int64_t *out_ms)
{
    *out_ms = 0;
    if (!literal(at, end, '.') && !literal(at, end, ',')) {
        return true;
    }
    int count = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++, count++) {
        if (count < 3) {
            *out_ms = *out_ms * 10 + (**at - '0');
        }
    }
    for (int i = count; i < 3; i++) {
        *out_ms *= 10;
    }
    return count > 0;
}

static bool zone_parse(const char **at, const char *end, int64_t *out_seconds)
{
    *out_seconds = 0;
    if (literal(at, end, 'Z')) {
        return true;
    }
    bool west = *at < end && **at == '-';
    int64_t hours, minutes;
    if (!(literal(at, end, '+') || literal(at, end, '-')) || !digits(at, end, 2, &hours) ||
        !literal(at, end, ':') || !digits(at, end, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *out_seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
    return true;
}

static bool rfc3339_parse(model_text text, int64_t *out_ms)
{
    const char *at = text.data;
    const char *end = text.data + text.size;
    int64_t year, month, day, hour, minute, second, ms, zone;
    bool shaped = digits(&at, end, 4, &year) && literal(&at, end, '-') && digits(&at, end, 2, &month) &&
                  literal(&at, end, '-') && digits(&at, end, 2, &day) && literal(&at, end, 'T') &&
                  digits(&at, end, 2, &hour) && literal(&at, end, ':') && digits(&at, end, 2, &minute) &&
                  literal(&at, end, ':') && digits(&at, end, 2, &second) && fraction_parse(&at, end, &ms) &&
                  zone_parse(&at, end, &zone) && at == end;
    if (!shaped || month < 1 || month > 12 || day < 1 || day > month_days(year, month) || hour > 23 ||
        minute > 59 || second > 59) {
        return false;
    }
    int64_t seconds = days_of(year, month, day) * SECONDS_PER_DAY + (hour * 60 + minute) * 60 + second;
    *out_ms = (seconds - zone) * MS_PER_SECOND + ms;
    return true;
}

/* What Prometheus prints its own first and last time as, which have too many digits for RFC 3339. */
static bool boundary_parse(model_text text, int64_t *out_ms)
{
    if (model_text_equal(text, model_text_of("-292273086-05-16T16:47:06Z"))) {
        *out_ms = web_time_min_ms;
        return true;
    }
    if (model_text_equal(text, model_text_of("292277025-08-18T07:12:54.999999999Z"))) {
        *out_ms = web_time_max_ms;
        return true;
    }
    return false;
}

bool web_time_parse(model_text text, int64_t *out_ms, ifm_error *err)
{
    double seconds;
    if (ifm_number_read(text.data, text.size, &seconds)) {
        /* Where a sum of it and a duration would overflow, Go has no time either. */
        if (!(fabs(seconds) <= (double)web_time_max_ms / MS_PER_SECOND)) {
            return time_fail(text, "timestamp", "", err);
        }
        double whole;
        double fraction = modf(seconds, &whole);
        *out_ms = (int64_t)whole * MS_PER_SECOND + (int64_t)round(fraction * MS_PER_SECOND);
        return true;
    }
    if (rfc3339_parse(text, out_ms) || boundary_parse(text, out_ms)) {
        return true;
    }
    return time_fail(text, "timestamp", "", err);
}

bool web_duration_parse(model_text text, int64_t *out_ns, ifm_error *err)
{
    double seconds;
    int64_t ms;
    if (ifm_number_read(text.data, text.size, &seconds)) {
        if (!(fabs(seconds) * 1e9 < 9223372036854775807.0)) {
            return time_fail(text, "duration", ". It overflows int64", err);
        }
        *out_ns = (int64_t)(seconds * 1e9);
        return true;
    }
    bool is_duration = text.size > 0 && config_duration(text, &ms);
    if (is_duration && ms <= INT64_MAX / NS_PER_MS) {
        *out_ns = ms * NS_PER_MS;
        return true;
    }
    return time_fail(text, "duration", "", err);
}

bool web_integer_parse(model_text text, int64_t *out, ifm_error *err)
{
    bool minus = text.size > 0 && text.data[0] == '-';
    size_t at = text.size > 0 && (minus || text.data[0] == '+');
    uint64_t limit = (uint64_t)INT64_MAX + minus;
    uint64_t value = 0;
    bool is_number = at < text.size;
    bool fits = true;
    for (; at < text.size && is_number; at++) {
        unsigned digit = (unsigned)(unsigned char)text.data[at] - '0';
        is_number = digit <= 9;
        fits = fits && value <= (limit - digit % 10) / 10;
        value = fits ? value * 10 + digit % 10 : value;
    }
    if (is_number && fits) {
        *out = minus ? (int64_t)(0 - value) : (int64_t)value;
        return true;
    }
    ifm_buf quoted;
    ifm_buf_init(&quoted, 4096);
    model_quote(&quoted, (model_text){text.data, text.size < 100 ? text.size : 100});
    ifm_error_set(err, IFM_INVALID, "strconv.Atoi: parsing %.*s: %s", (int)quoted.size,
                  quoted.data == NULL ? "" : quoted.data,
                  is_number ? "value out of range" : "invalid syntax");
    ifm_buf_deinit(&quoted);
    return false;
}

void web_time_print(int64_t time_ms, ifm_buf *out)
{
    int64_t seconds = time_ms / MS_PER_SECOND - (time_ms % MS_PER_SECOND < 0);
    int ms = (int)(time_ms - seconds * MS_PER_SECOND);
    int64_t days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0);
    int of_day = (int)(seconds - days * SECONDS_PER_DAY);
    /* days_of(), the other way round. */
    int64_t z = days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    int day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    ifm_buf_printf(out, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d", year, month, day, of_day / 3600,
                   of_day / 60 % 60, of_day % 60);
    if (ms != 0) {
        char text[8];
        int size = snprintf(text, sizeof text, ".%03d", ms);
        for (; text[size - 1] == '0'; size--) {
        }
        ifm_buf_append(out, text, (size_t)size);
    }
    ifm_buf_append_char(out, 'Z');
}
