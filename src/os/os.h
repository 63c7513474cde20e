/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 1: the operating system behind tables of functions, so that tests can fail a call or move time.
 * Code that takes a table never calls the system directly; ifm_os_clock_real and ifm_os_files_real are
 * what programs use.
 *
 * Thread-safety: the real tables may be used from any thread.
 */
#ifndef IFM_OS_H
#define IFM_OS_H

#include "base/base.h"
#include "os/auth.h"
#include "os/command.h"
#include "os/detached.h"
#include "os/fork.h"
#include "os/listen.h"
#include "os/port_owner.h"
#include "os/presence.h"
#include "os/replace.h"
#include "os/state.h"
#include "os/tls_files.h"

#include <inferometer/error.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ifm_os_clock {
    int64_t (*monotonic_ns)(void); /* CLOCK_MONOTONIC: never goes back, not comparable across hosts */
    int64_t (*wall_ms)(void);      /* CLOCK_REALTIME, since 1970 */
} ifm_os_clock;

extern const ifm_os_clock ifm_os_clock_real;

/* Each function is as its POSIX namesake: -1 and errno on failure. */
typedef struct ifm_os_files {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*write)(int fd, const void *bytes, size_t size);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*fchmod)(int fd, mode_t mode);
    ssize_t (*pread)(int fd, void *bytes, size_t size, off_t offset);
    int (*fdatasync)(int fd);
    int (*ftruncate)(int fd, off_t size);
    int (*fallocate)(int fd, int mode, off_t offset, off_t size);
    int (*link)(const char *from, const char *to);
    int (*mkdir)(const char *path, mode_t mode);
    int64_t (*free_bytes)(const char *path); /* for unprivileged users on the file system of `path` */
} ifm_os_files;

extern const ifm_os_files ifm_os_files_real;

/* Appends the whole file to `out`, whose maximum (and 4 KiB beside the contents) bounds it; for /proc and
 * configuration files. What was appended before a failure stays. Errors: IFM_IO, IFM_LIMIT, IFM_NOMEM. */
bool ifm_os_read_file(const char *path, ifm_buf *out, ifm_error *err);

/* CLOCK_MONOTONIC without the table, for hot paths: one clock read through the vDSO. */
int64_t ifm_os_monotonic_ns(void);

/* Starts a thread of the library inside somebody else's program: named (at most 15 bytes), and with signals
 * blocked, so that the program's handlers run on the program's own threads. Signals that report a fault of
 * the thread itself (SIGSEGV and its like) stay open: blocked, they would end the process without its crash
 * handler. The caller joins *out. Errors: IFM_IO. */
bool ifm_os_thread_start(const char *name, void *(*run)(void *), void *argument, pthread_t *out,
                         ifm_error *err);

#endif
