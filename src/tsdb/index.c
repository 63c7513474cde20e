/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/index.h"

#include <inferometer/registry.h>
#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

enum {
    INDEX_TABLE_MIN = 256,
    INDEX_CHUNK_MIN = 3,   /* with its header 32 bytes */
    INDEX_CHUNK_MAX = 1020 /* what a large list may waste */
};

tsdb_index *tsdb_index_new(ifm_error *err)
{
    tsdb_index *index = ifm_alloc_zero(1, sizeof *index);
    if (index == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    atomic_init(&index->references, 1);
    head_pages_init(&index->entries, sizeof(index_entry));
    head_pages_init(&index->series, sizeof(uint32_t *));
    return index;
}

void tsdb_index_acquire(tsdb_index *index)
{
    atomic_fetch_add_explicit(&index->references, 1, memory_order_relaxed);
}

void tsdb_index_release(tsdb_index *index)
{
    /* acq_rel: whoever frees it sees what the others did before they let go. */
    if (index == NULL || atomic_fetch_sub_explicit(&index->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    head_arena_deinit(&index->arena);
    head_pages_deinit(&index->entries);
    head_pages_deinit(&index->series);
    ifm_free(index->by_labels);
    ifm_free(index);
}

size_t tsdb_index_bytes(const tsdb_index *index)
{
    size_t entries = atomic_load_explicit(&index->entry_count, memory_order_relaxed);
    size_t series = atomic_load_explicit(&index->series_count, memory_order_relaxed);
    return sizeof *index + index->arena.bytes + entries * sizeof(index_entry) + series * sizeof(uint32_t *) +
           (index->by_labels == NULL ? 0 : ((size_t)index->by_labels_mask + 1) * sizeof(index_slot));
}

/* ---- Postings ---- */

/* Makes room for one more id. */
static bool postings_reserve(tsdb_index *index, index_postings *postings)
{
    uint32_t count = atomic_load_explicit(&postings->count, memory_order_relaxed);
    index_chunk *tail = atomic_load_explicit(&postings->tail, memory_order_relaxed);
    if (count == 0 || (tail != NULL && count < tail->first + tail->capacity)) {
        return true;
    }
    uint32_t capacity = count < INDEX_CHUNK_MIN ? INDEX_CHUNK_MIN : count;
    capacity = capacity > INDEX_CHUNK_MAX ? INDEX_CHUNK_MAX : capacity;
    index_chunk *chunk = head_arena_alloc(&index->arena, sizeof *chunk + capacity * sizeof(uint32_t));
    if (chunk == NULL) {
        return false;
    }
    chunk->previous = tail;
    chunk->first = count;
    chunk->capacity = capacity;
    atomic_store_explicit(&postings->tail, chunk, memory_order_release);
    return true;
}

/* Behind postings_reserve(). */
static void postings_push(index_postings *postings, uint32_t id)
{
    uint32_t count = atomic_load_explicit(&postings->count, memory_order_relaxed);
    if (count == 0) {
        postings->one = id;
    } else {
        index_chunk *tail = atomic_load_explicit(&postings->tail, memory_order_relaxed);
        tail->ids[count - tail->first] = id;
    }
    atomic_store_explicit(&postings->count, count + 1, memory_order_release); /* X1 */
}

void tsdb_index_postings(const index_postings *postings, uint32_t *out, uint32_t count)
{
    if (count == 0) {
        return;
    }
    out[0] = postings->one;
    const index_chunk *chunk = atomic_load_explicit(&postings->tail, memory_order_acquire);
    for (; chunk != NULL; chunk = chunk->previous) {
        if (chunk->first < count) {
            uint32_t have = count - chunk->first;
            have = have < chunk->capacity ? have : chunk->capacity;
            memcpy(out + chunk->first, chunk->ids, have * sizeof *out);
        }
    }
}

/* ---- Entries ---- */

static uint32_t entry_hash(uint32_t parent, model_text text)
{
    return (uint32_t)XXH3_64bits_withSeed(text.size == 0 ? "" : text.data, text.size, parent);
}

uint32_t tsdb_index_entry(const tsdb_index *index, uint32_t parent, model_text text)
{
    const index_table *table = atomic_load_explicit(&index->table, memory_order_acquire);
    if (table == NULL) {
        return INDEX_NONE;
    }
    for (uint32_t at = entry_hash(parent, text) & table->mask;; at = (at + 1) & table->mask) {
        uint32_t slot = atomic_load_explicit(&table->slots[at], memory_order_acquire);
        if (slot == 0) {
            return INDEX_NONE;
        }
        const index_entry *entry = index_entry_at(index, slot - 1);
        if (entry->parent == parent && model_text_equal(index_text(entry), text)) {
            return slot - 1;
        }
    }
}

static void table_put(index_table *table, uint32_t hash, uint32_t entry)
{
    uint32_t at = hash & table->mask;
    while (atomic_load_explicit(&table->slots[at], memory_order_relaxed) != 0) {
        at = (at + 1) & table->mask;
    }
    atomic_store_explicit(&table->slots[at], entry + 1, memory_order_release);
}

/* Keeps the table at most three quarters full. */
static bool table_reserve(tsdb_index *index)
{
    index_table *old = atomic_load_explicit(&index->table, memory_order_relaxed);
    uint32_t count = atomic_load_explicit(&index->entry_count, memory_order_relaxed);
    if (old != NULL && count < old->mask / 4 * 3) {
        return true;
    }
    uint32_t size = old == NULL ? INDEX_TABLE_MIN : (old->mask + 1) * 2;
    size_t bytes = sizeof(index_table) + size * sizeof(uint32_t);
    index_table *table = head_arena_alloc(&index->arena, bytes);
    if (table == NULL) {
        return false;
    }
    memset((void *)table, 0, bytes);
    table->mask = size - 1;
    for (uint32_t i = 0; i < count; i++) {
        const index_entry *entry = index_entry_at(index, i);
        table_put(table, entry_hash(entry->parent, index_text(entry)), i);
    }
    atomic_store_explicit(&index->table, table, memory_order_release);
    return true;
}

/* Finds or makes an entry; one that nothing uses after a failure does no harm. */
static uint32_t entry_intern(tsdb_index *index, uint32_t parent, model_text text)
{
    uint32_t found = tsdb_index_entry(index, parent, text);
    if (found != INDEX_NONE) {
        return found;
    }
    uint32_t id = atomic_load_explicit(&index->entry_count, memory_order_relaxed);
    index_postings *values = parent == INDEX_NONE
                                 ? &index->names
                                 : &((index_entry *)head_pages_at(&index->entries, parent))->postings;
    const char *copy = text.size > UINT32_MAX || id == INDEX_NONE - 1
                           ? NULL
                           : head_arena_copy(&index->arena, text.data, text.size);
    if (copy == NULL || !head_pages_ensure(&index->entries, id) || !table_reserve(index) ||
        !postings_reserve(index, values)) {
        return INDEX_NONE;
    }
    index_entry *entry = head_pages_at(&index->entries, id);
    entry->text = copy;
    entry->size = (uint32_t)text.size;
    entry->parent = parent;
    atomic_store_explicit(&index->entry_count, id + 1, memory_order_release);
    table_put(atomic_load_explicit(&index->table, memory_order_relaxed), entry_hash(parent, text), id);
    postings_push(values, id);
    return id;
}

/* ---- Series ---- */

uint64_t tsdb_index_hash(model_labels labels)
{
    uint64_t hash = labels.count;
    for (size_t i = 0; i < labels.count; i++) {
        model_text name = labels.items[i].name, value = labels.items[i].value;
        hash = XXH3_64bits_withSeed(name.size == 0 ? "" : name.data, name.size, hash);
        hash = XXH3_64bits_withSeed(value.size == 0 ? "" : value.data, value.size, hash);
    }
    return hash;
}

static bool series_has(const tsdb_index *index, uint32_t series, model_labels labels)
{
    const uint32_t *entries = index_series_at(index, series);
    if (entries[0] != labels.count) {
        return false;
    }
    for (uint32_t i = 0; i < entries[0]; i++) {
        const index_entry *value = index_entry_at(index, entries[i + 1]);
        if (!model_text_equal(index_text(value), labels.items[i].value) ||
            !model_text_equal(index_text(index_entry_at(index, value->parent)), labels.items[i].name)) {
            return false;
        }
    }
    return true;
}

uint32_t tsdb_index_find(const tsdb_index *index, model_labels labels, uint64_t hash)
{
    if (index->by_labels == NULL) {
        return INDEX_NONE;
    }
    for (uint32_t at = (uint32_t)hash & index->by_labels_mask;; at = (at + 1) & index->by_labels_mask) {
        index_slot slot = index->by_labels[at];
        if (slot.series == 0) {
            return INDEX_NONE;
        }
        if (slot.hash == (uint32_t)hash && series_has(index, slot.series - 1, labels)) {
            return slot.series - 1;
        }
    }
}

static void by_labels_put(index_slot *slots, uint32_t mask, index_slot slot)
{
    uint32_t at = slot.hash & mask;
    while (slots[at].series != 0) {
        at = (at + 1) & mask;
    }
    slots[at] = slot;
}

static bool by_labels_reserve(tsdb_index *index)
{
    uint32_t count = atomic_load_explicit(&index->series_count, memory_order_relaxed);
    if (index->by_labels != NULL && count < index->by_labels_mask / 4 * 3) {
        return true;
    }
    uint32_t size = index->by_labels == NULL ? INDEX_TABLE_MIN : (index->by_labels_mask + 1) * 2;
    index_slot *slots = ifm_alloc_zero(size, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; index->by_labels != NULL && i <= index->by_labels_mask; i++) {
        if (index->by_labels[i].series != 0) {
            by_labels_put(slots, size - 1, index->by_labels[i]);
        }
    }
    ifm_free(index->by_labels);
    index->by_labels = slots;
    index->by_labels_mask = size - 1;
    return true;
}

/* The entries of the labels, with room for one more series in each. */
static bool add_entries(tsdb_index *index, model_labels labels, uint32_t *entries)
{
    entries[0] = (uint32_t)labels.count;
    for (size_t i = 0; i < labels.count; i++) {
        uint32_t name = entry_intern(index, INDEX_NONE, labels.items[i].name);
        uint32_t value = name == INDEX_NONE ? INDEX_NONE : entry_intern(index, name, labels.items[i].value);
        if (value == INDEX_NONE) {
            return false;
        }
        index_entry *entry = head_pages_at(&index->entries, value);
        if (!postings_reserve(index, &entry->postings)) {
            return false;
        }
        entries[i + 1] = value;
    }
    return true;
}

bool tsdb_index_add(tsdb_index *index, model_labels labels, uint64_t hash, uint32_t *out, ifm_error *err)
{
    uint32_t id = atomic_load_explicit(&index->series_count, memory_order_relaxed);
    uint32_t *entries = head_arena_alloc(&index->arena, (labels.count + 1) * sizeof *entries);
    if (entries == NULL || !add_entries(index, labels, entries) || !by_labels_reserve(index) ||
        !head_pages_ensure(&index->series, id)) {
        return ifm_error_nomem(err);
    }
    *(uint32_t **)head_pages_at(&index->series, id) = entries; /* X2 */
    by_labels_put(index->by_labels, index->by_labels_mask, (index_slot){(uint32_t)hash, id + 1});
    atomic_store_explicit(&index->series_count, id + 1, memory_order_release);
    for (uint32_t i = 0; i < entries[0]; i++) {
        postings_push(&((index_entry *)head_pages_at(&index->entries, entries[i + 1]))->postings, id);
    }
    *out = id;
    return true;
}

model_labels tsdb_index_labels(const tsdb_index *index, uint32_t series, model_label *items)
{
    const uint32_t *entries = index_series_at(index, series);
    for (uint32_t i = 0; i < entries[0]; i++) {
        const index_entry *value = index_entry_at(index, entries[i + 1]);
        items[i].value = index_text(value);
        items[i].name = index_text(index_entry_at(index, value->parent));
    }
    return (model_labels){items, entries[0]};
}

model_labels tsdb_index_labels_new(const tsdb_index *index, uint32_t series, ifm_bump *arena)
{
    model_label *items = ifm_bump_alloc_array(arena, index_series_at(index, series)[0], sizeof *items);
    return items == NULL ? (model_labels){0} : tsdb_index_labels(index, series, items);
}

int tsdb_index_compare(const tsdb_index *index, uint32_t a, uint32_t b)
{
    const uint32_t *left = index_series_at(index, a), *right = index_series_at(index, b);
    uint32_t common = left[0] < right[0] ? left[0] : right[0];
    for (uint32_t i = 1; i <= common; i++) {
        if (left[i] == right[i]) {
            continue; /* interned: the same name and value */
        }
        const index_entry *x = index_entry_at(index, left[i]), *y = index_entry_at(index, right[i]);
        if (x->parent != y->parent) {
            return model_text_compare(index_text(index_entry_at(index, x->parent)),
                                      index_text(index_entry_at(index, y->parent)));
        }
        return model_text_compare(index_text(x), index_text(y));
    }
    return left[0] < right[0] ? -1 : left[0] > right[0];
}

void tsdb_index_sort(const tsdb_index *index, uint32_t *ids, uint32_t *scratch, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count;
            size_t high = middle + width < count ? middle + width : count;
            if (middle == high || tsdb_index_compare(index, ids[middle - 1], ids[middle]) <= 0) {
                memcpy(scratch + low, ids + low, (high - low) * sizeof *ids);
                continue; /* series mostly come in order */
            }
            for (size_t at = low, left = low, right = middle; at < high; at++) {
                bool take_left =
                    right == high || (left < middle && tsdb_index_compare(index, ids[left], ids[right]) <= 0);
                scratch[at] = take_left ? ids[left++] : ids[right++];
            }
        }
        memcpy(ids, scratch, count * sizeof *ids);
    }
}

bool tsdb_index_check(const tsdb_index *index)
{
    uint32_t series = atomic_load_explicit(&index->series_count, memory_order_acquire);
    for (uint32_t i = 0; i < series; i++) {
        const uint32_t *entries = index_series_at(index, i);
        for (uint32_t k = 1; k <= entries[0]; k++) {
            const index_entry *value = index_entry_at(index, entries[k]);
            if (value->parent == INDEX_NONE || index_postings_count(&value->postings) == 0) {
                return false;
            }
            if (k > 1 && model_text_compare(
                             index_text(index_entry_at(index, index_entry_at(index, entries[k - 1])->parent)),
                             index_text(index_entry_at(index, value->parent))) >= 0) {
                return false; /* X2 */
            }
        }
    }
    return true;
}
