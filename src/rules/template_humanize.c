/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers for people, as Prometheus's functions write them.
 */
#include "rules/template_impl.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_SIZE = 128 };

static const char *const large[] = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};
static const char *const large_1024[] = {"", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
static const char *const small[] = {"", "m", "u", "n", "p", "f", "a", "z", "y"};

/* Go's %.4g */
static void print_4g(char *out, size_t size, double value)
{
    if (isnan(value)) {
        snprintf(out, size, "NaN");
    } else if (isinf(value)) {
        snprintf(out, size, value > 0 ? "+Inf" : "-Inf");
    } else {
        snprintf(out, size, "%.4g", value);
    }
}

static bool answer(template_run *run, double value, const char *unit, template_value *out)
{
    char text[TEXT_SIZE];
    print_4g(text, sizeof text, value);
    ifm_buf buf;
    ifm_buf_init(&buf, 2 * TEXT_SIZE);
    ifm_buf_append_text(&buf, text);
    ifm_buf_append_text(&buf, unit);
    return template_take_text(run, &buf, out);
}

static bool answer_text(template_run *run, const char *text, template_value *out)
{
    ifm_buf buf;
    ifm_buf_init(&buf, 2 * TEXT_SIZE);
    ifm_buf_append_text(&buf, text);
    return template_take_text(run, &buf, out);
}

static size_t divide(double *value, double by, size_t count)
{
    size_t at = 0;
    while (at + 1 < count && fabs(*value) >= by) {
        *value /= by;
        at++;
    }
    return at;
}

static size_t multiply(double *value)
{
    size_t at = 0;
    while (at + 1 < IFM_COUNT_OF(small) && fabs(*value) < 1) {
        *value *= 1000;
        at++;
    }
    return at;
}

bool template_humanize(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    double value;
    (void)count;
    if (!template_to_float(run, &arguments[0], &value)) {
        return false;
    }
    if (value == 0 || !isfinite(value)) {
        return answer(run, value, "", out);
    }
    const char *unit =
        fabs(value) >= 1 ? large[divide(&value, 1000, IFM_COUNT_OF(large))] : small[multiply(&value)];
    return answer(run, value, unit, out);
}

bool template_humanize_1024(template_run *run, const template_value *arguments, size_t count,
                            template_value *out)
{
    double value;
    (void)count;
    if (!template_to_float(run, &arguments[0], &value)) {
        return false;
    }
    if (fabs(value) <= 1 || !isfinite(value)) {
        return answer(run, value, "", out);
    }
    const char *unit = large_1024[divide(&value, 1024, IFM_COUNT_OF(large_1024))];
    return answer(run, value, unit, out);
}

static bool answer_days(template_run *run, double value, template_value *out)
{
    char text[TEXT_SIZE];
    const char *sign = value < 0 ? "-" : "";
    double whole = fabs(value);
    /* As Go converts what no int64 holds, on the processors there are. */
    int64_t duration = whole < 0x1p63 ? (int64_t)whole : INT64_MIN;
    long long seconds = duration % 60, minutes = duration / 60 % 60, hours = duration / 3600 % 24,
              days = duration / 86400;
    if (days != 0) {
        snprintf(text, sizeof text, "%s%lldd %lldh %lldm %llds", sign, days, hours, minutes, seconds);
    } else if (hours != 0) {
        snprintf(text, sizeof text, "%s%lldh %lldm %llds", sign, hours, minutes, seconds);
    } else if (minutes != 0) {
        snprintf(text, sizeof text, "%s%lldm %llds", sign, minutes, seconds);
    } else {
        return answer(run, value, "s", out);
    }
    return answer_text(run, text, out);
}

bool template_humanize_duration(template_run *run, const template_value *arguments, size_t count,
                                template_value *out)
{
    double value;
    char unit[8];
    (void)count;
    if (!template_to_float(run, &arguments[0], &value)) {
        return false;
    }
    if (!isfinite(value)) {
        return answer(run, value, "", out);
    }
    if (value == 0) {
        return answer(run, value, "s", out);
    }
    if (fabs(value) >= 1) {
        return answer_days(run, value, out);
    }
    snprintf(unit, sizeof unit, "%ss", small[multiply(&value)]);
    return answer(run, value, unit, out);
}

bool template_humanize_percentage(template_run *run, const template_value *arguments, size_t count,
                                  template_value *out)
{
    double value;
    (void)count;
    return template_to_float(run, &arguments[0], &value) && answer(run, value * 100, "%", out);
}

bool template_humanize_timestamp(template_run *run, const template_value *arguments, size_t count,
                                 template_value *out)
{
    double value;
    (void)count;
    if (!template_to_float(run, &arguments[0], &value)) {
        return false;
    }
    if (!isfinite(value)) {
        return answer(run, value, "", out);
    }
    double ns = value * 1e9;
    if (ns >= 0x1p63 || ns < -0x1p63) {
        return template_run_fail(run, "%g seconds since 1970 are no time within 292 years of it", value);
    }
    ifm_buf text;
    ifm_buf_init(&text, TEXT_SIZE);
    template_time_print((int64_t)ns / 1000000 * 1000000, &text);
    return template_take_text(run, &text, out);
}
