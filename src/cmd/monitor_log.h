/* SPDX-License-Identifier: Apache-2.0
 *
 * What a monitor says while it runs: a line for each event, as Prometheus writes it, for ifm_log_set().
 *
 *     time=2026-11-25T22:15:14.070Z level=WARN msg="could not ..."
 *     {"time":"2026-11-25T22:15:14.070Z","level":"WARN","msg":"could not ..."}
 *
 * Thread-safety: say and turn by ifm_log(), which lets one thread in at a time; init and deinit by one.
 */
#ifndef CMD_MONITOR_LOG_H
#define CMD_MONITOR_LOG_H

#include "os/os.h"

#include <inferometer/log.h>
#include <stdbool.h>

typedef struct monitor_log {
    ifm_log_level level; /* what is less important is left out */
    bool json;
    const char *path; /* a file that is ours, and is turned when it has grown; NULL: stderr as it is */
} monitor_log;

/* For ifm_log_set(), with a monitor_log as the context. */
void monitor_log_say(void *context, ifm_log_level level, const char *message);

/* Makes `path` what stdout and stderr write to. Errors: IFM_IO. */
bool monitor_log_open(const char *path, ifm_error *err);

/* One line, without its end, for tests: returns its size, cut at `size`. */
size_t monitor_log_line(const monitor_log *log, int64_t wall_ms, ifm_log_level level, const char *message,
                        char *out, size_t size);

#endif
