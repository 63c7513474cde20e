/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/duration.h"

#include "base/base.h"
#include "dashboard/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS_MAX = 7,
    MS = 1,
    SECOND = 1000 * MS,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a number and its unit; 0 when there is none, else how many bytes it takes. Months and years are
 * those of 30 and 365 days: only their order of size matters here. */
static size_t duration_read(const char *text, int64_t *ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {
        {"ms", MS}, /* before "m" */
        {"s", SECOND},
        {"m", MINUTE},
        {"h", HOUR},
        {"d", DAY},
        {"w", INT64_C(7) * DAY},
        {"M", INT64_C(30) * DAY},
        {"y", INT64_C(365) * DAY},
    };
    int64_t number = 0;
    size_t digits = 0;
    while (is_digit(text[digits]) && digits <= DIGITS_MAX) {
        number = number * 10 + (text[digits++] - '0');
    }
    if (digits == 0 || digits > DIGITS_MAX) {
        return 0;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(text + digits, units[i].name, size) == 0) {
            *ms = number * units[i].ms;
            return digits + size;
        }
    }
    return 0;
}

bool dashboard_duration(const char *text, int64_t *ms)
{
    int64_t found;
    size_t size = duration_read(text, &found);
    if (size == 0 || text[size] != '\0') {
        return false;
    }
    *ms = found;
    return true;
}

/* Beyond any duration that can be read, and far from an overflow. */
#define BEFORE_MAX (INT64_MAX / 4)

/* What stands behind "now": any number of +5m and -5m, then /d or the like. */
static bool relative_read(const char *text, int64_t *ms)
{
    int64_t before = 0;
    while (*text == '-' || *text == '+') {
        int64_t step;
        size_t size = duration_read(text + 1, &step);
        if (size == 0 || before > BEFORE_MAX || before < -BEFORE_MAX) {
            return false;
        }
        before += *text == '-' ? step : -step;
        text += 1 + size;
    }
    if (*text == '/') {
        text++;
        text += *text == 'f'; /* of the fiscal year */
        if (*text == '\0' || strchr("smhdwMQy", *text) == NULL) {
            return false;
        }
        text++;
    }
    *ms = before;
    return *text == '\0';
}

bool dashboard_time(const char *text, int64_t *ms)
{
    if (strncmp(text, "now", 3) == 0) {
        return relative_read(text + 3, ms);
    }
    *ms = -1;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] == '\0') {
        return digits > 0;
    }
    return digits == 4 && text[4] == '-' && strspn(text, "0123456789-:.TZ+ ") == strlen(text);
}

void dashboard_duration_write(char *out, int64_t ms)
{
    if (ms % SECOND == 0) {
        snprintf(out, DASHBOARD_DURATION_SIZE, "%" PRId64 "s", ms / SECOND);
    } else {
        snprintf(out, DASHBOARD_DURATION_SIZE, "%" PRId64 "ms", ms);
    }
}
