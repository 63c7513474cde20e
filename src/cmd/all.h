/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands, each defined in the file that bears its name; listed in commands.c.
 */
#ifndef CMD_ALL_H
#define CMD_ALL_H

#include "cmd/command.h"

extern const cmd_command cmd_completions;
extern const cmd_command cmd_man;

#endif
