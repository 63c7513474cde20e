/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/arena.h"

#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static bool all_zero(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static struct ifm_arena *arena_new(void)
{
    static struct ifm_arena arena;
    ifm_error err;
    MUST(ifm_arena_init(&arena, &err));
    return &arena;
}

static void cells_of_any_size_are_zeroed_and_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 63, 64, 65, 128, 129, 192, 193, 256, 257, 384, 385, 512, 4096, 65537};
    struct ifm_arena *arena = arena_new();
    char *before = NULL;
    size_t before_size = 0;
    for (size_t i = 0; i < IFM_COUNT_OF(sizes); i++) {
        char *cell = ifm_arena_take(arena, sizes[i]);
        assert_non_null(cell);
        CHECK_INT((uintptr_t)cell % 64, 0);
        CHECK(all_zero(cell, sizes[i]));
        CHECK(before == NULL || cell >= before + before_size);
        memset(cell, 0xAA, sizes[i]);
        before = cell;
        before_size = sizes[i];
    }
    ifm_arena_deinit(arena);
    check_end();
}

static void a_cell_given_back_is_taken_again_and_zeroed(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 64, 100, 192, 1000, 70000};
    struct ifm_arena *arena = arena_new();
    for (size_t i = 0; i < IFM_COUNT_OF(sizes); i++) {
        char *first = ifm_arena_take(arena, sizes[i]);
        char *second = ifm_arena_take(arena, sizes[i]);
        memset(first, 0xAA, sizes[i]);
        memset(second, 0xBB, sizes[i]);
        ifm_arena_give(arena, first, sizes[i]);
        ifm_arena_give(arena, second, sizes[i]);
        CHECK(ifm_arena_take(arena, sizes[i]) == second);
        CHECK(ifm_arena_take(arena, sizes[i]) == first);
        CHECK(all_zero(first, sizes[i]));
        CHECK(all_zero(second, sizes[i]));
        CHECK(ifm_arena_take(arena, sizes[i]) != first);
    }
    ifm_arena_deinit(arena);
    check_end();
}

/* A3: without the tag, a pop that was overtaken by two pops and a push would succeed. */
static void each_pop_changes_the_head_of_its_list(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    void *cell = ifm_arena_take(arena, 64);
    ifm_arena_give(arena, cell, 64);
    uint64_t before = atomic_load(&arena->lists[0]);
    CHECK(ifm_arena_take(arena, 64) == cell);
    ifm_arena_give(arena, cell, 64);
    CHECK(atomic_load(&arena->lists[0]) != before);
    ifm_arena_deinit(arena);
    check_end();
}

static void sizes_of_one_class_share_their_cells(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    void *cell = ifm_arena_take(arena, 257); /* five units take the class of six */
    ifm_arena_give(arena, cell, 257);
    CHECK(ifm_arena_take(arena, 384) == cell);
    ifm_arena_give(arena, cell, 384);
    CHECK(ifm_arena_take(arena, 385) != cell);
    ifm_arena_deinit(arena);
    check_end();
}

static void exhaustion_yields_null_until_more_is_reserved(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    size_t region = arena->region_units * 64;
    size_t part = region / 16;
    for (int i = 0; i < 14; i++) {
        CHECK(ifm_arena_take(arena, part) != NULL);
        CHECK(ifm_arena_reserve(arena)); /* below seven eighths nothing is added */
    }
    CHECK(arena->regions[1] != NULL);
    for (int i = 0; i < 16; i++) {
        CHECK(ifm_arena_take(arena, part) != NULL);
    }
    CHECK(ifm_arena_take(arena, part) == NULL);
    CHECK(ifm_arena_take(arena, 64) == NULL);
    CHECK(ifm_arena_reserve(arena));
    CHECK(ifm_arena_take(arena, 64) != NULL);
    ifm_arena_deinit(arena);
    check_end();
}

static void cells_beyond_the_first_region_are_taken_again_too(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    while (ifm_arena_take(arena, arena->region_units * 4) != NULL) {
    }
    CHECK(ifm_arena_reserve(arena));
    void *cell = ifm_arena_take(arena, 640);
    ifm_arena_give(arena, cell, 640);
    CHECK(ifm_arena_take(arena, 640) == cell);
    ifm_arena_deinit(arena);
    check_end();
}

static void a_size_without_a_class_is_refused(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    CHECK(ifm_arena_take(arena, (size_t)4 << 20) != NULL);
    CHECK(ifm_arena_take(arena, ((size_t)4 << 20) + 1) == NULL);
    ifm_arena_deinit(arena);
    check_end();
}

static void regions_have_a_limit(void **state)
{
    (void)state;
    struct ifm_arena *arena = arena_new();
    size_t added = 1;
    bool more = true;
    while (more) {
        while (ifm_arena_take(arena, arena->region_units * 4) != NULL) {
        }
        more = ifm_arena_reserve(arena);
        added += more;
        if (added > IFM_ARENA_REGIONS_MAX) {
            break;
        }
    }
    CHECK_INT(added, IFM_ARENA_REGIONS_MAX);
    CHECK(ifm_arena_take(arena, 64) == NULL);
    ifm_arena_deinit(arena);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_any_size_are_zeroed_and_aligned),
        cmocka_unit_test(a_cell_given_back_is_taken_again_and_zeroed),
        cmocka_unit_test(each_pop_changes_the_head_of_its_list),
        cmocka_unit_test(sizes_of_one_class_share_their_cells),
        cmocka_unit_test(exhaustion_yields_null_until_more_is_reserved),
        cmocka_unit_test(cells_beyond_the_first_region_are_taken_again_too),
        cmocka_unit_test(a_size_without_a_class_is_refused),
        cmocka_unit_test(regions_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
