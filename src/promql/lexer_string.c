/* SPDX-License-Identifier: Apache-2.0
 *
 * The extent of strings, whose escapes are checked here and replaced in literal.c.
 */
#include "promql/lexer_impl.h"

enum { STRING_POINT_MAX = 0x10FFFF };

static int string_digit(int byte)
{
    if (promql_is_digit(byte)) {
        return byte - '0';
    }
    if ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F')) {
        return (byte | 0x20) - 'a' + 10;
    }
    return 16; /* larger than any digit */
}

/* `count` digits; false, with `err` filled in, when one is missing, or the value is no character. */
static bool string_accept_digits(promql_lexer *lexer, int count, int base, uint32_t max, ifm_error *err)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++) {
        int byte = promql_lexer_peek(lexer);
        int digit = string_digit(byte);
        if (byte < 0) {
            PROMQL_LEXER_FAIL(lexer, err, "escape sequence not terminated");
            return false;
        }
        if (digit >= base) {
            PROMQL_LEXER_FAIL(lexer, err, "illegal character %s in escape sequence",
                              promql_show_point(promql_lexer_rest(lexer, lexer->at)).text);
            return false;
        }
        value = value * (uint32_t)base + (uint32_t)digit;
        lexer->at++;
    }
    if (value > max || (value >= 0xD800 && value < 0xE000)) {
        PROMQL_LEXER_FAIL(lexer, err, "escape sequence is an invalid Unicode code point");
        return false;
    }
    return true;
}

/* What follows a backslash. */
static bool string_accept_escape(promql_lexer *lexer, char quote, ifm_error *err)
{
    const char plain[] = {'a', 'b', 'f', 'n', 'r', 't', 'v', '\\', quote, '\0'};
    if (promql_lexer_accept(lexer, plain)) {
        return true;
    }
    if (promql_lexer_sees(lexer, "01234567")) {
        return string_accept_digits(lexer, 3, 8, 255, err);
    }
    if (promql_lexer_accept(lexer, "x")) {
        return string_accept_digits(lexer, 2, 16, 255, err);
    }
    if (promql_lexer_accept(lexer, "u")) {
        return string_accept_digits(lexer, 4, 16, STRING_POINT_MAX, err);
    }
    if (promql_lexer_accept(lexer, "U")) {
        return string_accept_digits(lexer, 8, 16, STRING_POINT_MAX, err);
    }
    if (promql_lexer_peek(lexer) < 0) {
        PROMQL_LEXER_FAIL(lexer, err, "escape sequence not terminated");
    } else {
        PROMQL_LEXER_FAIL(lexer, err, "unknown escape sequence %s",
                          promql_show_point(promql_lexer_rest(lexer, lexer->at)).text);
    }
    return false;
}

promql_token promql_lexer_string(promql_lexer *lexer, ifm_error *err)
{
    char quote = (char)promql_lexer_peek(lexer);
    bool raw = quote == '`';
    lexer->at++;
    for (;;) {
        int byte = promql_lexer_peek(lexer);
        if (byte < 0 || (byte == '\n' && !raw)) {
            return PROMQL_LEXER_FAIL(lexer, err, "unterminated %s string", raw ? "raw" : "quoted");
        }
        promql_text rest = promql_lexer_rest(lexer, lexer->at);
        uint32_t point;
        size_t length = ifm_utf8_decode(rest.data, rest.size, &point);
        if (length == 0 || point == 0xFFFD) { /* Prometheus cannot tell the two apart */
            return PROMQL_LEXER_FAIL(lexer, err, "invalid UTF-8 rune");
        }
        lexer->at += (uint32_t)length;
        if (byte == quote) {
            return promql_lexer_emit(lexer, PROMQL_TOKEN_STRING);
        }
        if (byte == '\\' && !raw && !string_accept_escape(lexer, quote, err)) {
            return (promql_token){.kind = PROMQL_TOKEN_ERROR};
        }
    }
}
