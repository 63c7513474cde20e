/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/histogram_cell.h"

#include "metrics/limits.h"

#include <sched.h>
#include <string.h>
#include <time.h>

static uint32_t line_up(size_t size)
{
    return (uint32_t)((size + IFM_CACHE_LINE - 1) / IFM_CACHE_LINE * IFM_CACHE_LINE);
}

void ifm_histogram_layout_finish(struct ifm_histogram_layout *layout)
{
    size_t size = sizeof(struct ifm_histogram_bank);
    if (layout->classic) {
        size += (layout->buckets.count + 1) * sizeof(uint64_t);
    }
    layout->native_offset = (uint32_t)size;
    if (layout->native.slots != 0) {
        size += sizeof(struct ifm_native_block) + layout->native.slots * sizeof(uint64_t);
    }
    layout->bank_size = line_up(size);
    layout->cell_size = IFM_CACHE_LINE + 2 * layout->bank_size;
}

void ifm_histogram_layout_deinit(struct ifm_histogram_layout *layout)
{
    ifm_buckets_deinit(&layout->buckets);
    ifm_native_layout_deinit(&layout->native);
}

void ifm_histogram_cell_init(void *memory, const void *context)
{
    struct ifm_histogram_cell *cell = memory;
    cell->layout = context;
    if (cell->layout->native.slots != 0) {
        for (uint32_t b = 0; b < 2; b++) {
            struct ifm_histogram_bank *bank = ifm_histogram_cell_bank(cell, cell->layout, b);
            atomic_store_explicit(&ifm_histogram_bank_native(bank, cell->layout)->schema,
                                  cell->layout->native.schema, memory_order_relaxed);
        }
    }
}

void ifm_histogram_cell_reset(struct ifm_histogram_cell *cell)
{
    const struct ifm_histogram_layout *layout = cell->layout;
    memset(cell, 0, layout->cell_size);
    ifm_histogram_cell_init(cell, layout);
}

bool ifm_histogram_sum_init(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout,
                            ifm_error *err)
{
    *sum = (struct ifm_histogram_sum){0};
    sum->buckets = ifm_alloc_zero(layout->buckets.count + 1, sizeof *sum->buckets);
    sum->scratch = ifm_alloc_aligned(IFM_CACHE_LINE, 2 * (size_t)layout->bank_size);
    if (sum->buckets == NULL || sum->scratch == NULL) {
        ifm_histogram_sum_deinit(sum);
        return ifm_error_nomem(err);
    }
    ifm_histogram_sum_clear(sum, layout);
    return true;
}

void ifm_histogram_sum_deinit(struct ifm_histogram_sum *sum)
{
    ifm_free(sum->buckets);
    ifm_free(sum->scratch);
    ifm_native_sum_deinit(&sum->native);
    *sum = (struct ifm_histogram_sum){0};
}

void ifm_histogram_sum_clear(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout)
{
    memset(sum->buckets, 0, (layout->buckets.count + 1) * sizeof *sum->buckets);
    sum->count = 0;
    sum->sum = 0;
    ifm_native_sum_clear(&sum->native, &layout->native);
}

/* --- Copying: docs/concurrency.md ------------------------------------------------------------------- */

/* Word by word, because the writer may be at work; whether the copy holds together is found out after. */
static void bank_copy(struct ifm_histogram_bank *to, struct ifm_histogram_bank *from, uint32_t size)
{
    _Atomic uint64_t *target = (_Atomic uint64_t *)to;
    _Atomic uint64_t *source = (_Atomic uint64_t *)from;
    for (uint32_t i = 0; i < size / sizeof(uint64_t); i++) {
        atomic_store_explicit(&target[i], atomic_load_explicit(&source[i], memory_order_relaxed),
                              memory_order_relaxed);
    }
    atomic_thread_fence(memory_order_acquire); /* the checks that follow come after these loads */
}

/* The writer is in the middle of an observation and does not get on: let it run. */
static void reader_wait(int tries)
{
    static const struct timespec pause = {.tv_nsec = 5000};
    if (tries < 100) {
        sched_yield();
    } else {
        nanosleep(&pause, NULL);
    }
}

/* Copies the bank `current`, which the writer was seen to use, either after the writer has left it or
 * while it stands still. */
static bool cell_copy_current(struct ifm_histogram_cell *cell, uint32_t current,
                              struct ifm_histogram_bank *to)
{
    const struct ifm_histogram_layout *layout = cell->layout;
    struct ifm_histogram_bank *bank = ifm_histogram_cell_bank(cell, layout, current);
    for (int tries = 0; tries < IFM_READ_TRIES_MAX; tries++) {
        uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_acquire);
        bool left = atomic_load_explicit(&cell->current, memory_order_acquire) != current;
        if (left || (sequence & 1) == 0) {
            bank_copy(to, bank, layout->bank_size);
            if (left || atomic_load_explicit(&cell->sequence, memory_order_relaxed) == sequence) {
                return true; /* H3, or nothing happened meanwhile: H4 */
            }
        } else {
            reader_wait(tries);
        }
    }
    return false;
}

/* Fills both banks of `copies` with what the cell held at one moment. */
static bool cell_copy(struct ifm_histogram_cell *cell, struct ifm_histogram_bank *const copies[2])
{
    const struct ifm_histogram_layout *layout = cell->layout;
    for (;;) {
        uint32_t current = atomic_load_explicit(&cell->current, memory_order_acquire);
        uint32_t idle = 1 - current;
        bank_copy(copies[idle], ifm_histogram_cell_bank(cell, layout, idle), layout->bank_size);
        if (atomic_load_explicit(&cell->current, memory_order_relaxed) != current) {
            continue; /* An earlier request was heeded just now; there is none open any more. */
        }
        /* Release: the copy of the idle bank is complete before the writer may use it. */
        atomic_store_explicit(&cell->wanted, idle, memory_order_release);
        return cell_copy_current(cell, current, copies[current]);
    }
}

static bool sum_add_bank(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout,
                         struct ifm_histogram_bank *bank)
{
    if (layout->classic) {
        for (size_t i = 0; i <= layout->buckets.count; i++) {
            sum->buckets[i] += atomic_load_explicit(&bank->buckets[i], memory_order_relaxed);
        }
    }
    sum->sum += atomic_load_explicit(&bank->sum, memory_order_relaxed);
    return layout->native.slots == 0 ||
           ifm_native_sum_add(&sum->native, &layout->native, ifm_histogram_bank_native(bank, layout));
}

enum ifm_read_result ifm_histogram_sum_add(struct ifm_histogram_sum *sum, struct ifm_histogram_cell *cell)
{
    const struct ifm_histogram_layout *layout = cell->layout;
    struct ifm_histogram_bank *copies[2] = {
        sum->scratch, (struct ifm_histogram_bank *)((char *)sum->scratch + layout->bank_size)};
    if (!cell_copy(cell, copies)) {
        return IFM_READ_STUCK;
    }
    return sum_add_bank(sum, layout, copies[0]) && sum_add_bank(sum, layout, copies[1]) ? IFM_READ_DONE
                                                                                        : IFM_READ_NOMEM;
}

void ifm_histogram_sum_finish(struct ifm_histogram_sum *sum, const struct ifm_histogram_layout *layout)
{
    if (!layout->classic) {
        sum->count = ifm_native_sum_count(&sum->native);
        return;
    }
    sum->count = 0;
    for (size_t i = 0; i <= layout->buckets.count; i++) {
        sum->count += sum->buckets[i];
    }
}
