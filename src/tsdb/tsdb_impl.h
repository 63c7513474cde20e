/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's own parts. Locks, in the order in which they are taken: merging or maintenance, writer, lock.
 */
#ifndef IFM_TSDB_IMPL_H
#define IFM_TSDB_IMPL_H

#include "tsdb/block.h"
#include "tsdb/exemplars.h"
#include "tsdb/head.h"
#include "tsdb/log.h"
#include "tsdb/querier.h"
#include "tsdb/tsdb.h"

typedef struct tsdb_counters { /* relaxed: each is a number of its own */
    _Atomic uint64_t samples, histograms, exemplars;
    _Atomic uint64_t verdicts[TSDB_VERDICT_COUNT];
    _Atomic uint64_t series_created, series_removed, series_refused;
    _Atomic uint64_t flushes, flush_errors, damages;
} tsdb_counters;

/* Why nothing is taken. */
typedef enum tsdb_stop {
    TSDB_STOP_NONE,
    TSDB_STOP_DISK,  /* it is nearly full */
    TSDB_STOP_MEMORY /* it is used up, and blocks cannot be written */
} tsdb_stop;

struct tsdb {
    tsdb_options options; /* with its defaults; folder is a copy */
    char *folder, *log_folder, *blocks_folder, *quarantine;
    int lock_fd;
    bool gone;            /* under `maintenance`: the folder was removed */
    tsdb_queries queries; /* what tsdb_storage() hands out */
    tsdb_blocks *blocks;
    tsdb_log *log; /* under `writer`, but for its own syncing */

    pthread_mutex_t writer; /* held from begin to commit; protects all down to `lock` */
    tsdb_batch batch;       /* the one that is open */
    head_pages series;      /* head_series, by slot */
    head_pages slots;       /* uint32_t: the slot of a number of the index */
    uint32_t slot_count;    /* that were ever used */
    uint32_t *free_slots;
    uint32_t free_count, free_capacity;
    uint32_t group_count; /* ids that were given away */
    tsdb_index *index;    /* of the active generation */
    int64_t floor_ms;     /* a series that is new here may have samples up to then in blocks */
    int64_t newest_ms;    /* of all samples */
    bool replaying;
    bool over_bytes;       /* bytes_max was reached; looked at again after each flush */
    _Atomic uint32_t live; /* series */
    _Atomic(tsdb_stop) stopped;

    pthread_mutex_t lock; /* protects `active` (which the writer may read without), `frozen` and their changes
                             together with those of the blocks */
    head_generation *active;
    head_generation *frozen; /* the oldest first, by `next` */
    tsdb_exemplar_ring exemplars;

    tsdb_counters counters;
    int64_t replay_ns;
    uint64_t replayed_samples;

    pthread_mutex_t maintenance; /* one flush at a time */
    pthread_mutex_t merging;     /* one merge at a time; a large one takes minutes, and flushes go on */
    pthread_mutex_t wake_lock;   /* protects `wanted` */
    pthread_cond_t wake;
    bool wanted; /* the flush thread has something to do */
    pthread_t flusher, syncer, merger;
    bool flusher_started, syncer_started, merger_started;
    _Atomic bool stopping;
};

static inline head_series *tsdb_slot(const tsdb *db, uint32_t slot)
{
    return head_pages_at(&db->series, slot);
}

static inline void tsdb_count(_Atomic uint64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* Whether `time_ms` lies more than `ms` before the newest sample, whatever numbers these are. */
static inline bool tsdb_is_older(const tsdb *db, int64_t time_ms, uint64_t ms)
{
    return time_ms < db->newest_ms && (uint64_t)db->newest_ms - (uint64_t)time_ms > ms;
}

/* Reads decimal digits and moves *text behind them; 0 without any, UINT64_MAX when it is larger. */
uint64_t tsdb_digits(const char **text);

/* Bytes of the head: generations, index, series. */
size_t tsdb_head_bytes(tsdb *db);

/* The new segment of the log does not refer to earlier ones, though the generation goes on. */
void tsdb_forget_logged(tsdb *db);
/* Freezes the active generation, when it has samples. Takes the writer lock. */
bool tsdb_freeze(tsdb *db, ifm_error *err);
/* Writes the oldest frozen generation to a block. */
bool tsdb_flush_one(tsdb *db, ifm_error *err);
bool tsdb_threads_start(tsdb *db, ifm_error *err);
void tsdb_threads_stop(tsdb *db);
void tsdb_wake(tsdb *db);

#endif
