/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/stack_or_monitor.h"

#include "cmd/monitor_place.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES_MAX = 1 << 20, PATH_SIZE = 4096 };

static bool monitor_runs(void)
{
    monitor_place place;
    ifm_error ignored;
    bool runs = monitor_place_init(&place, false, &ignored) && monitor_place_is_held(&place);
    monitor_place_deinit(&place);
    return runs;
}

bool cmd_prefers_monitor(const stack_session *session, const stack_options *options, char why[CMD_WHY_SIZE],
                         ifm_error *err)
{
    ifm_error reason;
    err->code = IFM_OK;
    if (monitor_runs()) {
        snprintf(why, CMD_WHY_SIZE, "\"auto\" is the monitor, which runs already");
        return true;
    }
    if (stack_is_at_hand(session, options, &reason)) {
        return false;
    }
    if (reason.code == IFM_CANCELED || reason.code == IFM_TIMEOUT || reason.code == IFM_NOMEM) {
        *err = reason;
        return false;
    }
    snprintf(why, CMD_WHY_SIZE, "\"auto\" is the monitor, because no stack is at hand: %s", reason.message);
    return true;
}

void cmd_become_monitor(const stack_options *options, const char *why, int report_fd, ifm_error *err)
{
    ifm_bump arena;
    ifm_bump_init(&arena, ARENA_BYTES_MAX);
    char **arguments = ifm_bump_alloc_array(&arena, STACK_TARGETS_MAX * 2 + 7, sizeof *arguments);
    const char *words[] = {"inferometer", "monitor", "--report-note", why, "--report-fd"};
    char number[16];
    size_t count = 0;
    snprintf(number, sizeof number, "%d", report_fd);
    for (size_t i = 0; arguments != NULL && i < IFM_COUNT_OF(words) - (report_fd == 0); i++) {
        arguments[count++] = ifm_bump_copy(&arena, words[i], strlen(words[i]));
    }
    if (arguments != NULL && report_fd != 0) {
        arguments[count++] = number;
    }
    for (size_t i = 0; arguments != NULL && i < options->target_count; i++) {
        arguments[count++] = ifm_bump_copy(&arena, "--target", sizeof "--target" - 1);
        arguments[count++] = ifm_bump_copy(&arena, options->targets[i], strlen(options->targets[i]));
    }
    if (ifm_bump_check(&arena, err)) {
        if (report_fd != 0) {
            fcntl(report_fd, F_SETFD, 0);
        }
        char path[PATH_SIZE]; /* by its name, which messages about ports show */
        ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
        path[size > 0 ? size : 0] = '\0';
        execv(path, arguments);
        ifm_error_errno(err, IFM_IO, errno, "could not start the monitor");
    }
    ifm_bump_deinit(&arena);
}
