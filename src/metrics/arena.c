/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/arena.h"

#include "base/base.h"

#include <string.h>
#include <sys/mman.h>

enum {
    UNIT = 64,                   /* a cache line: A1 */
    REGION_BYTES_MAX = 64 << 20, /* 2^20 units, so a unit index fits 32 bits with the region */
    REGION_BYTES_MIN = 1 << 20,  /* tried when address space is short (RLIMIT_AS) */
    REGION_SHIFT = 20,
};

/* The class that holds `units`, and its size in units: 1 2 3 4 6 8 12 16 24 .. */
static size_t arena_class(size_t units, size_t *class_units)
{
    size_t class = 0;
    size_t size = 1;
    while (size < units) {
        size = (size & (size - 1)) == 0 ? (size == 1 ? 2 : size / 2 * 3) : size / 3 * 4;
        class ++;
    }
    *class_units = size;
    return class;
}

static char *region_map(size_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

bool ifm_arena_init(struct ifm_arena *arena, ifm_error *err)
{
    memset(arena, 0, sizeof *arena);
    for (size_t bytes = REGION_BYTES_MAX; bytes >= REGION_BYTES_MIN; bytes /= 4) {
        char *region = region_map(bytes);
        if (region != NULL) {
            arena->region_units = bytes / UNIT;
            atomic_store(&arena->regions[0], region);
            return true;
        }
    }
    return ifm_error_set(err, IFM_NOMEM, "could not reserve address space for metrics: out of memory");
}

void ifm_arena_deinit(struct ifm_arena *arena)
{
    for (size_t i = 0; i < IFM_ARENA_REGIONS_MAX; i++) {
        char *region = atomic_load(&arena->regions[i]);
        if (region != NULL) {
            munmap(region, arena->region_units * UNIT);
        }
    }
}

static char *arena_cell(struct ifm_arena *arena, uint32_t index)
{
    uint32_t unit = index - 1;
    char *region = atomic_load_explicit(&arena->regions[unit >> REGION_SHIFT], memory_order_acquire);
    return region + (size_t)(unit & ((1U << REGION_SHIFT) - 1)) * UNIT;
}

static uint32_t arena_index(struct ifm_arena *arena, const char *cell)
{
    for (uint32_t i = 0; i < IFM_ARENA_REGIONS_MAX; i++) {
        const char *region = atomic_load_explicit(&arena->regions[i], memory_order_acquire);
        if (region != NULL && cell >= region && cell < region + arena->region_units * UNIT) {
            return (i << REGION_SHIFT) + (uint32_t)((size_t)(cell - region) / UNIT) + 1;
        }
    }
    return 0;
}

static void *arena_pop(struct ifm_arena *arena, _Atomic uint64_t *list)
{
    uint64_t head = atomic_load_explicit(list, memory_order_acquire);
    while ((uint32_t)head != 0) {
        struct ifm_arena_link *link = (struct ifm_arena_link *)arena_cell(arena, (uint32_t)head);
        uint32_t next = atomic_load_explicit(&link->next, memory_order_relaxed); /* A2, A3 */
        uint64_t tag = (head >> 32) + 1;
        if (atomic_compare_exchange_weak_explicit(list, &head, tag << 32 | next, memory_order_acquire,
                                                  memory_order_acquire)) {
            atomic_store_explicit(&link->next, 0, memory_order_relaxed); /* A1 */
            return link;
        }
    }
    return NULL;
}

void *ifm_arena_take(struct ifm_arena *arena, size_t size)
{
    size_t units;
    size_t class = arena_class((size + UNIT - 1) / UNIT, &units);
    if (class >= IFM_ARENA_CLASSES) {
        return NULL;
    }
    void *cell = arena_pop(arena, &arena->lists[class]);
    if (cell != NULL) {
        return cell;
    }
    uint64_t bump = atomic_load_explicit(&arena->bump, memory_order_acquire);
    for (;;) {
        uint64_t unit = bump & UINT32_MAX;
        if (unit + units > arena->region_units) {
            return NULL;
        }
        if (atomic_compare_exchange_weak_explicit(&arena->bump, &bump, bump + units, memory_order_acquire,
                                                  memory_order_acquire)) {
            char *region = atomic_load_explicit(&arena->regions[bump >> 32], memory_order_acquire);
            return region + unit * UNIT;
        }
    }
}

void ifm_arena_give(struct ifm_arena *arena, void *cell, size_t size)
{
    size_t units;
    size_t class = arena_class((size + UNIT - 1) / UNIT, &units);
    uint32_t index = arena_index(arena, cell);
    struct ifm_arena_link *link = cell;
    memset((char *)cell + sizeof *link, 0, units * UNIT - sizeof *link); /* A1 */
    uint64_t head = atomic_load_explicit(&arena->lists[class], memory_order_relaxed);
    do {
        atomic_store_explicit(&link->next, (uint32_t)head, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&arena->lists[class], &head, (head >> 32) << 32 | index,
                                                    memory_order_release, memory_order_relaxed));
}

bool ifm_arena_reserve(struct ifm_arena *arena)
{
    uint64_t bump = atomic_load(&arena->bump);
    uint64_t next = (bump >> 32) + 1;
    if ((bump & UINT32_MAX) < arena->region_units / 8 * 7) {
        return true;
    }
    if (next >= IFM_ARENA_REGIONS_MAX) {
        return false;
    }
    char *region = region_map(arena->region_units * UNIT);
    if (region == NULL) {
        return false;
    }
    atomic_store_explicit(&arena->regions[next], region, memory_order_release);
    atomic_store_explicit(&arena->bump, next << 32, memory_order_release);
    return true;
}
