/* SPDX-License-Identifier: Apache-2.0
 *
 * Says where the dashboard is, once it is there. Starting it may take minutes, in which the program works: it
 * looks now and then, and never waits.
 *
 * Thread-safety: one thread.
 */
#ifndef EXAMPLES_COMMON_DASHBOARD_H
#define EXAMPLES_COMMON_DASHBOARD_H

#include "common/console.h"

#include <inferometer/logger.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints "dashboard URL" to `stream` when monitoring has begun to run; *told says whether it was said, and is
 * false at first. Why it failed, the library logs. */
void dashboard_tell(const ifm_logger *logger, struct console *console, FILE *stream, bool *told);

#endif
