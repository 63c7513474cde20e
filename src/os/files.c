/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int files_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static int64_t files_free_bytes(const char *path)
{
    struct statvfs status;
    if (statvfs(path, &status) != 0) {
        return -1;
    }
    uint64_t bytes = (uint64_t)status.f_bavail * status.f_frsize;
    return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

const ifm_os_files ifm_os_files_real = {
    .open = files_open,
    .write = write,
    .fsync = fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
    .fchmod = fchmod,
    .pread = pread,
    .fdatasync = fdatasync,
    .ftruncate = ftruncate,
    .fallocate = fallocate,
    .link = link,
    .mkdir = mkdir,
    .free_bytes = files_free_bytes,
};
