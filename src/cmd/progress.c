/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NS_PER_SECOND INT64_C(1000000000)

enum { REMIND_S = 10, REDRAW_MS = 100 };

void cmd_progress_init(cmd_progress *progress)
{
    const char *kind = getenv("TERM");
    bool can_redraw = kind != NULL && strcmp(kind, "dumb") != 0; /* an editor's shell, for one */
    *progress = (cmd_progress){.began_ns = ifm_os_monotonic_ns(),
                               .terminal = can_redraw && isatty(STDERR_FILENO) == 1};
}

static double elapsed(const cmd_progress *progress)
{
    return (double)(ifm_os_monotonic_ns() - progress->began_ns) / 1e9;
}

void cmd_progress_end(cmd_progress *progress)
{
    if (progress->open) {
        fputs("\r\033[K", stderr);
        progress->open = false;
    }
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void line(cmd_progress *progress, const char *text)
{
    cmd_progress_end(progress);
    fprintf(stderr, "%7.1f s  %s\n", elapsed(progress), text);
}

/* What is under way, cut to the width of the terminal, so that it can be drawn over. */
static void draw(cmd_progress *progress, const char *detail)
{
    char text[512];
    snprintf(text, sizeof text, "%7.1f s  %s%s%s", elapsed(progress), progress->step,
             detail[0] != '\0' ? ": " : " ...", detail);
    cmd_progress_end(progress);
    int size = columns() - 1;
    size = size < (int)strlen(text) ? size : (int)strlen(text);
    while (size > 0 && ((unsigned char)text[size] & 0xC0U) == 0x80) { /* not within a character */
        size--;
    }
    fprintf(stderr, "%.*s", size, text);
    fflush(stderr);
    progress->open = true;
}

void cmd_progress_tell(void *context, stack_news news, const char *text)
{
    cmd_progress *progress = context;
    int64_t now_ns = ifm_os_monotonic_ns();
    switch (news) {
    case STACK_STEP:
        snprintf(progress->step, sizeof progress->step, "%s", text);
        progress->shown_ns = now_ns;
        if (progress->terminal) {
            draw(progress, "");
        }
        break;
    case STACK_DETAIL:
        if (progress->terminal && now_ns - progress->shown_ns > REDRAW_MS * NS_PER_SECOND / 1000) {
            progress->shown_ns = now_ns;
            draw(progress, text);
        } else if (!progress->terminal && now_ns - progress->shown_ns > REMIND_S * NS_PER_SECOND) {
            char both[512];
            progress->shown_ns = now_ns;
            snprintf(both, sizeof both, "%s: %s", progress->step, text);
            line(progress, both);
        }
        break;
    case STACK_DONE:
    case STACK_WARN:
        line(progress, text);
        break;
    }
}
