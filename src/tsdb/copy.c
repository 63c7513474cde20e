/* SPDX-License-Identifier: Apache-2.0
 *
 * A store of our own in a temporary folder: the log of the other one, copied, and links to its blocks, which
 * never change. The log comes first: what is flushed from it meanwhile is in a block that is linked then, and
 * samples that are in both are served once.
 */
#include "tsdb/tsdb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/registry.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    COPY_BUFFER_SIZE = 1 << 20,
    COPY_ATTEMPTS =
        10 /* blocks are merged and log segments go every few minutes: one is nearly always enough */
};

struct tsdb_copy {
    char folder[PATH_MAX]; /* ours */
    tsdb *db;
};

static const char *const parts[] = {"log", "blocks"};

/* ---- Our folder ---- */

static void part_remove(const char *folder)
{
    char path[PATH_MAX];
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path) {
            unlink(path); /* "." and ".." are refused */
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    rmdir(folder);
}

static void folder_remove(const tsdb_copy *copy)
{
    static const char *const made[] = {"log", "blocks", "quarantine"};
    char path[PATH_MAX];
    for (size_t i = 0; i < IFM_COUNT_OF(made); i++) {
        if (snprintf(path, sizeof path, "%s/%s", copy->folder, made[i]) < (int)sizeof path) {
            part_remove(path);
        }
    }
    part_remove(copy->folder);
}

static bool folder_make(tsdb_copy *copy, ifm_error *err)
{
    const char *base = getenv("TMPDIR");
    char path[PATH_MAX];
    snprintf(copy->folder, sizeof copy->folder, "%s/inferometer_tsdb.XXXXXX",
             base == NULL || base[0] != '/' || strlen(base) > PATH_MAX / 2 ? "/tmp" : base);
    if (mkdtemp(copy->folder) == NULL) {
        return ifm_error_errno(err, IFM_IO, errno, "could not make the folder \"%.100s\"", copy->folder);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(parts); i++) {
        snprintf(path, sizeof path, "%.*s/%s", PATH_MAX - 16, copy->folder, parts[i]);
        if (mkdir(path, 0700) != 0) {
            ifm_error_errno(err, IFM_IO, errno, "could not make the folder \"%.100s\"", path);
            folder_remove(copy);
            return false;
        }
    }
    return true;
}

/* ---- What goes into it ---- */

/* One file; *gone: it is not there any more. */
typedef bool place_function(const char *from, const char *to, bool *gone, ifm_error *err);

static bool bytes_copy(int from, int to, const char *path, ifm_error *err)
{
    char *buffer = ifm_alloc(COPY_BUFFER_SIZE);
    if (buffer == NULL) {
        return ifm_error_nomem(err);
    }
    ssize_t got = read(from, buffer, COPY_BUFFER_SIZE);
    ssize_t put = got;
    while (got > 0 && put == got) {
        put = write(to, buffer, (size_t)got);
        if (put == got) {
            got = read(from, buffer, COPY_BUFFER_SIZE);
            put = got;
        }
    }
    int number = got < 0 || put < 0 ? errno : ENOSPC;
    ifm_free(buffer);
    return (got == 0 && put == 0) || ifm_error_errno(err, IFM_IO, number, "could not copy \"%.150s\"", path);
}

static bool place_copy(const char *from, const char *to, bool *gone, ifm_error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    *gone = in < 0 && errno == ENOENT;
    if (in < 0) {
        return *gone || ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", from);
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = out >= 0 ? bytes_copy(in, out, from, err)
                       : ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", to);
    if (out >= 0) {
        close(out);
    }
    close(in);
    return ok;
}

/* A hard link where that works: it stays when the block is deleted. */
static bool place_link(const char *from, const char *to, bool *gone, ifm_error *err)
{
    *gone = false;
    if (link(from, to) == 0) {
        return true;
    }
    *gone = errno == ENOENT;
    return *gone || symlink(from, to) == 0 ||
           ifm_error_errno(err, IFM_IO, errno, "could not make the link \"%.150s\"", to);
}

/* All files of one part; *gone: one of them went meanwhile. */
static bool part_place(const char *from, const char *to, place_function *place, bool *gone, ifm_error *err)
{
    char source[PATH_MAX];
    char target[PATH_MAX];
    DIR *entries = opendir(from);
    bool ok = true;
    if (entries == NULL) {
        return errno == ENOENT || ifm_error_errno(err, IFM_IO, errno, "could not read \"%.150s\"", from);
    }
    for (struct dirent *entry; ok && !*gone && (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".tmp") != NULL) {
            continue; /* what is being written */
        }
        ok = (snprintf(source, sizeof source, "%s/%s", from, entry->d_name) < (int)sizeof source &&
              snprintf(target, sizeof target, "%s/%s", to, entry->d_name) < (int)sizeof target) ||
             ifm_error_set(err, IFM_LIMIT, "the path of \"%.150s\" is too long", entry->d_name);
        ok = ok && place(source, target, gone, err);
    }
    closedir(entries);
    return ok;
}

static bool store_place(const tsdb_copy *copy, const char *folder, bool *gone, ifm_error *err)
{
    static place_function *const functions[] = {place_copy, place_link};
    *gone = false;
    for (size_t i = 0; i < IFM_COUNT_OF(parts) && !*gone; i++) {
        char from[PATH_MAX];
        char to[PATH_MAX];
        if (snprintf(from, sizeof from, "%s/%s", folder, parts[i]) >= (int)sizeof from ||
            snprintf(to, sizeof to, "%s/%s", copy->folder, parts[i]) >= (int)sizeof to) {
            return ifm_error_set(err, IFM_LIMIT, "the path \"%.150s\" is too long", folder);
        }
        if (!part_place(from, to, functions[i], gone, err)) {
            return false;
        }
    }
    return true;
}

/* ---- Opening ---- */

static bool no_store(const char *folder, ifm_error *err)
{
    return ifm_error_set(err, IFM_NOT_FOUND,
                         "there is no store in \"%.150s\"; hint: give the folder that the monitor's "
                         "--storage.tsdb.path names",
                         folder);
}

/* The path from the root, for links; false when no store is there. */
static bool store_find(const char *folder, char path[PATH_MAX], ifm_error *err)
{
    char part[PATH_MAX];
    struct stat status;
    if (realpath(folder, path) == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return no_store(folder, err);
        }
        return ifm_error_errno(err, IFM_IO, errno, "could not open the store \"%.150s\"", folder);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(parts); i++) {
        if (snprintf(part, sizeof part, "%s/%s", path, parts[i]) < (int)sizeof part &&
            stat(part, &status) == 0 && S_ISDIR(status.st_mode)) {
            return true;
        }
    }
    return no_store(folder, err);
}

static bool copy_try(tsdb_copy *copy, const char *folder, bool *gone, ifm_error *err)
{
    const tsdb_options options = {.folder = copy->folder,
                                  .retention_ms = INT64_MAX / 4,
                                  .flush_interval_ms = INT64_MAX / 4,
                                  .flush_samples = UINT64_MAX / 4,
                                  .series_max = UINT32_MAX, /* as many as the other one may have */
                                  .bytes_max = SIZE_MAX / 4,
                                  .disk_reserve_bytes = 1,
                                  .no_threads = true};
    if (!folder_make(copy, err)) {
        return false;
    }
    bool ok = store_place(copy, folder, gone, err);
    if (!ok || *gone) {
        folder_remove(copy);
        return ok;
    }
    if (!tsdb_open(&options, &copy->db, err)) {
        folder_remove(copy);
        return false;
    }
    return true;
}

bool tsdb_copy_open(const char *folder, tsdb_copy **out, ifm_error *err)
{
    char path[PATH_MAX];
    tsdb_copy *copy = ifm_alloc_zero(1, sizeof *copy);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = store_find(folder, path, err);
    for (int i = 0; ok && copy->db == NULL && i < COPY_ATTEMPTS; i++) {
        bool gone = false;
        ok = copy_try(copy, path, &gone, err);
    }
    if (ok && copy->db == NULL) {
        ok = ifm_error_set(err, IFM_BUSY, "the store \"%.150s\" changes all the time", folder);
    }
    if (!ok) {
        ifm_free(copy);
        return false;
    }
    *out = copy;
    return true;
}

tsdb *tsdb_copy_store(tsdb_copy *copy)
{
    return copy->db;
}

void tsdb_copy_close(tsdb_copy *copy)
{
    if (copy != NULL) {
        tsdb_close(copy->db);
        folder_remove(copy);
        ifm_free(copy);
    }
}
