/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that update metrics: who owns which cell, and what each thread is looking at right now.
 *
 * Each thread has a record in a static table. The record's index is the owner of cells; it passes to a
 * later thread when its thread ends, cells and all, so cells never outnumber the threads that were alive
 * at once. The record's hazards name the series and the table the thread is working on; what is named
 * there is not recycled (ifm_registry_reclaim()).
 *
 * T1  at any time at most one live thread has a given record.
 * T2  a thread publishes a hazard before it looks at what the hazard protects. The order is enforced
 *     on the reclaiming side, by membarrier(2), so that updates need no fence; only where the system
 *     refuses that call (a seccomp filter, gVisor) does each update have one.
 */
#ifndef IFM_METRICS_THREAD_H
#define IFM_METRICS_THREAD_H

#include "metrics/limits.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ifm_thread {
    _Atomic(const void *) hazard_series; /* release: what was read under the hazard was read before */
    _Atomic(const void *) hazard_table;
    uint64_t owner;          /* this thread's bits in ifm_series.owner; constant while in_use */
    uint32_t index;          /* constant */
    bool fences;             /* constant while in_use: T2 without membarrier */
    _Atomic uint32_t in_use; /* release at the end of a thread, acquire by its successor: T1 */
} __attribute__((aligned(IFM_CACHE_LINE)));

/* The record of a thread that has none (yet): its owner bits match no series. Its hazards protect
 * nothing; see ifm_thread_unregistered_enter(). */
extern struct ifm_thread ifm_thread_none;

/* Initial-exec: one load on the hot path, also in the shared library. */
extern _Thread_local struct ifm_thread *ifm_thread_self __attribute__((tls_model("initial-exec")));

/* Gives the calling thread a record; &ifm_thread_none when IFM_THREADS_MAX are alive. Allocates nothing. */
struct ifm_thread *ifm_thread_attach(void);

static inline struct ifm_thread *ifm_thread_current(void)
{
    struct ifm_thread *self = ifm_thread_self;
    return __builtin_expect(self != &ifm_thread_none, 1) ? self : ifm_thread_attach();
}

static inline void ifm_hazard_order(const struct ifm_thread *self)
{
    if (__builtin_expect(self->fences, 0)) {
        atomic_thread_fence(memory_order_seq_cst);
    }
    /* T2: this keeps the compiler's order, membarrier makes the processor's. */
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void ifm_hazard_series(struct ifm_thread *self, const void *series)
{
    atomic_store_explicit(&self->hazard_series, series, memory_order_release);
    ifm_hazard_order(self);
}

static inline void ifm_hazard_table(struct ifm_thread *self, const void *table)
{
    atomic_store_explicit(&self->hazard_table, table, memory_order_release);
    ifm_hazard_order(self);
}

/* Nothing is looked at any more; what was read before is ordered by the release. */
static inline void ifm_hazard_series_clear(struct ifm_thread *self)
{
    atomic_store_explicit(&self->hazard_series, NULL, memory_order_release);
}

static inline void ifm_hazard_table_clear(struct ifm_thread *self)
{
    atomic_store_explicit(&self->hazard_table, NULL, memory_order_release);
}

/* Around what a thread without a record does with a series: while one is inside, nothing is recycled. */
void ifm_thread_unregistered_enter(void);
void ifm_thread_unregistered_leave(void);

/* Makes every other thread's hazards visible to the caller; false when a thread without a record is inside:
 * nothing may be recycled then. */
bool ifm_thread_hazards_settle(void);

/* Copies the hazards now set into out[0..max); returns how many there are (maybe more than max). */
size_t ifm_thread_hazards(const void **out, size_t max);

/* In the child after fork(): only the calling thread is left. */
void ifm_thread_after_fork(void);

#endif
