/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

enum { BUF_CAPACITY_MIN = 256 };

void ifm_buf_init(ifm_buf *buf, size_t max)
{
    *buf = (ifm_buf){.max = max};
}

void ifm_buf_deinit(ifm_buf *buf)
{
    ifm_free(buf->data);
    *buf = (ifm_buf){.max = buf->max};
}

void ifm_buf_clear(ifm_buf *buf)
{
    buf->size = 0;
    buf->failed = IFM_OK;
}

char *ifm_buf_reserve_slow(ifm_buf *buf, size_t more)
{
    if (buf->failed != IFM_OK) {
        return NULL;
    }
    if (more > buf->max - buf->size) {
        buf->failed = IFM_LIMIT; /* B2 */
        return NULL;
    }
    size_t need = buf->size + more;
    if (need > buf->capacity || buf->data == NULL) {
        size_t capacity = buf->capacity < BUF_CAPACITY_MIN ? BUF_CAPACITY_MIN : buf->capacity;
        while (capacity < need) {
            capacity = capacity > buf->max / 2 ? buf->max : capacity * 2;
        }
        if (capacity > buf->max) {
            capacity = buf->max; /* B1 */
        }
        char *data = ifm_realloc(buf->data, capacity, 1);
        if (data == NULL) {
            buf->failed = IFM_NOMEM;
            return NULL;
        }
        buf->data = data;
        buf->capacity = capacity;
    }
    return buf->data + buf->size;
}

void ifm_buf_append_text(ifm_buf *buf, const char *text)
{
    ifm_buf_append(buf, text, strlen(text));
}

void ifm_buf_append_char(ifm_buf *buf, char c)
{
    ifm_buf_append(buf, &c, 1);
}

void ifm_buf_printf(ifm_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *to = length < 0 ? NULL : ifm_buf_reserve(buf, (size_t)length + 1);
    if (to != NULL) {
        va_start(arguments, format);
        vsnprintf(to, (size_t)length + 1, format, arguments);
        va_end(arguments);
        buf->size += (size_t)length;
    }
}

void ifm_buf_append_json(ifm_buf *buf, const char *text)
{
    ifm_buf_append_char(buf, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ') {
            ifm_buf_printf(buf, "\\u%04x", (unsigned)c);
        } else {
            ifm_buf_append_text(buf, c == '"' || c == '\\' ? "\\" : "");
            ifm_buf_append_char(buf, *text);
        }
    }
    ifm_buf_append_char(buf, '"');
}

char *ifm_buf_take(ifm_buf *buf, size_t *size, ifm_error *err)
{
    static const char end = '\0';
    size_t length = buf->size;
    ifm_buf_append(buf, &end, 1);
    if (!ifm_buf_check(buf, err)) {
        return NULL;
    }
    char *data = buf->data;
    *size = length;
    *buf = (ifm_buf){.max = buf->max};
    return data;
}

bool ifm_buf_check(const ifm_buf *buf, ifm_error *err)
{
    if (buf->failed == IFM_LIMIT) {
        ifm_error_set(err, IFM_LIMIT, "output is larger than its limit of %zu bytes", buf->max);
    } else if (buf->failed != IFM_OK) {
        ifm_error_nomem(err);
    }
    return buf->failed == IFM_OK;
}
