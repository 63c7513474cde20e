/* SPDX-License-Identifier: Apache-2.0
 *
 * One series of any metric type: 128 bytes whose memory is recycled within its registry but never given
 * back while the registry lives, so a stale handle may always look at it.
 *
 * The word `owner` decides everything on the hot path: owner thread << 48 | generation.
 *
 *     free --series_new--> live (generation even) --family removes--> removed (odd) --reclaim--> free
 *                            owner 0 -> a thread -> that thread for good
 *
 * S1  generation is even while the series is live and odd otherwise; it grows with every transition, so a
 *     handle (series, generation) names one incarnation only. No handle is odd: updates rely on it.
 * S2  only the owning thread writes the series' own cell; every other thread has a cell of its own
 *     (stripes.h) or, where there is none, uses the shared atomics.
 * S3  the first cache line is read-mostly: updates write the second line or cells elsewhere.
 */
#ifndef IFM_METRICS_SERIES_H
#define IFM_METRICS_SERIES_H

#include "metrics/limits.h"
#include "metrics/thread.h"

#include <inferometer/registry.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IFM_GENERATION_MASK ((UINT64_C(1) << 48) - 1)
/* An owner that no thread is: the overflow series, whose updates all take the slow path to be counted. */
#define IFM_OWNER_SHARED (UINT64_C(0xFFFE) << 48)

struct ifm_family;
struct ifm_histogram_cell;
struct ifm_sketch;
struct ifm_exemplars_store;
struct ifm_stripes;

/* A counter's cell: integers apart from fractions, so that counting by one is exact beyond 2^53 and the
 * addition is an integer's. Written by one thread, or by atomic read-modify-write when shared. */
struct ifm_counter_cell {
    _Atomic uint64_t whole;
    _Atomic double part;
};

struct ifm_series {
    /* Line 0: read-mostly (S3). */
    _Atomic uint64_t owner;
    _Atomic(struct ifm_stripes *) stripes; /* release when published */
    struct ifm_histogram_cell *cell;       /* histogram and summary: the owner's cell */
    struct ifm_family *family;
    const char *key; /* packed label values: (uint16 size, bytes) each; NULL without labels */
    uint32_t key_size;
    uint32_t hash;
    struct ifm_sketch *sketch;             /* summary with quantiles */
    struct ifm_exemplars_store *exemplars; /* counter or histogram registered with them */

    /* Line 1: written by updates. */
    union {
        struct ifm_counter_cell own; /* counter */
        _Atomic double value;        /* gauge */
        _Atomic uint64_t states;     /* state set: one bit each */
    };
    struct ifm_counter_cell shared; /* counter: threads without a cell */
    int64_t created_ms;
    ifm_registry *registry;  /* constant, also while the series is free */
    uint32_t position;       /* in the family's children */
    struct ifm_series *next; /* free list, or limbo */
} __attribute__((aligned(IFM_CACHE_LINE)));

_Static_assert(offsetof(struct ifm_series, own) == IFM_CACHE_LINE, "S3");
_Static_assert(sizeof(struct ifm_series) == 128, "two cache lines: memory per idle series is a promise");

static inline uint64_t ifm_series_generation(const struct ifm_series *series)
{
    return atomic_load_explicit(&series->owner, memory_order_acquire) & IFM_GENERATION_MASK;
}

/* True while (series, generation) is live. The caller holds a hazard on the series. */
static inline bool ifm_series_is(const struct ifm_series *series, uint64_t generation)
{
    return ifm_series_generation(series) == generation && (generation & 1) == 0; /* S1 */
}

/* Whether this is the live overflow series of its family, whose updates are counted. Asks the owner word,
 * because the family's pointer is cleared, under the lock, when it is unregistered. */
static inline bool ifm_series_is_overflow(const struct ifm_series *series)
{
    return atomic_load_explicit(&series->owner, memory_order_relaxed) >> 48 == IFM_OWNER_SHARED >> 48;
}

/* What a slow path found out about the caller. */
enum ifm_claim {
    IFM_CLAIM_OWN,    /* the caller owns the series' own cell */
    IFM_CLAIM_STRIPE, /* somebody else does */
    IFM_CLAIM_GONE    /* the series was removed */
};

/* Makes `self` the owner if there is none. The caller holds a hazard on the series. */
static inline enum ifm_claim ifm_series_claim(struct ifm_series *series, uint64_t generation,
                                              const struct ifm_thread *self)
{
    uint64_t owner = atomic_load_explicit(&series->owner, memory_order_acquire);
    if ((owner & IFM_GENERATION_MASK) != generation || (generation & 1) != 0) {
        return IFM_CLAIM_GONE;
    }
    if (owner == generation && self != &ifm_thread_none &&
        atomic_compare_exchange_strong_explicit(&series->owner, &owner, self->owner | generation,
                                                memory_order_acq_rel, memory_order_acquire)) {
        return IFM_CLAIM_OWN;
    }
    if ((owner & IFM_GENERATION_MASK) != generation) {
        return IFM_CLAIM_GONE;
    }
    return owner == (self->owner | generation) ? IFM_CLAIM_OWN : IFM_CLAIM_STRIPE;
}

static inline void ifm_counter_cell_inc(struct ifm_counter_cell *cell)
{
    atomic_store_explicit(&cell->whole, atomic_load_explicit(&cell->whole, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static inline void ifm_counter_cell_add(struct ifm_counter_cell *cell, double amount)
{
    atomic_store_explicit(&cell->part, atomic_load_explicit(&cell->part, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

#endif
