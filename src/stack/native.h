/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus and Grafana as processes of our own, without containers.
 *
 * A service is started in a session of its own and goes on when we end. It holds the lock of its pid
 * file itself, from before it becomes the program until it ends: whoever can take the lock knows that it
 * is gone, and nobody can mistake another process that got its number (N1). Programs that it starts itself
 * (Grafana's plugins) hold the lock too, and may outlive it: so its whole process group is signalled, whose
 * number no process gets while one of them is left (N2).
 *
 * Thread-safety: one thread; the process that starts one must have no other threads.
 */
#ifndef STACK_NATIVE_H
#define STACK_NATIVE_H

#include "stack/folder.h"
#include "stack/session.h"

typedef struct stack_native {
    const stack_folder *folder;
    const char *service; /* "prometheus": native/prometheus.pid, native/logs/prometheus.log */
} stack_native;

/* The process that runs it, 0 when none does. */
bool stack_native_pid(const stack_native *native, pid_t *out, ifm_error *err);

/* Starts it. `arguments` and `environment` (beside ours) end with NULL; the first argument is a path. Running
 * already is IFM_BUSY. */
bool stack_native_start(const stack_native *native, const char *const *arguments,
                        const char *const *environment, ifm_error *err);

/* SIGTERM, and SIGKILL when it has not ended after STACK_STOP_S. True when it did not run. Errors:
 * IFM_TIMEOUT (of the session, or it does not end even so), IFM_CANCELED, IFM_IO, IFM_NOMEM. */
bool stack_native_stop(const stack_native *native, const stack_session *session, ifm_error *err);

/* The last lines of its log, freed with ifm_free(); "" without one. */
char *stack_native_log(const stack_native *native, int lines, ifm_error *err);

#endif
