/* SPDX-License-Identifier: Apache-2.0
 *
 * E1 is the invariant of exemplars.h. A cell holds its texts in one piece: for each label of both sets the
 * sizes of name and value and then their bytes.
 */
#include "tsdb/exemplars.h"

#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>
#include <stdlib.h>

bool tsdb_exemplar_ring_init(tsdb_exemplar_ring *ring, uint32_t max, ifm_error *err)
{
    *ring = (tsdb_exemplar_ring){.max = max};
    if (pthread_mutex_init(&ring->lock, NULL) != 0) {
        return ifm_error_nomem(err);
    }
    return true;
}

void tsdb_exemplar_ring_deinit(tsdb_exemplar_ring *ring)
{
    for (uint32_t i = 0; i < ring->count; i++) {
        ifm_free(ring->cells[i].bytes);
    }
    ifm_free(ring->cells);
    ifm_free(ring->buckets);
    pthread_mutex_destroy(&ring->lock);
}

/* ---- Cells ---- */

static size_t labels_size(model_labels labels)
{
    size_t size = labels.count * 2 * sizeof(uint32_t);
    for (size_t i = 0; i < labels.count; i++) {
        size += labels.items[i].name.size + labels.items[i].value.size;
    }
    return size;
}

static char *put_text(char *at, model_text text)
{
    uint32_t size = (uint32_t)text.size;
    memcpy(at, &size, sizeof size);
    if (size > 0) {
        memcpy(at + sizeof size, text.data, size);
    }
    return at + sizeof size + size;
}

static char *put_labels(char *at, model_labels labels)
{
    for (size_t i = 0; i < labels.count; i++) {
        at = put_text(put_text(at, labels.items[i].name), labels.items[i].value);
    }
    return at;
}

static const char *get_text(const char *at, model_text *text)
{
    uint32_t size;
    memcpy(&size, at, sizeof size);
    *text = (model_text){at + sizeof size, size};
    return at + sizeof size + size;
}

/* Reads `count` labels at *at, which moves on; texts point into the cell. */
static model_labels get_labels(const char **at, uint32_t count, ifm_bump *arena)
{
    model_label *items = ifm_bump_alloc_array(arena, count, sizeof *items);
    for (uint32_t i = 0; items != NULL && i < count; i++) {
        *at = get_text(get_text(*at, &items[i].name), &items[i].value);
    }
    return (model_labels){items, items == NULL ? 0 : count};
}

static bool is_series(const exemplar_cell *cell, uint64_t hash, model_labels series)
{
    const char *at = cell->bytes;
    if (cell->hash != hash || cell->counts[0] != series.count) {
        return false;
    }
    for (size_t i = 0; i < series.count; i++) {
        model_text name, value;
        at = get_text(get_text(at, &name), &value);
        if (!model_text_equal(name, series.items[i].name) ||
            !model_text_equal(value, series.items[i].value)) {
            return false;
        }
    }
    return true;
}

/* ---- Adding ---- */

static bool ring_make(tsdb_exemplar_ring *ring)
{
    uint32_t buckets = 16;
    if (ring->cells != NULL) {
        return true;
    }
    while (buckets < ring->max) {
        buckets *= 2;
    }
    exemplar_cell *cells = ifm_alloc_zero(ring->max, sizeof *cells);
    ring->buckets = ifm_alloc_zero(buckets, sizeof *ring->buckets);
    if (cells == NULL || ring->buckets == NULL) {
        ifm_free(cells);
        ifm_free(ring->buckets);
        ring->buckets = NULL;
        return false;
    }
    ring->cells = cells;
    ring->bucket_mask = buckets - 1;
    return true;
}

/* Takes the oldest cell, the last of its bucket's chain, out of it. */
static void ring_evict(tsdb_exemplar_ring *ring, uint32_t at)
{
    uint32_t *link = &ring->buckets[ring->cells[at].hash & ring->bucket_mask];
    while (*link != 0 && *link != at + 1) {
        link = &ring->cells[*link - 1].next;
    }
    *link = ring->cells[at].next;
    ifm_free(ring->cells[at].bytes);
    ring->cells[at].bytes = NULL;
}

static bool ring_add(tsdb_exemplar_ring *ring, model_labels series, const tsdb_exemplar *exemplar)
{
    uint64_t hash = tsdb_index_hash(series);
    if (ring->max == 0 || !ring_make(ring)) {
        return false;
    }
    uint32_t *bucket = &ring->buckets[hash & ring->bucket_mask];
    for (uint32_t at = *bucket; at != 0; at = ring->cells[at - 1].next) {
        if (is_series(&ring->cells[at - 1], hash, series)) {
            if (exemplar->time_ms <= ring->cells[at - 1].time_ms) {
                return false; /* E1 */
            }
            break;
        }
    }
    char *bytes = ifm_alloc(labels_size(series) + labels_size(exemplar->labels));
    if (bytes == NULL) {
        return false;
    }
    put_labels(put_labels(bytes, series), exemplar->labels);
    uint32_t at = ring->at;
    if (ring->count == ring->max) {
        ring_evict(ring, at);
    } else {
        ring->count++;
    }
    ring->at = (at + 1) % ring->max;
    ring->cells[at] = (exemplar_cell){
        .bytes = bytes,
        .hash = hash,
        .next = *bucket,
        .counts = {(uint32_t)series.count, (uint32_t)exemplar->labels.count},
        .value = exemplar->value,
        .time_ms = exemplar->time_ms,
    };
    *bucket = at + 1;
    return true;
}

bool tsdb_exemplar_ring_add(tsdb_exemplar_ring *ring, model_labels series, const tsdb_exemplar *exemplar)
{
    pthread_mutex_lock(&ring->lock);
    bool kept = ring_add(ring, series, exemplar);
    pthread_mutex_unlock(&ring->lock);
    return kept;
}

/* ---- Listing ---- */

static bool set_matches(const model_matcher *matchers, size_t count, model_labels labels, ifm_error *matching)
{
    for (size_t i = 0; i < count; i++) {
        if (!model_matcher_matches(&matchers[i], model_labels_get(labels, matchers[i].name), matching)) {
            return false;
        }
    }
    return true;
}

static bool is_selected(const tsdb_selection *selection, model_labels series, ifm_error *matching)
{
    bool selected = selection->set_count == 0;
    for (size_t i = 0; !selected && i < selection->set_count; i++) {
        selected = set_matches(selection->sets[i], selection->set_sizes[i], series, matching);
    }
    return selected;
}

static int by_series_and_time(const void *a, const void *b)
{
    const tsdb_exemplar *x = a, *y = b;
    int order = model_labels_compare(x->series, y->series);
    return order != 0 ? order : (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

static bool list(tsdb_exemplar_ring *ring, const tsdb_selection *selection, ifm_bump *arena,
                 tsdb_exemplar **out, size_t *count, ifm_error *err)
{
    ifm_error matching = {.code = IFM_OK};
    tsdb_exemplar *items = ifm_bump_alloc_array(arena, ring->count, sizeof *items);
    size_t found = 0;
    for (uint32_t i = 0; items != NULL && i < ring->count && matching.code == IFM_OK; i++) {
        const exemplar_cell *cell = &ring->cells[i];
        if (cell->time_ms < selection->start_ms || cell->time_ms > selection->end_ms) {
            continue;
        }
        const char *at = cell->bytes;
        model_labels series = get_labels(&at, cell->counts[0], arena);
        if (!is_selected(selection, series, &matching)) {
            continue;
        }
        model_labels labels = get_labels(&at, cell->counts[1], arena);
        items[found++] = (tsdb_exemplar){.series = model_labels_copy(series, arena),
                                         .labels = model_labels_copy(labels, arena),
                                         .value = cell->value,
                                         .time_ms = cell->time_ms};
    }
    if (matching.code != IFM_OK) {
        *err = matching;
        return false;
    }
    *out = items;
    *count = found;
    return ifm_bump_check(arena, err);
}

bool tsdb_exemplars(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const tsdb_exemplar **out,
                    size_t *count, ifm_error *err)
{
    tsdb_exemplar *items = NULL;
    size_t found = 0;
    pthread_mutex_lock(&db->exemplars.lock);
    bool ok = list(&db->exemplars, selection, arena, &items, &found, err);
    pthread_mutex_unlock(&db->exemplars.lock);
    if (!ok) {
        return false;
    }
    if (found > 1) {
        qsort(items, found, sizeof *items, by_series_and_time);
    }
    if (selection->limit > 0 && found > selection->limit) {
        found = selection->limit + 1;
    }
    *out = items;
    *count = found;
    return true;
}
