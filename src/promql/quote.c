/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/quote.h"

#include "model/model.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    QUOTE_TOKEN_CHARS = 10, /* %.10q */
    QUOTE_POINT_INVALID = 0xFFFD
};

/* Writes the first character of `text` (not empty) to `out`, and returns how many bytes of `text` it is. */
static size_t quote_char(promql_text text, char quote, char out[MODEL_QUOTE_CHAR_SIZE])
{
    return model_quote_char((model_text){text.data, text.size}, quote, out);
}

void promql_quote(ifm_buf *out, promql_text text)
{
    char quoted[MODEL_QUOTE_CHAR_SIZE];
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
    char quoted[MODEL_QUOTE_CHAR_SIZE];
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
    char quoted[MODEL_QUOTE_CHAR_SIZE];
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
    if (model_printable(point)) {
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
