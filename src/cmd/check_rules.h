/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking one file of rules, for "check rules" and "check config".
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_CHECK_RULES_H
#define CMD_CHECK_RULES_H

#include <stdbool.h>

typedef enum cmd_rules_verdict { CMD_RULES_FINE, CMD_RULES_WARNED, CMD_RULES_FAILED } cmd_rules_verdict;

/* Prints what is found; "-" is the standard input. */
cmd_rules_verdict cmd_check_rules_file(const char *path, bool lint);

#endif
