/* SPDX-License-Identifier: Apache-2.0
 *
 * Files whose n-th call of a kind fails: that one alone, or it and all after it. Also a disk that is full,
 * and no waiting for the disk: nothing here loses power.
 *
 * Thread-safety: one thread; the state is the program's.
 */
#ifndef IFM_TESTS_TSDB_FAULT_FILES_H
#define IFM_TESTS_TSDB_FAULT_FILES_H

#include "os/os.h"

#include <errno.h>

typedef enum fault_call {
    FAULT_OPEN,
    FAULT_WRITE,
    FAULT_WRITE_SHORT, /* writes half of it and says so; the next one fails */
    FAULT_FSYNC,
    FAULT_FDATASYNC,
    FAULT_RENAME,
    FAULT_UNLINK,
    FAULT_PREAD,
    FAULT_FTRUNCATE,
    FAULT_FALLOCATE,
    FAULT_LINK,
    FAULT_MKDIR,
    FAULT_CALL_COUNT
} fault_call;

static const char *const fault_names[] = {"open",      "write",     "short write", "fsync",
                                          "fdatasync", "rename",    "unlink",      "pread",
                                          "ftruncate", "fallocate", "link",        "mkdir"};

static struct fault_state {
    fault_call call;
    size_t at; /* 0: none fails */
    bool persistent;
    int number;         /* errno */
    bool short_written; /* the write that follows fails */
    size_t counts[FAULT_CALL_COUNT];
    size_t failed;      /* how many calls were made to fail */
    int64_t free_bytes; /* 0: the real ones */
} fault;

static inline void fault_reset(void)
{
    fault = (struct fault_state){.number = EIO};
}

/* The `at`-th call of this kind from now on fails. */
static inline void fault_arm(fault_call call, size_t at, bool persistent, int number)
{
    fault_reset();
    fault.call = call;
    fault.at = at;
    fault.persistent = persistent;
    fault.number = number;
}

static inline bool fault_due(fault_call call)
{
    size_t count = ++fault.counts[call];
    bool due =
        fault.at != 0 && fault.call == call && (count == fault.at || (fault.persistent && count > fault.at));
    if (due) {
        fault.failed++;
        errno = fault.number;
    }
    return due;
}

static int fault_open(const char *path, int flags, mode_t mode)
{
    return fault_due(FAULT_OPEN) ? -1 : ifm_os_files_real.open(path, flags, mode);
}

static ssize_t fault_write(int fd, const void *bytes, size_t size)
{
    if (fault.short_written) {
        fault.short_written = fault.persistent;
        errno = fault.number;
        return -1;
    }
    if (fault_due(FAULT_WRITE)) {
        return -1;
    }
    if (size > 1 && fault_due(FAULT_WRITE_SHORT)) {
        fault.short_written = true;
        return ifm_os_files_real.write(fd, bytes, size / 2);
    }
    return ifm_os_files_real.write(fd, bytes, size);
}

static int fault_fsync(int fd)
{
    (void)fd;
    return fault_due(FAULT_FSYNC) ? -1 : 0;
}

static int fault_fdatasync(int fd)
{
    (void)fd;
    return fault_due(FAULT_FDATASYNC) ? -1 : 0;
}

static int fault_rename(const char *from, const char *to)
{
    return fault_due(FAULT_RENAME) ? -1 : ifm_os_files_real.rename(from, to);
}

static int fault_unlink(const char *path)
{
    return fault_due(FAULT_UNLINK) ? -1 : ifm_os_files_real.unlink(path);
}

static ssize_t fault_pread(int fd, void *bytes, size_t size, off_t offset)
{
    return fault_due(FAULT_PREAD) ? -1 : ifm_os_files_real.pread(fd, bytes, size, offset);
}

static int fault_ftruncate(int fd, off_t size)
{
    return fault_due(FAULT_FTRUNCATE) ? -1 : ifm_os_files_real.ftruncate(fd, size);
}

static int fault_fallocate(int fd, int mode, off_t offset, off_t size)
{
    return fault_due(FAULT_FALLOCATE) ? -1 : ifm_os_files_real.fallocate(fd, mode, offset, size);
}

static int fault_link(const char *from, const char *to)
{
    return fault_due(FAULT_LINK) ? -1 : ifm_os_files_real.link(from, to);
}

static int fault_mkdir(const char *path, mode_t mode)
{
    return fault_due(FAULT_MKDIR) ? -1 : ifm_os_files_real.mkdir(path, mode);
}

static int64_t fault_free_bytes(const char *path)
{
    return fault.free_bytes != 0 ? fault.free_bytes : ifm_os_files_real.free_bytes(path);
}

/* ifm_os_files_real with faults; the rest is real. */
static inline const ifm_os_files *fault_files(void)
{
    static ifm_os_files files;
    files = ifm_os_files_real;
    files.open = fault_open;
    files.write = fault_write;
    files.fsync = fault_fsync;
    files.fdatasync = fault_fdatasync;
    files.rename = fault_rename;
    files.unlink = fault_unlink;
    files.pread = fault_pread;
    files.ftruncate = fault_ftruncate;
    files.fallocate = fault_fallocate;
    files.link = fault_link;
    files.mkdir = fault_mkdir;
    files.free_bytes = fault_free_bytes;
    return &files;
}

#endif
