/* SPDX-License-Identifier: Apache-2.0
 *
 * The store as a whole: opening, closing, views, numbers. docs/format/README.md describes its folder.
 */
#include "tsdb/tsdb_impl.h"

#include "tsdb/block_file.h"
#include "tsdb/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inferometer/registry.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* The number stands there twice, so that a damaged one is not taken for that of a newer version. */
#define TSDB_VERSION_TEXT "inferometer tsdb 1 1\n"

enum { TSDB_FOLDER_MODE = 0700, TSDB_FILE_MODE = 0600 };

/* ---- Options ---- */

static bool take_options(tsdb *db, const tsdb_options *options, ifm_error *err)
{
    tsdb_options *o = &db->options;
    *o = *options;
    o->files = o->files == NULL ? &ifm_os_files_real : o->files;
    o->clock = o->clock == NULL ? &ifm_os_clock_real : o->clock;
    o->retention_ms = o->retention_ms == 0 ? INT64_C(15) * 24 * 3600 * 1000 : o->retention_ms;
    o->commit_interval_ms = o->commit_interval_ms == 0 ? 1000 : o->commit_interval_ms;
    o->flush_interval_ms = o->flush_interval_ms == 0 ? 10 * 60 * 1000 : o->flush_interval_ms;
    o->flush_samples = o->flush_samples == 0 ? 2000000 : o->flush_samples;
    o->series_max = o->series_max == 0 ? 1000 * 1000 : o->series_max;
    o->series_max = o->series_max > TSDB_SERIES_MAX ? TSDB_SERIES_MAX : o->series_max;
    o->bytes_max = o->bytes_max == 0 ? (size_t)2 << 30 : o->bytes_max;
    o->disk_reserve_bytes = o->disk_reserve_bytes == 0 ? 64 * 1024 * 1024 : o->disk_reserve_bytes;
    o->exemplars_max = o->exemplars_max == 0 ? 10 * 1000 : o->exemplars_max;
    o->exemplars_max = o->exemplars_max > TSDB_EXEMPLARS_MAX ? TSDB_EXEMPLARS_MAX : o->exemplars_max;
    if (o->folder == NULL || o->folder[0] == '\0') {
        return ifm_error_set(err, IFM_INVALID, "the store has no folder");
    }
    if (o->retention_ms < 0 || o->commit_interval_ms < 0 || o->flush_interval_ms < 0) {
        return ifm_error_set(err, IFM_INVALID, "a duration of the store's options is negative");
    }
    db->folder = ifm_copy_text(options->folder);
    if (db->folder == NULL) {
        return ifm_error_nomem(err);
    }
    o->folder = db->folder;
    db->log_folder = ifm_os_path_join(db->folder, "log", err);
    db->blocks_folder = db->log_folder == NULL ? NULL : ifm_os_path_join(db->folder, "blocks", err);
    db->quarantine = db->blocks_folder == NULL ? NULL : ifm_os_path_join(db->folder, "quarantine", err);
    return db->quarantine != NULL;
}

/* ---- The folder ---- */

uint64_t tsdb_digits(const char **text)
{
    uint64_t value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        uint64_t digit = (uint64_t)(**text - '0');
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    return value;
}

static bool locked_by(const tsdb *db, ifm_error *err)
{
    char holder[24] = "";
    ssize_t size = pread(db->lock_fd, holder, sizeof holder - 1, 0);
    const char *digits = holder;
    unsigned long long pid = size > 0 ? tsdb_digits(&digits) : 0;
    return ifm_error_set(err, IFM_BUSY, "cannot open the store \"%.120s\": process %llu has it open",
                         db->folder, pid);
}

/* The lock goes with this process; what the file says is for people. */
static bool lock_folder(tsdb *db, ifm_error *err)
{
    const ifm_os_files *files = db->options.files;
    char text[24];
    char *path = ifm_os_path_join(db->folder, "lock", err);
    if (path == NULL) {
        return false;
    }
    db->lock_fd = files->open(path, O_RDWR | O_CREAT | O_CLOEXEC, TSDB_FILE_MODE);
    int number = errno;
    ifm_free(path);
    if (db->lock_fd < 0) {
        return ifm_error_errno(err, IFM_IO, number, "could not open the lock file of the store \"%.120s\"",
                               db->folder);
    }
    if (flock(db->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? locked_by(db, err)
                   : ifm_error_errno(err, IFM_IO, errno, "could not lock the store \"%.120s\"", db->folder);
    }
    int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (files->ftruncate(db->lock_fd, 0) != 0 || pwrite(db->lock_fd, text, (size_t)size, 0) != size) {
        ifm_log(IFM_LOG_WARNING, "could not write the number of this process to the lock file of \"%s\"",
                db->folder);
    }
    return true;
}

/* Queries have to go on while the disk is full: it is written at the next start. */
static void write_version(tsdb *db)
{
    ifm_error err;
    ifm_os_replace_target target = {db->options.files, db->folder, "version", TSDB_FILE_MODE};
    if (!ifm_os_replace(&target, 0, TSDB_VERSION_TEXT, sizeof TSDB_VERSION_TEXT - 1, &err)) {
        ifm_log(IFM_LOG_WARNING, "could not write the version of the store \"%s\": %s", db->folder,
                err.message);
    }
}

static bool is_newer(const char *text)
{
    static const char prefix[] = "inferometer tsdb ";
    if (strncmp(text, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    const char *at = text + sizeof prefix - 1;
    uint64_t first = tsdb_digits(&at);
    if (first <= 1 || *at++ != ' ') {
        return false;
    }
    return tsdb_digits(&at) == first && *at == '\n';
}

/* A store without the file is new, or lost it: its files have versions of their own. */
static bool check_version(tsdb *db, ifm_error *err)
{
    char text[64] = "";
    char *path = ifm_os_path_join(db->folder, "version", err);
    if (path == NULL) {
        return false;
    }
    int fd = db->options.files->open(path, O_RDONLY | O_CLOEXEC, 0);
    ifm_free(path);
    if (fd < 0) {
        write_version(db);
        return true;
    }
    ssize_t size = db->options.files->pread(fd, text, sizeof text - 1, 0);
    db->options.files->close(fd);
    if (size > 0 && is_newer(text)) {
        text[strcspn(text, "\n")] = '\0';
        return ifm_error_set(err, IFM_INVALID,
                             "cannot open the store \"%.100s\": its format is \"%.40s\", which is newer than "
                             "this program; hint: use the program that wrote it",
                             db->folder, text);
    }
    if (size != (ssize_t)(sizeof TSDB_VERSION_TEXT - 1) || strcmp(text, TSDB_VERSION_TEXT) != 0) {
        ifm_log(IFM_LOG_WARNING, "the file \"version\" of the store \"%s\" is damaged: it is written anew",
                db->folder);
        tsdb_count(&db->counters.damages, 1);
        write_version(db);
    }
    return true;
}

/* A file is only as durable as the names of the folders that it lies in. */
static void sync_folders(const tsdb *db)
{
    ifm_error err;
    char *parent = ifm_os_path_join(db->folder, "..", &err);
    bool ok = parent != NULL && tsdb_folder_sync(db->options.files, db->folder) == 0 &&
              tsdb_folder_sync(db->options.files, parent) == 0;
    if (!ok) {
        ifm_log(IFM_LOG_WARNING, "could not sync the folder of the store \"%s\"", db->folder);
    }
    ifm_free(parent);
}

static bool open_folder(tsdb *db, ifm_error *err)
{
    bool ok = ifm_os_make_folders(db->folder, TSDB_FOLDER_MODE, err) && lock_folder(db, err) &&
              check_version(db, err) && ifm_os_make_folders(db->log_folder, TSDB_FOLDER_MODE, err) &&
              ifm_os_make_folders(db->blocks_folder, TSDB_FOLDER_MODE, err);
    if (ok) {
        sync_folders(db);
    }
    return ok;
}

/* ---- Opening and closing ---- */

static bool open_head(tsdb *db, ifm_error *err)
{
    db->index = tsdb_index_new(err);
    db->active = db->index == NULL ? NULL : head_generation_new(db->index, err);
    return db->active != NULL;
}

static bool open_blocks(tsdb *db, ifm_error *err)
{
    tsdb_blocks_stats stats;
    tsdb_blocks_options options = {.files = db->options.files,
                                   .folder = db->blocks_folder,
                                   .quarantine = db->quarantine,
                                   .retention_ms = db->options.retention_ms,
                                   .retention_bytes = db->options.retention_bytes};
    db->blocks = tsdb_blocks_open(&options, err);
    if (db->blocks == NULL) {
        return false;
    }
    tsdb_blocks_stats_now(db->blocks, &stats);
    if (stats.blocks > 0) {
        db->floor_ms = stats.max_ms;
        db->newest_ms = stats.max_ms;
    }
    return true;
}

static bool open_log(tsdb *db, ifm_error *err)
{
    uint64_t number;
    tsdb_log_options options = {db->options.files, db->log_folder, db->quarantine};
    int64_t begun = db->options.clock->monotonic_ns();
    db->log = tsdb_log_open(&options, err);
    if (db->log == NULL) {
        return false;
    }
    db->replaying = true;
    bool ok = tsdb_log_replay(db->log, db, err);
    db->replaying = false;
    db->replay_ns = db->options.clock->monotonic_ns() - begun;
    db->replayed_samples = atomic_load_explicit(&db->active->samples, memory_order_relaxed);
    if (!ok || tsdb_log_rotate(db->log, &number, err)) {
        return ok;
    }
    if (err->code == IFM_IO) { /* the disk may be full: queries go on, and the first batch tries again */
        ifm_log(IFM_LOG_ERROR, "nothing can be appended for now: %s", err->message);
        return true;
    }
    return false;
}

static bool init_locks(tsdb *db, ifm_error *err)
{
    pthread_mutex_t *locks[] = {&db->writer, &db->lock, &db->maintenance, &db->merging, &db->wake_lock};
    for (size_t i = 0; i < IFM_COUNT_OF(locks); i++) {
        if (pthread_mutex_init(locks[i], NULL) != 0) {
            return ifm_error_nomem(err);
        }
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&db->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return failed == 0 ? tsdb_exemplar_ring_init(&db->exemplars, db->options.exemplars_max, err)
                       : ifm_error_nomem(err);
}

static bool open_all(tsdb *db, const tsdb_options *options, ifm_error *err)
{
    db->lock_fd = -1;
    db->floor_ms = INT64_MIN;
    db->newest_ms = INT64_MIN;
    head_pages_init(&db->series, sizeof(head_series));
    head_pages_init(&db->slots, sizeof(uint32_t));
    tsdb_queries_init(&db->queries, db, (tsdb_view_functions){tsdb_view_acquire, tsdb_view_release});
    return take_options(db, options, err) && init_locks(db, err) && open_folder(db, err) &&
           open_head(db, err) && open_blocks(db, err) && open_log(db, err) &&
           (db->options.no_threads || tsdb_threads_start(db, err));
}

static void release(head_generation *generation)
{
    if (generation != NULL) {
        generation->base.functions->release(&generation->base);
    }
}

static void close_all(tsdb *db)
{
    while (db->frozen != NULL) {
        head_generation *next = db->frozen->next;
        release(db->frozen);
        db->frozen = next;
    }
    release(db->active);
    tsdb_index_release(db->index);
    head_pages_deinit(&db->series);
    head_pages_deinit(&db->slots);
    tsdb_exemplar_ring_deinit(&db->exemplars);
    ifm_free(db->free_slots);
    ifm_free(db->batch.items);
    ifm_free(db->batch.extras);
    if (db->lock_fd >= 0) {
        db->options.files->close(db->lock_fd);
    }
    ifm_free(db->folder);
    ifm_free(db->log_folder);
    ifm_free(db->blocks_folder);
    ifm_free(db->quarantine);
    ifm_free(db);
}

bool tsdb_open(const tsdb_options *options, tsdb **out, ifm_error *err)
{
    tsdb *db = ifm_alloc_zero(1, sizeof *db);
    if (db == NULL) {
        return ifm_error_nomem(err);
    }
    if (!open_all(db, options, err)) {
        tsdb_close(db);
        return false;
    }
    *out = db;
    return true;
}

void tsdb_close(tsdb *db)
{
    ifm_error err;
    if (db == NULL) {
        return;
    }
    tsdb_threads_stop(db);
    if (db->log != NULL && !tsdb_log_sync(db->log, &err)) {
        ifm_log(IFM_LOG_ERROR, "could not sync the log: %s", err.message);
    }
    tsdb_log_close(db->log);
    tsdb_blocks_close(db->blocks);
    close_all(db);
}

storage *tsdb_storage(tsdb *db)
{
    return &db->queries.base;
}

/* ---- Views ---- */

/* Frozen generations and the active one are appended to the blocks' sources. Under db->lock. */
static bool acquire_generations(tsdb *db, tsdb_view *view, ifm_error *err)
{
    size_t count = 1;
    for (const head_generation *g = db->frozen; g != NULL; g = g->next) {
        count++;
    }
    tsdb_source **grown = ifm_realloc(view->sources, view->count + count, sizeof *grown);
    if (grown == NULL) {
        return ifm_error_nomem(err);
    }
    view->sources = grown;
    for (head_generation *g = db->frozen; g != NULL; g = g->next) {
        tsdb_source_acquire(&g->base);
        view->sources[view->count++] = &g->base;
    }
    tsdb_source_acquire(&db->active->base);
    view->sources[view->count++] = &db->active->base;
    return true;
}

bool tsdb_view_acquire(tsdb *db, int64_t start_ms, int64_t end_ms, tsdb_view *out, ifm_error *err)
{
    tsdb_view view = {NULL, 0};
    pthread_mutex_lock(&db->lock);
    bool ok = tsdb_blocks_acquire(db->blocks, start_ms, end_ms, &view.sources, &view.count, err) &&
              acquire_generations(db, &view, err);
    pthread_mutex_unlock(&db->lock);
    if (!ok) {
        tsdb_view_release(&view);
        return false;
    }
    *out = view;
    return true;
}

void tsdb_view_release(tsdb_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        view->sources[i]->functions->release(view->sources[i]);
    }
    ifm_free(view->sources);
    *view = (tsdb_view){NULL, 0};
}

/* ---- Numbers ---- */

static void stats_of_head(tsdb *db, tsdb_stats *out)
{
    out->series = atomic_load_explicit(&db->live, memory_order_relaxed);
    out->head_min_ms = INT64_MAX;
    out->head_max_ms = INT64_MIN;
    pthread_mutex_lock(&db->writer);
    out->label_pairs = atomic_load_explicit(&db->index->entry_count, memory_order_relaxed) -
                       index_postings_count(&db->index->names);
    out->head_bytes = tsdb_head_bytes(db);
    pthread_mutex_unlock(&db->writer);
    pthread_mutex_lock(&db->lock);
    for (head_generation *g = db->frozen != NULL ? db->frozen : db->active; g != NULL;
         g = g == db->active ? NULL : (g->next != NULL ? g->next : db->active)) {
        int64_t low_ms = atomic_load_explicit(&g->base.min_ms, memory_order_relaxed);
        int64_t high_ms = atomic_load_explicit(&g->base.max_ms, memory_order_relaxed);
        out->head_samples += atomic_load_explicit(&g->samples, memory_order_relaxed);
        out->head_min_ms = low_ms < out->head_min_ms ? low_ms : out->head_min_ms;
        out->head_max_ms = high_ms > out->head_max_ms ? high_ms : out->head_max_ms;
    }
    pthread_mutex_unlock(&db->lock);
}

static void stats_of_counters(const tsdb_counters *c, tsdb_stats *out)
{
    out->samples_appended = atomic_load_explicit(&c->samples, memory_order_relaxed);
    out->histograms_appended = atomic_load_explicit(&c->histograms, memory_order_relaxed);
    out->exemplars_appended = atomic_load_explicit(&c->exemplars, memory_order_relaxed);
    for (size_t i = 0; i < TSDB_VERDICT_COUNT; i++) {
        out->verdicts[i] = atomic_load_explicit(&c->verdicts[i], memory_order_relaxed);
    }
    out->series_created = atomic_load_explicit(&c->series_created, memory_order_relaxed);
    out->series_removed = atomic_load_explicit(&c->series_removed, memory_order_relaxed);
    out->series_refused = atomic_load_explicit(&c->series_refused, memory_order_relaxed);
    out->flushes = atomic_load_explicit(&c->flushes, memory_order_relaxed);
    out->flush_errors = atomic_load_explicit(&c->flush_errors, memory_order_relaxed);
    out->damages = atomic_load_explicit(&c->damages, memory_order_relaxed);
}

void tsdb_stats_now(tsdb *db, tsdb_stats *out)
{
    tsdb_blocks_stats blocks;
    tsdb_log_stats log;
    *out = (tsdb_stats){0};
    stats_of_head(db, out);
    stats_of_counters(&db->counters, out);
    tsdb_blocks_stats_now(db->blocks, &blocks);
    tsdb_log_stats_now(db->log, &log);
    out->min_ms = blocks.blocks > 0 && blocks.min_ms < out->head_min_ms ? blocks.min_ms : out->head_min_ms;
    out->log_bytes = log.bytes;
    out->log_segments = log.segments;
    out->log_syncs = log.syncs;
    out->log_errors = log.errors;
    out->block_bytes = blocks.bytes;
    out->blocks = blocks.blocks;
    out->quarantine_bytes = blocks.quarantine_bytes + log.quarantine_bytes;
    out->compactions = blocks.compactions;
    out->compaction_errors = blocks.compaction_errors;
    out->retention_deletions = blocks.retention_deletions;
    out->damages += blocks.damages + log.damages;
    out->ingestion_stopped = atomic_load_explicit(&db->stopped, memory_order_relaxed) != TSDB_STOP_NONE;
    out->replay_duration_ns = db->replay_ns;
    out->replayed_samples = db->replayed_samples;
}

bool tsdb_cardinality_of_head(tsdb *db, size_t limit, ifm_bump *arena, tsdb_cardinality *out, ifm_error *err)
{
    tsdb_view view;
    if (!tsdb_view_acquire(db, INT64_MIN, INT64_MAX, &view, err)) {
        return false;
    }
    head_generation *active = head_generation_of(view.sources[view.count - 1]);
    bool ok = tsdb_index_cardinality(active->index, limit, arena, out, err);
    /* Texts are copied, for the index may go with the view. */
    struct {
        tsdb_cardinality_item *items;
        size_t count;
    } lists[] = {{out->series_by_metric, out->series_by_metric_count},
                 {out->values_by_label, out->values_by_label_count},
                 {out->bytes_by_label, out->bytes_by_label_count}};
    for (size_t i = 0; ok && i < IFM_COUNT_OF(lists); i++) {
        for (size_t k = 0; ok && k < lists[i].count; k++) {
            model_text *name = &lists[i].items[k].name;
            name->data = ifm_bump_copy(arena, name->data, name->size);
            ok = ifm_bump_check(arena, err);
        }
    }
    tsdb_view_release(&view);
    return ok;
}

bool tsdb_blocks_list(tsdb *db, ifm_bump *arena, const tsdb_block_info **out, size_t *count, ifm_error *err)
{
    return tsdb_blocks_info(db->blocks, arena, out, count, err);
}
