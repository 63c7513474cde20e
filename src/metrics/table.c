/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/table.h"

#include "base/base.h"

#include <string.h>

enum { TABLE_SLOTS_MIN = 8 };

/* In place of a series that was removed: the search goes on behind it. */
static struct ifm_series table_gone_marker;
#define TABLE_GONE (&table_gone_marker)

struct ifm_table *ifm_table_new(size_t series)
{
    size_t slots = TABLE_SLOTS_MIN;
    while (slots / 2 < series) {
        slots *= 2;
    }
    struct ifm_table *table = ifm_alloc_zero(1, sizeof *table + slots * sizeof table->slots[0]);
    if (table != NULL) {
        table->mask = slots - 1;
    }
    return table;
}

/* As memcmp() == 0, without the call for short keys. */
static inline bool bytes_same(const char *a, const char *b, size_t size)
{
    if (size < 8 || size > 32) {
        return memcmp(a, b, size) == 0;
    }
    uint64_t left;
    uint64_t right;
    for (size_t at = 0; at + 8 < size; at += 8) {
        memcpy(&left, a + at, 8);
        memcpy(&right, b + at, 8);
        if (left != right) {
            return false;
        }
    }
    memcpy(&left, a + size - 8, 8); /* overlaps */
    memcpy(&right, b + size - 8, 8);
    return left == right;
}

static bool table_matches(const struct ifm_series *series, const struct ifm_key *key)
{
    return series->hash == key->hash && series->key_size == key->size &&
           bytes_same(series->key, key->data, key->size);
}

/* Searches one table; *moved when a newer one has taken its place. A found series has the hazard. */
static struct ifm_series *table_search(_Atomic(struct ifm_table *) *place, struct ifm_table *table,
                                       const struct ifm_key *key, struct ifm_thread *self, bool *moved)
{
    for (size_t i = key->hash & table->mask;; i = (i + 1) & table->mask) {
        struct ifm_series *series = atomic_load_explicit(&table->slots[i], memory_order_acquire);
        if (series == NULL) {
            return NULL; /* L2 */
        }
        if (series == TABLE_GONE) {
            continue;
        }
        ifm_hazard_series(self, series);
        /* L3: still in the current table, so it was not recycled before the hazard was set (T2). A table
         * that was replaced does not tell: nothing is taken out of it any more. */
        if (atomic_load_explicit(&table->slots[i], memory_order_acquire) != series) {
            continue;
        }
        if (atomic_load_explicit(place, memory_order_acquire) != table) {
            *moved = true;
            return NULL;
        }
        if (table_matches(series, key)) {
            return series;
        }
    }
}

struct ifm_series *ifm_table_find(_Atomic(struct ifm_table *) *place, const struct ifm_key *key,
                                  struct ifm_thread *self)
{
    struct ifm_series *found;
    bool moved;
    do {
        moved = false;
        struct ifm_table *table;
        do {
            table = atomic_load_explicit(place, memory_order_acquire);
            ifm_hazard_table(self, table);
        } while (table != atomic_load_explicit(place, memory_order_acquire));
        found = table_search(place, table, key, self, &moved);
    } while (moved);
    ifm_hazard_table_clear(self);
    if (found == NULL) {
        ifm_hazard_series_clear(self);
    }
    return found;
}

struct ifm_series *ifm_table_find_locked(const struct ifm_table *table, const struct ifm_key *key)
{
    for (size_t i = key->hash & table->mask;; i = (i + 1) & table->mask) {
        struct ifm_series *series = atomic_load_explicit(&table->slots[i], memory_order_relaxed);
        if (series == NULL || (series != TABLE_GONE && table_matches(series, key))) {
            return series;
        }
    }
}

bool ifm_table_has_room(const struct ifm_table *table)
{
    return (table->used + 1) * 4 <= (table->mask + 1) * 3; /* L2 */
}

void ifm_table_insert(struct ifm_table *table, struct ifm_series *series)
{
    size_t i = series->hash & table->mask;
    while (atomic_load_explicit(&table->slots[i], memory_order_relaxed) != NULL) {
        i = (i + 1) & table->mask;
    }
    /* Release: the series is complete before it can be found. */
    atomic_store_explicit(&table->slots[i], series, memory_order_release);
    table->used++;
    table->live++;
}

void ifm_table_copy(struct ifm_table *to, const struct ifm_table *from)
{
    for (size_t i = 0; i <= from->mask; i++) {
        struct ifm_series *series = atomic_load_explicit(&from->slots[i], memory_order_relaxed);
        if (series != NULL && series != TABLE_GONE) {
            ifm_table_insert(to, series);
        }
    }
}

void ifm_table_remove(struct ifm_table *table, const struct ifm_series *series)
{
    for (size_t i = series->hash & table->mask;; i = (i + 1) & table->mask) {
        struct ifm_series *there = atomic_load_explicit(&table->slots[i], memory_order_relaxed);
        if (there == series) {
            atomic_store_explicit(&table->slots[i], TABLE_GONE, memory_order_release);
            table->live--;
            return;
        }
        if (there == NULL) {
            return;
        }
    }
}
