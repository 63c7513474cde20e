/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include "cmd/all.h"

const cmd_command *const cmd_commands[] = {
    &cmd_man,
    &cmd_completions,
    NULL,
};
