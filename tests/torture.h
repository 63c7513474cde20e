/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the n-th allocation of the calling thread fail, for n = 1, 2, .. until nothing is left to fail. The
 * linker hands every malloc(), calloc(), realloc(), aligned_alloc() and free() of our own objects to this
 * harness (--wrap, see CMakeLists.txt); what shared libraries do inside themselves is left alone.
 *
 *     static bool open_and_close(void *context, ifm_error *err)
 *     {
 *         ifm_registry *registry = ifm_registry_new(context, err);
 *         if (registry == NULL) {
 *             return false;
 *         }
 *         ifm_registry_free(registry);
 *         return true;
 *     }
 *
 *     CHECK(torture_allocations(open_and_close, NULL, TORTURE_MUST_FAIL) >= 1);
 *
 * Thread-safety: failing and counting concern the calling thread alone; blocks are counted over all threads,
 * so other threads must not allocate or free while torture_allocations() runs.
 * T1  while nothing is armed, the wrapped functions behave as the real ones.
 */
#ifndef IFM_TESTS_TORTURE_H
#define IFM_TESTS_TORTURE_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>

/* One complete run: makes, uses and frees everything again, also when it fails. Returns whether it
 * succeeded; when not, with `err` filled in. `context` may hold an object that has to stay usable: check it
 * here. */
typedef bool torture_function(void *context, ifm_error *err);

typedef enum torture_rule {
    TORTURE_MUST_FAIL,  /* a failed allocation fails the run, with IFM_NOMEM */
    TORTURE_MAY_SUCCEED /* the run may also do without the memory; if it fails, then with IFM_NOMEM */
} torture_rule;

/* Runs `function` with only the n-th allocation failing and then with the n-th and all after it failing,
 * for n = 1, 2, .. until a run makes fewer than n allocations; that one must succeed. Ends the cmocka test
 * with a failure when a run breaks `rule` or leaves a block that it allocated, or frees one it did not.
 * Returns the number of allocations that were made to fail: compare it with what you expect, lest the test
 * torture nothing. */
size_t torture_allocations(torture_function *function, void *context, torture_rule rule);

/* For tests that arm by hand: the n-th allocation of this thread from now on fails (n >= 1), and with
 * TORTURE_PERSISTENT all after it, until torture_disarm(). */
typedef enum torture_kind { TORTURE_TRANSIENT, TORTURE_PERSISTENT } torture_kind;
void torture_arm(size_t n, torture_kind kind);
void torture_disarm(void);

/* How many allocations this thread has made since it started, those made to fail included. The difference
 * of two calls is the allocation budget of what lies between them. */
size_t torture_allocation_count(void);

/* How many blocks are allocated and not freed, in all threads. */
long torture_block_count(void);

#endif
