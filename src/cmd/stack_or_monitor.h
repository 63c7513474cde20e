/* SPDX-License-Identifier: Apache-2.0
 *
 * "stack up --or-monitor": for loggers that take what is there, the stack or the monitor.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_STACK_OR_MONITOR_H
#define CMD_STACK_OR_MONITOR_H

#include "stack/stack.h"

enum { CMD_WHY_SIZE = 320 };

/* Whether the monitor is to be taken, and why. False without `err`->code: the stack is; with: neither, it was
 * interrupted or took too long. */
bool cmd_prefers_monitor(const stack_session *session, const stack_options *options, char why[CMD_WHY_SIZE],
                         ifm_error *err);

/* Executes "inferometer monitor" in the place of this process. Returns only when that cannot be. */
void cmd_become_monitor(const stack_options *options, const char *why, int report_fd, ifm_error *err);

#endif
