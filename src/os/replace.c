/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MODE = 0644, PATH_BYTES_MAX = 8192 };

/* The paths of one replacement. */
typedef struct replace_paths {
    ifm_buf target;
    ifm_buf temporary;
} replace_paths;

static bool paths_init(replace_paths *paths, const ifm_os_replace_target *target, uint64_t number,
                       ifm_error *err)
{
    const char *slash = strcmp(target->directory, "/") == 0 ? "" : "/";
    ifm_buf_init(&paths->target, PATH_BYTES_MAX);
    ifm_buf_init(&paths->temporary, PATH_BYTES_MAX);
    ifm_buf_printf(&paths->target, "%s%s%s", target->directory, slash, target->name);
    ifm_buf_append_char(&paths->target, '\0');
    ifm_buf_printf(&paths->temporary, "%s%s.%s.%d.%" PRIu64 ".tmp", target->directory, slash, target->name,
                   (int)getpid(), number);
    ifm_buf_append_char(&paths->temporary, '\0');
    return ifm_buf_check(&paths->target, err) && ifm_buf_check(&paths->temporary, err);
}

static void paths_deinit(replace_paths *paths)
{
    ifm_buf_deinit(&paths->target);
    ifm_buf_deinit(&paths->temporary);
}

static int open_again(const ifm_os_files *files, const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = files->open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int fsync_again(const ifm_os_files *files, int fd)
{
    int result;
    do {
        result = files->fsync(fd);
    } while (result != 0 && errno == EINTR);
    return result;
}

static int fchmod_again(const ifm_os_files *files, int fd, mode_t mode)
{
    int result;
    do {
        result = files->fchmod(fd, mode);
    } while (result != 0 && errno == EINTR);
    return result;
}

static int rename_again(const ifm_os_files *files, const char *from, const char *to)
{
    int result;
    do {
        result = files->rename(from, to);
    } while (result != 0 && errno == EINTR); /* as some network file systems answer */
    return result;
}

/* After EINTR the descriptor is gone on Linux, and the bytes were synced before. */
static int close_once(const ifm_os_files *files, int fd)
{
    return files->close(fd) != 0 && errno != EINTR ? -1 : 0;
}

static bool write_all(const ifm_os_files *files, int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = files->write(fd, bytes, size);
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
        } else if (count == 0) {
            errno = ENOSPC; /* what POSIX does not forbid, and would never end */
            return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Writes the temporary file and makes it durable. */
static bool temporary_write(const ifm_os_replace_target *target, const char *path, const char *bytes,
                            size_t size, ifm_error *err)
{
    const ifm_os_files *files = target->files;
    int fd = open_again(files, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        target->mode != 0 ? target->mode : FILE_MODE);
    if (fd < 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not create \"%.150s\"", path);
    }
    bool ok = (target->mode == 0 || fchmod_again(files, fd, target->mode) == 0) &&
              write_all(files, fd, bytes, size) && fsync_again(files, fd) == 0;
    int number = errno;
    if (close_once(files, fd) != 0 && ok) {
        ok = false;
        number = errno;
    }
    if (!ok) {
        files->unlink(path);
        return ifm_error_errno(err, IFM_IO, number, "could not write \"%.150s\"", path);
    }
    return true;
}

/* Makes the new name durable. A file system that cannot sync a folder answers EINVAL: then there is nothing
 * more to do. */
static bool directory_sync(const ifm_os_replace_target *target, ifm_error *err)
{
    const ifm_os_files *files = target->files;
    int fd = open_again(files, target->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    bool ok = fd >= 0 && (fsync_again(files, fd) == 0 || errno == EINVAL);
    int number = errno;
    if (fd >= 0) {
        close_once(files, fd); /* it was only read */
    }
    if (!ok) {
        return ifm_error_errno(err, IFM_IO, number, "could not sync the folder \"%.150s\"",
                               target->directory);
    }
    return true;
}

bool ifm_os_replace(const ifm_os_replace_target *target, uint64_t number, const char *bytes, size_t size,
                    ifm_error *err)
{
    replace_paths paths;
    bool ok = paths_init(&paths, target, number, err) &&
              temporary_write(target, paths.temporary.data, bytes, size, err);
    if (ok && rename_again(target->files, paths.temporary.data, paths.target.data) != 0) {
        ok = ifm_error_errno(err, IFM_IO, errno, "could not replace \"%.150s\"", paths.target.data);
        target->files->unlink(paths.temporary.data);
    }
    paths_deinit(&paths);
    return ok && directory_sync(target, err);
}

/* Whether `entry` is a temporary file of `name`, left by a process that is gone. A process of another
 * container may look gone too; but two that replace the same file are a mistake, and the one whose temporary
 * file vanishes has a failed write, no more. */
static bool entry_is_stale(const char *entry, const char *name)
{
    size_t size = strlen(name);
    if (entry[0] != '.' || strncmp(entry + 1, name, size) != 0) {
        return false;
    }
    int pid = 0, end = 0;
    uint64_t number;
    const char *rest = entry + 1 + size;
    if (sscanf(rest, ".%d.%" SCNu64 ".tmp%n", &pid, &number, &end) != 2 || end == 0 || rest[end] != '\0') {
        return false;
    }
    return pid > 0 && kill(pid, 0) != 0 && errno == ESRCH;
}

void ifm_os_replace_clean(const ifm_os_replace_target *target)
{
    DIR *folder = opendir(target->directory);
    if (folder == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry_is_stale(entry->d_name, target->name)) {
            char path[PATH_BYTES_MAX];
            snprintf(path, sizeof path, "%s/%s", target->directory, entry->d_name);
            target->files->unlink(path);
        }
    }
    closedir(folder);
}
