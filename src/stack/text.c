/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/text.h"

#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char mark[] = "...";

void stack_text_copy(char *out, size_t size, const char *text)
{
    size_t left = strlen(text), used = 0, fits = 0; /* fits: where the mark could still go */
    while (left > 0) {
        uint32_t point = 0;
        size_t length = ifm_utf8_decode(text, left, &point);
        size_t taken = length == 0 ? 1 : length;
        if (used + taken >= size) {
            memcpy(out + fits, mark, sizeof mark);
            return;
        }
        if (length == 0) {
            out[used] = '?';
        } else if (point < ' ' || (point >= 0x7F && point < 0xA0)) {
            memset(out + used, ' ', taken);
        } else {
            memcpy(out + used, text, taken);
        }
        used += taken;
        fits = used + sizeof mark <= size ? used : fits;
        text += taken;
        left -= taken;
    }
    out[used] = '\0';
}

void stack_text_format(char *out, size_t size, const char *format, ...)
{
    char made[4096]; /* longer than any sentence */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made, sizeof made, format, arguments);
    va_end(arguments);
    stack_text_copy(out, size, made);
}
