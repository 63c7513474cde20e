/* SPDX-License-Identifier: Apache-2.0
 *
 * The write-ahead log: segments "log/NUMBER.log" of records, one for each batch. docs/format/log.md has every
 * byte.
 *
 * A batch is acknowledged once its record was written with one write(), so it survives the process; the disk
 * has it after the next sync. Segments of a generation are removed when its block is durable.
 *
 * Thread-safety: append, rotate: the writer's. sync, remove, stats: any thread; a lock in it protects the
 * file, and is not held while one syncs.
 * G1  a segment ends behind a whole record: what a failed write left is cut off, or nothing more is written
 *     to that segment.
 * G2  after a failed sync nothing more is written to that file: what may not be durable is written to a new
 *     segment.
 */
#ifndef IFM_TSDB_LOG_H
#define IFM_TSDB_LOG_H

#include "tsdb/tsdb.h"

typedef struct tsdb_log tsdb_log;

typedef struct tsdb_log_options {
    const ifm_os_files *files;
    const char *folder;     /* there; copied, as is the next */
    const char *quarantine; /* made when it is needed */
} tsdb_log_options;

typedef struct tsdb_log_stats {
    uint64_t bytes, quarantine_bytes, syncs, errors, damages;
    uint32_t segments;
} tsdb_log_stats;

/* Finds the segments. Errors: IFM_IO, IFM_NOMEM. */
tsdb_log *tsdb_log_open(const tsdb_log_options *options, ifm_error *err);
void tsdb_log_close(tsdb_log *log);

/* Appends what the segments hold to the store, which must be `replaying`; damaged ranges are copied to the
 * quarantine and skipped. Errors: IFM_NOMEM, IFM_INVALID (a newer format). */
bool tsdb_log_replay(tsdb_log *log, tsdb *db, ifm_error *err);

/* Begins a new segment; those before *number hold what was appended before, and what comes now does not refer
 * to them. Errors: IFM_IO, IFM_NOMEM. */
bool tsdb_log_rotate(tsdb_log *log, uint64_t *number, ifm_error *err);
/* Of a prepared batch. Errors: IFM_IO, IFM_NOMEM. On false the log is as it was. */
bool tsdb_log_append(tsdb_log *log, tsdb_batch *batch, ifm_error *err);

/* Makes durable what was written. Errors: IFM_IO; what was not synced is written again (G2) by this call or
 * the next. */
bool tsdb_log_sync(tsdb_log *log, ifm_error *err);
/* Removes segments with numbers below `end` but those that could not be read at the start; what cannot be
 * removed is tried again by the next call. */
void tsdb_log_remove(tsdb_log *log, uint64_t end);
void tsdb_log_stats_now(tsdb_log *log, tsdb_log_stats *out);

#endif
