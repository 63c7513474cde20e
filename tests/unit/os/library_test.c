/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the library lies, and with which rights it runs.
 */
#include "check.h"
#include "os/os.h"

#include <limits.h>
#include <unistd.h>

/* This test has the library linked statically. */
static void folder_of_a_static_library_is_the_programs(void **state)
{
    (void)state;
    char path[PATH_MAX] = "";
    assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    *strrchr(path, '/') = '\0';
    char *folder = ifm_os_library_folder();
    CHECK_TEXT(folder, path);
    ifm_free(folder);
    check_end();
}

static void a_program_like_any_other_is_not_privileged(void **state)
{
    (void)state;
    CHECK(!ifm_os_is_privileged());
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_of_a_static_library_is_the_programs),
        cmocka_unit_test(a_program_like_any_other_is_not_privileged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
