/* SPDX-License-Identifier: Apache-2.0 */
#include "os/presence.h"

#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FOLDER_BYTES_MAX = 4096, /* PATH_MAX: the system takes no longer ones */
    PATH_SIZE = FOLDER_BYTES_MAX + 256,
    ENTRY_SIZE = 256, /* NAME_MAX and the terminator */
    LOCK_TRIES = 16   /* each is lost only to a sweep at the same moment */
};

struct ifm_os_presence {
    ifm_os_fork_fd lock;
    char path[PATH_SIZE];
    char temporary[PATH_SIZE];
    char lock_path[PATH_SIZE];
};

/* --- Opening -------------------------------------------------------------------------------------- */

static void presence_name(ifm_os_presence *presence, const char *folder, const char *name, int number)
{
    char suffix[16] = "";
    if (number > 1) {
        snprintf(suffix, sizeof suffix, "-%d", number);
    }
    snprintf(presence->path, PATH_SIZE, "%s/%s%s.json", folder, name, suffix);
    snprintf(presence->temporary, PATH_SIZE, "%s/.%s%s.tmp", folder, name, suffix);
    snprintf(presence->lock_path, PATH_SIZE, "%s/.%s%s.lock", folder, name, suffix);
}

/* No fork happens between opening and adding: the child would share the lock and not know of it. */
static bool lock_open(ifm_os_presence *presence)
{
    ifm_os_fork_lock();
    int fd = open(presence->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    ifm_os_fork_add(&presence->lock, fd);
    ifm_os_fork_unlock();
    return fd >= 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* P2: whether the file that is locked is the one that has the name. */
static bool lock_has_its_name(const ifm_os_presence *presence)
{
    struct stat locked, named;
    return fstat(presence->lock.fd, &locked) == 0 && lstat(presence->lock_path, &named) == 0 &&
           is_same_file(&locked, &named);
}

/* 0: it is ours; EWOULDBLOCK: it is another's; else what went wrong. */
static int lock_take(ifm_os_presence *presence)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (!lock_open(presence)) {
            return errno;
        }
        int number = flock(presence->lock.fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
        if (number == 0 && lock_has_its_name(presence)) {
            return 0;
        }
        ifm_os_fork_close(&presence->lock);
        if (number != 0 && number != EINTR) {
            return number;
        }
    }
    return EWOULDBLOCK;
}

/* P1 holds: the temporary file has our name alone, so one that is there is from a process that is
 * gone. */
static bool presence_write(const ifm_os_presence *presence, const char *text, size_t size, ifm_error *err)
{
    int fd = open(presence->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not create \"%.150s\"", presence->temporary);
    }
    ssize_t count = write(fd, text, size);
    int number = count < 0 ? errno : (size_t)count < size ? ENOSPC : 0;
    if (number == 0 && fchmod(fd, 0644) != 0) {
        number = errno;
    }
    close(fd);
    if (number == 0 && rename(presence->temporary, presence->path) != 0) {
        number = errno;
    }
    if (number != 0) {
        unlink(presence->temporary);
        return ifm_error_errno(err, IFM_IO, number, "could not write \"%.150s\"", presence->path);
    }
    return true;
}

/* Takes the first name that is free. */
static bool presence_take(ifm_os_presence *presence, const char *folder, const char *name, ifm_error *err)
{
    for (int number = 1; number <= IFM_OS_PRESENCE_SAME_MAX; number++) {
        presence_name(presence, folder, name, number);
        int problem = lock_take(presence);
        if (problem == 0) {
            return true;
        }
        if (problem != EWOULDBLOCK) {
            return ifm_error_errno(err, IFM_IO, problem, "could not lock \"%.150s\"", presence->lock_path);
        }
    }
    return ifm_error_set(err, IFM_LIMIT, "\"%.100s/%.80s\" is there %d times", folder, name,
                         IFM_OS_PRESENCE_SAME_MAX);
}

static void presence_remove(ifm_os_presence *presence)
{
    if (presence->lock.fd < 0) { /* in a child, or never taken */
        return;
    }
    if (lock_has_its_name(presence)) { /* P1: not when somebody removed the lock, and another took the name */
        unlink(presence->path);
        unlink(presence->lock_path); /* last: P2 */
    }
    ifm_os_fork_close(&presence->lock);
}

ifm_os_presence *ifm_os_presence_open(const char *folder, const char *name, const char *text, size_t size,
                                      ifm_error *err)
{
    if (strlen(folder) > FOLDER_BYTES_MAX || strlen(name) > IFM_OS_PRESENCE_NAME_MAX ||
        size > IFM_OS_PRESENCE_TEXT_MAX) {
        ifm_error_set(err, IFM_LIMIT, "a file \"%.80s\" of %zu bytes in \"%.80s\" is over a limit", name,
                      size, folder);
        return NULL;
    }
    ifm_os_presence *presence = ifm_alloc_zero(1, sizeof *presence);
    if (presence == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    presence->lock.fd = -1;
    if (!presence_take(presence, folder, name, err) || !presence_write(presence, text, size, err)) {
        ifm_os_presence_close(presence);
        return NULL;
    }
    return presence;
}

const char *ifm_os_presence_path(const ifm_os_presence *presence)
{
    return presence->path;
}

void ifm_os_presence_close(ifm_os_presence *presence)
{
    if (presence != NULL) {
        presence_remove(presence);
        ifm_free(presence);
    }
}

/* --- Sweeping ------------------------------------------------------------------------------------- */

/* "NAME" of ".NAME.lock". */
static bool is_lock_name(const char *entry, char name[ENTRY_SIZE])
{
    static const char end[] = ".lock";
    size_t size = strlen(entry);
    if (entry[0] != '.' || size <= sizeof end || size >= ENTRY_SIZE ||
        strcmp(entry + size - (sizeof end - 1), end) != 0) {
        return false;
    }
    size_t name_size = size - 1 - (sizeof end - 1);
    memcpy(name, entry + 1, name_size);
    name[name_size] = '\0';
    return true;
}

static void sweep_remove(int folder, const char *name)
{
    char path[ENTRY_SIZE + 8];
    snprintf(path, sizeof path, "%s.json", name);
    unlinkat(folder, path, 0);
    snprintf(path, sizeof path, ".%s.tmp", name);
    unlinkat(folder, path, 0);
    snprintf(path, sizeof path, ".%s.lock", name);
    unlinkat(folder, path, 0); /* last: P2 */
}

static void sweep_one(int folder, const char *lock_name, const char *name)
{
    struct stat locked, named;
    int fd = openat(folder, lock_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 &&
        fstatat(folder, lock_name, &named, AT_SYMLINK_NOFOLLOW) == 0 && is_same_file(&locked, &named)) {
        sweep_remove(folder, name);
    }
    close(fd);
}

void ifm_os_presence_sweep(const char *folder)
{
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return;
    }
    char name[ENTRY_SIZE];
    int count = 0;
    for (struct dirent *entry = readdir(entries); entry != NULL && count < IFM_OS_PRESENCE_SWEEP_MAX;
         entry = readdir(entries)) {
        if (is_lock_name(entry->d_name, name)) {
            sweep_one(dirfd(entries), entry->d_name, name);
            count++;
        }
    }
    closedir(entries);
}
