/* SPDX-License-Identifier: Apache-2.0
 *
 * Giving back what only the start needed changes nothing but the memory that is resident.
 */
#include "cmd/monitor_memory.h"

#include "check.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const words[] = {"a", "table", "that", "was", "relocated"};
static int changed = 1;

static long resident_pages(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return resident;
}

static void what_is_unchanged_goes_and_comes_back(void **state)
{
    (void)state;
    char *heap = strdup("on the heap");
    changed = 2;
    for (int i = 0; i < 100; i++) {
        long before = resident_pages();
        CHECK(monitor_memory_release() > 0);
        long after = resident_pages();
        CHECK(i > 0 || after < before);
        CHECK_TEXT(words[4], "relocated");
        CHECK_TEXT(heap, "on the heap");
        CHECK_INT(changed, 2);
    }
    free(heap);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_unchanged_goes_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
