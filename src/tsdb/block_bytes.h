/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in the files of blocks: little-endian of fixed size, and varints (7 bits in each byte, the lowest
 * first, bit 7 set in all but the last). Signed ones are zigzag: 0, -1, 1, -2, ...
 *
 * A cursor never reads past its end: what is missing reads as 0 and sets `failed`, which is checked once.
 */
#ifndef IFM_TSDB_BLOCK_BYTES_H
#define IFM_TSDB_BLOCK_BYTES_H

#include "base/base.h"

#include <stdint.h>

enum { BLOCK_VARINT_SIZE_MAX = 10 };

static inline uint64_t block_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t block_unzigzag(uint64_t coded)
{
    return (int64_t)((coded >> 1) ^ (0 - (coded & 1)));
}

static inline void block_put_varint(ifm_buf *out, uint64_t value)
{
    char *to = ifm_buf_reserve(out, BLOCK_VARINT_SIZE_MAX);
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

static inline void block_put_signed(ifm_buf *out, int64_t value)
{
    block_put_varint(out, block_zigzag(value));
}

static inline void block_store_u32(char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (char)(value >> (8 * i));
    }
}

static inline void block_store_u64(char *to, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        to[i] = (char)(value >> (8 * i));
    }
}

static inline void block_put_u64(ifm_buf *out, uint64_t value)
{
    char bytes[8];
    block_store_u64(bytes, value);
    ifm_buf_append(out, bytes, sizeof bytes);
}

static inline uint32_t block_load_u32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static inline uint64_t block_load_u64(const uint8_t *from)
{
    return block_load_u32(from) | (uint64_t)block_load_u32(from + 4) << 32;
}

typedef struct block_cursor {
    const uint8_t *at, *end;
    bool failed;
} block_cursor;

static inline size_t block_cursor_left(const block_cursor *c)
{
    return (size_t)(c->end - c->at);
}

static inline uint64_t block_get_varint(block_cursor *c)
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

static inline int64_t block_get_signed(block_cursor *c)
{
    return block_unzigzag(block_get_varint(c));
}

/* A number that must be below `limit`. */
static inline uint32_t block_get_below(block_cursor *c, uint64_t limit)
{
    uint64_t value = block_get_varint(c);
    if (value >= limit) {
        c->failed = true;
        return 0;
    }
    return (uint32_t)value;
}

static inline uint8_t block_get_byte(block_cursor *c)
{
    if (c->at == c->end) {
        c->failed = true;
        return 0;
    }
    return *c->at++;
}

static inline uint64_t block_get_u64(block_cursor *c)
{
    if (block_cursor_left(c) < 8) {
        c->failed = true;
        return 0;
    }
    uint64_t value = block_load_u64(c->at);
    c->at += 8;
    return value;
}

/* `size` bytes in place; NULL when there are not so many. */
static inline const uint8_t *block_get_bytes(block_cursor *c, size_t size)
{
    if (block_cursor_left(c) < size) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *bytes = c->at;
    c->at += size;
    return bytes;
}

#endif
