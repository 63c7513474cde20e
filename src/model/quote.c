/* SPDX-License-Identifier: Apache-2.0 */
#include "model/quote.h"

#include <stdio.h>

bool model_printable(uint32_t point)
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

size_t model_quote_char(model_text text, char quote, char out[MODEL_QUOTE_CHAR_SIZE])
{
    uint32_t point = 0;
    size_t length = ifm_utf8_decode(text.data, text.size, &point);
    if (length == 0) {
        snprintf(out, MODEL_QUOTE_CHAR_SIZE, "\\x%02x", (unsigned)(unsigned char)text.data[0]);
        return 1;
    }
    if (point == (unsigned char)quote || point == '\\') {
        snprintf(out, MODEL_QUOTE_CHAR_SIZE, "\\%c", (char)point);
    } else if (model_printable(point)) {
        memcpy(out, text.data, length);
        out[length] = '\0';
    } else if (quote_short_escape(point) != '\0') {
        snprintf(out, MODEL_QUOTE_CHAR_SIZE, "\\%c", quote_short_escape(point));
    } else if (point < ' ' || point == 0x7F) {
        snprintf(out, MODEL_QUOTE_CHAR_SIZE, "\\x%02x", (unsigned)point);
    } else {
        snprintf(out, MODEL_QUOTE_CHAR_SIZE, point > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)point);
    }
    return length;
}

void model_quote(ifm_buf *out, model_text text)
{
    char quoted[MODEL_QUOTE_CHAR_SIZE];
    ifm_buf_append_char(out, '"');
    for (size_t at = 0; at < text.size;) {
        at += model_quote_char((model_text){text.data + at, text.size - at}, '"', quoted);
        ifm_buf_append_text(out, quoted);
    }
    ifm_buf_append_char(out, '"');
}
