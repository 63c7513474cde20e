/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum { FILE_MODE = 0644 };

int tsdb_file_open(const ifm_os_files *files, const char *path, int flags)
{
    int fd;
    do {
        fd = files->open(path, flags | O_CLOEXEC, FILE_MODE);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

int tsdb_file_write(const ifm_os_files *files, int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t count = files->write(fd, at, size);
        if (count > 0) {
            at += count;
            size -= (size_t)count;
        } else if (count == 0) {
            errno = ENOSPC;
            return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

int tsdb_file_sync(const ifm_os_files *files, int fd)
{
    int result;
    do {
        result = files->fsync(fd);
    } while (result != 0 && errno == EINTR);
    return result;
}

int tsdb_folder_sync(const ifm_os_files *files, const char *folder)
{
    int fd = tsdb_file_open(files, folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        return -1;
    }
    int result = tsdb_file_sync(files, fd);
    int number = errno;
    files->close(fd);
    errno = number;
    return result != 0 && number == EINVAL ? 0 : result; /* a file system that cannot sync a folder */
}

int tsdb_file_read(const ifm_os_files *files, int fd, void *bytes, size_t size, uint64_t offset)
{
    char *to = bytes;
    while (size > 0) {
        ssize_t count = files->pread(fd, to, size, (off_t)offset);
        if (count > 0) {
            to += count;
            offset += (uint64_t)count;
            size -= (size_t)count;
        } else if (count == 0) {
            errno = EIO;
            return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

char *tsdb_path(const char *folder, const char *name, const char *suffix)
{
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
    char *path = ifm_alloc(size);
    if (path != NULL) {
        snprintf(path, size, "%s/%s%s", folder, name, suffix);
    }
    return path;
}
