/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a frozen generation to a block. The pieces of a series that lie in one column are joined, so that
 * the block gets each column of timestamps as a whole; and series come in the order of tsdb_block_order().
 */
#include "tsdb/limits.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

/* A run that is being joined, in arrays that grow. */
typedef struct joined_run {
    double *values;
    const model_histogram **histograms;
    int64_t *starts_ms;
    size_t capacity;
} joined_run;

typedef struct flushing {
    head_generation *generation;
    tsdb_reader *reader;
    tsdb_block_writer *writer;
    ifm_bump scratch; /* of one series */
    joined_run *joined;
    size_t joined_count;
} flushing;

static void joined_deinit(flushing *f)
{
    for (size_t i = 0; i < f->joined_count; i++) {
        ifm_free(f->joined[i].values);
        ifm_free(f->joined[i].histograms);
        ifm_free(f->joined[i].starts_ms);
    }
    ifm_free(f->joined);
}

static joined_run *joined_at(flushing *f, size_t at)
{
    if (at == f->joined_count) {
        joined_run *grown = ifm_realloc(f->joined, at + 1, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        f->joined = grown;
        f->joined[f->joined_count++] = (joined_run){0};
    }
    return &f->joined[at];
}

static bool grow_array(void *array, size_t capacity, size_t size)
{
    void **items = array;
    void *grown = ifm_realloc(*items, capacity, size);
    if (grown != NULL) {
        *items = grown;
    }
    return grown != NULL;
}

static bool joined_reserve(joined_run *joined, size_t count)
{
    if (count <= joined->capacity) {
        return true;
    }
    size_t capacity = count < 64 ? 64 : count + count / 2;
    if (!grow_array(&joined->values, capacity, sizeof(double)) ||
        !grow_array(&joined->histograms, capacity, sizeof(void *)) ||
        !grow_array(&joined->starts_ms, capacity, sizeof(int64_t))) {
        return false;
    }
    joined->capacity = capacity;
    return true;
}

/* Appends a run to the one before it, which lies in the same column; rows between them are absent. */
static void join_run(joined_run *joined, tsdb_run *to, const tsdb_run *run)
{
    size_t at = run->first - to->first;
    for (size_t i = to->count; i < at; i++) {
        joined->values[i] = model_from_bits(MODEL_ABSENT_BITS);
        joined->histograms[i] = NULL;
        joined->starts_ms[i] = 0;
    }
    memcpy(joined->values + at, run->values, run->count * sizeof(double));
    for (size_t i = 0; i < run->count; i++) {
        joined->histograms[at + i] = run->histograms == NULL ? NULL : run->histograms[i];
        joined->starts_ms[at + i] = run->starts_ms == NULL ? 0 : run->starts_ms[i];
    }
    to->histograms = run->histograms != NULL ? joined->histograms : to->histograms;
    to->starts_ms = run->starts_ms != NULL ? joined->starts_ms : to->starts_ms;
    to->count = at + run->count;
}

/* The runs with those of the same column joined, in f->joined's arrays and `out`. */
static bool join_runs(flushing *f, const tsdb_run *runs, size_t count, tsdb_run *out, size_t *out_count)
{
    size_t made = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && runs[end].column->id == runs[i].column->id &&
                          runs[end].first - (runs[end - 1].first + runs[end - 1].count) < TSDB_JOIN_GAP_MAX;
             end++) {
            ;
        }
        joined_run *joined = joined_at(f, made);
        if (joined == NULL ||
            !joined_reserve(joined, runs[end - 1].first + runs[end - 1].count - runs[i].first)) {
            return false;
        }
        tsdb_run *to = &out[made++];
        *to = (tsdb_run){.column = runs[i].column, .first = runs[i].first, .values = joined->values};
        for (size_t k = i; k < end; k++) {
            join_run(joined, to, &runs[k]);
        }
    }
    *out_count = made;
    return true;
}

static bool flush_series(flushing *f, uint32_t id, ifm_error *err)
{
    const tsdb_source_functions *functions = f->generation->base.functions;
    const tsdb_run *runs = NULL;
    size_t count = 0, made = 0;
    if (!functions->read(f->reader, id, INT64_MIN, INT64_MAX, &f->scratch, &runs, &count, err)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    model_labels labels = tsdb_index_labels_new(f->generation->index, id, &f->scratch);
    tsdb_run *joined = ifm_bump_alloc_array(&f->scratch, count, sizeof *joined);
    if (!ifm_bump_check(&f->scratch, err)) {
        return false;
    }
    if (!join_runs(f, runs, count, joined, &made)) {
        return ifm_error_nomem(err);
    }
    return tsdb_block_writer_add(f->writer, labels, joined, made, err);
}

/* All series with samples, sorted by labels; ifm_free() frees it. */
static uint32_t *sorted_series(const head_generation *generation, uint32_t *count, ifm_error *err)
{
    uint32_t all = atomic_load_explicit(&generation->index->series_count, memory_order_acquire);
    uint32_t *ids = ifm_alloc(2 * (size_t)all * sizeof *ids);
    if (ids == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    *count = 0;
    for (uint32_t id = 0; id < all; id++) {
        ids[*count] = id;
        *count += head_newest(generation, id) != NULL;
    }
    tsdb_index_sort(generation->index, ids, ids + all, *count);
    return ids;
}

/* ---- The order of series ---- */

/* The series' value of the label whose entry is `name`; INDEX_NONE: it has none. */
static uint32_t value_of(const tsdb_index *index, uint32_t series, uint32_t name)
{
    const uint32_t *entries = index_series_at(index, series);
    for (uint32_t i = 1; i <= entries[0]; i++) {
        if (index_entry_at(index, entries[i])->parent == name) {
            return entries[i];
        }
    }
    return INDEX_NONE;
}

/* Puts the series of one metric, sorted by labels, in the order in which they pack best. */
static bool order_metric(const tsdb_index *index, uint32_t *ids, uint32_t count, ifm_error *err)
{
    ifm_bump arena;
    ifm_bump_init(&arena, SIZE_MAX / 2); /* the index itself is larger, and has a limit */
    model_labels *labels = ifm_bump_alloc_array(&arena, count, sizeof *labels);
    uint32_t *order = ifm_bump_alloc_array(&arena, count, sizeof *order);
    uint32_t *sorted = ifm_bump_alloc_array(&arena, count, sizeof *sorted);
    for (uint32_t i = 0; i < count && arena.failed == IFM_OK; i++) {
        labels[i] = tsdb_index_labels_new(index, ids[i], &arena);
    }
    bool ok = ifm_bump_check(&arena, err) && tsdb_block_order(labels, count, order, err);
    for (uint32_t i = 0; ok && i < count; i++) {
        sorted[i] = ids[order[i]];
    }
    if (ok) {
        memcpy(ids, sorted, count * sizeof *ids);
    }
    ifm_bump_deinit(&arena);
    return ok;
}

/* tsdb_block_order(), metric by metric and only for those with buckets: for others it is that of labels, and
 * the labels of all series at once would be memory that nobody expects. */
static bool order_series(const tsdb_index *index, uint32_t *ids, uint32_t count, ifm_error *err)
{
    uint32_t name = tsdb_index_entry(index, INDEX_NONE, model_text_of(MODEL_NAME_LABEL));
    uint32_t bound = tsdb_index_entry(index, INDEX_NONE, model_text_of("le"));
    bool ok = true;
    for (uint32_t i = 0, end; ok && bound != INDEX_NONE && i < count; i = end) {
        uint32_t metric = value_of(index, ids[i], name);
        bool has_bounds = false;
        for (end = i; end < count && value_of(index, ids[end], name) == metric; end++) {
            has_bounds = has_bounds || value_of(index, ids[end], bound) != INDEX_NONE;
        }
        ok = !has_bounds || order_metric(index, ids + i, end - i, err);
    }
    return ok;
}

static bool flush_all(flushing *f, ifm_error *err)
{
    uint32_t count = 0;
    uint32_t *ids = sorted_series(f->generation, &count, err);
    bool ok = ids != NULL && order_series(f->generation->index, ids, count, err);
    for (uint32_t i = 0; ok && i < count; i++) {
        ifm_bump_mark mark = ifm_bump_mark_now(&f->scratch);
        ok = flush_series(f, ids[i], err);
        ifm_bump_rewind(&f->scratch, mark);
    }
    ifm_free(ids);
    return ok;
}

static bool write_block(tsdb *db, head_generation *generation, tsdb_block_info *info, ifm_error *err)
{
    flushing f = {.generation = generation};
    tsdb_block_writer_options options = {.files = db->options.files,
                                         .folder = db->blocks_folder,
                                         .sequence = tsdb_blocks_next_sequence(db->blocks)};
    ifm_bump_init(&f.scratch, TSDB_LABELS_BYTES_MAX);
    f.reader = generation->base.functions->reader_new(&generation->base, err);
    f.writer = f.reader == NULL ? NULL : tsdb_block_writer_open(&options, err);
    bool ok = f.writer != NULL && flush_all(&f, err);
    if (ok) {
        ok = tsdb_block_writer_commit(f.writer, info, err);
    } else if (f.writer != NULL) {
        tsdb_block_writer_abort(f.writer);
    }
    if (f.reader != NULL) {
        generation->base.functions->reader_free(f.reader);
    }
    joined_deinit(&f);
    ifm_bump_deinit(&f.scratch);
    return ok;
}

/* The block takes the place of the generation: no view has both or neither. It is read before, as queries and
 * appends wait for the lock. */
static bool replace(tsdb *db, head_generation *generation, const char *name, ifm_error *err)
{
    tsdb_source *block = tsdb_blocks_load(db->blocks, name, err);
    if (block == NULL) {
        return false;
    }
    pthread_mutex_lock(&db->lock);
    bool ok = tsdb_blocks_add(db->blocks, block, err);
    if (ok) {
        db->frozen = generation->next;
    }
    pthread_mutex_unlock(&db->lock);
    return ok;
}

/* Tries again later, with pauses that grow; the samples stay in memory, and in the log. */
static void put_off(tsdb *db, head_generation *generation, const ifm_error *err)
{
    int64_t pause_ms = TSDB_RETRY_MS_MIN;
    for (uint32_t i = 0; i < generation->flush_failures && pause_ms < TSDB_RETRY_MS_MAX; i++) {
        pause_ms *= 2;
    }
    generation->flush_failures++;
    tsdb_count(&db->counters.flush_errors, 1);
    ifm_log(IFM_LOG_ERROR, "could not write a block, its samples stay in memory and in the log: %s",
            err->message);
    pthread_mutex_lock(&db->lock);
    generation->retry_ns = db->options.clock->monotonic_ns() + pause_ms * 1000000;
    pthread_mutex_unlock(&db->lock);
}

bool tsdb_flush_one(tsdb *db, ifm_error *err)
{
    tsdb_block_info info;
    pthread_mutex_lock(&db->lock);
    head_generation *generation = db->frozen;
    pthread_mutex_unlock(&db->lock);
    if (!write_block(db, generation, &info, err) || !replace(db, generation, info.name, err)) {
        put_off(db, generation, err);
        return false;
    }
    uint64_t log_end = generation->log_end;
    generation->base.functions->release(&generation->base);
    ifm_alloc_trim();
    tsdb_log_remove(db->log, log_end);
    tsdb_count(&db->counters.flushes, 1);
    pthread_mutex_lock(&db->writer);
    db->over_bytes = false;
    pthread_mutex_unlock(&db->writer);
    return true;
}
