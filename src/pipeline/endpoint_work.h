/* SPDX-License-Identifier: Apache-2.0
 *
 * Worker threads with a bounded number of jobs, for what would hold up the endpoint's event loop: making a
 * document, hashing a password. A job is handed in, run on a worker, and handed back; `wake_fd`, an
 * eventfd, is written when one is ready to be taken.
 *
 *     free --submit--> queued --(worker)--> running --(worker)--> done --take--> free
 *
 * Thread-safety: any thread.
 * W1  queued + running <= limit.
 * W2  a job is in one state at a time; its memory is the workers' from submit until take or stop.
 */
#ifndef IFM_PIPELINE_ENDPOINT_WORK_H
#define IFM_PIPELINE_ENDPOINT_WORK_H

#include <inferometer/error.h>
#include <stdbool.h>

/* The first member of what is handed in; `run` is set by the caller, `next` belongs to the workers. */
typedef struct ifm_work {
    void (*run)(struct ifm_work *work);
    struct ifm_work *next;
} ifm_work;

typedef struct ifm_workers ifm_workers;

typedef struct ifm_workers_options {
    const char *thread_name;
    unsigned threads;
    unsigned limit; /* W1 */
    int wake_fd;    /* borrowed */
} ifm_workers_options;

/* Errors: IFM_IO (no thread), IFM_NOMEM. */
ifm_workers *ifm_workers_start(const ifm_workers_options *options, ifm_error *err);

/* False when `limit` jobs are queued or running. */
bool ifm_workers_submit(ifm_workers *workers, ifm_work *work);

/* A job that is done, NULL when there is none. */
ifm_work *ifm_workers_take(ifm_workers *workers);

/* Waits for running jobs and joins the threads; queued jobs never run. NULL is accepted. */
void ifm_workers_stop(ifm_workers *workers);

/* After fork(), in the child, where the threads do not exist: frees only. NULL is accepted. */
void ifm_workers_abandon(ifm_workers *workers);

#endif
