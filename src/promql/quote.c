/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/quote.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    QUOTE_CHAR_SIZE = 12,   /* "\U0010ffff" and its end */
    QUOTE_TOKEN_CHARS = 10, /* %.10q */
    QUOTE_POINT_INVALID = 0xFFFD
};

/* Letters, marks, numbers, punctuation and symbols: what Go's strconv.IsPrint() takes, but see quote.h. */
static bool quote_printable(uint32_t point)
{
    static const struct range {
        uint32_t first, last;
    } hidden[] = {
        {0x0000, 0x001F},    {0x007F, 0x00A0}, {0x00AD, 0x00AD}, {0x0600, 0x0605},   {0x061C, 0x061C},
        {0x06DD, 0x06DD},    {0x070F, 0x070F}, {0x1680, 0x1680}, {0x180E, 0x180E},   {0x2000, 0x200F},
        {0x2028, 0x202F},    {0x205F, 0x206F}, {0x3000, 0x3000}, {0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},
        {0xFEFF, 0xFEFF},    {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},
        {0xE01F0, 0x10FFFF},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(hidden); i++) {
        if (point >= hidden[i].first && point <= hidden[i].last) {
            return false;
        }
    }
    return true;
}

/* The letter of the short escape of `byte`, 0 when it has none. */
static char quote_short_escape(uint32_t byte)
{
    static const char letters[] = "abtnvfr"; /* 7 to 13 */
    return byte >= 7 && byte <= 13 ? letters[byte - 7] : '\0';
}

/* Writes the first character of `text` (not empty) to `out`, and returns how many bytes it takes there. */
static size_t quote_char(promql_text text, char quote, char out[QUOTE_CHAR_SIZE])
{
    uint32_t point = 0;
    size_t length = ifm_utf8_decode(text.data, text.size, &point);
    if (length == 0) {
        snprintf(out, QUOTE_CHAR_SIZE, "\\x%02x", (unsigned)(unsigned char)text.data[0]);
        return 1;
    }
    if (point == (unsigned char)quote || point == '\\') {
        snprintf(out, QUOTE_CHAR_SIZE, "\\%c", (char)point);
    } else if (quote_printable(point)) {
        memcpy(out, text.data, length);
        out[length] = '\0';
    } else if (quote_short_escape(point) != '\0') {
        snprintf(out, QUOTE_CHAR_SIZE, "\\%c", quote_short_escape(point));
    } else if (point < ' ' || point == 0x7F) {
        snprintf(out, QUOTE_CHAR_SIZE, "\\x%02x", (unsigned)point);
    } else {
        snprintf(out, QUOTE_CHAR_SIZE, point > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)point);
    }
    return length;
}

void promql_quote(ifm_buf *out, promql_text text)
{
    char quoted[QUOTE_CHAR_SIZE];
    ifm_buf_append_char(out, '"');
    for (size_t at = 0; at < text.size;) {
        at += quote_char((promql_text){text.data + at, text.size - at}, '"', quoted);
        /* The lexer takes U+FFFD in a string for a byte that is no character, and refuses it. */
        ifm_buf_append_text(out, strcmp(quoted, "\xEF\xBF\xBD") == 0 ? "\\ufffd" : quoted);
    }
    ifm_buf_append_char(out, '"');
}

static promql_shown show(promql_text text, size_t chars, const char *more)
{
    promql_shown shown = {.text = "\""};
    char quoted[QUOTE_CHAR_SIZE];
    size_t length = 1;
    size_t at = 0;
    for (; at < text.size && chars > 0; chars--) {
        size_t taken = quote_char((promql_text){text.data + at, text.size - at}, '"', quoted);
        size_t size = strlen(quoted);
        if (length + size + sizeof "\"..." > sizeof shown.text) {
            break;
        }
        memcpy(shown.text + length, quoted, size);
        length += size;
        at += taken;
    }
    snprintf(shown.text + length, sizeof shown.text - length, "\"%s", at < text.size ? more : "");
    return shown;
}

promql_shown promql_show(promql_text text)
{
    return show(text, SIZE_MAX, "...");
}

promql_shown promql_show_token(promql_text text)
{
    return show(text, text.size > QUOTE_TOKEN_CHARS ? QUOTE_TOKEN_CHARS : SIZE_MAX, "...");
}

static promql_text first_char(promql_text text)
{
    static const promql_text invalid = {"\xEF\xBF\xBD", 3};
    uint32_t point;
    size_t length = text.size == 0 ? 0 : ifm_utf8_decode(text.data, text.size, &point);
    return length == 0 ? invalid : (promql_text){text.data, length};
}

promql_shown promql_show_char(promql_text text)
{
    promql_shown shown;
    char quoted[QUOTE_CHAR_SIZE];
    quote_char(first_char(text), '\'', quoted);
    snprintf(shown.text, sizeof shown.text, "'%s'", quoted);
    return shown;
}

promql_shown promql_show_point(promql_text text)
{
    promql_shown shown;
    promql_text first = first_char(text);
    uint32_t point = QUOTE_POINT_INVALID;
    ifm_utf8_decode(first.data, first.size, &point);
    if (quote_printable(point)) {
        snprintf(shown.text, sizeof shown.text, "U+%04X '%.*s'", (unsigned)point, (int)first.size,
                 first.data);
    } else {
        snprintf(shown.text, sizeof shown.text, "U+%04X", (unsigned)point);
    }
    return shown;
}

bool promql_fail(promql_text text, size_t offset, ifm_code code, ifm_error *err, const char *format, ...)
{
    char message[IFM_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < offset && i < text.size; i++) {
        if (text.data[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    ifm_error_set(err, code, "%zu:%zu: parse error: %s", line, offset - line_start + 1, message);
    err->offset = offset;
    return false;
}
