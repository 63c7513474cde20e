/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing byte buffer with a maximum. The first failure sticks: later appends do nothing, so a writer
 * checks once at its end.
 *
 * Thread-safety: one thread.
 * B1  size <= capacity <= max.
 * B2  after a failure, `failed` stays set and the contents are those before the failing append.
 */
#ifndef IFM_BASE_BUF_H
#define IFM_BASE_BUF_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct ifm_buf {
    char *data; /* NULL while empty; not terminated */
    size_t size;
    size_t capacity;
    size_t max;
    ifm_code failed; /* IFM_OK, IFM_NOMEM or IFM_LIMIT */
} ifm_buf;

void ifm_buf_init(ifm_buf *buf, size_t max);
void ifm_buf_deinit(ifm_buf *buf);

/* Empties it, keeps the memory, forgets a failure. */
void ifm_buf_clear(ifm_buf *buf);

/* Makes room for `more` bytes and returns where they go, NULL on failure (which sticks). The caller
 * writes there and adds what it wrote to `size`. */
char *ifm_buf_reserve_slow(ifm_buf *buf, size_t more);

static inline char *ifm_buf_reserve(ifm_buf *buf, size_t more)
{
    if (buf->failed == IFM_OK && buf->capacity - buf->size >= more && buf->data != NULL) {
        return buf->data + buf->size;
    }
    return ifm_buf_reserve_slow(buf, more);
}

static inline void ifm_buf_append(ifm_buf *buf, const void *bytes, size_t size)
{
    char *to = ifm_buf_reserve(buf, size);
    if (to != NULL && size > 0) { /* `bytes` of an empty text may be NULL, which memcpy() must not get */
        memcpy(to, bytes, size);
        buf->size += size;
    }
}

void ifm_buf_append_text(ifm_buf *buf, const char *text);
void ifm_buf_append_char(ifm_buf *buf, char c);
void ifm_buf_printf(ifm_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends a text of UTF-8 as a JSON string, in its quotes. */
void ifm_buf_append_json(ifm_buf *buf, const char *text);

/* Takes the contents out, terminated by a NUL beyond *size; the buffer is empty afterwards. NULL on
 * failure, with `err` filled in. */
char *ifm_buf_take(ifm_buf *buf, size_t *size, ifm_error *err);

/* False, with `err` filled in, when an append failed. */
bool ifm_buf_check(const ifm_buf *buf, ifm_error *err);

#endif
