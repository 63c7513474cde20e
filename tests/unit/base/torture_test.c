/* SPDX-License-Identifier: Apache-2.0
 *
 * The harness of tests/torture.h itself: that it fails what it should, and sees what is left behind.
 */
#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <inferometer/registry.h>
#include <stdlib.h>

/* Two blocks, of which the second grows out of nothing. */
static bool two_blocks(void *context, ifm_error *err)
{
    (void)context;
    void *first = ifm_alloc(10);
    void *second = first == NULL ? NULL : ifm_realloc(NULL, 10, 1);
    bool ok = first != NULL && second != NULL;
    ifm_free(first);
    ifm_free(second);
    return ok ? true : ifm_error_nomem(err);
}

static bool three_kinds(void *context, ifm_error *err)
{
    (void)context;
    void *zeroed = ifm_alloc_zero(2, 3);
    void *aligned = ifm_alloc_aligned(64, 64);
    char *copy = ifm_copy_text("text");
    bool ok = zeroed != NULL && aligned != NULL && copy != NULL;
    ifm_free(zeroed);
    ifm_free(aligned);
    ifm_free(copy);
    return ok ? true : ifm_error_nomem(err);
}

static bool manages_without(void *context, ifm_error *err)
{
    (void)err;
    int *runs = context;
    (*runs)++;
    ifm_free(ifm_alloc(1));
    return true;
}

static void torture_fails_every_allocation_once(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(two_blocks, NULL, TORTURE_MUST_FAIL), 2);
    CHECK_INT(torture_allocations(three_kinds, NULL, TORTURE_MUST_FAIL), 3);
    check_end();
}

static void torture_runs_transient_and_persistent_failures(void **state)
{
    (void)state;
    int runs = 0;
    CHECK_INT(torture_allocations(manages_without, &runs, TORTURE_MAY_SUCCEED), 1);
    CHECK_INT(runs, 3); /* allocation 1 alone, 1 and all after it, none */
    check_end();
}

static void torture_transient_failure_is_one_failure(void **state)
{
    (void)state;
    torture_arm(2, TORTURE_TRANSIENT);
    void *first = ifm_alloc(1);
    void *second = ifm_alloc(1);
    void *third = ifm_alloc(1);
    torture_disarm();
    CHECK(first != NULL);
    CHECK(second == NULL);
    CHECK(third != NULL);
    ifm_free(first);
    ifm_free(third);
    check_end();
}

static void torture_persistent_failure_lasts_until_disarmed(void **state)
{
    (void)state;
    torture_arm(1, TORTURE_PERSISTENT);
    void *first = ifm_alloc(1);
    void *second = ifm_alloc_zero(1, 1);
    torture_disarm();
    void *third = ifm_alloc(1);
    CHECK(first == NULL);
    CHECK(second == NULL);
    CHECK(third != NULL);
    ifm_free(third);
    check_end();
}

static void torture_counts_allocations_and_blocks(void **state)
{
    (void)state;
    size_t allocations = torture_allocation_count();
    long blocks = torture_block_count();
    char *memory = ifm_alloc(4);
    CHECK_INT(torture_block_count() - blocks, 1);
    memory = ifm_realloc(memory, 8, 1);
    CHECK_INT(torture_block_count() - blocks, 1);
    ifm_free(memory);
    ifm_free(NULL);
    CHECK_INT(torture_block_count() - blocks, 0);
    CHECK_INT(torture_allocation_count() - allocations, 2);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(torture_fails_every_allocation_once),
        cmocka_unit_test(torture_runs_transient_and_persistent_failures),
        cmocka_unit_test(torture_transient_failure_is_one_failure),
        cmocka_unit_test(torture_persistent_failure_lasts_until_disarmed),
        cmocka_unit_test(torture_counts_allocations_and_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
