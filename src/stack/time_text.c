/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/time_text.h"

#include <string.h>

/* Takes `digits` digits and the character after them, which must be one of `ends`. */
static bool take(const char **text, int digits, const char *ends, int64_t *out)
{
    int64_t value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    char end = (*text)[digits];
    if (end == '\0' ? *ends != '\0' : strchr(ends, end) == NULL) {
        return false;
    }
    *text += digits;
    *text += **text != '\0';
    *out = value;
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar: years are counted from March, so that the leap day
 * is a year's last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* ".148540541": its milliseconds; leaves *text at the zone. */
static bool take_fraction(const char **text, int64_t *out_ms)
{
    int64_t scale = 100;
    *out_ms = 0;
    size_t digits = strspn(*text, "0123456789");
    for (size_t i = 0; i < digits; i++, scale /= 10) {
        *out_ms += ((*text)[i] - '0') * scale;
    }
    *text += digits;
    return digits > 0;
}

/* "Z", "+01:00". */
static bool take_zone(const char *text, int64_t *out_minutes)
{
    int64_t hours, minutes, sign = *text == '-' ? -1 : 1;
    if (strcmp(text, "Z") == 0) {
        *out_minutes = 0;
        return true;
    }
    if (*text != '+' && *text != '-') {
        return false;
    }
    text++;
    if (!take(&text, 2, ":", &hours) || !take(&text, 2, "", &minutes) || *text != '\0') {
        return false;
    }
    *out_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool stack_time_read(const char *text, int64_t *out_ms)
{
    int64_t year, month, day, hour, minute, second, fraction = 0, zone;
    if (!take(&text, 4, "-", &year) || !take(&text, 2, "-", &month) || !take(&text, 2, "Tt ", &day) ||
        !take(&text, 2, ":", &hour) || !take(&text, 2, ":", &minute) || !take(&text, 2, ".Z+-", &second)) {
        return false;
    }
    if (text[-1] != '.') {
        text--; /* the zone begins with what ended the seconds */
    } else if (!take_fraction(&text, &fraction)) {
        return false;
    }
    if (!take_zone(text, &zone) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60) {
        return false;
    }
    int64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute - zone;
    *out_ms = (minutes * 60 + second) * 1000 + fraction;
    return true;
}
