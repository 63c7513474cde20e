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

/* Whether there is something to escape in the eight bytes at `from`. */
static bool word_is_plain(const char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return !has_byte(word, '\\') && !has_byte(word, '\n') && !has_byte(word, '"');
}

/* Whether there is nothing to escape at all; a double quote counts as such also where it stays. */
static bool is_plain(const char *from, size_t size)
{
    size_t at = 0;
    for (; size - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        if (!word_is_plain(from + at)) {
            return false;
        }
    }
    if (size >= sizeof(uint64_t)) {
        return at == size || word_is_plain(from + size - sizeof(uint64_t)); /* overlaps the word before */
    }
    for (; at < size; at++) {
        if (from[at] == '\\' || from[at] == '\n' || from[at] == '"') {
            return false;
        }
    }
    return true;
}

char *ifm_escape_copy(char *to, ifm_text text, ifm_escape_what what)
{
    if (text.size == 0) {
        return to; /* its data may be NULL */
    }
    if (is_plain(text.data, text.size)) {
        memcpy(to, text.data, text.size);
        return to + text.size;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\\' || c == '\n' || (c == '"' && what == IFM_ESCAPE_QUOTES)) {
            *to++ = '\\';
            c = c == '\n' ? 'n' : c;
        }
        *to++ = c;
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
