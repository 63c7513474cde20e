/* SPDX-License-Identifier: Apache-2.0
 *
 * Generations: made, frozen, and what becomes of the series when the next one begins. The invariants are
 * those of head.h.
 */
#include "tsdb/head.h"

#include "tsdb/limits.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

size_t tsdb_head_bytes(tsdb *db)
{
    size_t bytes = tsdb_index_bytes(db->index) + (size_t)db->slot_count * (sizeof(head_series) + 8) +
                   (size_t)db->batch.capacity * sizeof(head_item);
    pthread_mutex_lock(&db->lock);
    for (const head_generation *g = db->frozen; g != NULL; g = g->next) {
        bytes += atomic_load_explicit(&g->bytes, memory_order_relaxed);
        bytes += g->index == db->index ? 0 : tsdb_index_bytes(g->index);
    }
    pthread_mutex_unlock(&db->lock);
    return bytes + atomic_load_explicit(&db->active->bytes, memory_order_relaxed);
}

/* ---- The next generation ---- */

/* Whether a frozen generation still has samples of the series, which share its number there. */
static bool is_frozen(const tsdb *db, uint32_t index_id)
{
    for (const head_generation *g = db->frozen; g != NULL; g = g->next) {
        if (g->index == db->index && head_newest(g, index_id) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_dead(const tsdb *db, const head_series *series, uint64_t idle_ms)
{
    return series->segment == NULL && tsdb_is_older(db, series->last_ms, idle_ms) &&
           !is_frozen(db, series->index_id);
}

/* `dead` is an array of slots; false when memory is out. */
static bool find_dead(tsdb *db, uint64_t idle_ms, uint32_t **dead, uint32_t *count)
{
    uint32_t capacity = 0;
    *dead = NULL;
    *count = 0;
    for (uint32_t slot = 0; slot < db->slot_count; slot++) {
        const head_series *series = tsdb_slot(db, slot);
        if (series->index_id == INDEX_NONE || !is_dead(db, series, idle_ms)) {
            continue;
        }
        if (*count == capacity) {
            capacity = capacity == 0 ? 64 : capacity * 2;
            uint32_t *grown = ifm_realloc(*dead, capacity, sizeof **dead);
            if (grown == NULL) {
                return false;
            }
            *dead = grown;
        }
        (*dead)[(*count)++] = slot;
    }
    return true;
}

/* An index of the series that are not dead, and which slots they are: by number of the new index. */
static tsdb_index *rebuild(tsdb *db, const uint32_t *dead, uint32_t dead_count, head_pages *slots)
{
    ifm_error err;
    ifm_bump scratch;
    tsdb_index *index = tsdb_index_new(&err);
    bool ok = index != NULL;
    ifm_bump_init(&scratch, TSDB_LABELS_BYTES_MAX);
    for (uint32_t slot = 0, next = 0; ok && slot < db->slot_count; slot++) {
        const head_series *series = tsdb_slot(db, slot);
        if (next < dead_count && dead[next] == slot) {
            next++;
            continue;
        }
        if (series->index_id == INDEX_NONE) {
            continue;
        }
        ifm_bump_mark mark = ifm_bump_mark_now(&scratch);
        model_labels labels = tsdb_index_labels_new(db->index, series->index_id, &scratch);
        uint32_t id = 0;
        ok = labels.items != NULL && tsdb_index_add(index, labels, tsdb_index_hash(labels), &id, &err) &&
             head_pages_ensure(slots, id);
        if (ok) {
            *(uint32_t *)head_pages_at(slots, id) = slot;
        }
        ifm_bump_rewind(&scratch, mark);
    }
    ifm_bump_deinit(&scratch);
    if (!ok) {
        tsdb_index_release(index);
        return NULL;
    }
    return index;
}

static bool make_room_for_free(tsdb *db, uint32_t more)
{
    if (db->free_count + more <= db->free_capacity) {
        return true;
    }
    uint32_t *grown = ifm_realloc(db->free_slots, (size_t)db->free_count + more, sizeof *grown);
    if (grown != NULL) {
        db->free_slots = grown;
        db->free_capacity = db->free_count + more;
    }
    return grown != NULL;
}

/* One that comes back is new: that it gets no sample from before its last one is left to the floor. */
static void drop_dead(tsdb *db, const uint32_t *dead, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        head_series *series = tsdb_slot(db, dead[i]);
        db->floor_ms = series->last_ms > db->floor_ms ? series->last_ms : db->floor_ms;
        series->tag++; /* H5 */
        series->tag += series->tag == 0;
        series->index_id = INDEX_NONE;
        db->free_slots[db->free_count++] = dead[i];
    }
    atomic_fetch_sub_explicit(&db->live, count, memory_order_relaxed);
    tsdb_count(&db->counters.series_removed, count);
}

/* Drops dead series and takes an index without them, when they are worth it. That it could not, because
 * memory is out, means that they are dropped another time. */
static void drop_series(tsdb *db)
{
    uint32_t *dead = NULL, count = 0;
    head_pages slots;
    uint32_t live = atomic_load_explicit(&db->live, memory_order_relaxed);
    bool near_cap = live > db->options.series_max / 8 * 7;
    bool found = find_dead(db, near_cap ? TSDB_SERIES_IDLE_FULL_MS : TSDB_SERIES_IDLE_MS, &dead, &count);
    head_pages_init(&slots, sizeof(uint32_t));
    if (found && count > 0 && (count >= live / 8 || near_cap) && make_room_for_free(db, count)) {
        tsdb_index *index = rebuild(db, dead, count, &slots);
        if (index != NULL) {
            drop_dead(db, dead, count);
            tsdb_index_release(db->index);
            db->index = index;
            head_pages_deinit(&db->slots);
            db->slots = slots;
            head_pages_init(&slots, sizeof(uint32_t));
            uint32_t series = atomic_load_explicit(&index->series_count, memory_order_relaxed);
            for (uint32_t id = 0; id < series; id++) {
                tsdb_slot(db, *(uint32_t *)head_pages_at(&db->slots, id))->index_id = id;
            }
        }
    }
    head_pages_deinit(&slots);
    ifm_free(dead);
}

/* Room for the heads of all series. */
static bool ensure_heads(head_generation *generation, const tsdb_index *index)
{
    uint32_t count = atomic_load_explicit(&index->series_count, memory_order_relaxed);
    for (uint32_t id = 0; id < count; id += 1U << HEAD_PAGE_BITS) {
        if (!head_pages_ensure(&generation->heads, id)) {
            return false;
        }
    }
    return count == 0 || head_pages_ensure(&generation->heads, count - 1);
}

bool head_switch(tsdb *db, uint64_t log_end, ifm_error *err)
{
    head_generation *next = head_generation_new(db->index, err);
    if (next == NULL) {
        return false;
    }
    if (!ensure_heads(next, db->index)) { /* as many as a new index needs, or more */
        tsdb_source *source = &next->base;
        source->functions->release(source);
        return ifm_error_nomem(err);
    }
    drop_series(db);
    if (next->index != db->index) {
        tsdb_index_release(next->index);
        tsdb_index_acquire(db->index);
        next->index = db->index;
    }
    for (uint32_t slot = 0; slot < db->slot_count; slot++) {
        head_series *series = tsdb_slot(db, slot);
        series->segment = NULL;
        series->flags &= ~(uint32_t)HEAD_SERIES_LOGGED;
    }
    pthread_mutex_lock(&db->lock);
    head_generation *old = db->active, **last = &db->frozen;
    next->number = old->number + 1;
    old->log_end = log_end;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = old;
    db->active = next;
    pthread_mutex_unlock(&db->lock);
    return true;
}

/* ---- Checking ---- */

static bool check_column(const head_column *column)
{
    uint32_t count = atomic_load_explicit(&column->count, memory_order_acquire);
    const head_rows *rows = atomic_load_explicit(&column->rows, memory_order_acquire);
    if (count > 0 && (rows == NULL || rows->capacity < count)) {
        return false;
    }
    for (uint32_t i = 1; i < count; i++) {
        if (rows->times_ms[i] <= rows->times_ms[i - 1] || rows->batches[i] < rows->batches[i - 1]) {
            return false; /* H2, H4 */
        }
    }
    return true;
}

static bool check_series(const head_generation *generation, uint32_t id)
{
    const head_segment *newer = NULL;
    int64_t newer_ms = INT64_MAX;
    for (const head_segment *s = head_newest(generation, id); s != NULL; newer = s, s = s->previous) {
        if (!check_column(s->column)) {
            return false;
        }
        uint32_t count = head_column_visible(s->column, UINT32_MAX);
        const head_rows *rows = atomic_load_explicit(&s->column->rows, memory_order_acquire);
        for (uint32_t i = HEAD_SEGMENT_VALUES; i-- > 0;) {
            if (model_is_absent(s->values[i]) || s->first + i >= count) {
                continue;
            }
            if (rows->times_ms[s->first + i] >= newer_ms) {
                return false; /* H2 */
            }
            if (newer != NULL && newer->column == s->column && s->first + i >= newer->first) {
                return false; /* H3 */
            }
            newer_ms = rows->times_ms[s->first + i];
        }
    }
    return true;
}

bool tsdb_head_check(tsdb *db)
{
    bool ok = tsdb_index_check(db->index);
    uint32_t live = 0;
    for (uint32_t slot = 0; ok && slot < db->slot_count; slot++) {
        const head_series *series = tsdb_slot(db, slot);
        if (series->index_id == INDEX_NONE) {
            continue;
        }
        live++;
        ok = *(uint32_t *)head_pages_at(&db->slots, series->index_id) == slot &&
             head_newest(db->active, series->index_id) == series->segment &&
             check_series(db->active, series->index_id);
    }
    return ok && live == atomic_load_explicit(&db->live, memory_order_relaxed) &&
           live == atomic_load_explicit(&db->index->series_count, memory_order_relaxed);
}
