/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the log share.
 */
#ifndef IFM_TSDB_LOG_IMPL_H
#define IFM_TSDB_LOG_IMPL_H

#include "tsdb/log.h"
#include "tsdb/log_format.h"

#include <pthread.h>

typedef struct log_segment {
    uint64_t number, bytes;
    bool unread; /* some of it could not be read at the start: it stays, perhaps the next one can */
} log_segment;

struct tsdb_log {
    const ifm_os_files *files;
    char *folder, *quarantine;

    /* The writer's: */
    uint64_t generation; /* rises when what comes now does not refer to what was before */
    uint64_t sequence;   /* of the last record */
    ifm_buf payload;     /* of the record that is being made */
    ifm_buf packed;      /* the record itself */
    ifm_buf planes;
    void *packer; /* ZSTD_CCtx, made when it is needed */
    bool sealed;  /* nothing more may be written to the file (G1, G2) */
    bool astray;  /* a batch that was refused may be in the log: what comes now must not refer to it */

    pthread_mutex_t sync_lock; /* held while the file is synced or exchanged; taken before `lock` */
    pthread_mutex_t lock;      /* protects what follows */
    int fd;                    /* of the last segment; -1: none */
    uint64_t size, synced;     /* of it */
    log_segment *segments;     /* by number */
    uint32_t segment_count;
    bool sync_failed; /* G2: what follows `synced` is to be written to a new segment */
    tsdb_log_stats stats;
};

/* Makes the record of a prepared batch in log->packed. */
bool log_encode(tsdb_log *log, tsdb_batch *batch, ifm_error *err);
/* What was encoded was written: the next records may refer to it. */
void log_encoded(tsdb_log *log, tsdb_batch *batch);

/* "FOLDER/00000012.log"; ifm_free() frees it. */
char *log_path(const tsdb_log *log, uint64_t number, ifm_error *err);

/* Replay is given payloads that passed their checksum, in order. */
typedef struct log_replayer log_replayer;
log_replayer *log_replayer_new(tsdb *db, ifm_error *err);
void log_replayer_free(log_replayer *replayer);
/* What follows does not refer to what was before. */
void log_replayer_begin(log_replayer *replayer);
/* *lost: it refers to something that was lost, or makes no sense. Errors: IFM_NOMEM. */
bool log_replayer_batch(log_replayer *replayer, const void *payload, size_t size, bool *lost, ifm_error *err);

#endif
