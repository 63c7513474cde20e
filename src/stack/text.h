/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences in fixed space. What comes from other programs is made safe for a terminal on its way: a log or
 * an error text may hold anything.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_TEXT_H
#define STACK_TEXT_H

#include <stddef.h>

/* Formats into out[0..size): control characters become spaces, bytes that are no UTF-8 become '?', and what
 * is too long is cut at a character with "..." in its place. `size` is at least 4. */
void stack_text_format(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a text as it is. */
void stack_text_copy(char *out, size_t size, const char *text);

#endif
