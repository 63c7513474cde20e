/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings up what shows the metrics: starts "inferometer stack up" (STACK; AUTO: with --or-monitor, which
 * decides between the two) or "inferometer monitor" (EMBEDDED), and waits, on a thread of its own, for the
 * one line that the program writes to its descriptor 3 once it is known:
 *
 *     OK URL                   it runs; the dashboard's or the monitor's URL
 *     OK URL SENTENCE          likewise, with something to say of it
 *     CODE SENTENCE            it does not; CODE as of ifm_code_name()
 *
 * The program is not ours any more once it is started (os/detached.h): a logger that is closed leaves it
 * alone.
 *
 * State: OFF, or STARTING -> RUNNING | FAILED, by monitoring_settle(), once.
 *
 * Thread-safety: start and stop by one thread; the others by any, between these.
 */
#ifndef IFM_PIPELINE_MONITORING_H
#define IFM_PIPELINE_MONITORING_H

#include "os/os.h"

#include <inferometer/error.h>
#include <inferometer/logger.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum {
    IFM_MONITORING_URL_SIZE = 256,
    IFM_MONITORING_NOTE_SIZE = 400,
    IFM_MONITORING_LINE_SIZE = 1024, /* of the program's line: four times what an error's message holds */
    IFM_MONITORING_LOG_BYTES_MAX = 1 << 20 /* of up.log, before it begins anew: some hundred starts */
};

typedef struct ifm_monitoring_options {
    ifm_monitoring monitoring;
    const char *url;    /* of the endpoint; NULL: there is none */
    bool is_registered; /* the stack and the monitor find the endpoint by themselves */
} ifm_monitoring_options;

/* What a program's line says. */
typedef struct ifm_monitoring_said {
    char url[IFM_MONITORING_URL_SIZE];
    char note[IFM_MONITORING_NOTE_SIZE]; /* "" for none */
} ifm_monitoring_said;

typedef struct ifm_monitoring_run {
    /* Constant once started. */
    pid_t pid;
    ifm_monitoring monitoring;
    bool started; /* there is a thread */
    pthread_t thread;
    ifm_os_fork_fd wake;            /* eventfd: stop */
    char *target;                   /* "--target=..."; NULL: registered */
    char *folder;                   /* for up.log; NULL: its output is lost */
    const char *const *environment; /* of the moment of the start */

    _Atomic ifm_monitoring_state
        state;                         /* release: `why` and `url` are written before; acquire to read them */
    ifm_error why;                     /* of FAILED */
    char url[IFM_MONITORING_URL_SIZE]; /* of RUNNING */
} ifm_monitoring_run;

void ifm_monitoring_init(ifm_monitoring_run *run);

/* `run` stays where it is until stop. Returns at once, whatever becomes of it. */
void ifm_monitoring_start(ifm_monitoring_run *run, const ifm_monitoring_options *options);

/* As ifm_logger_monitoring(). */
ifm_monitoring_state ifm_monitoring_look(const ifm_monitoring_run *run, ifm_error *err);

/* Ends the thread at once, not the program. After init alone it does nothing. */
void ifm_monitoring_stop(ifm_monitoring_run *run);

/* A program's line, without its end (false: into `err`). */
bool ifm_monitoring_read_line(const char *line, ifm_monitoring_said *out, ifm_error *err);

#endif
