/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one thread counts the observations of one histogram (or summary), such that another thread can
 * take a consistent copy at any moment without ever delaying the first. docs/concurrency.md explains it;
 * tests/unit/metrics/histogram_model_test.c runs every interleaving of it.
 *
 * A cell has two banks. The writer counts into one; the reader asks it to change over to the other, and
 * copies the bank that the writer has left.
 *
 * Thread-safety: one writer (the owning thread), one reader at a time (the registry's gather lock).
 * H1  sequence is odd while the writer is between the first and the last store of an observation.
 * H2  only the writer stores `current`, only the reader stores `wanted`; the writer sets current = wanted
 *     between two observations, never inside one.
 * H3  the writer stores only into bank `current`; the other bank is complete and does not change.
 * H4  within a bank that nobody writes, the sum belongs to the buckets.
 */
#ifndef IFM_METRICS_HISTOGRAM_CELL_H
#define IFM_METRICS_HISTOGRAM_CELL_H

#include "metrics/arena.h"
#include "metrics/buckets.h"
#include "metrics/limits.h"
#include "metrics/native.h"

/* What all cells of a family share; constant after registration. */
struct ifm_histogram_layout {
    struct ifm_buckets buckets;      /* classic: count + 1 counts; not used for native only */
    struct ifm_native_layout native; /* slots 0: none */
    bool classic;
    uint32_t native_offset; /* of the native block in a bank */
    uint32_t bank_size;
    uint32_t cell_size;
};

struct ifm_histogram_cell {
    struct ifm_arena_link link;
    _Atomic uint32_t current;                  /* H2 */
    _Atomic uint32_t wanted;                   /* H2 */
    _Atomic uint64_t sequence;                 /* H1 */
    const struct ifm_histogram_layout *layout; /* constant */
    /* Two banks follow, each at a cache line. */
};

struct ifm_histogram_bank {
    _Atomic double sum;
    _Atomic uint64_t buckets[]; /* then the native block */
};

/* Computes the offsets; buckets, native and classic are set. */
void ifm_histogram_layout_finish(struct ifm_histogram_layout *layout);
void ifm_histogram_layout_deinit(struct ifm_histogram_layout *layout);

/* Prepares a zeroed cell; fits ifm_stripes_add(), `context` is the layout. */
void ifm_histogram_cell_init(void *cell, const void *context);

static inline struct ifm_histogram_bank *ifm_histogram_cell_bank(struct ifm_histogram_cell *cell,
                                                                 const struct ifm_histogram_layout *layout,
                                                                 uint32_t bank)
{
    return (struct ifm_histogram_bank *)((char *)cell + IFM_CACHE_LINE + (size_t)bank * layout->bank_size);
}

static inline struct ifm_native_block *ifm_histogram_bank_native(struct ifm_histogram_bank *bank,
                                                                 const struct ifm_histogram_layout *layout)
{
    return (struct ifm_native_block *)((char *)bank + layout->native_offset);
}

/* Counts one observation. Only the owner of the cell may call it. */
static inline void ifm_histogram_cell_observe(struct ifm_histogram_cell *cell, double value)
{
    const struct ifm_histogram_layout *layout = cell->layout;
    uint32_t current = atomic_load_explicit(&cell->current, memory_order_relaxed);
    /* Acquire: the reader has finished with the bank that it wants filled. */
    uint32_t wanted = atomic_load_explicit(&cell->wanted, memory_order_acquire);
    if (__builtin_expect(wanted != current, 0)) {
        /* Release: all stores into the bank that is left come before. */
        atomic_store_explicit(&cell->current, wanted, memory_order_release);
        current = wanted;
    }
    struct ifm_histogram_bank *bank = ifm_histogram_cell_bank(cell, layout, current);
    uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
    atomic_store_explicit(&cell->sequence, sequence + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release); /* `current` and the odd sequence before the counts */
    if (layout->classic) {
        _Atomic uint64_t *bucket = &bank->buckets[ifm_buckets_find(&layout->buckets, value)];
        atomic_store_explicit(bucket, atomic_load_explicit(bucket, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    }
    atomic_store_explicit(&bank->sum, atomic_load_explicit(&bank->sum, memory_order_relaxed) + value,
                          memory_order_relaxed);
    if (layout->native.slots != 0) {
        ifm_native_observe(ifm_histogram_bank_native(bank, layout), &layout->native, value);
    }
    atomic_store_explicit(&cell->sequence, sequence + 2, memory_order_release);
}

/* A sum of cells, owned by whoever gathers. */
struct ifm_histogram_sum {
    uint64_t *buckets; /* bound_count + 1, when classic */
    uint64_t count;
    double sum;
    struct ifm_native_sum native;
    void *scratch; /* room for two banks */
};

bool ifm_histogram_sum_init(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout,
                            ifm_error *err);
void ifm_histogram_sum_deinit(struct ifm_histogram_sum *sum);
void ifm_histogram_sum_clear(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout);

enum ifm_read_result {
    IFM_READ_DONE,
    IFM_READ_STUCK, /* the writer stands still in the middle of an observation (a stopped thread) */
    IFM_READ_NOMEM
};

/* Adds a consistent copy of the cell. */
enum ifm_read_result ifm_histogram_sum_add(struct ifm_histogram_sum *sum, struct ifm_histogram_cell *cell);

/* Completes count; call it after the last cell. */
void ifm_histogram_sum_finish(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout);

/* Back to zero; nobody else uses the cell (after fork). */
void ifm_histogram_cell_reset(struct ifm_histogram_cell *cell);

#endif
