/* SPDX-License-Identifier: Apache-2.0
 *
 * Where state is kept, and making folders.
 */
#include "check.h"
#include "os/os.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void state_is_where_xdg_says(void **state)
{
    (void)state;
    static const struct {
        const char *xdg, *home, *name, *want;
    } rows[] = {
        {"/x", "/h", NULL, "/x/inferometer"},
        {"/x", "/h", "stack", "/x/inferometer/stack"},
        {"relative", "/h", "targets", "/h/.local/state/inferometer/targets"},
        {"", "/h", "targets", "/h/.local/state/inferometer/targets"},
        {NULL, "/h", NULL, "/h/.local/state/inferometer"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        rows[i].xdg == NULL ? unsetenv("XDG_STATE_HOME") : setenv("XDG_STATE_HOME", rows[i].xdg, 1);
        setenv("HOME", rows[i].home, 1);
        char *path = ifm_os_state_path(rows[i].name, &err);
        CHECK_TEXT(path, rows[i].want);
        ifm_free(path);
    }
    check_end();
}

static void folders_get_their_mode_whatever_the_umask(void **state)
{
    (void)state;
    char scratch[] = "/tmp/state_test.XXXXXX";
    assert_non_null(mkdtemp(scratch));
    char path[128];
    snprintf(path, sizeof path, "%s/a/b", scratch);
    mode_t before = umask(077);
    ifm_error err;
    CHECK(ifm_os_make_folders(path, 0755, &err));
    CHECK(ifm_os_make_folders(path, 0700, &err)); /* it is there: it stays as it is */
    umask(before);
    struct stat status;
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0755);
    CHECK_INT(rmdir(path), 0);

    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    CHECK(!ifm_os_make_folders(path, 0700, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "is no folder");
    CHECK(!ifm_os_make_folders("/proc/none/of/this", 0700, &err));
    CHECK_CONTAINS(err.message, "could not make the folder \"/proc/none\"");
    unlink(path);
    snprintf(path, sizeof path, "%s/a", scratch);
    rmdir(path);
    rmdir(scratch);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_is_where_xdg_says),
        cmocka_unit_test(folders_get_their_mode_whatever_the_umask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
