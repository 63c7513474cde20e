/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread of the library inside somebody else's program: named, and with signals blocked, so that the
 * program's handlers run on the program's own threads. Signals that report a fault of the thread itself
 * (SIGSEGV and its like) stay open: blocked, they would end the process without its crash handler.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_PIPELINE_ENDPOINT_THREAD_H
#define IFM_PIPELINE_ENDPOINT_THREAD_H

#include <inferometer/error.h>
#include <pthread.h>
#include <stdbool.h>

/* `name` has at most 15 bytes. The caller joins *out. Errors: IFM_IO. */
bool ifm_quiet_thread_start(const char *name, void *(*run)(void *), void *argument, pthread_t *out,
                            ifm_error *err);

#endif
