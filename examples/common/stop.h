/* SPDX-License-Identifier: Apache-2.0
 *
 * Ending on Ctrl-C without a signal handler: the signals are blocked in every thread and one thread waits
 * for them, so nothing has to be async-signal-safe and no global flag is needed. Also the clock that such
 * waits go by.
 *
 * Thread-safety: stop_block() before any thread is started; stop_wait() by one thread.
 */
#ifndef EXAMPLES_COMMON_STOP_H
#define EXAMPLES_COMMON_STOP_H

#include <signal.h>
#include <stdbool.h>

/* Blocks SIGINT and SIGTERM, and SIGHUP unless it is ignored (nohup), for this thread and all that it
 * starts. *signals receives the set for stop_wait(). */
void stop_block(sigset_t *signals);

/* Waits up to `seconds` (0: only looks) for one of the signals; true when one came. */
bool stop_wait(const sigset_t *signals, double seconds);

/* The monotonic clock. */
double clock_seconds(void);

#endif
