/* SPDX-License-Identifier: Apache-2.0
 *
 * One monitor for all loggers of a user: whoever is started by a logger either finds it running and says
 * where it is, or becomes it. The lock decides (monitor_place.h), so two that start at one moment are one.
 */
#include "cmd/monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    WAIT_MS = 60000, /* for one that starts: it may have a large log to read */
    LOOK_MS = 50
};

/* --- Reporting ------------------------------------------------------------------------------------- */

/* Whoever reads it may be gone: that is no trouble of ours (SIGPIPE is ignored). */
static void report(int fd, const char *first, const char *second, const char *third)
{
    char line[1024];
    if (fd == 0) {
        return;
    }
    int size =
        snprintf(line, sizeof line - 1, "%s %s%s%s", first, second, third[0] != '\0' ? " " : "", third);
    size = size < (int)sizeof line - 1 ? size : (int)sizeof line - 2;
    line[size] = '\n';
    ssize_t ignored = write(fd, line, (size_t)size + 1);
    (void)ignored;
    close(fd);
}

void monitor_report_ok(int fd, const char *url, const char *note)
{
    report(fd, "OK", url, note);
}

void monitor_report_error(int fd, const ifm_error *err)
{
    report(fd, ifm_code_name(err->code), err->message, "");
}

/* --- Sharing --------------------------------------------------------------------------------------- */

static bool check_record(const monitor_record *record, ifm_error *err)
{
    return record->finds_loggers ||
           ifm_error_set(err, IFM_STATE,
                         "the monitor that runs at %s (process %d) has a configuration file, and does not "
                         "look for loggers; hint: add this one to the file, or inferometer monitor stop",
                         record->url, (int)record->pid);
}

static int share(const monitor_settings *settings, const monitor_place *place, const monitor_record *record)
{
    ifm_error err;
    char note[512];
    snprintf(note, sizeof note, "%s", monitor_settings_note(settings));
    bool ok = check_record(record, &err);
    for (size_t i = 0; ok && i < settings->target_count; i++) {
        ok = monitor_place_add_target(place, settings->targets[i], &err);
    }
    if (!ok) {
        monitor_report_error(settings->report_fd, &err);
        return cmd_fail(&err);
    }
    if (strcmp(record->version, ifm_version()) != 0) {
        snprintf(
            note, sizeof note,
            "it is of version %s, this program of %s; hint: inferometer monitor stop, and the next logger "
            "starts the new one",
            record->version, ifm_version());
        fprintf(stderr, "inferometer: the monitor at %s runs already: %s\n", record->url, note);
    }
    monitor_report_ok(settings->report_fd, record->url, note);
    return CMD_OK;
}

static bool wait_or_give_up(const monitor_place *place, int64_t deadline_ns, ifm_error *err)
{
    if (ifm_os_monotonic_ns() < deadline_ns) {
        poll(NULL, 0, LOOK_MS);
        return true;
    }
    return ifm_error_set(err, IFM_TIMEOUT,
                         "another monitor has begun to start and is not ready after %d s; hint: see %s",
                         WAIT_MS / 1000, place->log);
}

static bool begin(const monitor_settings *settings, monitor_place *place, int *status, ifm_error *err)
{
    int64_t deadline_ns = ifm_os_monotonic_ns() + WAIT_MS * INT64_C(1000000);
    for (;;) {
        bool held = false;
        monitor_record record;
        if (!monitor_place_lock(place, &held, err)) {
            return false;
        }
        if (held) {
            return true;
        }
        if (monitor_place_read(place, &record)) {
            *status = share(settings, place, &record);
            err->code = IFM_OK;
            return false;
        }
        if (!wait_or_give_up(place, deadline_ns, err)) {
            return false;
        }
    }
}

bool monitor_embedded_begin(const monitor_settings *settings, monitor_place *place, int *status)
{
    ifm_error err = {.code = IFM_OK};
    fcntl(settings->report_fd, F_SETFD, FD_CLOEXEC);
    if (begin(settings, place, status, &err)) {
        return true;
    }
    if (err.code != IFM_OK) { /* else it was shared */
        monitor_report_error(settings->report_fd, &err);
        *status = cmd_fail(&err);
    }
    return false;
}
