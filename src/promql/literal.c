/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/literal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NS_PER_MS = 1000000, LITERAL_BASE_MAX = 16 };

static const int64_t WHOLE_MS_FROM = (int64_t)1 << 50;

/* From the largest to the smallest, the order in which they are written. */
static const struct unit {
    char name[3];
    bool only_whole; /* years and weeks are written only when nothing is left: 90d reads better than 12w6d */
    int64_t ms;
} units[] = {
    {"y", true, 365LL * 24 * 3600 * 1000},
    {"w", true, 7LL * 24 * 3600 * 1000},
    {"d", false, 24LL * 3600 * 1000},
    {"h", false, 3600LL * 1000},
    {"m", false, 60LL * 1000},
    {"s", false, 1000},
    {"ms", false, 1},
};

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : LITERAL_BASE_MAX;
}

/* Underscores stand between digits, or between the prefix 0x and a digit. */
static bool underscores_fit(promql_text text)
{
    bool hexadecimal = text.size >= 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x';
    bool digit_before = hexadecimal;
    bool underscore_before = false;
    for (size_t i = hexadecimal ? 2 : 0; i < text.size; i++) {
        bool digit = digit_value(text.data[i]) < (hexadecimal ? 16 : 10);
        bool underscore = text.data[i] == '_';
        if ((underscore && !digit_before) || (underscore_before && !digit)) {
            return false;
        }
        digit_before = digit;
        underscore_before = underscore;
    }
    return !underscore_before;
}

/* As an integer of Go's base 0: 0x, 0 for octal, else decimal. False when it is none, or too large. */
static bool read_integer(promql_text text, double *out)
{
    int base = 10;
    size_t at = 0;
    if (text.size > 1 && text.data[0] == '0') {
        base = (text.data[1] | 0x20) == 'x' ? 16 : 8;
        at = base == 16 ? 2 : 1;
    }
    int64_t value = 0;
    bool any = false;
    for (; at < text.size; at++) {
        int digit = digit_value(text.data[at]);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
        any = true;
    }
    *out = (double)value;
    return any;
}

const char *promql_read_number(promql_text text, ifm_bump *arena, double *out)
{
    static const char invalid[] = "invalid syntax";
    promql_text digits = text;
    if (memchr(text.data, '_', text.size) != NULL) {
        if (!underscores_fit(text)) {
            return invalid;
        }
        char *copy = ifm_bump_alloc(arena, text.size);
        if (copy == NULL) {
            return "";
        }
        digits = (promql_text){copy, 0};
        for (size_t i = 0; i < text.size; i++) {
            if (text.data[i] != '_') {
                copy[digits.size++] = text.data[i];
            }
        }
    }
    double value = 0;
    if (read_integer(digits, &value) || ifm_number_read(digits.data, digits.size, &value)) {
        *out = value;
        return NULL;
    }
    return isinf(value) ? "value out of range" : invalid;
}

static const struct unit *find_unit(promql_text name)
{
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        if (name.size == strlen(units[i].name) && memcmp(name.data, units[i].name, name.size) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

promql_duration_fault promql_read_duration(promql_text text, double *out, promql_text *unit)
{
    const struct unit *before = NULL;
    int64_t ns = 0;
    for (size_t at = 0; at < text.size;) {
        int64_t value = 0;
        size_t digits = at;
        for (; at < text.size && is_digit(text.data[at]); at++) {
            if (__builtin_mul_overflow(value, 10, &value) ||
                __builtin_add_overflow(value, text.data[at] - '0', &value)) {
                return PROMQL_DURATION_MALFORMED;
            }
        }
        size_t letters = at;
        while (at < text.size && !is_digit(text.data[at])) {
            at++;
        }
        if (letters == digits || at == letters) {
            return PROMQL_DURATION_MALFORMED;
        }
        *unit = (promql_text){text.data + letters, at - letters};
        const struct unit *found = find_unit(*unit);
        if (found == NULL) {
            return PROMQL_DURATION_UNKNOWN_UNIT;
        }
        if (before != NULL && found <= before) {
            return PROMQL_DURATION_MALFORMED;
        }
        before = found;
        if (__builtin_mul_overflow(value, found->ms * NS_PER_MS, &value) ||
            __builtin_add_overflow(ns, value, &ns)) {
            return PROMQL_DURATION_TOO_LONG;
        }
    }
    *out = (double)(ns / 1000000000) + (double)(ns % 1000000000) / PROMQL_NS_PER_SECOND;
    return PROMQL_DURATION_VALID;
}

static size_t write_utf8(char *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)(first[length] | point);
    return length;
}

static uint32_t read_digits(const char *text, int count, uint32_t base)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++) {
        value = value * base + (uint32_t)digit_value(text[i]);
    }
    return value;
}

/* Writes what the escape behind a backslash means; returns how many bytes it takes in the text. */
static size_t unescape(const char *escape, char *out, size_t *written)
{
    static const char letters[] = "abtnvfr"; /* 7 to 13 */
    const char *letter = strchr(letters, escape[0]);
    *written = 1;
    if (escape[0] >= '0' && escape[0] <= '7') {
        out[0] = (char)read_digits(escape, 3, 8);
        return 3;
    }
    switch (escape[0]) {
    case 'x':
        out[0] = (char)read_digits(escape + 1, 2, 16);
        return 3;
    case 'u':
        *written = write_utf8(out, read_digits(escape + 1, 4, 16));
        return 5;
    case 'U':
        *written = write_utf8(out, read_digits(escape + 1, 8, 16));
        return 9;
    default:
        out[0] = letter == NULL ? escape[0] : (char)(7 + (letter - letters)); /* else \\ or a quote */
        return 1;
    }
}

promql_text promql_unquote(promql_text token, ifm_bump *arena)
{
    promql_text inside = {token.data + 1, token.size - 2};
    if (token.data[0] == '`' || memchr(inside.data, '\\', inside.size) == NULL) {
        return inside;
    }
    char *copy = ifm_bump_alloc(arena, inside.size); /* an escape is never shorter than what it means */
    promql_text out = {copy, 0};
    for (size_t at = 0; copy != NULL && at < inside.size;) {
        if (inside.data[at] == '\\') {
            size_t written;
            at += 1 + unescape(inside.data + at + 1, copy + out.size, &written);
            out.size += written;
        } else {
            copy[out.size++] = inside.data[at++];
        }
    }
    return out;
}

bool promql_seconds_to_ns(double seconds, int64_t *out)
{
    double ns = round(seconds * PROMQL_NS_PER_SECOND);
    if (!(fabs(ns) < 9223372036854775808.0)) { /* 2^63; NaN too */
        return false;
    }
    int64_t whole = (int64_t)ns;
    if (llabs(whole) >= WHOLE_MS_FROM) {
        int64_t rest = whole % NS_PER_MS;
        whole -= rest;
        if (llabs(rest) >= NS_PER_MS / 2 && llabs(whole) <= INT64_MAX - NS_PER_MS) {
            whole += rest < 0 ? -NS_PER_MS : NS_PER_MS;
        }
    }
    *out = whole;
    return true;
}

static void print_seconds(ifm_buf *out, uint64_t ns)
{
    char digits[16];
    ifm_buf_printf(out, "%llu", (unsigned long long)(ns / 1000000000));
    int size = snprintf(digits, sizeof digits, "%09u", (unsigned)(ns % 1000000000));
    while (size > 0 && digits[size - 1] == '0') {
        size--;
    }
    ifm_buf_append_char(out, '.');
    ifm_buf_append(out, digits, (size_t)size);
}

void promql_print_duration(ifm_buf *out, int64_t ns)
{
    if (ns < 0) {
        ifm_buf_append_char(out, '-');
        ns = -ns;
    }
    if (ns % NS_PER_MS != 0) {
        print_seconds(out, (uint64_t)ns);
        return;
    }
    int64_t ms = ns / NS_PER_MS;
    if (ms == 0) {
        ifm_buf_append_text(out, "0s");
    }
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        int64_t count = ms / units[i].ms;
        if (count > 0 && (!units[i].only_whole || ms % units[i].ms == 0)) {
            ifm_buf_printf(out, "%lld%s", (long long)count, units[i].name);
            ms -= count * units[i].ms;
        }
    }
}
