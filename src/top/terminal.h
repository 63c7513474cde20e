/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: the terminal, by ncursesw: keys in, cells out. Nothing else of top knows of it.
 *
 * Thread-safety: one thread. There is one at a time in a process.
 */
#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include "top/screen.h"

typedef struct top_terminal top_terminal;

/* Takes the terminal of stdin and stdout over. Errors: IFM_UNSUPPORTED (with what to do instead),
 * IFM_NOMEM. */
top_terminal *top_terminal_open(ifm_error *err);
/* Leaves it as it was. */
void top_terminal_close(top_terminal *terminal);

void top_terminal_size(const top_terminal *terminal, int *width, int *height);

/* Shows what has changed. */
void top_terminal_paint(top_terminal *terminal, const top_screen *screen, bool has_colour);
/* Everything anew at the next paint: something else may have written to it. */
void top_terminal_forget(top_terminal *terminal);

/* The next key that was typed (state.h); false when there is none. */
bool top_terminal_key(top_terminal *terminal, uint32_t *key);

/* Whether the other end is gone. */
bool top_terminal_is_gone(const top_terminal *terminal);

#endif
