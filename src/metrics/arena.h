/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for cells, one arena per registry. A hot call may take a cell when two threads collide, and may
 * neither allocate nor lock: so address space is reserved in advance (untouched pages cost nothing) and
 * taking is a bump, or a pop from a lock-free list of cells that were given back.
 *
 * Thread-safety: ifm_arena_take() and _give() from any thread, lock-free; _reserve() by one thread at a
 * time (the registry's lock).
 * A1  memory handed out is zeroed and aligned to a cache line.
 * A2  memory once mapped stays mapped until deinit, so a stale pointer reads garbage, never faults.
 * A3  a list's head carries a tag that changes at each pop: a pop that was overtaken fails (no ABA).
 */
#ifndef IFM_METRICS_ARENA_H
#define IFM_METRICS_ARENA_H

#include <inferometer/error.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IFM_ARENA_REGIONS_MAX = 64, /* 64 x 64 MiB: 4 GiB of cells */
    IFM_ARENA_CLASSES = 32,     /* sizes 1 2 3 4 6 8 12 .. x 64 bytes, two for each power of two */
};

struct ifm_arena {
    _Atomic uint64_t bump;                     /* region << 32 | next free unit of it */
    _Atomic uint64_t lists[IFM_ARENA_CLASSES]; /* tag << 32 | unit index + 1 of the first free cell */
    _Atomic(char *) regions[IFM_ARENA_REGIONS_MAX];
    size_t region_units; /* constant */
};

/* Every cell begins with this; it belongs to the arena while the cell is free. */
struct ifm_arena_link {
    _Atomic uint32_t next; /* unit index + 1, 0: none */
};

bool ifm_arena_init(struct ifm_arena *arena, ifm_error *err);
void ifm_arena_deinit(struct ifm_arena *arena);

/* NULL when nothing is left: count what is dropped, and let a cold call reserve more. */
void *ifm_arena_take(struct ifm_arena *arena, size_t size);

/* Gives back what _take() returned for the same size; it is zeroed here. */
void ifm_arena_give(struct ifm_arena *arena, void *cell, size_t size);

/* Adds a region when less than an eighth of the last one is left. False when that was needed and failed. */
bool ifm_arena_reserve(struct ifm_arena *arena);

#endif
