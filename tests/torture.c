/* SPDX-License-Identifier: Apache-2.0 */
#include "torture.h"

#include "check.h"

#include <stdatomic.h>
#include <stdlib.h>

/* More allocations than any operation under test makes; ends a run that never stops allocating. */
enum { TORTURE_RUNS_MAX = 100000 };

static _Thread_local struct {
    size_t count;    /* allocations so far */
    size_t fail_at;  /* the count that fails, 0: none */
    bool persistent; /* and all after it */
} torture;

static atomic_long block_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

static bool allocation_fails(void)
{
    torture.count++;
    return torture.fail_at != 0 &&
           (torture.count == torture.fail_at || (torture.persistent && torture.count > torture.fail_at));
}

static void *block_counted(void *memory)
{
    if (memory != NULL) {
        atomic_fetch_add_explicit(&block_count, 1, memory_order_relaxed);
    }
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : block_counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : block_counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (allocation_fails()) {
        return NULL;
    }
    void *moved = __real_realloc(memory, size);
    return memory == NULL ? block_counted(moved) : moved;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocation_fails() ? NULL : block_counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *memory)
{
    if (memory != NULL) {
        atomic_fetch_sub_explicit(&block_count, 1, memory_order_relaxed);
    }
    __real_free(memory);
}

void torture_arm(size_t n, torture_kind kind)
{
    torture.fail_at = torture.count + n;
    torture.persistent = kind == TORTURE_PERSISTENT;
}

void torture_disarm(void)
{
    torture.fail_at = 0;
}

size_t torture_allocation_count(void)
{
    return torture.count;
}

long torture_block_count(void)
{
    return atomic_load_explicit(&block_count, memory_order_relaxed);
}

/* One run with the n-th allocation failing. Returns whether that many were made. */
static bool torture_run(torture_function *function, void *context, torture_rule rule, size_t n,
                        torture_kind kind)
{
    const char *name = kind == TORTURE_PERSISTENT ? "and all after it" : "alone";
    ifm_error err = {.code = IFM_OK};
    long blocks = torture_block_count();
    size_t before = torture_allocation_count();
    torture_arm(n, kind);
    bool ok = function(context, &err);
    torture_disarm();
    bool reached = torture_allocation_count() - before >= n;
    long left = torture_block_count() - blocks;
    if (left != 0) {
        fail_msg("with allocation %zu %s failing, %ld block(s) were left", n, name, left);
    }
    if (!reached && !ok) {
        fail_msg("without a failing allocation the run failed: %s", err.message);
    }
    if (reached && ok && rule == TORTURE_MUST_FAIL) {
        fail_msg("with allocation %zu %s failing, the run succeeded", n, name);
    }
    if (reached && !ok && err.code != IFM_NOMEM) {
        fail_msg("with allocation %zu %s failing, the error is %s: %s", n, name, ifm_code_name(err.code),
                 err.message);
    }
    return reached;
}

size_t torture_allocations(torture_function *function, void *context, torture_rule rule)
{
    size_t n = 1;
    while (torture_run(function, context, rule, n, TORTURE_TRANSIENT)) {
        torture_run(function, context, rule, n, TORTURE_PERSISTENT);
        n++;
        if (n > TORTURE_RUNS_MAX) {
            fail_msg("the run makes more than %d allocations", TORTURE_RUNS_MAX);
        }
    }
    return n - 1;
}
