/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry: families in order of their names, the memory of their series, and what becomes of series
 * that were removed.
 *
 * Thread-safety: two locks, taken in this order, never by a hot call:
 *   gather_lock  held while a document is made: one reader of the histogram cells at a time. Protects
 *                scratch memory of the gather, nothing else.
 *   lock         held for moments. Protects every field below it that is not atomic, and the structure of
 *                all families.
 * R1  a series in limbo is not in any table, and its generation is odd.
 * R2  nothing in limbo is recycled while a gather runs (`gathering`), or while a hazard names it.
 */
#ifndef IFM_METRICS_REGISTRY_H
#define IFM_METRICS_REGISTRY_H

#include "metrics/arena.h"
#include "metrics/collector.h"
#include "metrics/family.h"

#include <inferometer/collector.h>
#include <inferometer/registry.h>
#include <pthread.h>
#include <stdatomic.h>

enum ifm_drop_reason {
    IFM_DROP_REMOVED,  /* the series was removed */
    IFM_DROP_NEGATIVE, /* a counter cannot go down */
    IFM_DROP_KIND,     /* set or add on a gauge that is only moved by inc and dec */
    IFM_DROP_CELLS,    /* no cell for this thread: too many threads, or out of address space */
    IFM_DROP_REASONS
};

struct ifm_registry {
    pthread_mutex_t gather_lock;
    pthread_mutex_t lock;
    ifm_registry_options options;
    struct ifm_arena arena;
    uint64_t hash_seed;           /* constant */
    struct ifm_family **families; /* sorted by sort_key */
    size_t family_count;
    size_t family_capacity;
    struct ifm_family *dead_families;
    struct ifm_collector **collectors; /* sorted by name */
    size_t collector_count;
    size_t collector_capacity;
    size_t series_live;
    size_t series_limbo;
    struct ifm_slab *slabs;
    struct ifm_series *free_series;
    struct ifm_series *limbo;
    struct ifm_table *limbo_tables;
    unsigned gathering;        /* R2 */
    pthread_t gatherer;        /* while gathering */
    struct ifm_registry *next; /* of all registries, for fork */
    struct ifm_registry *previous;
    _Atomic uint64_t dropped[IFM_DROP_REASONS]; /* relaxed: only counted */
    _Atomic uint64_t overflow_updates;
    _Atomic uint64_t skipped_series; /* stuck writers: left out of a document */
};

/* NULL means the default registry. */
ifm_registry *ifm_registry_or_default(ifm_registry *registry);

/* Adds the family, or finds the same one, frees `family` and returns that. NULL with `err` on failure;
 * `family` is freed then too. *only, unless NULL, becomes the handle of a family without labels: taken under
 * the lock, since without it another thread may unregister, and so free, the family that is returned. */
struct ifm_family *ifm_registry_add(ifm_registry *registry, struct ifm_family *family,
                                    struct ifm_handle *only, ifm_error *err);

/* Whether a sample of `family` (which is in no registry) belongs to a registered one, or to the library. */
bool ifm_registry_clashes(ifm_registry *registry, const struct ifm_family *family);

/* Counts an update that was dropped. */
static inline void ifm_registry_drop(ifm_registry *registry, enum ifm_drop_reason reason)
{
    atomic_fetch_add_explicit(&registry->dropped[reason], 1, memory_order_relaxed);
}

/* --- Series memory (series.c); under the lock -------------------------------------------------------- */

/* A live series of the family, not yet in its table; takes over `key`. NULL when memory is out (`key` is
 * then still the caller's). */
struct ifm_series *ifm_series_new(struct ifm_family *family, char *key, uint32_t key_size, uint32_t hash);

/* live -> removed: every handle is stale from now on; the memory waits in limbo. */
void ifm_series_retire(struct ifm_series *series);

/* Puts a table that readers may still be in aside. */
void ifm_table_retire(ifm_registry *registry, struct ifm_table *table);

/* Recycles what no thread can be looking at any more. */
void ifm_registry_reclaim(ifm_registry *registry);

/* Zero values and no owners, for live series; in the child after fork(), which is alone. */
void ifm_registry_reset_values(ifm_registry *registry);

void ifm_series_free_all(ifm_registry *registry);

/* The value of a counter or gauge, cells of all threads together. The caller keeps the series from being
 * recycled. */
double ifm_series_counter_value(const struct ifm_series *series);
double ifm_series_gauge_value(const struct ifm_series *series);

/* Writes all families (gather.c). */
bool ifm_registry_gather(ifm_registry *registry, ifm_encoder *encoder, ifm_error *err);

#endif
