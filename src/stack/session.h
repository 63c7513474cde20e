/* SPDX-License-Identifier: Apache-2.0
 *
 * What every long call does: tell how far it is, and wait without missing Ctrl-C or its time limit.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_SESSION_H
#define STACK_SESSION_H

#include "stack/stack.h"
#include "stack/system.h"

/* Tells one plain line: control characters become spaces, and what is too long is cut at a character. */
void stack_tell(const stack_session *session, stack_news news, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Waits so long; false, with IFM_CANCELED or IFM_TIMEOUT, when the session is over before or after it. */
bool stack_wait(const stack_session *session, int ms, ifm_error *err);

/* The time that is left for one call of at most `most_ms`. */
int64_t stack_time_left_ns(const stack_session *session, int64_t most_ms);

#endif
