/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/encoder_escape.h"

#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether one of the eight bytes is `byte`: x - 1 borrows into the top bit of a byte that is 0, or of one
 * above it, so the answer for the whole word is exact. */
static bool has_byte(uint64_t word, unsigned char byte)
{
    uint64_t x = word ^ BYTES(byte);
    return ((x - BYTES(0x01)) & ~x & BYTES(0x80)) != 0;
}

static char *copy_byte(char *to, char c, ifm_escape_what what)
{
    if (c == '\\' || c == '\n' || (c == '"' && what == IFM_ESCAPE_QUOTES)) {
        *to++ = '\\';
        c = c == '\n' ? 'n' : c;
    }
    *to++ = c;
    return to;
}

char *ifm_escape_copy(char *to, ifm_text text, ifm_escape_what what)
{
    const char *from = text.data;
    size_t left = text.size;
    while (left >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, from, sizeof word);
        if (has_byte(word, '\\') || has_byte(word, '\n') || has_byte(word, '"')) {
            for (size_t i = 0; i < sizeof word; i++) {
                to = copy_byte(to, from[i], what);
            }
        } else {
            memcpy(to, &word, sizeof word);
            to += sizeof word;
        }
        from += sizeof word;
        left -= sizeof word;
    }
    for (; left > 0; left--) {
        to = copy_byte(to, *from++, what);
    }
    return to;
}

void ifm_escape_append(ifm_buf *out, ifm_text text, ifm_escape_what what)
{
    char *to = ifm_buf_reserve(out, text.size * IFM_ESCAPE_ROOM);
    if (to != NULL) {
        out->size = (size_t)(ifm_escape_copy(to, text, what) - out->data);
    }
}
