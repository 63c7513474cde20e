/* SPDX-License-Identifier: Apache-2.0
 *
 * What is due by the clock: syncing the log, writing generations to blocks, compaction, retention, looking at
 * the free space. Three threads do it: syncing does not wait for blocks that are written, nor flushing, which
 * frees memory, for blocks that are merged.
 */
#include "tsdb/tsdb_impl.h"

#include "tsdb/limits.h"

#include <inferometer/registry.h>
#include <sys/stat.h>

enum { TSDB_LOOK_MS = 1000 }; /* between two looks at what is due */

void tsdb_forget_logged(tsdb *db)
{
    for (uint32_t slot = 0; slot < db->slot_count; slot++) {
        tsdb_slot(db, slot)->flags &= ~(uint32_t)HEAD_SERIES_LOGGED;
    }
}

bool tsdb_freeze(tsdb *db, ifm_error *err)
{
    uint64_t number = 0;
    bool ok = true;
    ifm_error ignored;
    tsdb_log_sync(db->log, &ignored); /* so the writer waits for less; what fails is written again */
    pthread_mutex_lock(&db->writer);
    if (atomic_load_explicit(&db->active->samples, memory_order_relaxed) > 0) {
        ok = tsdb_log_rotate(db->log, &number, err);
        if (ok && !head_switch(db, number, err)) {
            tsdb_forget_logged(db);
            ok = false;
        }
    }
    pthread_mutex_unlock(&db->writer);
    return ok;
}

/* Whether the active generation should end: it is large, or old. */
static bool freeze_is_due(tsdb *db)
{
    uint32_t frozen = 0;
    pthread_mutex_lock(&db->writer);
    uint64_t samples = atomic_load_explicit(&db->active->samples, memory_order_relaxed);
    int64_t age_ns = db->options.clock->monotonic_ns() - db->active->begun_ns;
    size_t bytes = atomic_load_explicit(&db->active->bytes, memory_order_relaxed);
    bool large = bytes >= db->options.bytes_max / 4 && age_ns / 1000000 >= TSDB_FREEZE_MS_MIN;
    bool due = samples >= db->options.flush_samples ||
               (samples > 0 && (large || age_ns / 1000000 >= db->options.flush_interval_ms));
    for (const head_generation *g = db->frozen; g != NULL; g = g->next) {
        frozen++;
    }
    pthread_mutex_unlock(&db->writer);
    return due && frozen < TSDB_FROZEN_MAX;
}

/* Whether the oldest frozen generation is to be written (again). */
static bool flush_is_due(tsdb *db)
{
    pthread_mutex_lock(&db->lock);
    bool due = db->frozen != NULL && db->frozen->retry_ns <= db->options.clock->monotonic_ns();
    pthread_mutex_unlock(&db->lock);
    return due;
}

/* Whoever removes the folder under a store is told, while what is in memory can still be asked for. */
static void look_at_folder(tsdb *db)
{
    struct stat status;
    bool gone = fstat(db->lock_fd, &status) == 0 && status.st_nlink == 0;
    if (gone && !db->gone) {
        ifm_log(
            IFM_LOG_ERROR,
            "the folder \"%s\" was removed, or its file \"lock\": nothing is kept beyond this process; hint: "
            "stop it and start it again",
            db->folder);
    }
    db->gone = gone;
}

/* Whether blocks cannot be written, and what waits for them has used up the memory. */
static bool is_stuck(tsdb *db)
{
    bool failing = false;
    pthread_mutex_lock(&db->writer);
    for (const head_generation *g = db->frozen; g != NULL; g = g->next) {
        failing = failing || g->flush_failures > 0;
    }
    bool stuck = failing && tsdb_head_bytes(db) >= db->options.bytes_max;
    pthread_mutex_unlock(&db->writer);
    return stuck;
}

static void look_at_room(tsdb *db)
{
    static const char *const why[] = {[TSDB_STOP_NONE] = "ingestion goes on",
                                      [TSDB_STOP_DISK] = "ingestion stops: the disk is nearly full",
                                      [TSDB_STOP_MEMORY] =
                                          "ingestion stops: memory is used up, and no block can be written"};
    int64_t free_bytes = db->options.files->free_bytes(db->folder); /* < 0: perhaps nobody can tell */
    tsdb_stop stop = TSDB_STOP_NONE;
    if (free_bytes >= 0 && (uint64_t)free_bytes < db->options.disk_reserve_bytes) {
        stop = TSDB_STOP_DISK;
    } else if (is_stuck(db)) {
        stop = TSDB_STOP_MEMORY;
    }
    if (stop != atomic_exchange(&db->stopped, stop)) {
        ifm_log(stop != TSDB_STOP_NONE ? IFM_LOG_ERROR : IFM_LOG_INFO,
                "%s; %lld MiB are free on the disk of \"%s\"%s", why[stop], (long long)(free_bytes >> 20),
                db->folder,
                stop == TSDB_STOP_DISK
                    ? "; hint: free some space or shorten the retention, then it goes on by itself"
                    : "");
    }
}

static void flush_due(tsdb *db)
{
    ifm_error err;
    if (freeze_is_due(db) && !tsdb_freeze(db, &err)) {
        tsdb_count(&db->counters.flush_errors, 1);
        ifm_log(IFM_LOG_ERROR, "could not begin a new generation: %s", err.message);
    }
    while (flush_is_due(db) && tsdb_flush_one(db, &err)) {
        ;
    }
}

static void retain_due(tsdb *db)
{
    tsdb_log_stats log;
    tsdb_log_stats_now(db->log, &log);
    tsdb_blocks_retain(db->blocks, db->options.clock->wall_ms(), log.bytes);
}

static void merge_due(tsdb *db)
{
    ifm_error err;
    bool more = true;
    pthread_mutex_lock(&db->merging);
    while (more && !atomic_load(&db->stopping)) {
        more = false;
        if (!tsdb_blocks_compact(db->blocks, &db->stopping, &more, &err)) {
            ifm_log(IFM_LOG_ERROR, "%s", err.message);
            break;
        }
    }
    pthread_mutex_unlock(&db->merging);
}

static void sync_due(tsdb *db)
{
    ifm_error err;
    if (!tsdb_log_sync(db->log, &err)) {
        ifm_log(IFM_LOG_ERROR, "could not sync the log: %s", err.message);
    }
}

static void maintain_blocks(tsdb *db)
{
    pthread_mutex_lock(&db->maintenance);
    look_at_folder(db);
    flush_due(db);
    look_at_room(db);
    retain_due(db);
    if (tsdb_blocks_rest(db->blocks)) {
        ifm_alloc_trim();
    }
    pthread_mutex_unlock(&db->maintenance);
}

void tsdb_maintain(tsdb *db)
{
    sync_due(db);
    maintain_blocks(db);
    merge_due(db);
}

bool tsdb_flush(tsdb *db, ifm_error *err)
{
    bool ok = true, left = true;
    pthread_mutex_lock(&db->maintenance);
    ok = tsdb_freeze(db, err);
    while (ok && left) {
        pthread_mutex_lock(&db->lock);
        left = db->frozen != NULL;
        pthread_mutex_unlock(&db->lock);
        ok = !left || tsdb_flush_one(db, err);
    }
    pthread_mutex_unlock(&db->maintenance);
    return ok;
}

/* ---- Threads ---- */

/* Waits for `ms`, for tsdb_wake() (when `wakeable`), or the end. */
static bool wait_for(tsdb *db, int64_t ms, bool wakeable)
{
    struct timespec until;
    int64_t at_ns = ifm_os_monotonic_ns() + ms * 1000000;
    until.tv_sec = at_ns / 1000000000;
    until.tv_nsec = at_ns % 1000000000;
    pthread_mutex_lock(&db->wake_lock);
    int failed = 0;
    while (failed == 0 && !atomic_load(&db->stopping) && !(wakeable && db->wanted)) {
        failed = pthread_cond_timedwait(&db->wake, &db->wake_lock, &until);
    }
    if (wakeable) {
        db->wanted = false;
    }
    pthread_mutex_unlock(&db->wake_lock);
    return !atomic_load(&db->stopping);
}

static void *run_flusher(void *argument)
{
    tsdb *db = argument;
    while (wait_for(db, TSDB_LOOK_MS, true)) {
        maintain_blocks(db);
    }
    return NULL;
}

static void *run_merger(void *argument)
{
    tsdb *db = argument;
    while (wait_for(db, TSDB_LOOK_MS, false)) {
        merge_due(db);
    }
    return NULL;
}

static void *run_syncer(void *argument)
{
    tsdb *db = argument;
    while (wait_for(db, db->options.commit_interval_ms, false)) {
        sync_due(db);
    }
    return NULL;
}

void tsdb_wake(tsdb *db)
{
    pthread_mutex_lock(&db->wake_lock);
    db->wanted = true;
    pthread_cond_broadcast(&db->wake);
    pthread_mutex_unlock(&db->wake_lock);
}

bool tsdb_threads_start(tsdb *db, ifm_error *err)
{
    db->flusher_started = ifm_os_thread_start("tsdb-flush", run_flusher, db, &db->flusher, err);
    db->syncer_started =
        db->flusher_started && ifm_os_thread_start("tsdb-sync", run_syncer, db, &db->syncer, err);
    db->merger_started =
        db->syncer_started && ifm_os_thread_start("tsdb-merge", run_merger, db, &db->merger, err);
    return db->merger_started;
}

void tsdb_threads_stop(tsdb *db)
{
    if (!db->flusher_started) {
        return;
    }
    pthread_mutex_lock(&db->wake_lock);
    atomic_store(&db->stopping, true);
    pthread_cond_broadcast(&db->wake);
    pthread_mutex_unlock(&db->wake_lock);
    pthread_join(db->flusher, NULL);
    if (db->syncer_started) {
        pthread_join(db->syncer, NULL);
    }
    if (db->merger_started) {
        pthread_join(db->merger, NULL);
    }
    db->flusher_started = false;
}
