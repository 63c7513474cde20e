/* SPDX-License-Identifier: Apache-2.0
 *
 * M1 to M3 are the invariants of base/bump.h.
 */
#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <stdalign.h>

static void bump_hands_out_zeroed_aligned_memory_that_stays(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_bump_init(&bump, 10 * 1024 * 1024);
    CHECK(bump.blocks == NULL && bump.used == 0);
    unsigned char *parts[3000];
    for (size_t i = 0; i < IFM_COUNT_OF(parts); i++) {
        size_t size = i % 700 + 1;
        parts[i] = ifm_bump_alloc(&bump, size);
        CHECK(parts[i] != NULL && (uintptr_t)parts[i] % alignof(max_align_t) == 0); /* M2 */
        bool zero = true;
        for (size_t j = 0; j < size; j++) {
            zero = zero && parts[i][j] == 0;
        }
        CHECK(zero);
        memset(parts[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(parts); i++) {
        size_t size = i % 700 + 1;
        CHECK(parts[i][0] == i % 251 && parts[i][size - 1] == i % 251); /* M2 */
    }
    CHECK(bump.used <= bump.max); /* M1 */
    ifm_bump_deinit(&bump);
    CHECK(bump.blocks == NULL && bump.used == 0 && bump.max == 10 * 1024 * 1024);
    check_end();
}

static void bump_gives_all_that_its_limit_allows_and_no_more(void **state)
{
    (void)state;
    enum { HEAD = alignof(max_align_t), SIZE = 96 };
    static const size_t limits[] = {HEAD + SIZE - 1, HEAD + SIZE, HEAD + SIZE + 1};
    for (size_t i = 0; i < IFM_COUNT_OF(limits); i++) {
        ifm_bump bump;
        ifm_bump_init(&bump, limits[i]);
        CHECK((ifm_bump_alloc(&bump, SIZE) != NULL) == (limits[i] >= HEAD + SIZE));
        CHECK_INT(bump.failed, limits[i] >= HEAD + SIZE ? IFM_OK : IFM_LIMIT);
        CHECK(bump.used <= bump.max); /* M1 */
        ifm_bump_deinit(&bump);
    }
    check_end();
}

static void bump_counts_every_block_against_its_limit(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_bump_init(&bump, 100000);
    size_t given = 0;
    while (ifm_bump_alloc(&bump, 1000) != NULL) {
        given++;
        CHECK(bump.used <= bump.max); /* M1 */
    }
    CHECK_INT(bump.failed, IFM_LIMIT);
    CHECK(given >= 90 && given <= 99);
    ifm_bump_deinit(&bump);
    check_end();
}

static void bump_failure_sticks_and_keeps_what_was_handed_out(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_error err;
    ifm_bump_init(&bump, 5000);
    char *kept = ifm_bump_copy(&bump, "kept", 4);
    CHECK(ifm_bump_check(&bump, &err));
    CHECK(ifm_bump_alloc(&bump, 6000) == NULL);
    CHECK(ifm_bump_alloc(&bump, 1) == NULL); /* M3 */
    CHECK(ifm_bump_copy(&bump, "", 0) == NULL);
    CHECK_TEXT(kept, "kept");
    CHECK(!ifm_bump_check(&bump, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_CONTAINS(err.message, "5000 bytes");
    ifm_bump_deinit(&bump);
    CHECK(ifm_bump_alloc(&bump, 1) != NULL); /* deinit leaves it ready for use */
    ifm_bump_deinit(&bump);
    check_end();
}

static void bump_refuses_sizes_that_overflow(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - alignof(max_align_t), SIZE_MAX / 2};
    for (size_t i = 0; i < IFM_COUNT_OF(sizes); i++) {
        ifm_bump bump;
        ifm_bump_init(&bump, SIZE_MAX / 4);
        CHECK(ifm_bump_alloc(&bump, sizes[i]) == NULL);
        CHECK_INT(bump.failed, IFM_LIMIT);
        ifm_bump_deinit(&bump);
        CHECK(ifm_bump_alloc_array(&bump, sizes[i], 3) == NULL);
        CHECK_INT(bump.failed, IFM_LIMIT);
        ifm_bump_deinit(&bump);
    }
    check_end();
}

static void bump_grow_keeps_items(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_bump_init(&bump, 1024 * 1024);
    uint32_t *items = NULL;
    size_t moves = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *before = items;
        items = ifm_bump_grow(&bump, items, i, sizeof *items);
        assert_non_null(items);
        moves += items != before;
        CHECK_INT(items[i], 0);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK_INT(items[i], i);
    }
    CHECK_INT(moves, 9); /* 4, 8, .. 1024 */
    ifm_bump_deinit(&bump);
    check_end();
}

static bool fill_blocks(void *context, ifm_error *err)
{
    (void)context;
    ifm_bump bump;
    ifm_bump_init(&bump, 1024 * 1024);
    for (int i = 0; i < 100; i++) {
        ifm_bump_alloc(&bump, 1000);
    }
    bool ok = ifm_bump_check(&bump, err);
    ifm_bump_deinit(&bump);
    return ok;
}

static void bump_takes_few_blocks_and_frees_them_all(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(fill_blocks, NULL, TORTURE_MUST_FAIL), 6); /* 4 4 8 16 32 64 KiB */
    check_end();
}

static void bump_goes_back_to_a_mark(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_bump_init(&bump, 1024 * 1024);
    ifm_bump_mark start = ifm_bump_mark_now(&bump);
    char *first = ifm_bump_copy(&bump, "first", 5);
    ifm_bump_mark mark = ifm_bump_mark_now(&bump);
    memset(ifm_bump_alloc(&bump, 100), 'x', 100);
    size_t used = bump.used;
    for (int i = 0; i < 50; i++) { /* several blocks more */
        memset(ifm_bump_alloc(&bump, 5000), 'x', 5000);
    }
    ifm_bump_rewind(&bump, mark);
    CHECK_INT(bump.used, used);
    CHECK_TEXT(first, "first");
    const char *again = ifm_bump_alloc(&bump, 3000);
    for (size_t i = 0; i < 3000; i++) {
        CHECK_INT(again[i], 0);
    }
    ifm_bump_rewind(&bump, start);
    CHECK(ifm_bump_alloc(&bump, 5) == first); /* the first block is kept */
    CHECK_INT(first[0], 0);
    ifm_bump_deinit(&bump);
    check_end();
}

static void bump_does_not_go_back_after_a_failure(void **state)
{
    (void)state;
    ifm_bump bump;
    ifm_bump_init(&bump, 4096);
    ifm_bump_mark mark = ifm_bump_mark_now(&bump);
    char *kept = ifm_bump_copy(&bump, "kept", 4);
    CHECK(ifm_bump_alloc(&bump, 10000) == NULL);
    ifm_bump_rewind(&bump, mark);
    CHECK_TEXT(kept, "kept");
    CHECK(ifm_bump_alloc(&bump, 1) == NULL);
    ifm_bump_deinit(&bump);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bump_hands_out_zeroed_aligned_memory_that_stays),
        cmocka_unit_test(bump_gives_all_that_its_limit_allows_and_no_more),
        cmocka_unit_test(bump_counts_every_block_against_its_limit),
        cmocka_unit_test(bump_failure_sticks_and_keeps_what_was_handed_out),
        cmocka_unit_test(bump_refuses_sizes_that_overflow),
        cmocka_unit_test(bump_grow_keeps_items),
        cmocka_unit_test(bump_takes_few_blocks_and_frees_them_all),
        cmocka_unit_test(bump_goes_back_to_a_mark),
        cmocka_unit_test(bump_does_not_go_back_after_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
