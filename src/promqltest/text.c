/* SPDX-License-Identifier: Apache-2.0 */
#include "promqltest/text.h"

#include "promql/promql.h"

bool promqltest_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool promqltest_is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

model_text promqltest_trim(model_text text)
{
    while (text.size > 0 && promqltest_is_space(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && promqltest_is_space(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

bool promqltest_text_is(model_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

bool promqltest_starts_with(model_text text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

model_text promqltest_cut_word(model_text *rest)
{
    model_text all = promqltest_trim(*rest);
    size_t size = 0;
    while (size < all.size && !promqltest_is_space(all.data[size])) {
        size++;
    }
    *rest = promqltest_trim((model_text){all.data + size, all.size - size});
    return (model_text){all.data, size};
}

bool promqltest_cut_this(model_text *rest, const char *word)
{
    model_text after = *rest;
    if (!promqltest_text_is(promqltest_cut_word(&after), word)) {
        return false;
    }
    *rest = after;
    return true;
}

typedef struct unit {
    const char *name;
    int64_t ms;
} unit;

/* In the order in which they may follow each other. */
static const unit units[] = {{"y", INT64_C(31536000000)},
                             {"w", 604800000},
                             {"d", 86400000},
                             {"h", 3600000},
                             {"m", 60000},
                             {"s", 1000},
                             {"ms", 1}};

/* The index of the unit at text[0..size) behind those before `from`; that many when there is none. */
static size_t find_unit(const char *text, size_t size, size_t from)
{
    size_t letters = 0;
    while (letters < size && text[letters] >= 'a' && text[letters] <= 'z' && text[letters] != 'x') {
        letters++; /* the x of 5mx3 repeats */
    }
    for (size_t i = from; i < IFM_COUNT_OF(units); i++) {
        if (strlen(units[i].name) == letters && memcmp(text, units[i].name, letters) == 0) {
            return i;
        }
    }
    return IFM_COUNT_OF(units);
}

size_t promqltest_scan_duration(const char *text, size_t size, int64_t *out)
{
    size_t at = 0;
    size_t next_unit = 0;
    int64_t sum = 0;
    while (at < size && is_digit(text[at])) {
        int64_t count = 0;
        int64_t part = 0;
        for (; at < size && is_digit(text[at]); at++) {
            if (__builtin_mul_overflow(count, 10, &count) ||
                __builtin_add_overflow(count, text[at] - '0', &count)) {
                return 0;
            }
        }
        size_t found = find_unit(text + at, size - at, next_unit);
        if (found == IFM_COUNT_OF(units) || __builtin_mul_overflow(count, units[found].ms, &part) ||
            __builtin_add_overflow(sum, part, &sum)) {
            return 0;
        }
        at += strlen(units[found].name);
        next_unit = found + 1;
    }
    *out = sum;
    return at;
}

bool promqltest_read_duration(model_text text, int64_t *out)
{
    if (promqltest_text_is(text, "0")) {
        *out = 0;
        return true;
    }
    /* Nanoseconds have to fit too, as in Go. */
    return text.size > 0 && promqltest_scan_duration(text.data, text.size, out) == text.size &&
           *out <= INT64_MAX / 1000000;
}

/* What a string with escapes means, the parser of PromQL knows. */
static bool unquote(model_text quoted, ifm_bump *arena, model_text *out, ifm_error *err)
{
    const promql_node *node = promql_parse(quoted.data, quoted.size, arena, err);
    if (node == NULL) {
        return false;
    }
    if (node->kind != PROMQL_STRING) {
        return ifm_error_set(err, IFM_INVALID, "it is no string in quotes");
    }
    *out = (model_text){node->string.data, node->string.size};
    return true;
}

size_t promqltest_scan_string(const char *text, size_t size, ifm_bump *arena, model_text *out, ifm_error *err)
{
    char quote = size == 0 ? '\0' : text[0];
    if (quote != '"' && quote != '\'' && quote != '`') {
        ifm_error_set(err, IFM_INVALID, "there is no string in quotes");
        return 0;
    }
    bool escaped = false;
    size_t at = 1;
    while (at < size && text[at] != quote) {
        bool escape = text[at] == '\\' && quote != '`';
        escaped = escaped || escape;
        at += escape ? 2 : 1;
    }
    if (at >= size) {
        ifm_error_set(err, IFM_INVALID, "a string is not ended by its quote");
        return 0;
    }
    if (!escaped) {
        *out = (model_text){text + 1, at - 1};
    } else if (!unquote((model_text){text, at + 1}, arena, out, err)) {
        return 0;
    }
    return at + 1;
}
