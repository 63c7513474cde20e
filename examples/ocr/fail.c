/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/fail.h"

#include <stdarg.h>
#include <stdio.h>

bool fail(ifm_error *err, ifm_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *err = (ifm_error){.code = code};
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return false;
}
