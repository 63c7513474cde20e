/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists are gathered in an arena of their own, so that the caller's holds the result alone.
 */
#include "tsdb/listing.h"

#include "tsdb/querier.h"

#include <stdlib.h>
#define XXH_INLINE_ALL /* nothing to link, as in model/labels.c */
#include <xxhash.h>

/* As much as the caller's arena has left. */
static void scratch_init(ifm_bump *scratch, const ifm_bump *arena)
{
    ifm_bump_init(scratch, arena->max - arena->used);
}

/* One more than the limit: so the caller sees that there are more. */
static size_t limited(const tsdb_selection *selection, size_t count)
{
    return selection->limit != 0 && count > selection->limit ? selection->limit + 1 : count;
}

/* ---- Series ---- */

static int compare_labels(const void *left, const void *right)
{
    return model_labels_compare(*(const model_labels *)left, *(const model_labels *)right);
}

static size_t labels_unique(model_labels *labels, size_t count)
{
    size_t kept = 0;
    qsort(labels, count, sizeof *labels, compare_labels);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !model_labels_equal(labels[kept - 1], labels[i])) {
            labels[kept++] = labels[i];
        }
    }
    return kept;
}

/* The series of one set are behind each other, and sorted. */
static bool select_set(const tsdb_view *view, const tsdb_selection *selection, size_t set, ifm_bump *scratch,
                       model_labels **labels, size_t *count, ifm_error *err)
{
    tsdb_range range = {selection->start_ms, selection->end_ms};
    bool all = selection->set_count == 0;
    const tsdb_merged *found = NULL;
    size_t found_count = 0;
    if (!tsdb_view_select(view, all ? NULL : selection->sets[set], all ? 0 : selection->set_sizes[set], range,
                          scratch, &found, &found_count, err)) {
        return false;
    }
    model_labels *grown = ifm_bump_alloc_array(scratch, *count + found_count, sizeof *grown);
    if (grown == NULL) {
        return ifm_bump_check(scratch, err);
    }
    if (*count > 0) {
        memcpy(grown, *labels, *count * sizeof *grown);
    }
    for (size_t i = 0; i < found_count; i++) {
        grown[*count + i] = found[i].labels;
    }
    *labels = grown;
    *count += found_count;
    return true;
}

static bool select_sets(const tsdb_view *view, const tsdb_selection *selection, ifm_bump *scratch,
                        model_labels **out, size_t *out_count, ifm_error *err)
{
    *out_count = 0;
    for (size_t i = 0; i == 0 || i < selection->set_count; i++) {
        if (!select_set(view, selection, i, scratch, out, out_count, err)) {
            return false;
        }
    }
    if (selection->set_count > 1 && *out_count > 0) {
        *out_count = labels_unique(*out, *out_count);
    }
    return true;
}

bool tsdb_view_series(const tsdb_view *view, const tsdb_selection *selection, ifm_bump *arena,
                      const model_labels **out, size_t *count, ifm_error *err)
{
    ifm_bump scratch;
    model_labels *found = NULL;
    size_t found_count = 0;
    scratch_init(&scratch, arena);
    bool ok = select_sets(view, selection, &scratch, &found, &found_count, err);
    found_count = limited(selection, found_count);
    model_labels *copies = ok ? ifm_bump_alloc_array(arena, found_count, sizeof *copies) : NULL;
    for (size_t i = 0; copies != NULL && i < found_count; i++) {
        copies[i] = model_labels_copy(found[i], arena);
    }
    ifm_bump_deinit(&scratch);
    if (!ok || !ifm_bump_check(arena, err)) {
        return false;
    }
    *out = copies;
    *count = found_count;
    return true;
}

/* ---- Names and values ---- */

/* A hash table of texts with open addressing, at most half full; data NULL: free. */
typedef struct text_set {
    ifm_bump *arena;
    model_text *slots;
    size_t slot_count; /* a power of two */
    size_t count;
} text_set;

enum { TEXT_SET_SLOTS_MIN = 64 };

static model_text *set_slot(const text_set *set, model_text text)
{
    size_t at = (size_t)XXH3_64bits(text.data, text.size) & (set->slot_count - 1);
    while (set->slots[at].data != NULL && !model_text_equal(set->slots[at], text)) {
        at = (at + 1) & (set->slot_count - 1);
    }
    return &set->slots[at];
}

static bool set_grow(text_set *set)
{
    text_set larger = *set;
    larger.slot_count = set->slot_count == 0 ? TEXT_SET_SLOTS_MIN : set->slot_count * 2;
    larger.slots = ifm_bump_alloc_array(set->arena, larger.slot_count, sizeof(model_text));
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i].data != NULL) {
            *set_slot(&larger, set->slots[i]) = set->slots[i];
        }
    }
    *set = larger;
    return true;
}

/* Empty texts are left out: a label without a value is none. Without memory the arena remembers. */
static void set_add(text_set *set, model_text text)
{
    if (text.size == 0 || (set->count * 2 >= set->slot_count && !set_grow(set))) {
        return;
    }
    model_text *slot = set_slot(set, text);
    if (slot->data == NULL) {
        *slot = text;
        set->count++;
    }
}

static int compare_texts(const void *left, const void *right)
{
    return model_text_compare(*(const model_text *)left, *(const model_text *)right);
}

/* Copies what is in the set, sorted. */
static bool set_list(text_set *set, const tsdb_selection *selection, ifm_bump *arena, const model_text **out,
                     size_t *out_count, ifm_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i].data != NULL) {
            set->slots[kept++] = set->slots[i]; /* it is no table any more */
        }
    }
    if (kept > 1) {
        qsort(set->slots, kept, sizeof *set->slots, compare_texts);
    }
    kept = limited(selection, kept);
    model_text *copies = ifm_bump_alloc_array(arena, kept, sizeof *copies);
    for (size_t i = 0; copies != NULL && i < kept; i++) {
        copies[i] =
            (model_text){ifm_bump_copy(arena, set->slots[i].data, set->slots[i].size), set->slots[i].size};
    }
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    *out = copies;
    *out_count = kept;
    return true;
}

/* What is asked for: the values of a label, or all names. */
typedef struct listing {
    const tsdb_view *view;
    const tsdb_selection *selection;
    const model_text *value_of; /* NULL: names */
} listing;

/* Without matchers: as the sources list them. */
static bool gather_of_sources(const listing *of, text_set *set, ifm_error *err)
{
    for (size_t i = 0; i < of->view->count; i++) {
        tsdb_source *source = of->view->sources[i];
        const model_text *texts = NULL;
        size_t count = 0;
        if (!tsdb_source_overlaps(source, of->selection->start_ms, of->selection->end_ms)) {
            continue;
        }
        bool ok =
            of->value_of == NULL
                ? source->functions->label_names(source, set->arena, &texts, &count, err)
                : source->functions->label_values(source, *of->value_of, set->arena, &texts, &count, err);
        for (size_t j = 0; ok && j < count; j++) {
            set_add(set, texts[j]);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool gather_of_series(const listing *of, text_set *set, ifm_error *err)
{
    model_labels *series = NULL;
    size_t count = 0;
    if (!select_sets(of->view, of->selection, set->arena, &series, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (of->value_of != NULL) {
            set_add(set, model_labels_get(series[i], *of->value_of));
            continue;
        }
        for (size_t j = 0; j < series[i].count; j++) {
            set_add(set, series[i].items[j].name);
        }
    }
    return true;
}

static bool list(const listing *of, ifm_bump *arena, const model_text **out, size_t *count, ifm_error *err)
{
    ifm_bump scratch;
    text_set set = {.arena = &scratch};
    scratch_init(&scratch, arena);
    bool ok = (of->selection->set_count == 0 ? gather_of_sources(of, &set, err)
                                             : gather_of_series(of, &set, err)) &&
              ifm_bump_check(&scratch, err) && set_list(&set, of->selection, arena, out, count, err);
    ifm_bump_deinit(&scratch);
    return ok;
}

bool tsdb_view_label_names(const tsdb_view *view, const tsdb_selection *selection, ifm_bump *arena,
                           const model_text **out, size_t *count, ifm_error *err)
{
    const listing of = {view, selection, NULL};
    return list(&of, arena, out, count, err);
}

bool tsdb_view_label_values(const tsdb_view *view, model_text name, const tsdb_selection *selection,
                            ifm_bump *arena, const model_text **out, size_t *count, ifm_error *err)
{
    const listing of = {view, selection, &name};
    return list(&of, arena, out, count, err);
}

/* ---- Of a store ---- */

bool tsdb_series(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_labels **out,
                 size_t *count, ifm_error *err)
{
    tsdb_view view;
    if (!tsdb_view_acquire(db, selection->start_ms, selection->end_ms, &view, err)) {
        return false;
    }
    bool ok = tsdb_view_series(&view, selection, arena, out, count, err);
    tsdb_view_release(&view);
    return ok;
}

bool tsdb_label_names(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_text **out,
                      size_t *count, ifm_error *err)
{
    tsdb_view view;
    if (!tsdb_view_acquire(db, selection->start_ms, selection->end_ms, &view, err)) {
        return false;
    }
    bool ok = tsdb_view_label_names(&view, selection, arena, out, count, err);
    tsdb_view_release(&view);
    return ok;
}

bool tsdb_label_values(tsdb *db, model_text name, const tsdb_selection *selection, ifm_bump *arena,
                       const model_text **out, size_t *count, ifm_error *err)
{
    tsdb_view view;
    if (!tsdb_view_acquire(db, selection->start_ms, selection->end_ms, &view, err)) {
        return false;
    }
    bool ok = tsdb_view_label_values(&view, name, selection, arena, out, count, err);
    tsdb_view_release(&view);
    return ok;
}
