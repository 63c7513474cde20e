/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

size_t ifm_utf8_decode(const char *text, size_t size, uint32_t *point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0];
    if (first < 0x80) {
        *point = first;
        return 1;
    }
    /* RFC 3629, table 3-7 of Unicode: C0, C1 and F5.. never occur. */
    size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                    : first >= 0xE0 && first <= 0xEF ? 3
                    : first >= 0xF0 && first <= 0xF4 ? 4
                                                     : 0;
    if (length == 0 || length > size) {
        return 0;
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t value = first & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (bytes[i] & 0x3FU);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *point = value;
    return length;
}

/* Where the ASCII at the beginning ends, give or take what is no multiple of eight bytes. */
static size_t skip_ascii(const char *text, size_t size)
{
    size_t at = 0;
    for (uint64_t eight = 0; size - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    return at;
}

bool ifm_utf8_valid(const char *text, size_t size)
{
    uint32_t point;
    for (size_t at = skip_ascii(text, size); at < size;) {
        if ((unsigned char)text[at] < 0x80) {
            at++;
            continue;
        }
        size_t length = ifm_utf8_decode(text + at, size - at, &point);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

size_t ifm_utf8_length(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return count;
}

void ifm_utf8_repair(ifm_buf *out, const char *text, size_t size, size_t max)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    uint32_t point;
    size_t written = 0;
    for (size_t at = 0; at < size;) {
        size_t length = ifm_utf8_decode(text + at, size - at, &point);
        size_t bytes = length == 0 ? sizeof replacement - 1 : length;
        if (bytes > max - written) {
            return;
        }
        ifm_buf_append(out, length == 0 ? replacement : text + at, bytes);
        written += bytes;
        at += length == 0 ? 1 : length;
    }
}
