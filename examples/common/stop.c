/* SPDX-License-Identifier: Apache-2.0 */
#include "common/stop.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

void stop_block(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        sigaddset(signals, SIGHUP);
    }
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

bool stop_wait(const sigset_t *signals, double seconds)
{
    double end = clock_seconds() + seconds;
    for (;;) {
        double left = end - clock_seconds();
        left = left > 0 ? left : 0;
        struct timespec timeout = {.tv_sec = (time_t)left};
        timeout.tv_nsec = (long)((left - (double)timeout.tv_sec) * 1e9);
        if (sigtimedwait(signals, NULL, &timeout) >= 0) {
            return true;
        }
        if (errno != EINTR) { /* stopped and continued (Ctrl-Z, fg): wait for the rest */
            return false;
        }
    }
}

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
