/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/encoder_scratch.h"

#include "check.h"
#include "torture.h"

#include <stdalign.h>

static const size_t sizes[] = {1, 7, 16, 17, 0, 4000, 1, 5000, 100000, 3, 4096};
enum { COUNT = sizeof sizes / sizeof sizes[0] };

/* Fills each piece with its number, in the order of `sizes` or backwards, and then looks at all of them. */
static void check_pieces(ifm_scratch *scratch, bool backwards)
{
    unsigned char *pieces[COUNT];
    for (size_t n = 0; n < COUNT; n++) {
        size_t i = backwards ? COUNT - 1 - n : n;
        pieces[i] = ifm_scratch_alloc(scratch, sizes[i], 1);
        assert_non_null(pieces[i]);
        CHECK_INT((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            assert_int_equal(pieces[i][at], i);
        }
    }
}

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    ifm_scratch scratch;
    ifm_scratch_init(&scratch);
    for (int round = 0; round < 4; round++) {
        check_pieces(&scratch, round % 2 == 1);
        ifm_scratch_reset(&scratch);
    }
    ifm_scratch_deinit(&scratch);
    check_end();
}

static void memory_is_used_again_after_reset(void **state)
{
    (void)state;
    ifm_scratch scratch;
    size_t first_round = 0;
    ifm_scratch_init(&scratch);
    for (int round = 0; round < 3; round++) {
        size_t before = torture_allocation_count();
        for (size_t i = 0; i < 100; i++) {
            assert_non_null(ifm_scratch_alloc(&scratch, i, 100));
        }
        size_t allocations = torture_allocation_count() - before;
        if (round == 0) {
            first_round = allocations;
        } else {
            CHECK_INT(allocations, 0);
        }
        ifm_scratch_reset(&scratch);
    }
    CHECK(first_round > 1);
    ifm_scratch_deinit(&scratch);
    check_end();
}

static void overflowing_sizes_are_refused(void **state)
{
    (void)state;
    ifm_scratch scratch;
    ifm_scratch_init(&scratch);
    CHECK(ifm_scratch_alloc(&scratch, SIZE_MAX, 1) == NULL);
    CHECK(ifm_scratch_alloc(&scratch, SIZE_MAX / 8, 16) == NULL);
    CHECK(ifm_scratch_alloc(&scratch, SIZE_MAX, 0) != NULL);
    ifm_scratch_deinit(&scratch);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(memory_is_used_again_after_reset),
        cmocka_unit_test(overflowing_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
