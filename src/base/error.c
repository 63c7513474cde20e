/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <inferometer/export.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    WHOLE_BYTES = 1024,  /* a message before it is cut: of more than that nothing would be left */
    SENTENCE_BYTES = 100 /* of a message are for what happened, however long the advice is */
};

static const struct code_entry {
    const char *name;
    int status;
    const char *type;
} code_table[] = {
#define CODE_ENTRY(name, status, type) {#name, status, type},
    IFM_CODE_MAP(CODE_ENTRY)
#undef CODE_ENTRY
};

static const struct code_entry *code_find(ifm_code code)
{
    static const struct code_entry unknown = {"UNKNOWN", 500, "internal"};
    size_t count = sizeof code_table / sizeof code_table[0];
    return (size_t)code < count ? &code_table[code] : &unknown;
}

const char *ifm_version(void)
{
    return IFM_VERSION;
}

const char *ifm_code_name(ifm_code code)
{
    return code_find(code)->name;
}

int ifm_code_http_status(ifm_code code)
{
    return code_find(code)->status;
}

const char *ifm_code_error_type(ifm_code code)
{
    return code_find(code)->type;
}

/* Copies text[0..size) to out[0..room), cut at a character boundary and marked when it is longer. Returns how
 * many bytes it wrote. */
static size_t copy_cut(char *out, size_t room, const char *text, size_t size)
{
    static const char mark[] = "...";
    size_t at = size;
    if (size > room) {
        at = room - (sizeof mark - 1);
        while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80) {
            at--;
        }
        memcpy(out + at, mark, sizeof mark - 1);
    }
    memcpy(out, text, at);
    return size > room ? at + sizeof mark - 1 : at;
}

/* `tail` is what the reader needs most: the advice, or the system's reason. A message that is too long is cut
 * before it. */
static void error_fill(ifm_error *err, ifm_code code, const char *text, size_t size, const char *tail)
{
    size_t room = sizeof err->message - 1, tail_size = strlen(tail);
    size_t text_room = tail_size > room - SENTENCE_BYTES ? SENTENCE_BYTES : room - tail_size;
    size_t filled = copy_cut(err->message, text_room, text, size);
    filled += copy_cut(err->message + filled, room - filled, tail, tail_size);
    err->message[filled] = '\0';
    err->code = code;
    err->offset = 0;
}

static void error_format(ifm_error *err, ifm_code code, const char *format, va_list arguments)
{
    char text[WHOLE_BYTES] = "";
    vsnprintf(text, sizeof text, format, arguments);
    const char *hint = strstr(text, "; hint: ");
    size_t size = hint == NULL ? strlen(text) : (size_t)(hint - text);
    error_fill(err, code, text, size, text + size);
}

bool ifm_error_set(ifm_error *err, ifm_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_format(err, code, format, arguments);
    va_end(arguments);
    return false;
}

bool ifm_error_nomem(ifm_error *err)
{
    return ifm_error_set(err, IFM_NOMEM, "out of memory");
}

bool ifm_error_errno(ifm_error *err, ifm_code code, int number, const char *format, ...)
{
    char made[WHOLE_BYTES] = "", text[128] = "", reason[sizeof text + 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made, sizeof made, format, arguments);
    va_end(arguments);
    /* The GNU form of strerror_r() returns the text, the POSIX form fills the buffer. */
    snprintf(reason, sizeof reason, ": %s", strerror_r(number, text, sizeof text));
    error_fill(err, code, made, strlen(made), reason);
    return false;
}

bool ifm_error_wrap(ifm_error *err, const char *format, ...)
{
    char context[WHOLE_BYTES] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    size_t offset = err->offset;
    ifm_error inner = *err;
    ifm_error_set(err, inner.code, "%.*s: %s", WHOLE_BYTES / 2, context, inner.message);
    err->offset = offset;
    return false;
}
