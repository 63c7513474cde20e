/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <inferometer/registry.h>

/* The sanitizers end the program at a size that calloc() has to refuse, unless they are told otherwise. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void alloc_of_nothing_can_be_freed(void **state)
{
    (void)state;
    void *blocks[] = {ifm_alloc(0), ifm_alloc_zero(0, 8), ifm_alloc_zero(8, 0), ifm_realloc(NULL, 0, 8),
                      ifm_copy_text("")};
    for (size_t i = 0; i < IFM_COUNT_OF(blocks); i++) {
        CHECK(blocks[i] != NULL);
        ifm_free(blocks[i]);
    }
    ifm_free(NULL);
    check_end();
}

static void alloc_refuses_sizes_that_overflow(void **state)
{
    (void)state;
    volatile size_t half = SIZE_MAX / 2 + 1; /* volatile: compilers warn of sizes that they can compute */
    size_t allocations = torture_allocation_count();
    CHECK(ifm_alloc_zero(half, 2) == NULL);
    CHECK(ifm_realloc(NULL, half, 2) == NULL);
    CHECK(ifm_alloc_aligned(64, SIZE_MAX - 10) == NULL);
    CHECK(ifm_copy_bytes("", half + (half - 1)) == NULL);
    CHECK(torture_allocation_count() - allocations <= 1); /* calloc() checks for itself */
    check_end();
}

static void alloc_aligned_is_aligned_and_zero(void **state)
{
    (void)state;
    for (size_t alignment = sizeof(void *); alignment <= 4096; alignment *= 2) {
        for (size_t size = alignment - 1; size <= alignment + 1; size++) {
            unsigned char *memory = ifm_alloc_aligned(alignment, size);
            assert_non_null(memory);
            CHECK_INT((uintptr_t)memory % alignment, 0);
            size_t set = 0;
            for (size_t i = 0; i < size; i++) {
                set += memory[i] != 0;
            }
            CHECK_INT(set, 0);
            ifm_free(memory);
        }
    }
    check_end();
}

static void realloc_keeps_contents_and_old_block_on_failure(void **state)
{
    (void)state;
    char *memory = ifm_copy_text("kept");
    memory = ifm_realloc(memory, 1000, 10);
    CHECK_TEXT(memory, "kept");
    torture_arm(1, TORTURE_TRANSIENT);
    CHECK(ifm_realloc(memory, 2000, 10) == NULL);
    torture_disarm();
    CHECK(ifm_realloc(memory, SIZE_MAX / 2, 4) == NULL);
    CHECK_TEXT(memory, "kept");
    ifm_free(memory);
    check_end();
}

static void copies_end_with_nul(void **state)
{
    (void)state;
    char *text = ifm_copy_text("text");
    char *bytes = ifm_copy_bytes("a\0bcd", 3);
    CHECK_TEXT(text, "text");
    CHECK(memcmp(bytes, "a\0b", 4) == 0);
    ifm_free(text);
    ifm_free(bytes);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_of_nothing_can_be_freed),
        cmocka_unit_test(alloc_refuses_sizes_that_overflow),
        cmocka_unit_test(alloc_aligned_is_aligned_and_zero),
        cmocka_unit_test(realloc_keeps_contents_and_old_block_on_failure),
        cmocka_unit_test(copies_end_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
