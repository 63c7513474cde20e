/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling in the library's error value, which this program uses for its own errors, too.
 */
#ifndef EXAMPLES_OCR_FAIL_H
#define EXAMPLES_OCR_FAIL_H

#include <inferometer/error.h>
#include <stdbool.h>

/* Sets the code and the message, one sentence; always false. */
bool fail(ifm_error *err, ifm_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
