/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of options, read strictly.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_VALUES_H
#define CMD_VALUES_H

#include <inferometer/error.h>
#include <stdbool.h>

/* A decimal whole number in [min, max]. */
bool cmd_whole(const char *text, int min, int max, int *out, ifm_error *err);

/* Whole seconds, with or without an "s" behind: "5", "5s". */
bool cmd_seconds(const char *text, int min, int max, int *out, ifm_error *err);

/* The first line of a file that holds a secret, freed with ifm_free(); "-" is stdin. A file that others
 * can read is refused: it is no secret any more. */
bool cmd_secret_file(const char *path, char **out, ifm_error *err);

#endif
