/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the log at the start, record by record. What is damaged is skipped up to the next record whose
 * checksum is right, and copied to the quarantine; at the end of a segment it is cut off once it is there.
 * What the disk does not give is skipped as well, but its segment stays as it is for the next start.
 */
#include "tsdb/block_file.h"
#include "tsdb/limits.h"
#include "tsdb/log_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inferometer/registry.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

enum { REPLAY_SCAN_SIZE = 64 * 1024, QUARANTINE_MODE = 0600, QUARANTINE_FOLDER_MODE = 0700 };

typedef struct replaying {
    tsdb_log *log;
    log_replayer *replayer;
    log_segment *segment;
    int fd;
    uint64_t size; /* of the file */
    ifm_buf stored, unpacked;
    ZSTD_DCtx *unpacker;
    uint64_t sequence; /* of the last record since a segment began */
    uint64_t highest;  /* sequence of all */
    uint64_t lost;     /* records that refer to something that was damaged */
} replaying;

/* Reads exactly `size` bytes. */
static bool read_at(const replaying *r, void *bytes, size_t size, uint64_t at)
{
    bool ok = tsdb_file_read(r->log->files, r->fd, bytes, size, at) == 0;
    r->segment->unread |= !ok;
    return ok;
}

/* ---- Records ---- */

typedef enum record_state { RECORD_RIGHT, RECORD_DAMAGED, RECORD_NOMEM } record_state;

static record_state read_record(replaying *r, uint64_t at, log_record *record)
{
    unsigned char header[LOG_RECORD_SIZE];
    if (r->size - at < sizeof header || !read_at(r, header, sizeof header, at) ||
        !log_record_read(header, record) || record->stored > r->size - at - sizeof header) {
        return RECORD_DAMAGED;
    }
    ifm_buf_clear(&r->stored);
    char *to = ifm_buf_reserve(&r->stored, record->stored);
    if (to == NULL) {
        return RECORD_NOMEM;
    }
    r->stored.size = record->stored;
    return read_at(r, to, record->stored, at + sizeof header) && log_record_check(header, record, to)
               ? RECORD_RIGHT
               : RECORD_DAMAGED;
}

/* Its checksum is right: what does not unpack was written so. */
static bool apply_record(replaying *r, const log_record *record, ifm_error *err)
{
    const ifm_buf *payload = &r->stored;
    bool lost = true;
    if (record->sequence <= r->sequence) {
        return true; /* written again after a failed sync (log.h, G2) */
    }
    r->sequence = record->sequence;
    r->highest = r->sequence > r->highest ? r->sequence : r->highest;
    if (record->unpacked != 0) {
        ifm_buf_clear(&r->unpacked);
        char *to = ifm_buf_reserve(&r->unpacked, record->unpacked);
        if (to == NULL) {
            return ifm_buf_check(&r->unpacked, err);
        }
        size_t size = ZSTD_decompressDCtx(r->unpacker, to, record->unpacked, r->stored.data, record->stored);
        if (ZSTD_isError(size) || size != record->unpacked) {
            r->lost++;
            return true;
        }
        r->unpacked.size = size;
        payload = &r->unpacked;
    }
    if (!log_replayer_batch(r->replayer, payload->data, payload->size, &lost, err)) {
        return false;
    }
    r->lost += lost;
    return true;
}

/* ---- Damage ---- */

/* The bytes from..to of the segment; false when they could not be written or read. */
static bool quarantine_copy(replaying *r, int fd, uint64_t from, uint64_t to)
{
    const ifm_os_files *files = r->log->files;
    char *bytes = ifm_alloc(REPLAY_SCAN_SIZE);
    bool ok = bytes != NULL;
    for (uint64_t at = from; ok && at < to;) {
        size_t size = to - at < REPLAY_SCAN_SIZE ? (size_t)(to - at) : REPLAY_SCAN_SIZE;
        ok = read_at(r, bytes, size, at) && tsdb_file_write(files, fd, bytes, size) == 0;
        at += size;
    }
    ifm_free(bytes);
    return ok && tsdb_file_sync(files, fd) == 0;
}

/* Copies from..to of the segment to "QUARANTINE/log-NUMBER-FROM"; one that is there already is the same.
 * Whether it is there now. */
static bool quarantine(replaying *r, uint64_t from, uint64_t to)
{
    const ifm_os_files *files = r->log->files;
    ifm_error err;
    char name[64];
    snprintf(name, sizeof name, "log-%08llu-%llu", (unsigned long long)r->segment->number,
             (unsigned long long)from);
    char *path = ifm_os_path_join(r->log->quarantine, name, &err);
    if (path == NULL || !ifm_os_make_folders(r->log->quarantine, QUARANTINE_FOLDER_MODE, &err)) {
        ifm_free(path);
        return false;
    }
    int fd = files->open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, QUARANTINE_MODE);
    bool there = fd < 0 && errno == EEXIST;
    bool copied = fd >= 0 && quarantine_copy(r, fd, from, to);
    if (fd >= 0) {
        files->close(fd);
    }
    if (copied) {
        r->log->stats.quarantine_bytes += to - from;
    } else if (fd >= 0) {
        files->unlink(path); /* the next start would take it for the whole */
    }
    ifm_free(path);
    return there || copied;
}

/* Whether a record begins there whose checksum is right. */
static record_state look_at(replaying *r, const unsigned char *bytes, uint64_t at)
{
    static const unsigned char magic[4] = {0xf1, 0x4c, 0x52, 0x42};
    log_record record;
    return memcmp(bytes, magic, sizeof magic) == 0 ? read_record(r, at, &record) : RECORD_DAMAGED;
}

/* Where the next such record is; r->size: nowhere; UINT64_MAX with an error. */
static uint64_t find_record(replaying *r, uint64_t at, ifm_error *err)
{
    enum { OVERLAP = 3 /* of the four bytes with which a record begins */ };
    unsigned char *bytes = ifm_alloc(REPLAY_SCAN_SIZE);
    record_state state = bytes == NULL ? RECORD_NOMEM : RECORD_DAMAGED;
    while (state == RECORD_DAMAGED && at + LOG_RECORD_SIZE <= r->size) {
        size_t size = r->size - at < REPLAY_SCAN_SIZE ? (size_t)(r->size - at) : REPLAY_SCAN_SIZE;
        if (!read_at(r, bytes, size, at)) {
            at += size;
            continue;
        }
        size_t i = 0;
        for (; i + OVERLAP < size && state == RECORD_DAMAGED; i++) {
            state = look_at(r, bytes + i, at + i);
        }
        at += state == RECORD_RIGHT ? i - 1 : size - OVERLAP;
    }
    ifm_free(bytes);
    if (state == RECORD_NOMEM) {
        ifm_error_nomem(err);
        return UINT64_MAX;
    }
    return state == RECORD_RIGHT ? at : r->size;
}

static bool skip_damage(replaying *r, uint64_t *at, ifm_error *err)
{
    uint64_t next = find_record(r, *at + 1, err);
    if (next == UINT64_MAX) {
        return false;
    }
    r->log->stats.damages++;
    bool kept = quarantine(r, *at, next);
    r->segment->unread |= !kept;
    bool tail = next == r->size && !r->segment->unread;
    bool cut = tail && r->log->files->ftruncate(r->fd, (off_t)*at) == 0;
    if (cut) {
        r->log->stats.bytes -= next - *at;
        r->segment->bytes = *at;
    }
    ifm_log(IFM_LOG_WARNING, "log segment %llu: %llu bytes at %llu are damaged: %s, %s \"%s\"",
            (unsigned long long)r->segment->number, (unsigned long long)(next - *at), (unsigned long long)*at,
            cut ? "cut off" : "skipped",
            kept ? "a copy is in" : "and the segment stays, for they could not be copied to",
            r->log->quarantine);
    *at = next;
    return true;
}

/* ---- Segments ---- */

/* The header. False: nothing of the segment is to be read; err->code IFM_OK: go on with the next one. */
static bool read_header(replaying *r, uint64_t *at, ifm_error *err)
{
    unsigned char bytes[LOG_HEADER_SIZE];
    log_header header = {0};
    err->code = IFM_OK;
    if (r->size < sizeof bytes) { /* without a byte: the process ended while it made the file */
        if (r->size > 0) {
            r->log->stats.damages++;
            ifm_log(IFM_LOG_WARNING, "log segment %llu ends within its header: nothing of it can be read",
                    (unsigned long long)r->segment->number);
        }
        log_replayer_begin(r->replayer);
        return false;
    }
    *at = sizeof bytes;
    if (!read_at(r, bytes, sizeof bytes, 0) || !log_header_read(bytes, &header)) {
        r->log->stats.damages++;
        ifm_log(IFM_LOG_WARNING, "the header of log segment %llu is damaged: its records are read",
                (unsigned long long)r->segment->number);
        log_replayer_begin(r->replayer); /* nobody knows whether it refers to what was before */
        return true;
    }
    if (header.version > LOG_VERSION) {
        return ifm_error_set(
            err, IFM_INVALID,
            "log segment %llu has format %u, which is newer than this program; hint: use the "
            "program that wrote it",
            (unsigned long long)r->segment->number, header.version);
    }
    if ((header.flags & LOG_FLAG_BEGINS) != 0) {
        log_replayer_begin(r->replayer);
        r->sequence = 0; /* only one that goes on repeats what was before */
    }
    return true;
}

static bool replay_records(replaying *r, uint64_t at, ifm_error *err)
{
    log_record record;
    while (at < r->size) {
        switch (read_record(r, at, &record)) {
        case RECORD_RIGHT:
            if (!apply_record(r, &record, err)) {
                return false;
            }
            at += LOG_RECORD_SIZE + record.stored;
            break;
        case RECORD_DAMAGED:
            if (!skip_damage(r, &at, err)) {
                return false;
            }
            break;
        default:
            return ifm_buf_check(&r->stored, err);
        }
    }
    return true;
}

static bool replay_segment(replaying *r, ifm_error *err)
{
    char *path = log_path(r->log, r->segment->number, err);
    uint64_t at = 0;
    if (path == NULL) {
        return false;
    }
    r->fd = r->log->files->open(path, O_RDWR | O_CLOEXEC, 0);
    if (r->fd < 0) {
        r->log->stats.damages++;
        r->segment->unread = true;
        log_replayer_begin(r->replayer); /* what goes on with it would refer to what was before it */
        ifm_log(IFM_LOG_ERROR,
                "could not open \"%s\": %s; its samples are missing, and looked for at the next start", path,
                strerror(errno));
        ifm_free(path);
        return true;
    }
    ifm_free(path);
    r->size = r->segment->bytes;
    bool ok = read_header(r, &at, err);
    ok = ok ? replay_records(r, at, err) : err->code == IFM_OK;
    r->log->files->close(r->fd);
    return ok;
}

bool tsdb_log_replay(tsdb_log *log, tsdb *db, ifm_error *err)
{
    replaying r = {.log = log, .replayer = log_replayer_new(db, err)};
    bool ok = r.replayer != NULL;
    ifm_buf_init(&r.stored, TSDB_RECORD_BYTES_MAX);
    ifm_buf_init(&r.unpacked, TSDB_RECORD_BYTES_MAX);
    if (ok) {
        r.unpacker = ZSTD_createDCtx();
        ok = r.unpacker != NULL || ifm_error_nomem(err);
    }
    for (uint32_t i = 0; ok && i < log->segment_count; i++) {
        r.segment = &log->segments[i];
        if (i > 0 && r.segment->number != log->segments[i - 1].number + 1) {
            log_replayer_begin(r.replayer); /* one is missing, and this one may go on where it ended */
        }
        ok = replay_segment(&r, err) ||
             ifm_error_wrap(err, "could not replay log segment %llu", (unsigned long long)r.segment->number);
    }
    if (r.lost > 0) {
        log->stats.damages++;
        ifm_log(IFM_LOG_WARNING, "%llu batches of the log refer to damaged ones: they are lost in part",
                (unsigned long long)r.lost);
    }
    log->sequence = r.highest;
    ZSTD_freeDCtx(r.unpacker);
    ifm_buf_deinit(&r.stored);
    ifm_buf_deinit(&r.unpacked);
    log_replayer_free(r.replayer);
    return ok;
}
