/* SPDX-License-Identifier: Apache-2.0
 *
 * The series of a family by their label values: open addressing, read without a lock.
 *
 * Thread-safety: find by any thread that has a record (thread.h); all else under the registry's lock.
 * L1  a slot holds NULL, TABLE_GONE or a series; a reader that finds nothing may have been overtaken by an
 *     insertion or a new table, so it asks again under the lock before it believes it.
 * L2  at least a quarter of the slots is NULL: every search ends.
 * L3  a removed series is taken out of the current table, not out of those that were replaced: a reader
 *     looks at a series only if, with the hazard set, its table is still the current one.
 */
#ifndef IFM_METRICS_TABLE_H
#define IFM_METRICS_TABLE_H

#include "metrics/series.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct ifm_table {
    size_t mask;
    size_t used;            /* slots that are not NULL */
    size_t live;            /* slots with a series */
    struct ifm_table *next; /* limbo */
    _Atomic(struct ifm_series *) slots[];
};

/* Packed label values and their hash. */
struct ifm_key {
    const char *data;
    uint32_t size;
    uint32_t hash;
};

/* An empty table for about `series` series; NULL when memory is out. */
struct ifm_table *ifm_table_new(size_t series);

/* Lock-free. On success the caller's hazard is on the series, and it clears it; else no hazard is set. */
struct ifm_series *ifm_table_find(_Atomic(struct ifm_table *) *table, const struct ifm_key *key,
                                  struct ifm_thread *self);

/* Under the lock. */
struct ifm_series *ifm_table_find_locked(const struct ifm_table *table, const struct ifm_key *key);

/* Whether one more fits (L2); if not, the caller copies into a larger table first. */
bool ifm_table_has_room(const struct ifm_table *table);
void ifm_table_insert(struct ifm_table *table, struct ifm_series *series);
void ifm_table_copy(struct ifm_table *to, const struct ifm_table *from);
void ifm_table_remove(struct ifm_table *table, const struct ifm_series *series);

#endif
