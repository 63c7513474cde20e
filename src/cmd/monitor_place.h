/* SPDX-License-Identifier: Apache-2.0
 *
 * The monitor of this user on this host: one for all loggers, found through a folder.
 *
 *     STATE/targets/NAME.json      written by running loggers (pipeline/registration.h)
 *     STATE/monitor/               0700
 *         lock                     held with flock() as long as the monitor runs
 *         monitor.json             the record: where it answers; there while it is ready
 *         targets/NAME.json        targets of loggers that do not register themselves
 *         data/                    the store
 *         monitor.log              of one that a logger started
 *
 * Thread-safety: one thread.
 * P1  the record is written and removed only by who holds the lock. One that is there while nobody holds it
 *     is of a monitor that was killed, and means nothing.
 */
#ifndef CMD_MONITOR_PLACE_H
#define CMD_MONITOR_PLACE_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MONITOR_URL_SIZE = 256, MONITOR_VERSION_SIZE = 32, MONITOR_RECORD_BYTES_MAX = 16384 };

typedef struct monitor_place {
    char *folder;     /* STATE/monitor */
    char *registered; /* STATE/targets */
    char *targets;    /* STATE/monitor/targets */
    char *data;       /* STATE/monitor/data */
    char *log;        /* STATE/monitor/monitor.log */
    int lock_fd;      /* -1: not held */
} monitor_place;

typedef struct monitor_record {
    pid_t pid;
    int64_t started_ms;
    bool finds_loggers; /* false: it has a configuration file of its own */
    char url[MONITOR_URL_SIZE];
    char version[MONITOR_VERSION_SIZE];
} monitor_record;

/* The paths; with `make` the folders are made. Deinitialise it either way. Errors: IFM_NOT_FOUND (there is no
 * home folder), IFM_IO, IFM_NOMEM. */
bool monitor_place_init(monitor_place *place, bool make, ifm_error *err);
/* Lets go of the lock. */
void monitor_place_deinit(monitor_place *place);

/* *held: it is ours now; the record of who had it before is gone then (P1). */
bool monitor_place_lock(monitor_place *place, bool *held, ifm_error *err);

/* Whether a monitor holds the lock. Takes nothing. */
bool monitor_place_is_held(const monitor_place *place);

/* The record of who holds the lock; false when there is none (yet). */
bool monitor_place_read(const monitor_place *place, monitor_record *out);

bool monitor_place_write(const monitor_place *place, const monitor_record *record, ifm_error *err);
void monitor_place_forget(const monitor_place *place);

/* Hands a running monitor one more target: "HOST:PORT" or a URL. */
bool monitor_place_add_target(const monitor_place *place, const char *target, ifm_error *err);

#endif
