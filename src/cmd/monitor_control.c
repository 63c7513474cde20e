/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer monitor status | stop: about the monitor of this user on this host, whoever started it.
 */
#include "cmd/all.h"
#include "cmd/ask.h"
#include "cmd/monitor_place.h"
#include "cmd/values.h"

#include "os/os.h"

#include <errno.h>
#include <inferometer/registry.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { STOP_S = 60, LOOK_MS = 50, ASK_MS = 10000, CONTROL_TIMEOUT = 0 };

/* --- stop ------------------------------------------------------------------------------------------ */

static const cmd_option stop_options[] = {
    {CONTROL_TIMEOUT, "timeout", "SECONDS", NULL, "Wait so long for its end (60)."},
    {0},
};

typedef struct stop_settings {
    int timeout_s;
} stop_settings;

static bool stop_take(void *settings, int id, const char *value, ifm_error *err)
{
    stop_settings *stop = settings;
    (void)id;
    return cmd_seconds(value, 1, 86400, &stop->timeout_s, err);
}

/* False when the time is over or a signal came. */
static bool look_again(const cmd_call *call, int64_t deadline_ns, pid_t pid, ifm_error *err)
{
    struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};
    if (poll(&cancel, 1, LOOK_MS) > 0) {
        return ifm_error_set(err, IFM_CANCELED, "interrupted");
    }
    if (ifm_os_monotonic_ns() < deadline_ns) {
        return true;
    }
    if (pid == 0) {
        return ifm_error_set(err, IFM_TIMEOUT, "the monitor goes on starting or ending; hint: try again");
    }
    return ifm_error_set(err, IFM_TIMEOUT, "process %d has not ended; hint: kill -9 %d, which costs no data",
                         (int)pid, (int)pid);
}

/* One that is starting has no record yet, and is waited for; one that is ending has none any more. */
static bool stop_monitor(const cmd_call *call, const monitor_place *place, int timeout_s, ifm_error *err)
{
    int64_t deadline_ns = ifm_os_monotonic_ns() + timeout_s * INT64_C(1000000000);
    monitor_record record = {.pid = 0};
    bool any = false;
    while (monitor_place_is_held(place)) {
        any = true;
        if (record.pid == 0 && monitor_place_read(place, &record) && kill(record.pid, SIGTERM) != 0 &&
            errno != ESRCH) {
            return ifm_error_errno(err, IFM_IO, errno, "could not stop process %d", (int)record.pid);
        }
        if (!look_again(call, deadline_ns, record.pid, err)) {
            return false;
        }
    }
    if (!any) {
        puts("no monitor of yours runs");
    } else {
        printf("the monitor has ended; its data stays in %s\n", place->data);
    }
    return true;
}

static int stop_run(const cmd_call *call, void *settings)
{
    const stop_settings *stop = settings;
    monitor_place place;
    ifm_error err;
    bool ok = monitor_place_init(&place, false, &err) &&
              stop_monitor(call, &place, stop->timeout_s != 0 ? stop->timeout_s : STOP_S, &err);
    monitor_place_deinit(&place);
    return ok ? CMD_OK : cmd_fail(&err);
}

const cmd_command cmd_monitor_stop = {
    .name = "monitor stop",
    .arguments = "",
    .summary = "Ends the monitor of yours that runs; its data stays.",
    .description = "One that was started with a --storage.tsdb.path of its own is not meant.",
    .options = stop_options,
    .take = stop_take,
    .settings_size = sizeof(stop_settings),
    .run = stop_run,
};

/* --- status ---------------------------------------------------------------------------------------- */

static void line(const char *what, const char *text)
{
    printf("%-11s %s\n", what, text);
}

static void tell_since(const monitor_record *record)
{
    char text[128];
    int64_t seconds = (ifm_os_clock_real.wall_ms() - record->started_ms) / 1000;
    snprintf(text, sizeof text, "%lld h %lld min; process %d, version %s", (long long)(seconds / 3600),
             (long long)(seconds / 60 % 60), (int)record->pid, record->version);
    line("since", text);
    if (strcmp(record->version, ifm_version()) != 0) {
        snprintf(text, sizeof text, "this program is %s; hint: inferometer monitor stop, then start it again",
                 ifm_version());
        line("upgrade", text);
    }
}

/* Whether all are up. */
static bool tell_targets(const json_t *answer)
{
    const json_t *targets = json_object_get(json_object_get(answer, "data"), "activeTargets");
    bool well = true;
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *target = json_array_get(targets, i);
        const char *health = json_string_value(json_object_get(target, "health"));
        const char *url = json_string_value(json_object_get(target, "scrapeUrl"));
        const char *reason = json_string_value(json_object_get(target, "lastError"));
        bool up = health != NULL && strcmp(health, "down") != 0;
        printf("%-11s %-8s %s%s%s\n", "target", health != NULL ? health : "?", url != NULL ? url : "?",
               up || reason == NULL ? "" : ": ", up || reason == NULL ? "" : reason);
        well = well && up;
    }
    return well;
}

static int tell_health(const cmd_call *call, const monitor_record *record)
{
    cmd_server server;
    ifm_error err;
    bool ok = cmd_server_init(&server, record->url, &err);
    server.cancel_fd = call->cancel_fd;
    server.timeout_ms = ASK_MS;
    json_t *answer = ok ? cmd_ask_api(&server, "/api/v1/targets?state=active", NULL, &err) : NULL;
    bool well = answer != NULL && tell_targets(answer);
    json_decref(answer);
    cmd_server_deinit(&server);
    if (answer == NULL) {
        line("silent", err.message);
        return CMD_TROUBLE;
    }
    return well ? CMD_OK : CMD_TROUBLE;
}

static int status_run(const cmd_call *call, void *settings)
{
    monitor_place place;
    monitor_record record;
    ifm_error err;
    int status = CMD_TROUBLE;
    (void)settings;
    if (!monitor_place_init(&place, false, &err)) {
        status = cmd_fail(&err);
    } else if (!monitor_place_is_held(&place)) {
        line("stopped", "no monitor of yours runs; hint: inferometer monitor");
    } else if (!monitor_place_read(&place, &record)) {
        line("busy", "it is starting or ending");
    } else {
        line("running", record.url);
        tell_since(&record);
        line("data", place.data);
        status = tell_health(call, &record);
    }
    monitor_place_deinit(&place);
    return status;
}

static const cmd_option status_options[] = {{0}};

const cmd_command cmd_monitor_status = {
    .name = "monitor status",
    .arguments = "",
    .summary = "Where the monitor of yours runs, and which targets are up.",
    .description = "Ends with 0 when it runs and no target is down.",
    .options = status_options,
    .run = status_run,
};
