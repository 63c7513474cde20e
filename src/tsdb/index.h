/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of the head: series by labels, and for each label pair the series that have it. It only grows;
 * when enough of its series are dead, a new one is made of the others. Generations share it and hold it by
 * reference.
 *
 * Names and values are entries of one table: a name is an entry without a parent whose postings are its
 * values, a value is an entry whose parent is its name and whose postings are series. A posting list of one,
 * which most values of a label like "id" have, lies in the entry.
 *
 * Thread-safety: one writer; any number of readers, without locks: a count is published (release) behind what
 * it counts.
 * X1  ids of a posting list rise strictly, and are below the published number of what they are ids of.
 * X2  the entries of a series are in the order of its labels (model/labels.h, L1).
 * X3  an entry is found in the table from before the first series with it is published.
 */
#ifndef IFM_TSDB_INDEX_H
#define IFM_TSDB_INDEX_H

#include "model/model.h"
#include "tsdb/head_memory.h"
#include "tsdb/tsdb.h"

#define INDEX_NONE UINT32_MAX

typedef struct index_chunk {
    struct index_chunk *previous;
    uint32_t first; /* which of the list's ids is its first; 1 and up, for that of index 0 is in the list */
    uint32_t capacity;
    uint32_t ids[];
} index_chunk;

typedef struct index_postings {
    _Atomic uint32_t count;
    uint32_t one; /* the first id */
    _Atomic(index_chunk *) tail;
} index_postings;

typedef struct index_entry {
    const char *text;
    uint32_t size;
    uint32_t parent; /* INDEX_NONE: it is a name */
    index_postings postings;
} index_entry;

/* Open addressing; slots hold an entry's number + 1. */
typedef struct index_table {
    uint32_t mask;
    _Atomic uint32_t slots[];
} index_table;

typedef struct index_slot {
    uint32_t hash;
    uint32_t series; /* + 1 */
} index_slot;

typedef struct tsdb_index {
    _Atomic uint32_t references;
    _Atomic uint32_t series_count;
    _Atomic uint32_t entry_count;
    head_arena arena;
    head_pages entries; /* index_entry */
    head_pages series;  /* uint32_t *: the number of labels, then the entries of their values */
    index_postings names;
    _Atomic(index_table *) table; /* old ones stay until the end, for readers */
    index_slot *by_labels;        /* the writer's: series by the hash of their labels */
    uint32_t by_labels_mask;
} tsdb_index;

tsdb_index *tsdb_index_new(ifm_error *err);
void tsdb_index_acquire(tsdb_index *index);
void tsdb_index_release(tsdb_index *index);
size_t tsdb_index_bytes(const tsdb_index *index);

/* ---- The writer ---- */

uint64_t tsdb_index_hash(model_labels labels);
/* INDEX_NONE: there is none. */
uint32_t tsdb_index_find(const tsdb_index *index, model_labels labels, uint64_t hash);
/* Adds labels that are not there. Errors: IFM_NOMEM. */
bool tsdb_index_add(tsdb_index *index, model_labels labels, uint64_t hash, uint32_t *out, ifm_error *err);

/* ---- Anyone ---- */

static inline const index_entry *index_entry_at(const tsdb_index *index, uint32_t entry)
{
    return head_pages_at(&index->entries, entry);
}
static inline const uint32_t *index_series_at(const tsdb_index *index, uint32_t series)
{
    return *(uint32_t *const *)head_pages_at(&index->series, series);
}
static inline model_text index_text(const index_entry *entry)
{
    return (model_text){entry->text, entry->size};
}

/* The entry of a name (`parent` INDEX_NONE) or of its value. */
uint32_t tsdb_index_entry(const tsdb_index *index, uint32_t parent, model_text text);
/* Copies the first `count` ids, which were published. */
void tsdb_index_postings(const index_postings *postings, uint32_t *out, uint32_t count);
static inline uint32_t index_postings_count(const index_postings *postings)
{
    return atomic_load_explicit(&postings->count, memory_order_acquire);
}
/* Labels point into the index; `items` has room for those of the series: index_series_at()[0]. */
model_labels tsdb_index_labels(const tsdb_index *index, uint32_t series, model_label *items);
model_labels tsdb_index_labels_new(const tsdb_index *index, uint32_t series, ifm_bump *arena);
/* < 0, 0, > 0 as model_labels_compare(). */
int tsdb_index_compare(const tsdb_index *index, uint32_t a, uint32_t b);
/* Sorts series by labels; `scratch` is as large as `ids`. */
void tsdb_index_sort(const tsdb_index *index, uint32_t *ids, uint32_t *scratch, size_t count);

/* The series that match, by number, in `arena`. */
bool tsdb_index_select(const tsdb_index *index, const model_matcher *matchers, size_t count, ifm_bump *arena,
                       uint32_t **out, size_t *out_count, ifm_error *err);
bool tsdb_index_names(const tsdb_index *index, ifm_bump *arena, const model_text **out, size_t *count,
                      ifm_error *err);
bool tsdb_index_values(const tsdb_index *index, model_text name, ifm_bump *arena, const model_text **out,
                       size_t *count, ifm_error *err);
bool tsdb_index_cardinality(const tsdb_index *index, size_t limit, ifm_bump *arena, tsdb_cardinality *out,
                            ifm_error *err);

/* Asserts X1 and X2; for tests. */
bool tsdb_index_check(const tsdb_index *index);

#endif
