/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/names.h"

/* Whether `point` may stand at the beginning (`first`) or further on in a name without quotes. */
static bool is_legacy(uint32_t point, bool first, ifm_name_kind kind)
{
    if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') || point == '_') {
        return true;
    }
    return (point >= '0' && point <= '9' && !first) || (point == ':' && kind == IFM_NAME_METRIC);
}

bool ifm_name_is_valid(const char *name, size_t size)
{
    return size > 0 && memchr(name, '\0', size) == NULL && ifm_utf8_valid(name, size);
}

bool ifm_name_is_legacy(const char *name, size_t size, ifm_name_kind kind)
{
    for (size_t i = 0; i < size; i++) {
        if (!is_legacy((unsigned char)name[i], i == 0, kind)) {
            return false;
        }
    }
    return size > 0;
}

/* The character at `at`, U+FFFD for a byte that belongs to none; returns its length in bytes. */
static size_t decode(const char *name, size_t size, size_t at, uint32_t *point)
{
    size_t length = ifm_utf8_decode(name + at, size - at, point);
    if (length == 0) {
        *point = 0xFFFD;
        length = 1;
    }
    return length;
}

static void escape_underscores(ifm_buf *out, const char *name, size_t size, ifm_name_kind kind)
{
    uint32_t point;
    for (size_t i = 0, length; i < size; i += length) {
        length = decode(name, size, i, &point);
        ifm_buf_append_char(out, is_legacy(point, i == 0, kind) ? (char)point : '_');
    }
}

static void escape_dots(ifm_buf *out, const char *name, size_t size, ifm_name_kind kind)
{
    uint32_t point;
    for (size_t i = 0, length; i < size; i += length) {
        length = decode(name, size, i, &point);
        if (point == '.') {
            ifm_buf_append_text(out, "_dot_");
        } else if (point == '_' || !is_legacy(point, i == 0, kind)) {
            ifm_buf_append_text(out, "__");
        } else {
            ifm_buf_append_char(out, (char)point);
        }
    }
}

static void escape_values(ifm_buf *out, const char *name, size_t size, ifm_name_kind kind)
{
    uint32_t point;
    ifm_buf_append_text(out, "U__");
    for (size_t i = 0, length; i < size; i += length) {
        length = decode(name, size, i, &point);
        if (point == '_') {
            ifm_buf_append_text(out, "__");
        } else if (is_legacy(point, i == 0, kind)) {
            ifm_buf_append_char(out, (char)point);
        } else {
            ifm_buf_printf(out, "_%x_", (unsigned)point);
        }
    }
}

void ifm_name_escape(ifm_buf *out, const char *name, size_t size, ifm_escaping escaping, ifm_name_kind kind)
{
    bool stays = escaping == IFM_ESCAPING_ALLOW_UTF8 || size == 0 ||
                 (escaping != IFM_ESCAPING_DOTS && ifm_name_is_legacy(name, size, kind));
    if (stays) {
        ifm_buf_append(out, name, size);
    } else if (escaping == IFM_ESCAPING_DOTS) {
        escape_dots(out, name, size, kind);
    } else if (escaping == IFM_ESCAPING_VALUES) {
        escape_values(out, name, size, kind);
    } else {
        escape_underscores(out, name, size, kind);
    }
}
