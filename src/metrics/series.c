/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/series.h"

#include "base/base.h"
#include "metrics/exemplar.h"
#include "metrics/registry.h"
#include "metrics/stripes.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB_SERIES = 64, HAZARDS_MAX = 2 * IFM_THREADS_MAX };

/* Series are made 64 at a time and live as long as the registry, free or in use. */
struct ifm_slab {
    struct ifm_slab *next;
    struct ifm_series series[SLAB_SERIES];
};

static bool series_slab_add(ifm_registry *registry)
{
    struct ifm_slab *slab = ifm_alloc_aligned(IFM_CACHE_LINE, sizeof *slab);
    if (slab == NULL) {
        return false;
    }
    slab->next = registry->slabs;
    registry->slabs = slab;
    for (size_t i = SLAB_SERIES; i-- > 0;) {
        atomic_store_explicit(&slab->series[i].owner, 1, memory_order_relaxed); /* S1: free is odd */
        slab->series[i].registry = registry;
        slab->series[i].next = registry->free_series;
        registry->free_series = &slab->series[i];
    }
    return true;
}

/* What only some types need; on failure what was made stays, and series_strip() takes it away. */
static bool series_equip(struct ifm_series *series, struct ifm_family *family)
{
    ifm_error ignored;
    if (family->type == IFM_TYPE_HISTOGRAM || family->type == IFM_TYPE_SUMMARY) {
        series->cell = ifm_arena_take(&family->registry->arena, family->histogram.cell_size);
        if (series->cell == NULL) {
            return false;
        }
        ifm_histogram_cell_init(series->cell, &family->histogram);
    }
    if (family->type == IFM_TYPE_SUMMARY && family->sketch.quantile_count > 0) {
        series->sketch = ifm_sketch_new(&family->sketch, ifm_os_monotonic_ns(), &ignored);
        if (series->sketch == NULL) {
            return false;
        }
    }
    if (family->exemplars) {
        size_t slots = family->type == IFM_TYPE_HISTOGRAM ? family->histogram.buckets.count + 1 : 1;
        series->exemplars = ifm_exemplars_new(slots, &ignored);
        return series->exemplars != NULL;
    }
    return true;
}

static void series_strip(struct ifm_series *series, struct ifm_family *family)
{
    struct ifm_arena *arena = &family->registry->arena;
    ifm_stripes_free(series, arena, ifm_family_cell_size(family));
    if (series->cell != NULL) {
        ifm_arena_give(arena, series->cell, family->histogram.cell_size);
    }
    ifm_sketch_free(series->sketch);
    ifm_exemplars_free(series->exemplars);
    ifm_free((void *)(uintptr_t)series->key);
    series->cell = NULL;
    series->sketch = NULL;
    series->exemplars = NULL;
    series->key = NULL;
}

static void series_zero(struct ifm_series *series)
{
    atomic_store_explicit(&series->own.whole, 0, memory_order_relaxed);
    atomic_store_explicit(&series->own.part, 0, memory_order_relaxed);
    atomic_store_explicit(&series->shared.whole, 0, memory_order_relaxed);
    atomic_store_explicit(&series->shared.part, 0, memory_order_relaxed);
}

struct ifm_series *ifm_series_new(struct ifm_family *family, char *key, uint32_t key_size, uint32_t hash)
{
    ifm_registry *registry = family->registry;
    if (registry->free_series == NULL && !series_slab_add(registry)) {
        return NULL;
    }
    ifm_arena_reserve(&registry->arena); /* On failure what there is may still be enough. */
    struct ifm_series *series = registry->free_series;
    series->family = family;
    if (!series_equip(series, family)) {
        series_strip(series, family);
        return NULL;
    }
    registry->free_series = series->next;
    series->next = NULL;
    series_zero(series);
    series->key = key;
    series->key_size = key_size;
    series->hash = hash;
    series->created_ms = ifm_os_clock_real.wall_ms();
    uint64_t generation = (ifm_series_generation(series) + 1) & IFM_GENERATION_MASK;
    atomic_store_explicit(&series->owner, generation, memory_order_release); /* S1 */
    registry->series_live++;
    return series;
}

void ifm_series_retire(struct ifm_series *series)
{
    ifm_registry *registry = series->family->registry;
    uint64_t generation = (ifm_series_generation(series) + 1) & IFM_GENERATION_MASK;
    /* No owner any more: the next update through an old handle takes the slow path and finds out (S1). */
    atomic_store_explicit(&series->owner, generation, memory_order_seq_cst);
    series->next = registry->limbo;
    registry->limbo = series;
    series->family->limbo_count++;
    registry->series_live--;
    registry->series_limbo++;
}

void ifm_table_retire(ifm_registry *registry, struct ifm_table *table)
{
    table->next = registry->limbo_tables;
    registry->limbo_tables = table;
}

static int hazard_compare(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t) * (const void *const *)a;
    uintptr_t right = (uintptr_t) * (const void *const *)b;
    return (left > right) - (left < right);
}

static bool hazard_names(const void **hazards, size_t count, const void *what)
{
    return bsearch(&what, hazards, count, sizeof *hazards, hazard_compare) != NULL;
}

static void reclaim_series(ifm_registry *registry, const void **hazards, size_t count)
{
    struct ifm_series **link = &registry->limbo;
    while (*link != NULL) {
        struct ifm_series *series = *link;
        if (hazard_names(hazards, count, series)) {
            link = &series->next;
            continue;
        }
        *link = series->next;
        struct ifm_family *family = series->family;
        series_strip(series, family);
        family->limbo_count--;
        registry->series_limbo--;
        series->next = registry->free_series;
        registry->free_series = series;
    }
}

static void reclaim_tables(ifm_registry *registry, const void **hazards, size_t count)
{
    struct ifm_table **link = &registry->limbo_tables;
    while (*link != NULL) {
        struct ifm_table *table = *link;
        if (hazard_names(hazards, count, table)) {
            link = &table->next;
        } else {
            *link = table->next;
            ifm_free(table);
        }
    }
}

static void reclaim_families(ifm_registry *registry)
{
    struct ifm_family **link = &registry->dead_families;
    while (*link != NULL) {
        struct ifm_family *family = *link;
        if (family->limbo_count > 0) {
            link = &family->next_dead;
        } else {
            *link = family->next_dead;
            ifm_family_free(family);
        }
    }
}

void ifm_registry_reclaim(ifm_registry *registry)
{
    bool nothing =
        registry->limbo == NULL && registry->limbo_tables == NULL && registry->dead_families == NULL;
    if (nothing || registry->gathering > 0 || !ifm_thread_hazards_settle()) { /* R2 */
        return;
    }
    const void *few[64];
    const void **hazards = few;
    size_t max = IFM_COUNT_OF(few);
    size_t count = ifm_thread_hazards(hazards, max);
    if (count > max) {
        /* Hazards that were set after the barrier above name nothing in limbo, so a second look at a
         * moment later may see others, but none that matters is missed. */
        max = HAZARDS_MAX;
        hazards = ifm_alloc(max * sizeof *hazards);
        if (hazards == NULL) {
            return; /* Later. */
        }
        count = ifm_thread_hazards(hazards, max);
    }
    qsort(hazards, count, sizeof *hazards, hazard_compare);
    reclaim_series(registry, hazards, count);
    reclaim_tables(registry, hazards, count);
    reclaim_families(registry);
    if (hazards != few) {
        ifm_free(hazards);
    }
}

static bool reset_counter_cell(void *cell, void *context)
{
    struct ifm_counter_stripe *stripe = cell;
    (void)context;
    atomic_store_explicit(&stripe->cell.whole, 0, memory_order_relaxed);
    atomic_store_explicit(&stripe->cell.part, 0, memory_order_relaxed);
    return true;
}

static bool reset_histogram_cell(void *cell, void *context)
{
    (void)context;
    ifm_histogram_cell_reset(cell);
    return true;
}

static void series_reset(struct ifm_series *series)
{
    uint64_t owner = atomic_load_explicit(&series->owner, memory_order_relaxed);
    bool shared = (owner & ~IFM_GENERATION_MASK) == IFM_OWNER_SHARED;
    atomic_store_explicit(&series->owner, (owner & IFM_GENERATION_MASK) | (shared ? IFM_OWNER_SHARED : 0),
                          memory_order_relaxed);
    series_zero(series);
    series->created_ms = ifm_os_clock_real.wall_ms(); /* The count from zero begins now. */
    if (series->cell != NULL) {
        ifm_histogram_cell_reset(series->cell);
    }
    ifm_stripes_visit(series, series->cell != NULL ? reset_histogram_cell : reset_counter_cell, NULL);
    if (series->sketch != NULL) {
        ifm_sketch_reset(series->sketch);
    }
    if (series->exemplars != NULL) {
        ifm_exemplars_clear(series->exemplars);
    }
}

void ifm_registry_reset_values(ifm_registry *registry)
{
    for (struct ifm_slab *slab = registry->slabs; slab != NULL; slab = slab->next) {
        for (size_t i = 0; i < SLAB_SERIES; i++) {
            if ((ifm_series_generation(&slab->series[i]) & 1) == 0) {
                series_reset(&slab->series[i]);
            }
        }
    }
}

void ifm_series_free_all(ifm_registry *registry)
{
    struct ifm_slab *slab = registry->slabs;
    while (slab != NULL) {
        struct ifm_slab *next = slab->next;
        for (size_t i = 0; i < SLAB_SERIES; i++) {
            struct ifm_series *series = &slab->series[i];
            ifm_sketch_free(series->sketch);
            ifm_exemplars_free(series->exemplars);
            ifm_free((void *)(uintptr_t)series->key);
        }
        ifm_free(slab);
        slab = next;
    }
}
