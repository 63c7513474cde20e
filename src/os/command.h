/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs another program to its end and collects what it writes.
 *
 * The program gets no descriptor of ours but its standard ones, an empty signal mask, default signal actions
 * and a process group of its own, so that Ctrl-C on the terminal reaches us alone and we decide what becomes
 * of it: when it is cancelled or takes too long, its group gets SIGTERM, and SIGKILL after KILL_AFTER.
 *
 * Thread-safety: any thread. A program that waits for all its children (waitpid(-1)) in another thread may
 * take the exit status away; then it is reported as 0.
 */
#ifndef IFM_OS_COMMAND_H
#define IFM_OS_COMMAND_H

#include "base/base.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    IFM_OS_COMMAND_OUTPUT_MAX =
        4 << 20,                   /* of each stream; a log that is asked for by its last lines is less */
    IFM_OS_COMMAND_SIGNALLED = 128 /* + the signal, as shells say it */
};

typedef struct ifm_os_command {
    const char *const *arguments;   /* ends with NULL; the first is a path, or looked for on PATH */
    const char *const *environment; /* "NAME=VALUE", beside ours or instead; ends with NULL; NULL: none */
    const char *directory;          /* where it runs; NULL: where we do */
    const char *input;              /* what it reads from stdin; NULL: nothing */
    int64_t timeout_ns;             /* 0: none */
    int cancel_fd; /* when it becomes readable the run is cancelled; it is not read; -1: none */
    bool inherit;  /* stdout and stderr are ours; nothing is collected */
    void (*progress)(void *context, const char *line); /* each line of stdout and stderr; NULL: none */
    void *context;
} ifm_os_command;

typedef struct ifm_os_command_result {
    int status; /* what it exited with, or IFM_OS_COMMAND_SIGNALLED + the signal */
    char *out;  /* terminated; cut at IFM_OS_COMMAND_OUTPUT_MAX; "" when inherited */
    char *err;
} ifm_os_command_result;

/* Runs it. True when it ran to its end, whatever it exited with; then *result is to be deinitialised, and
 * else it is zero. Errors: IFM_NOT_FOUND (there is no such program), IFM_TIMEOUT, IFM_CANCELED, IFM_IO,
 * IFM_NOMEM. */
bool ifm_os_command_run(const ifm_os_command *command, ifm_os_command_result *result, ifm_error *err);

void ifm_os_command_result_deinit(ifm_os_command_result *result);

/* Whether it is a file that can be executed. */
bool ifm_os_program_is(const char *path);

/* The path of a program: `name` itself when it has a slash and can be executed, else the first on PATH.
 * Freed with ifm_free(). NULL when there is none (or no memory). */
char *ifm_os_program_find(const char *name);

/* The same with another PATH: folders with ':' between them; NULL: those where systems have programs. */
char *ifm_os_program_find_on(const char *folders, const char *name);

/* The folder of the library that this code is in: of the shared library, or of the program that has it linked
 * statically. Freed with ifm_free(). NULL when it is not known (or no memory). */
char *ifm_os_library_folder(void);

#endif
