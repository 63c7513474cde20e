/* SPDX-License-Identifier: Apache-2.0
 *
 * The series that a rule appended the last time, so that those which are gone now can be marked as ended.
 */
#include "rules/impl.h"

enum { TABLE_SIZE_MIN = 16 };

static void table_put(rules_series_set *set, size_t index)
{
    size_t mask = set->table_size - 1, at = set->items[index].hash & mask;
    while (set->table[at] != 0) {
        at = (at + 1) & mask;
    }
    set->table[at] = (uint32_t)index + 1;
}

/* So that the table is half empty with one more. */
static bool table_grow(rules_series_set *set)
{
    if (2 * (set->count + 1) <= set->table_size) {
        return true;
    }
    size_t size = set->table_size == 0 ? TABLE_SIZE_MIN : 2 * set->table_size;
    uint32_t *table = ifm_alloc_zero(size, sizeof *table);
    rules_series *items = ifm_realloc(set->items, size / 2, sizeof *items);
    set->items = items == NULL ? set->items : items;
    if (table == NULL || items == NULL) {
        ifm_free(table);
        return false;
    }
    ifm_free(set->table);
    set->table = table;
    set->table_size = size;
    for (size_t i = 0; i < set->count; i++) {
        table_put(set, i);
    }
    return true;
}

rules_series *rules_series_find(rules_series_set *set, model_labels labels)
{
    uint64_t hash = model_labels_hash(labels);
    for (size_t at = hash; set->table_size > 0; at++) {
        uint32_t index = set->table[at & (set->table_size - 1)];
        if (index == 0) {
            break;
        }
        rules_series *series = &set->items[index - 1];
        if (series->hash == hash && model_labels_equal(series->labels, labels)) {
            return series;
        }
    }
    model_labels packed = rules_labels_pack(labels);
    if (packed.items == NULL || !table_grow(set)) {
        ifm_free((void *)(uintptr_t)packed.items);
        return NULL;
    }
    set->items[set->count] = (rules_series){.labels = packed, .hash = hash};
    table_put(set, set->count);
    return &set->items[set->count++];
}

void rules_series_keep(rules_series_set *set, uint64_t seen)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].seen == seen) {
            set->items[kept++] = set->items[i];
        } else {
            ifm_free((void *)(uintptr_t)set->items[i].labels.items);
        }
    }
    if (kept == set->count) {
        return;
    }
    set->count = kept;
    memset(set->table, 0, set->table_size * sizeof *set->table);
    for (size_t i = 0; i < kept; i++) {
        table_put(set, i);
    }
}

void rules_series_free(rules_series_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        ifm_free((void *)(uintptr_t)set->items[i].labels.items);
    }
    ifm_free(set->items);
    ifm_free(set->table);
    *set = (rules_series_set){NULL, 0, NULL, 0};
}
