/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling in ifm_error. The rules for messages are in inferometer/error.h.
 */
#ifndef IFM_BASE_ERROR_H
#define IFM_BASE_ERROR_H

#include <inferometer/error.h>
#include <stdbool.h>

/* Sets code and message; offset becomes 0. Returns false, so that callers can `return ifm_error_set(..)`. */
bool ifm_error_set(ifm_error *err, ifm_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "out of memory". Returns false. */
bool ifm_error_nomem(ifm_error *err);

/* Sets `code` with the text of `number` (an errno) after the message: "MESSAGE: No such file ...". */
bool ifm_error_errno(ifm_error *err, ifm_code code, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "CONTEXT: " in front of the message; the code stays. Returns false. */
bool ifm_error_wrap(ifm_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
