/* SPDX-License-Identifier: Apache-2.0 */
#include "top/rescue.h"

#include "base/base.h"

#include <signal.h>
#include <unistd.h>

enum { TEXTS_SIZE = 256 };

static const int signals[] = {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};

struct top_rescue {
    struct termios modes;
    char texts[TEXTS_SIZE];
    size_t size;
    struct sigaction before[IFM_COUNT_OF(signals)];
};

/* The only thing that a handler of a signal can know. Written while no handler is set. */
static top_rescue *volatile rescued;

/* Calls only what a handler may. */
static void rescue(int number)
{
    const top_rescue *to = rescued;
    for (size_t i = 0; i < IFM_COUNT_OF(signals); i++) {
        sigaction(signals[i], &to->before[i], NULL);
    }
    ssize_t ignored = write(STDOUT_FILENO, to->texts, to->size);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &to->modes);
    raise(number); /* once this returns */
}

/* Without the pauses that terminfo writes as "$<50>". */
static void add_text(top_rescue *to, const char *text)
{
    while (text != NULL && *text != '\0' && to->size < TEXTS_SIZE) {
        const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;
        if (end == NULL) {
            to->texts[to->size++] = *text;
        }
        text = end != NULL ? end + 1 : text + 1;
    }
}

top_rescue *top_rescue_start(const struct termios *modes, const char *const *texts, int count)
{
    top_rescue *to = ifm_alloc_zero(1, sizeof *to);
    if (to == NULL) {
        return NULL;
    }
    to->modes = *modes;
    for (int i = 0; i < count; i++) {
        add_text(to, texts[i]);
    }
    rescued = to;
    struct sigaction action = {.sa_handler = rescue};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < IFM_COUNT_OF(signals); i++) {
        sigaction(signals[i], &action, &to->before[i]);
    }
    return to;
}

void top_rescue_stop(top_rescue *to)
{
    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(signals); i++) {
        sigaction(signals[i], &to->before[i], NULL);
    }
    rescued = NULL;
    ifm_free(to);
}
