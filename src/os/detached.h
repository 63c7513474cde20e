/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a program that goes its own way: it is nobody's child, in a session of its own, and has nothing of
 * this process but what it is given. It ends when it wants to, also long after this process.
 *
 * How: clone(CLONE_VM | CLONE_VFORK) makes an intermediate process, in which posix_spawn() starts the
 * program; the intermediate ends at once, and the program belongs to init (or to the nearest subreaper, as
 * all orphans do).
 *  - fork() was refused: it copies page tables, which takes a process of 50 GB a second of its pipeline's
 *    time, and runs the fork handlers of everybody.
 *  - posix_spawn() alone was refused: the program would be a child, which somebody has to reap. SIGCHLD would
 *    come when it ends, and a wait() in the host program would find a process that it never started.
 *  - The intermediate has no exit signal: only waitpid(__WCLONE) sees it, and only for the moment it lives.
 *  - The calling thread alone waits for these two, for milliseconds; others run on.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_OS_DETACHED_H
#define IFM_OS_DETACHED_H

#include <inferometer/error.h>
#include <stdbool.h>

enum {
    IFM_OS_DETACHED_REPORT_FD = 3,         /* what the program knows `report_fd` as */
    IFM_OS_ENVIRONMENT_BYTES_MAX = 4 << 20 /* twice what the kernel passes on by default */
};

typedef struct ifm_os_detached {
    const char *const *arguments;   /* ends with NULL; the first is the program's path */
    const char *const *environment; /* all of it; ends with NULL */
    int output_fd;                  /* becomes its stdout and stderr; its stdin is /dev/null */
    int report_fd;
} ifm_os_detached;

/* Starts it: with an empty signal mask, all signals at their default, no other descriptors, and no real-time
 * scheduling. True when the program is being executed. Errors: IFM_NOT_FOUND (there is no such file), IFM_IO,
 * IFM_NOMEM. */
bool ifm_os_detached_start(const ifm_os_detached *detached, ifm_error *err);

/* A copy of the environment, of one block, freed with ifm_free(): for a thread that wants it later, when the
 * program may be changing the real one. Call it where getenv() may be called.
 * Errors: IFM_LIMIT, IFM_NOMEM. */
const char *const *ifm_os_environment_copy(ifm_error *err);

#endif
