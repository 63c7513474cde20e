/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <inferometer/export.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* Marks a message that was cut, at a character boundary. */
static void error_message_finish(ifm_error *err, int length)
{
    static const char mark[] = "...";
    if (length < (int)sizeof err->message) {
        return;
    }
    size_t at = sizeof err->message - sizeof mark;
    while (at > 0 && ((unsigned char)err->message[at] & 0xC0) == 0x80) {
        at--;
    }
    memcpy(err->message + at, mark, sizeof mark);
}

static void error_format(ifm_error *err, ifm_code code, const char *format, va_list arguments)
{
    err->code = code;
    err->offset = 0;
    error_message_finish(err, vsnprintf(err->message, sizeof err->message, format, arguments));
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
    ifm_error made;
    va_list arguments;
    va_start(arguments, format);
    error_format(&made, code, format, arguments);
    va_end(arguments);
    char text[128] = "";
    /* The GNU form of strerror_r() returns the text, the POSIX form fills the buffer. */
    const char *reason = strerror_r(number, text, sizeof text);
    ifm_error_set(err, code, "%s: %s", made.message, reason);
    return false;
}

bool ifm_error_wrap(ifm_error *err, const char *format, ...)
{
    ifm_error context;
    va_list arguments;
    va_start(arguments, format);
    error_format(&context, err->code, format, arguments);
    va_end(arguments);
    size_t offset = err->offset;
    ifm_error inner = *err;
    ifm_error_set(err, inner.code, "%s: %s", context.message, inner.message);
    err->offset = offset;
    return false;
}
