/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/session.h"

#include "os/os.h"
#include "stack/stack.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

stack_session cmd_session(const cmd_call *call, cmd_progress *progress, int timeout_s)
{
    umask(022);
    cmd_progress_init(progress);
    return (stack_session){
        .system = &stack_system_real,
        .cancel_fd = call->cancel_fd,
        .deadline_ns = timeout_s > 0 ? ifm_os_monotonic_ns() + timeout_s * INT64_C(1000000000) : 0,
        .tell = cmd_progress_tell,
        .context = progress,
    };
}

int cmd_session_end(cmd_progress *progress, bool ok, const ifm_error *err)
{
    cmd_progress_end(progress);
    if (ok) {
        return CMD_OK;
    }
    cmd_fail(err);
    return err->code == IFM_CANCELED ? CMD_INTERRUPTED : CMD_TROUBLE;
}

bool cmd_wait_for_input(const cmd_call *call)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = call->cancel_fd, .events = POLLIN}};
    return poll(fds, 2, -1) > 0 && fds[1].revents == 0;
}
