/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings from environment variables INFEROMETER_*: the last word, for whoever runs a program that
 * somebody else wrote. The table of variables is in inferometer/logger.h.
 *
 * Thread-safety: as getenv(): no other thread may set variables meanwhile.
 */
#ifndef IFM_PIPELINE_ENVIRONMENT_H
#define IFM_PIPELINE_ENVIRONMENT_H

#include <inferometer/error.h>
#include <inferometer/logger.h>
#include <stdbool.h>

/* The value of a variable, NULL when it is not set. */
typedef const char *(*ifm_environment_get)(const char *name);

/* getenv(). */
const char *ifm_environment_real(const char *name);

/* Puts every variable that is set and not empty into `settings`, which borrows the texts. Errors:
 * IFM_INVALID, naming the variable, its value and what is accepted. */
bool ifm_environment_apply(ifm_environment_get get, ifm_logger_options *settings, ifm_error *err);

#endif
