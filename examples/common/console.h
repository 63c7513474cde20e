/* SPDX-License-Identifier: Apache-2.0
 *
 * What a running example says: whole lines, and a progress line on stderr. On a terminal the progress
 * line is one line that is drawn over; elsewhere (a log file) it is a plain line every ten seconds.
 *
 * Thread-safety: any thread between init and deinit.
 */
#ifndef EXAMPLES_COMMON_CONSOLE_H
#define EXAMPLES_COMMON_CONSOLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

struct console {
    pthread_mutex_t mutex; /* protects everything below, and keeps lines whole */
    bool terminal;
    bool line_open; /* a progress line stands on the terminal */
    double due;     /* the time of the next progress line, of clock_seconds() */
};

void console_init(struct console *console);

void console_deinit(struct console *console);

/* Erases an open progress line, before something else is printed than through here. */
void console_clear(struct console *console);

/* Prints one line to `stream`, above the progress line. `format` has no line end. */
void console_say(struct console *console, FILE *stream, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says where the metrics are; `url` is NULL when INFEROMETER_PORT=off left the
 * endpoint out. */
void console_say_url(struct console *console, FILE *stream, const char *url);

/* Prints "PROGRAM: SENTENCE" on stderr. */
void console_complain(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether it is time for a progress line; if so, the caller makes one and gives it to console_progress(). */
bool console_progress_due(struct console *console);
void console_progress(struct console *console, const char *line);

#endif
