/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of a series that more than one thread updates: one per thread, found by the thread's index.
 *
 *     series->stripes -> root: direct[0..13], more -> leaves[64] -> cells[64]
 *
 * Thread-safety: a thread adds only its own cell; whoever gathers reads all of them.
 * P1  the cell at a thread's index is written only by the thread that has this index (T1).
 */
#ifndef IFM_METRICS_STRIPES_H
#define IFM_METRICS_STRIPES_H

#include "metrics/arena.h"
#include "metrics/limits.h"
#include "metrics/series.h"

enum {
    IFM_STRIPES_DIRECT = 14, /* fills two cache lines */
    IFM_STRIPES_FAN = 64,    /* 64 x 64 = IFM_THREADS_MAX */
};

struct ifm_stripes_leaf {
    struct ifm_arena_link link;
    _Atomic(void *) cells[IFM_STRIPES_FAN];
};

struct ifm_stripes_more {
    struct ifm_arena_link link;
    _Atomic(struct ifm_stripes_leaf *) leaves[IFM_THREADS_MAX / IFM_STRIPES_FAN];
};

struct ifm_stripes {
    struct ifm_arena_link link;
    _Atomic(struct ifm_stripes_more *) more;
    _Atomic(void *) direct[IFM_STRIPES_DIRECT];
};

/* A counter's cell as a stripe: its own cache line. */
struct ifm_counter_stripe {
    struct ifm_arena_link link;
    struct ifm_counter_cell cell;
};

/* The cell of this thread, NULL when it has none yet. */
static inline void *ifm_stripes_find(const struct ifm_series *series, const struct ifm_thread *self)
{
    struct ifm_stripes *root = atomic_load_explicit(&series->stripes, memory_order_acquire);
    if (root == NULL) {
        return NULL;
    }
    uint32_t index = self->index;
    if (index < IFM_STRIPES_DIRECT) {
        return atomic_load_explicit(&root->direct[index], memory_order_acquire);
    }
    struct ifm_stripes_more *more = atomic_load_explicit(&root->more, memory_order_acquire);
    struct ifm_stripes_leaf *leaf =
        more == NULL ? NULL
                     : atomic_load_explicit(&more->leaves[index / IFM_STRIPES_FAN], memory_order_acquire);
    return leaf == NULL ? NULL
                        : atomic_load_explicit(&leaf->cells[index % IFM_STRIPES_FAN], memory_order_acquire);
}

/* Makes the cell of this thread, of `size` bytes, and lets `init` (may be NULL) fill it before it becomes
 * visible. NULL when the arena is empty. The caller holds a hazard on the live series. */
void *ifm_stripes_add(struct ifm_series *series, struct ifm_arena *arena, const struct ifm_thread *self,
                      size_t size, void (*init)(void *cell, const void *context), const void *context);

/* Calls `visit` for each cell; stops early when it returns false, and returns that. */
bool ifm_stripes_visit(const struct ifm_series *series, bool (*visit)(void *cell, void *context),
                       void *context);

/* Gives everything back; nobody uses the series any more. */
void ifm_stripes_free(struct ifm_series *series, struct ifm_arena *arena, size_t size);

#endif
