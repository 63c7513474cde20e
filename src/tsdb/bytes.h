/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in the files of blocks and in the log: little-endian of fixed size, and varints (7 bits in each
 * byte, the lowest first, bit 7 set in all but the last). Signed ones are zigzag: 0, -1, 1, -2, ...
 *
 * A cursor never reads past its end: what is missing reads as 0 and sets `failed`, which is checked once.
 */
#ifndef IFM_TSDB_BYTES_H
#define IFM_TSDB_BYTES_H

#include "base/base.h"

#include <stdint.h>

enum { BYTES_VARINT_SIZE_MAX = 10 };

static inline uint64_t bytes_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t bytes_unzigzag(uint64_t coded)
{
    return (int64_t)((coded >> 1) ^ (0 - (coded & 1)));
}

static inline void bytes_put_varint(ifm_buf *out, uint64_t value)
{
    char *to = ifm_buf_reserve(out, BYTES_VARINT_SIZE_MAX);
    if (to == NULL) {
        return;
    }
    size_t size = 0;
    while (value >= 0x80) {
        to[size++] = (char)(value | 0x80);
        value >>= 7;
    }
    to[size++] = (char)value;
    out->size += size;
}

static inline void bytes_put_signed(ifm_buf *out, int64_t value)
{
    bytes_put_varint(out, bytes_zigzag(value));
}

static inline void bytes_store_u32(char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (char)(value >> (8 * i));
    }
}

static inline void bytes_store_u64(char *to, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        to[i] = (char)(value >> (8 * i));
    }
}

static inline void bytes_put_u64(ifm_buf *out, uint64_t value)
{
    char bytes[8];
    bytes_store_u64(bytes, value);
    ifm_buf_append(out, bytes, sizeof bytes);
}

static inline uint32_t bytes_load_u32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static inline uint64_t bytes_load_u64(const uint8_t *from)
{
    return bytes_load_u32(from) | (uint64_t)bytes_load_u32(from + 4) << 32;
}

typedef struct bytes_cursor {
    const uint8_t *at, *end;
    bool failed;
} bytes_cursor;

static inline size_t bytes_cursor_left(const bytes_cursor *c)
{
    return (size_t)(c->end - c->at);
}

static inline uint64_t bytes_get_varint(bytes_cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    c->failed = true;
    return 0;
}

static inline int64_t bytes_get_signed(bytes_cursor *c)
{
    return bytes_unzigzag(bytes_get_varint(c));
}

/* A number that must be below `limit`. */
static inline uint32_t bytes_get_below(bytes_cursor *c, uint64_t limit)
{
    uint64_t value = bytes_get_varint(c);
    if (value >= limit) {
        c->failed = true;
        return 0;
    }
    return (uint32_t)value;
}

static inline uint8_t bytes_get_byte(bytes_cursor *c)
{
    if (c->at == c->end) {
        c->failed = true;
        return 0;
    }
    return *c->at++;
}

static inline uint64_t bytes_get_u64(bytes_cursor *c)
{
    if (bytes_cursor_left(c) < 8) {
        c->failed = true;
        return 0;
    }
    uint64_t value = bytes_load_u64(c->at);
    c->at += 8;
    return value;
}

/* `size` bytes in place; NULL when there are not so many, or when something was missing before. */
static inline const uint8_t *bytes_get_bytes(bytes_cursor *c, size_t size)
{
    if (c->failed || bytes_cursor_left(c) < size) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *bytes = c->at;
    c->at += size;
    return bytes;
}

#endif
