/* SPDX-License-Identifier: Apache-2.0
 *
 * Times as Prometheus writes them in JSON: RFC 3339, "2026-11-25T18:55:22.148540541Z".
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_TIME_TEXT_H
#define STACK_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970 (before it: negative). False when it is no such time. */
bool stack_time_read(const char *text, int64_t *out_ms);

#endif
