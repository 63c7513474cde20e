/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands about the stack begin and end with.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd/command.h"
#include "cmd/progress.h"

enum { CMD_STOP_S = 120 /* for what does not pull images */ };

/* A session with the real system, our signals, progress on stderr, and a time limit (0: none). Also sets
 * the umask: what is written for containers is read by other users; the folder around it keeps strangers
 * out. */
stack_session cmd_session(const cmd_call *call, cmd_progress *progress, int timeout_s);

/* Says what went wrong, if it did; returns what the program ends with. */
int cmd_session_end(cmd_progress *progress, bool ok, const ifm_error *err);

/* Waits until something can be read from stdin; false when a signal came first. */
bool cmd_wait_for_input(const cmd_call *call);

#endif
