/* SPDX-License-Identifier: Apache-2.0 */
#include "common/console.h"

#include "common/stop.h"
#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Often enough to look alive on a terminal, seldom enough not to flood a log. */
static const double terminal_seconds = 0.5;
static const double log_seconds = 10;

void console_init(struct console *console)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    *console = (struct console){.terminal = terminal,
                                .due = clock_seconds() + (terminal ? terminal_seconds : log_seconds)};
    pthread_mutex_init(&console->mutex, NULL);
}

/* The mutex is held. */
static void console_erase(struct console *console)
{
    if (console->line_open) {
        fputs("\r\033[K", stderr);
        console->line_open = false;
    }
}

void console_clear(struct console *console)
{
    pthread_mutex_lock(&console->mutex);
    console_erase(console);
    pthread_mutex_unlock(&console->mutex);
}

void console_deinit(struct console *console)
{
    console_clear(console);
    pthread_mutex_destroy(&console->mutex);
}

static void console_line(struct console *console, FILE *stream, const char *prefix, const char *format,
                         va_list arguments)
{
    pthread_mutex_lock(&console->mutex);
    console_erase(console);
    if (prefix != NULL) {
        fprintf(stream, "%s: ", prefix);
    }
    vfprintf(stream, format, arguments);
    fputc('\n', stream);
    fflush(stream); /* a reader at the other end of a pipe waits for this line */
    pthread_mutex_unlock(&console->mutex);
}

void console_say(struct console *console, FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    console_line(console, stream, NULL, format, arguments);
    va_end(arguments);
}

void console_say_url(struct console *console, FILE *stream, const char *url)
{
    if (url != NULL) {
        console_say(console, stream, "serving %s; Ctrl-C ends", url);
    } else {
        console_say(console, stream, "no endpoint: INFEROMETER_PORT is \"off\"; Ctrl-C ends");
    }
}

void console_complain(struct console *console, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    console_line(console, stderr, program_invocation_short_name, format, arguments);
    va_end(arguments);
}

bool console_progress_due(struct console *console)
{
    pthread_mutex_lock(&console->mutex);
    double now = clock_seconds();
    bool due = now >= console->due;
    if (due) {
        console->due = now + (console->terminal ? terminal_seconds : log_seconds);
    }
    pthread_mutex_unlock(&console->mutex);
    return due;
}

void console_progress(struct console *console, const char *line)
{
    pthread_mutex_lock(&console->mutex);
    if (console->terminal) {
        /* A line that wraps could not be drawn over. */
        struct winsize size;
        bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
        fprintf(stderr, "\r%.*s\033[K", known ? size.ws_col - 1 : 79, line);
        console->line_open = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    fflush(stderr);
    pthread_mutex_unlock(&console->mutex);
}
