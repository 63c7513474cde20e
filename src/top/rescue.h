/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: a terminal that is left as it was also when the program dies by a signal that it does not
 * wait for: Ctrl-\, or a fault of its own. The signal then does what it does without this.
 *
 * Thread-safety: one thread, and one at a time.
 */
#ifndef TOP_RESCUE_H
#define TOP_RESCUE_H

#include <termios.h>

typedef struct top_rescue top_rescue;

/* `modes`: of standard input, to be set again. `texts`: what the terminal is told, of terminfo; those that it
 * does not have are NULL. NULL: there is no memory, and no rescue. */
top_rescue *top_rescue_start(const struct termios *modes, const char *const *texts, int count);

void top_rescue_stop(top_rescue *rescue);

#endif
