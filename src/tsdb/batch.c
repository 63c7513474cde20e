/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: what is appended to them, the verdict on each sample, and their end. The batch lies in the tsdb,
 * and its arrays stay for the next one.
 */
#include "tsdb/limits.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

tsdb_group *tsdb_group_new(tsdb *db, ifm_error *err)
{
    tsdb_group *group = ifm_alloc_zero(1, sizeof *group);
    if (group == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    group->db = db;
    pthread_mutex_lock(&db->writer);
    db->group_count = db->group_count + 1 < TSDB_GROUPS_MAX ? db->group_count + 1 : 1;
    group->id = db->group_count;
    pthread_mutex_unlock(&db->writer);
    return group;
}

void tsdb_group_free(tsdb_group *group)
{
    if (group != NULL) {
        ifm_free(group->layout);
        ifm_free(group);
    }
}

static bool check_stopped(tsdb *db, ifm_error *err)
{
    switch (db->replaying ? TSDB_STOP_NONE : atomic_load_explicit(&db->stopped, memory_order_relaxed)) {
    case TSDB_STOP_DISK:
        return ifm_error_set(
            err, IFM_IO,
            "could not append: less than %llu bytes are free on the disk of \"%.100s\"; hint: "
            "free some space or shorten the retention, then it goes on by itself",
            (unsigned long long)db->options.disk_reserve_bytes, db->folder);
    case TSDB_STOP_MEMORY:
        return ifm_error_set(
            err, IFM_IO,
            "could not append: no block can be written to \"%.100s\", and the store's memory "
            "is used up (%zu bytes); hint: the log of the program says why, and it goes on by "
            "itself",
            db->folder, db->options.bytes_max);
    default:
        return true;
    }
}

tsdb_batch *tsdb_batch_begin(tsdb *db, tsdb_group *group, int64_t time_ms, ifm_error *err)
{
    pthread_mutex_lock(&db->writer);
    if (!check_stopped(db, err)) {
        pthread_mutex_unlock(&db->writer);
        return NULL;
    }
    tsdb_batch *batch = &db->batch;
    batch->db = db;
    batch->group = group;
    batch->time_ms = time_ms;
    batch->too_old = tsdb_is_older(db, time_ms, TSDB_TOO_OLD_MS);
    batch->failed = IFM_OK;
    batch->count = 0;
    batch->extra_count = 0;
    batch->histograms = 0;
    batch->column = NULL;
    memset(batch->verdicts, 0, sizeof batch->verdicts);
    if (db->active->begun_ns == 0) {
        db->active->begun_ns = db->options.clock->monotonic_ns();
    }
    return batch;
}

/* ---- Series ---- */

static tsdb_ref ref_of(const tsdb *db, uint32_t slot)
{
    return (tsdb_ref)tsdb_slot(db, slot)->tag << 32 | slot;
}

/* Room for one more series everywhere but in the index. */
static bool make_room(tsdb *db, uint32_t *slot)
{
    *slot = db->free_count > 0 ? db->free_slots[db->free_count - 1] : db->slot_count;
    uint32_t id = atomic_load_explicit(&db->index->series_count, memory_order_relaxed);
    return head_pages_ensure(&db->series, *slot) && head_pages_ensure(&db->slots, id) &&
           head_pages_ensure(&db->active->heads, id);
}

static bool check_caps(tsdb *db, ifm_error *err)
{
    uint32_t live = atomic_load_explicit(&db->live, memory_order_relaxed);
    if (db->replaying) {
        return true; /* they were within the caps of their time */
    }
    if (live >= db->options.series_max) {
        tsdb_count(&db->counters.series_refused, 1);
        return ifm_error_set(err, IFM_LIMIT,
                             "the store has %u series, as many as it may have; hint: drop labels "
                             "with many values, or raise the limit",
                             live);
    }
    /* Looking at all of it takes locks: often enough that the cap is not passed by much. */
    if ((live & 63U) == 0 && tsdb_head_bytes(db) >= db->options.bytes_max) {
        db->over_bytes = true;
    }
    if (db->over_bytes) {
        tsdb_count(&db->counters.series_refused, 1);
        return ifm_error_set(
            err, IFM_LIMIT,
            "the store's memory is used up (%zu bytes); hint: drop series, or raise the limit",
            db->options.bytes_max);
    }
    return true;
}

static bool series_new(tsdb *db, model_labels labels, uint64_t hash, uint32_t *slot, ifm_error *err)
{
    uint32_t id = 0;
    if (labels.count == 0 || labels.count >= UINT16_MAX) {
        return ifm_error_set(err, IFM_INVALID, "a series has %s labels",
                             labels.count == 0 ? "no" : "too many");
    }
    if (!check_caps(db, err)) {
        return false;
    }
    if (!make_room(db, slot)) {
        return ifm_error_nomem(err);
    }
    if (!tsdb_index_add(db->index, labels, hash, &id, err)) {
        return false;
    }
    head_series *series = tsdb_slot(db, *slot);
    if (*slot == db->slot_count) {
        db->slot_count++;
        series->tag = 1;
    } else {
        db->free_count--;
    }
    series->index_id = id;
    series->last_ms = INT64_MIN;
    series->last_bits = 0;
    series->segment = NULL;
    series->flags = 0;
    *(uint32_t *)head_pages_at(&db->slots, id) = *slot;
    atomic_fetch_add_explicit(&db->live, 1, memory_order_relaxed);
    tsdb_count(&db->counters.series_created, 1);
    return true;
}

bool tsdb_batch_series(tsdb_batch *batch, model_labels labels, tsdb_ref *out, bool *is_new, ifm_error *err)
{
    tsdb *db = batch->db;
    uint64_t hash = tsdb_index_hash(labels);
    uint32_t id = tsdb_index_find(db->index, labels, hash), slot = 0;
    if (id != INDEX_NONE) {
        slot = *(uint32_t *)head_pages_at(&db->slots, id);
    } else if (!series_new(db, labels, hash, &slot, err)) {
        return false;
    }
    if (is_new != NULL) {
        *is_new = id == INDEX_NONE;
    }
    *out = ref_of(db, slot);
    return true;
}

/* ---- Samples ---- */

/* NULL: gone. */
static inline head_series *series_of(const tsdb *db, tsdb_ref ref)
{
    uint32_t slot = (uint32_t)ref;
    if (slot >= db->slot_count) {
        return NULL;
    }
    head_series *series = tsdb_slot(db, slot);
    return series->tag == (uint32_t)(ref >> 32) && series->index_id != INDEX_NONE ? series : NULL;
}

static bool grow(tsdb_batch *batch)
{
    uint32_t capacity = batch->capacity == 0 ? 64 : batch->capacity + batch->capacity / 2;
    head_item *items = ifm_realloc(batch->items, capacity, sizeof *items);
    if (items == NULL) {
        batch->failed = IFM_NOMEM;
        return false;
    }
    batch->items = items;
    batch->capacity = capacity;
    return true;
}

/* What is compared: time, bits of the value (or hash of the histogram). */
typedef struct sample_key {
    int64_t time_ms;
    uint64_t bits;
    bool histogram;
} sample_key;

/* The series' last sample, be it in this batch. */
static inline sample_key last_of(const tsdb_batch *batch, const head_series *series, uint32_t slot)
{
    uint32_t at = series->pending;
    if (at < batch->count && batch->items[at].slot == slot) {
        const head_item *item = &batch->items[at];
        if (item->extra == 0) {
            return (sample_key){batch->time_ms, model_bits(item->value), false};
        }
        const head_extra *extra = &batch->extras[item->extra - 1];
        return (sample_key){extra->time_ms, extra->bits, extra->histogram != NULL};
    }
    return (sample_key){series->last_ms, series->last_bits, (series->flags & HEAD_SERIES_HISTOGRAM) != 0};
}

/* TSDB_VERDICT_COUNT: it is to be stored. */
static tsdb_verdict judge_old(const tsdb_batch *batch, sample_key last, sample_key sample)
{
    if (last.time_ms == INT64_MIN) {
        bool below = !batch->db->replaying && sample.time_ms <= batch->db->floor_ms;
        return below ? TSDB_OUT_OF_ORDER : TSDB_VERDICT_COUNT;
    }
    if (sample.time_ms < last.time_ms) {
        return TSDB_OUT_OF_ORDER;
    }
    return sample.bits == last.bits && sample.histogram == last.histogram ? TSDB_ACCEPTED : TSDB_DUPLICATE;
}

static inline tsdb_verdict judge(const tsdb_batch *batch, sample_key last, sample_key sample, bool too_old)
{
    if (too_old && !batch->db->replaying) {
        return TSDB_TOO_OLD;
    }
    if (sample.time_ms > last.time_ms && last.time_ms != INT64_MIN) {
        return TSDB_VERDICT_COUNT;
    }
    return judge_old(batch, last, sample);
}

static inline tsdb_verdict counted(tsdb_batch *batch, tsdb_verdict verdict)
{
    batch->verdicts[verdict]++;
    return verdict;
}

static inline double storable(double value)
{
    return model_is_absent(value) ? model_from_bits(MODEL_NAN_BITS) : value;
}

tsdb_verdict tsdb_batch_append(tsdb_batch *batch, tsdb_ref ref, double value)
{
    tsdb *db = batch->db;
    uint32_t slot = (uint32_t)ref;
    if (batch->group == NULL) { /* no row to share */
        tsdb_sample sample = {.time_ms = batch->time_ms, .value = value};
        return tsdb_batch_append_sample(batch, ref, &sample);
    }
    head_series *series = series_of(db, ref);
    if (series == NULL) {
        return counted(batch, TSDB_GONE);
    }
    value = storable(value);
    sample_key key = {batch->time_ms, model_bits(value), false};
    tsdb_verdict verdict = judge(batch, last_of(batch, series, slot), key, batch->too_old);
    if (verdict != TSDB_VERDICT_COUNT) {
        return counted(batch, verdict);
    }
    if (batch->count == batch->capacity && !grow(batch)) {
        return counted(batch, TSDB_ACCEPTED); /* the commit fails */
    }
    series->pending = batch->count;
    batch->items[batch->count++] = (head_item){slot, 0, value};
    return counted(batch, TSDB_ACCEPTED);
}

static head_extra *extra_new(tsdb_batch *batch)
{
    if (batch->extra_count == batch->extra_capacity) {
        uint32_t capacity = batch->extra_capacity == 0 ? 64 : batch->extra_capacity * 2;
        head_extra *extras = ifm_realloc(batch->extras, capacity, sizeof *extras);
        if (extras == NULL) {
            batch->failed = IFM_NOMEM;
            return NULL;
        }
        batch->extras = extras;
        batch->extra_capacity = capacity;
    }
    return &batch->extras[batch->extra_count];
}

/* The series' last sample of the active generation, when it is a histogram; NULL also when it is not at hand
 * at once: then nobody knows whether counters were reset (querier.h). */
static const model_histogram *last_histogram(const tsdb_batch *batch, const head_series *series,
                                             uint32_t slot)
{
    uint32_t at = series->pending;
    if (at < batch->count && batch->items[at].slot == slot) {
        uint32_t extra = batch->items[at].extra;
        return extra == 0 ? NULL : batch->extras[extra - 1].histogram;
    }
    if ((series->flags & HEAD_SERIES_HISTOGRAM) == 0) {
        return NULL;
    }
    for (head_segment *segment = series->segment; segment != NULL; segment = segment->previous) {
        const model_histogram **all =
            (segment->sides & HEAD_SIDE_HISTOGRAMS) == 0 ? NULL : head_sides_of(segment)->histograms;
        for (size_t i = HEAD_SEGMENT_VALUES; all != NULL && i > 0; i--) {
            if (all[i - 1] != NULL) {
                return head_hash_histogram(all[i - 1]) == series->last_bits ? all[i - 1] : NULL;
            }
        }
    }
    return NULL;
}

/* Puts a sample that was accepted into the batch; when there is no memory, the commit fails. */
static void keep_sample(tsdb_batch *batch, head_series *series, const tsdb_sample *sample, sample_key key)
{
    tsdb *db = batch->db;
    uint32_t slot = *(uint32_t *)head_pages_at(&db->slots, series->index_id);
    const model_histogram *copy = NULL;
    head_extra *extra = extra_new(batch);
    if (extra == NULL || (batch->count == batch->capacity && !grow(batch))) {
        return;
    }
    if (sample->histogram != NULL) {
        model_histogram with_hint = *sample->histogram;
        with_hint.hint = tsdb_hint(last_histogram(batch, series, slot), sample->histogram);
        copy = head_copy_histogram(db->active, &with_hint);
        if (copy == NULL) {
            batch->failed = IFM_NOMEM;
            return;
        }
        batch->histograms++;
    }
    *extra = (head_extra){
        .time_ms = key.time_ms, .start_ms = sample->start_ms, .histogram = copy, .bits = key.bits};
    batch->extra_count++;
    series->pending = batch->count;
    double value = copy != NULL ? 0 : storable(sample->value);
    batch->items[batch->count++] = (head_item){slot, batch->extra_count, value};
}

tsdb_verdict tsdb_batch_append_sample(tsdb_batch *batch, tsdb_ref ref, const tsdb_sample *sample)
{
    tsdb *db = batch->db;
    head_series *series = series_of(db, ref);
    if (series == NULL) {
        return counted(batch, TSDB_GONE);
    }
    sample_key key = {sample->time_ms, model_bits(storable(sample->value)), sample->histogram != NULL};
    if (key.histogram) {
        key.bits = head_hash_histogram(sample->histogram);
    }
    bool too_old = tsdb_is_older(db, sample->time_ms, TSDB_TOO_OLD_MS);
    tsdb_verdict verdict = judge(batch, last_of(batch, series, (uint32_t)ref), key, too_old);
    if (verdict != TSDB_VERDICT_COUNT) {
        return counted(batch, verdict);
    }
    keep_sample(batch, series, sample, key);
    return counted(batch, TSDB_ACCEPTED);
}

void tsdb_batch_exemplar(tsdb_batch *batch, tsdb_ref ref, const tsdb_exemplar *exemplar)
{
    tsdb *db = batch->db;
    head_series *series = series_of(db, ref);
    ifm_bump scratch;
    if (series == NULL) {
        return;
    }
    ifm_bump_init(&scratch, TSDB_LABELS_BYTES_MAX);
    model_labels labels = tsdb_index_labels_new(db->index, series->index_id, &scratch);
    if (labels.items != NULL && tsdb_exemplar_ring_add(&db->exemplars, labels, exemplar)) {
        tsdb_count(&db->counters.exemplars, 1);
    }
    ifm_bump_deinit(&scratch);
}

/* ---- The end ---- */

static void end(tsdb_batch *batch, bool stored)
{
    tsdb *db = batch->db;
    for (size_t i = 0; i < TSDB_VERDICT_COUNT; i++) {
        tsdb_count(&db->counters.verdicts[i], i == TSDB_ACCEPTED && !stored ? 0 : batch->verdicts[i]);
    }
    if (stored) {
        tsdb_count(&db->counters.samples, batch->count);
        tsdb_count(&db->counters.histograms, batch->histograms);
    }
    pthread_mutex_unlock(&db->writer);
}

bool tsdb_batch_commit(tsdb_batch *batch, ifm_error *err)
{
    tsdb *db = batch->db;
    if (batch->failed != IFM_OK) {
        end(batch, false);
        return ifm_error_nomem(err);
    }
    bool stored = head_prepare(batch, err);
    if (stored && batch->count > 0 && !db->replaying) {
        stored = tsdb_log_append(db->log, batch, err);
        if (!stored) {
            head_unprepare(batch);
        }
    }
    if (stored) {
        head_apply(batch);
    }
    uint64_t samples = atomic_load_explicit(&db->active->samples, memory_order_relaxed);
    bool due = samples >= db->options.flush_samples;
    end(batch, stored);
    if (due) {
        tsdb_wake(db);
    }
    return stored;
}

void tsdb_batch_rollback(tsdb_batch *batch)
{
    end(batch, false);
}
