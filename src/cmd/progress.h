/* SPDX-License-Identifier: Apache-2.0
 *
 * What a long command says while it runs, on stderr: one line for each step, with the time since it
 * began. On a terminal the step that is under way is drawn over; elsewhere a step that takes long says
 * so every ten seconds.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "stack/stack.h"

typedef struct cmd_progress {
    int64_t began_ns;
    int64_t shown_ns; /* when the step last showed itself */
    bool terminal;
    bool open; /* a step's line stands on the terminal */
    char step[128];
} cmd_progress;

void cmd_progress_init(cmd_progress *progress);

/* For stack_session: `context` is the progress. */
void cmd_progress_tell(void *context, stack_news news, const char *text);

/* Ends a line that is open. */
void cmd_progress_end(cmd_progress *progress);

#endif
