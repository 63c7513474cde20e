/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the log: segments, syncing, removing. G1 and G2 are the invariants of log.h.
 */
#include "tsdb/log.h"

#include "tsdb/file.h"
#include "tsdb/limits.h"
#include "tsdb/log_impl.h"
#include "tsdb/tsdb_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/registry.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum {
    LOG_FILE_MODE = 0600,
    LOG_RESERVED = 1024 * 1024, /* of the disk with the first record, so that a segment lies in one piece */
    LOG_COPY_SIZE = 64 * 1024
};

/* ---- Opening ---- */

char *log_path(const tsdb_log *log, uint64_t number, ifm_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "%08llu.log", (unsigned long long)number);
    return ifm_os_path_join(log->folder, name, err);
}

static bool segments_push(tsdb_log *log, log_segment segment)
{
    log_segment *grown = ifm_realloc(log->segments, (size_t)log->segment_count + 1, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    log->segments = grown;
    grown[log->segment_count++] = segment;
    log->stats.bytes += segment.bytes;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const log_segment *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* "00000012.log" */
static bool is_segment(const char *name, uint64_t *number)
{
    *number = tsdb_digits(&name);
    return strcmp(name, ".log") == 0 && *number > 0 && *number < UINT64_MAX;
}

static bool find_segments(tsdb_log *log, ifm_error *err)
{
    DIR *folder = opendir(log->folder);
    if (folder == NULL) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the folder \"%.150s\"", log->folder);
    }
    bool ok = true;
    for (struct dirent *entry = readdir(folder); ok && entry != NULL; entry = readdir(folder)) {
        struct stat status;
        uint64_t number;
        if (!is_segment(entry->d_name, &number) ||
            fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode)) {
            continue;
        }
        ok = segments_push(log, (log_segment){.number = number, .bytes = (uint64_t)status.st_size});
    }
    closedir(folder);
    if (!ok) {
        return ifm_error_nomem(err);
    }
    if (log->segment_count > 1) {
        qsort(log->segments, log->segment_count, sizeof *log->segments, by_number);
    }
    return true;
}

tsdb_log *tsdb_log_open(const tsdb_log_options *options, ifm_error *err)
{
    tsdb_log *log = ifm_alloc_zero(1, sizeof *log);
    if (log == NULL || pthread_mutex_init(&log->lock, NULL) != 0 ||
        pthread_mutex_init(&log->sync_lock, NULL) != 0) {
        ifm_free(log);
        ifm_error_nomem(err);
        return NULL;
    }
    log->files = options->files;
    log->fd = -1;
    ifm_buf_init(&log->payload, TSDB_RECORD_BYTES_MAX);
    ifm_buf_init(&log->planes, TSDB_RECORD_BYTES_MAX);
    ifm_buf_init(&log->packed, TSDB_RECORD_BYTES_MAX + TSDB_RECORD_BYTES_MAX / 8);
    log->folder = ifm_copy_text(options->folder);
    log->quarantine = ifm_copy_text(options->quarantine);
    if (log->folder == NULL || log->quarantine == NULL) {
        ifm_error_nomem(err);
        tsdb_log_close(log);
        return NULL;
    }
    if (!find_segments(log, err)) {
        tsdb_log_close(log);
        return NULL;
    }
    return log;
}

void tsdb_log_close(tsdb_log *log)
{
    if (log == NULL) {
        return;
    }
    if (log->fd >= 0) {
        log->files->close(log->fd);
    }
    ZSTD_freeCCtx(log->packer);
    ifm_buf_deinit(&log->payload);
    ifm_buf_deinit(&log->packed);
    ifm_buf_deinit(&log->planes);
    pthread_mutex_destroy(&log->lock);
    pthread_mutex_destroy(&log->sync_lock);
    ifm_free(log->segments);
    ifm_free(log->folder);
    ifm_free(log->quarantine);
    ifm_free(log);
}

/* ---- Files ---- */

/* A new file with its header, for appending; -1. */
static int create(tsdb_log *log, uint64_t number, uint32_t flags, ifm_error *err)
{
    unsigned char header[LOG_HEADER_SIZE];
    char *path = log_path(log, number, err);
    if (path == NULL) {
        return -1;
    }
    log_header_write(header, &(log_header){LOG_VERSION, flags, number});
    int fd = log->files->open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, LOG_FILE_MODE);
    bool ok = fd >= 0 && tsdb_file_write(log->files, fd, header, sizeof header) == 0 &&
              tsdb_folder_sync(log->files, log->folder) == 0;
    if (!ok) {
        int why = errno;
        ifm_error_errno(err, IFM_IO, why, "could not make the log segment \"%.150s\"", path);
        if (fd >= 0) {
            log->files->close(fd);
            log->files->unlink(path);
            fd = -1;
        }
    }
    ifm_free(path);
    return fd;
}

/* G2: what may not be durable in the file is written to `to`. */
static bool copy_rest(tsdb_log *log, int to, uint64_t *size, ifm_error *err)
{
    uint64_t at = log->synced, end = log->size;
    char *bytes = ifm_alloc(LOG_COPY_SIZE);
    if (bytes == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = true;
    while (ok && at < end) {
        size_t some = end - at < LOG_COPY_SIZE ? (size_t)(end - at) : LOG_COPY_SIZE;
        ok = tsdb_file_read(log->files, log->fd, bytes, some, at) == 0 &&
             tsdb_file_write(log->files, to, bytes, some) == 0;
        at += some;
    }
    ifm_free(bytes);
    *size += end - log->synced;
    return ok || ifm_error_set(err, IFM_IO, "could not write the end of the log to a new segment");
}

static uint64_t next_number(const tsdb_log *log)
{
    return log->segment_count == 0 ? 1 : log->segments[log->segment_count - 1].number + 1;
}

/* Goes over to a new file. Under both locks; the old one stays when this fails. */
static bool exchange(tsdb_log *log, uint32_t flags, ifm_error *err)
{
    uint64_t number = next_number(log), size = LOG_HEADER_SIZE;
    if (log->fd >= 0 && !log->sync_failed && log->size > log->synced && log->files->fdatasync(log->fd) != 0) {
        log->sync_failed = true; /* G2 */
        log->stats.errors++;
    }
    int fd = create(log, number, flags, err);
    if (fd < 0) {
        return false;
    }
    bool ok = !log->sync_failed || copy_rest(log, fd, &size, err);
    if (ok && !segments_push(log, (log_segment){.number = number, .bytes = size})) {
        ok = ifm_error_nomem(err);
    }
    if (!ok) {
        ifm_error ignored;
        char *path = log_path(log, number, &ignored);
        log->files->close(fd);
        if (path != NULL) {
            log->files->unlink(path);
        }
        ifm_free(path);
        return false;
    }
    if (log->fd >= 0) {
        if (log->sync_failed && log->files->ftruncate(log->fd, (off_t)log->synced) == 0) {
            log_segment *old = &log->segments[log->segment_count - 2];
            log->stats.bytes -= log->size - log->synced;
            old->bytes = log->synced;
        }
        log->files->close(log->fd);
    }
    log->fd = fd;
    log->size = size;
    log->synced = 0;
    log->sync_failed = false;
    log->sealed = false;
    return true;
}

static void count_error(tsdb_log *log)
{
    log->stats.errors++;
}

/* Makes the file durable. Under sync_lock; `lock` is free while the disk works. */
static bool sync_file(tsdb_log *log, ifm_error *err)
{
    pthread_mutex_lock(&log->lock);
    int fd = log->fd;
    uint64_t size = log->size;
    bool due = fd >= 0 && size > log->synced && !log->sync_failed;
    pthread_mutex_unlock(&log->lock);
    if (!due) {
        return true;
    }
    int failed = log->files->fdatasync(fd), why = errno;
    pthread_mutex_lock(&log->lock);
    if (failed == 0) {
        log->synced = size;
        log->stats.syncs++;
    } else {
        log->sync_failed = true; /* G2 */
        count_error(log);
    }
    pthread_mutex_unlock(&log->lock);
    return failed == 0 ||
           ifm_error_errno(err, IFM_IO, why, "could not sync the log in \"%.120s\"", log->folder);
}

bool tsdb_log_rotate(tsdb_log *log, uint64_t *number, ifm_error *err)
{
    ifm_error ignored;
    pthread_mutex_lock(&log->sync_lock);
    sync_file(log, &ignored); /* what fails is written again by exchange() */
    pthread_mutex_lock(&log->lock);
    bool failed = log->sync_failed;
    bool ok = !failed || exchange(log, 0, err); /* the rest belongs to what was before */
    if (ok && failed && log->files->fdatasync(log->fd) == 0) {
        log->synced = log->size;
    } else if (ok && failed) {
        log->sync_failed = true;
        ok = ifm_error_set(err, IFM_IO, "could not sync the log in \"%.120s\"", log->folder);
    }
    ok = ok && exchange(log, LOG_FLAG_BEGINS, err);
    if (ok) {
        *number = log->segments[log->segment_count - 1].number;
        log->generation++;
        log->astray = false;
    } else {
        count_error(log);
    }
    pthread_mutex_unlock(&log->lock);
    pthread_mutex_unlock(&log->sync_lock);
    return ok;
}

bool tsdb_log_sync(tsdb_log *log, ifm_error *err)
{
    pthread_mutex_lock(&log->sync_lock);
    bool ok = sync_file(log, err);
    pthread_mutex_lock(&log->lock);
    bool again = log->sync_failed;
    if (again && !exchange(log, 0, err)) {
        count_error(log);
        again = ok = false;
    }
    pthread_mutex_unlock(&log->lock);
    if (again) {
        ok = sync_file(log, err);
    }
    pthread_mutex_unlock(&log->sync_lock);
    return ok;
}

/* ---- Appending ---- */

/* G1: takes back what a failed write left, or gives the file up. */
static void take_back(tsdb_log *log)
{
    if (log->files->ftruncate(log->fd, (off_t)log->size) != 0) {
        log->sealed = true;
        log->astray = true;
    }
    count_error(log);
}

static bool write_record(tsdb_log *log, ifm_error *err)
{
    if (log->size == LOG_HEADER_SIZE) {
        log->files->fallocate(log->fd, FALLOC_FL_KEEP_SIZE, 0, LOG_RESERVED); /* a wish */
    }
    if (tsdb_file_write(log->files, log->fd, log->packed.data, log->packed.size) != 0) {
        int why = errno;
        take_back(log);
        return ifm_error_errno(err, IFM_IO, why, "could not write to the log in \"%.120s\"", log->folder);
    }
    log->size += log->packed.size;
    log->segments[log->segment_count - 1].bytes = log->size;
    log->stats.bytes += log->packed.size;
    return true;
}

/* Whether there is a file that may be written to. */
static bool make_writable(tsdb_log *log, ifm_error *err)
{
    pthread_mutex_lock(&log->lock);
    bool fine = log->fd >= 0 && !log->sealed && !log->sync_failed;
    pthread_mutex_unlock(&log->lock);
    if (fine) {
        return true;
    }
    pthread_mutex_lock(&log->sync_lock);
    pthread_mutex_lock(&log->lock);
    bool ok = (log->fd >= 0 && !log->sealed && !log->sync_failed) || exchange(log, 0, err);
    if (!ok) {
        count_error(log);
    }
    pthread_mutex_unlock(&log->lock);
    pthread_mutex_unlock(&log->sync_lock);
    return ok;
}

/* The record of a batch that was refused may stand in the file: what comes now must not refer to what was
 * before, for replay would take that batch for a part of it. */
static bool begin_anew(tsdb_log *log, tsdb *db, ifm_error *err)
{
    uint64_t number;
    if (!log->astray) {
        return true;
    }
    if (!tsdb_log_rotate(log, &number, err)) {
        return false;
    }
    tsdb_forget_logged(db);
    return true;
}

bool tsdb_log_append(tsdb_log *log, tsdb_batch *batch, ifm_error *err)
{
    if (!begin_anew(log, batch->db, err) || !make_writable(log, err) || !log_encode(log, batch, err)) {
        return false;
    }
    pthread_mutex_lock(&log->lock);
    bool ok = write_record(log, err);
    pthread_mutex_unlock(&log->lock);
    if (ok) {
        log_encoded(log, batch);
    }
    return ok;
}

/* ---- Removing ---- */

/* The number of the first segment before `end` and behind `after` that may go; 0: none. */
static uint64_t next_due(tsdb_log *log, uint64_t after, uint64_t end)
{
    uint64_t number = 0;
    pthread_mutex_lock(&log->lock);
    for (uint32_t i = 0; i < log->segment_count && number == 0; i++) {
        const log_segment *segment = &log->segments[i];
        if (segment->number > after && segment->number < end && !segment->unread) {
            number = segment->number;
        }
    }
    pthread_mutex_unlock(&log->lock);
    return number;
}

static void forget_segment(tsdb_log *log, uint64_t number)
{
    pthread_mutex_lock(&log->lock);
    for (uint32_t i = 0; i < log->segment_count; i++) {
        if (log->segments[i].number == number) {
            log->stats.bytes -= log->segments[i].bytes;
            log->segment_count--;
            memmove(&log->segments[i], &log->segments[i + 1],
                    (log->segment_count - i) * sizeof *log->segments);
            break;
        }
    }
    pthread_mutex_unlock(&log->lock);
}

void tsdb_log_remove(tsdb_log *log, uint64_t end)
{
    ifm_error err;
    uint64_t errors = 0;
    for (uint64_t number = next_due(log, 0, end); number != 0; number = next_due(log, number, end)) {
        char *path = log_path(log, number, &err);
        if (path != NULL && (log->files->unlink(path) == 0 || errno == ENOENT)) {
            forget_segment(log, number);
        } else {
            errors += path != NULL;
        }
        ifm_free(path);
    }
    /* After a power failure they may come back otherwise, and are replayed beside their block. */
    errors += tsdb_folder_sync(log->files, log->folder) != 0;
    pthread_mutex_lock(&log->lock);
    log->stats.errors += errors;
    pthread_mutex_unlock(&log->lock);
}

void tsdb_log_stats_now(tsdb_log *log, tsdb_log_stats *out)
{
    pthread_mutex_lock(&log->lock);
    *out = log->stats;
    out->segments = log->segment_count;
    pthread_mutex_unlock(&log->lock);
}
