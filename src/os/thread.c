/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include "base/base.h"

#include <signal.h>

static void thread_signals(sigset_t *out)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigfillset(out);
    for (size_t i = 0; i < IFM_COUNT_OF(faults); i++) {
        sigdelset(out, faults[i]);
    }
}

bool ifm_os_thread_start(const char *name, void *(*run)(void *), void *argument, pthread_t *out,
                         ifm_error *err)
{
    sigset_t blocked, before;
    thread_signals(&blocked);
    /* A thread inherits the mask of its creator: there is no moment at which it takes a signal. */
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int number = pthread_create(out, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (number != 0) {
        return ifm_error_errno(err, IFM_IO, number, "could not start the thread \"%s\"", name);
    }
    pthread_setname_np(*out, name);
    return true;
}
