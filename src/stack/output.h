/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what other programs wrote, for sentences of our own.
 *
 * Thread-safety: any thread.
 */
#ifndef STACK_OUTPUT_H
#define STACK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* The last line that says something: not empty, and no pointer to the program's help. Without what could
 * confuse a terminal, cut to fit; "" when there is none. Returns `out`. */
const char *stack_output_last_line(const char *text, char *out, size_t size);

/* The first line with `part` in it, whatever the case, treated likewise; NULL when there is none. */
const char *stack_output_line_with(const char *text, const char *part, char *out, size_t size);

/* The version after the word "version" ("2.24.5" of "Docker Compose version v2.24.5"), or at the beginning of
 * the text. False, with "" in `out`, when there is none. */
bool stack_output_version(const char *text, char *out, size_t size);

#endif
