/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus and Grafana as services, whatever runs them: containers or processes.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_SERVICES_H
#define STACK_SERVICES_H

#include "stack/compose.h"
#include "stack/files.h"
#include "stack/session.h"

enum { STACK_STATE_SIZE = 64 };

typedef struct stack_services {
    const stack_session *session;
    const stack_folder *folder;
    const stack_record *record;
} stack_services;

/* The compose tool that runs them, with the session's limits and news; not with native. */
stack_compose stack_services_compose(const stack_services *services);

/* "running", "exited (1)", "restarting", or "" when there is none. */
bool stack_services_state(const stack_services *services, const char *service, char out[STACK_STATE_SIZE],
                          ifm_error *err);
bool stack_services_running(const stack_services *services, const char *service, bool *out, ifm_error *err);

/* Gets the images, with progress; nothing with native. With `offline` a missing one is IFM_NOT_FOUND. */
bool stack_services_fetch(const stack_services *services, bool offline, ifm_error *err);

/* Starts what does not run, and starts anew what has to read changed files. */
bool stack_services_start(const stack_services *services, const stack_plan *plan,
                          const stack_files_change *change, ifm_error *err);

/* Stops all; the data stays unless `volumes`. */
bool stack_services_stop(const stack_services *services, bool volumes, ifm_error *err);

/* Stops processes of the native engine that no record tells of: their locks do. `*any`: there were some. */
bool stack_services_stop_unrecorded(const stack_session *session, const stack_folder *folder, bool *any,
                                    ifm_error *err);

/* The last lines of a log, freed with ifm_free(). */
bool stack_services_log(const stack_services *services, const char *service, int lines, char **out,
                        ifm_error *err);

#endif
