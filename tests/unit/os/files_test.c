/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const ifm_os_files *const files = &ifm_os_files_real;

typedef struct folder {
    char path[64];
    char from[80];
    char to[80];
} folder;

static void folder_make(folder *made)
{
    snprintf(made->path, sizeof made->path, "/tmp/ifm-files-test-XXXXXX");
    assert_non_null(mkdtemp(made->path));
    snprintf(made->from, sizeof made->from, "%s/from", made->path);
    snprintf(made->to, sizeof made->to, "%s/to", made->path);
}

static void files_write_rename_and_remove(void **state)
{
    (void)state;
    folder made;
    folder_make(&made);
    int fd = files->open(made.from, O_CREAT | O_EXCL | O_WRONLY, 0600);
    assert_true(fd >= 0);
    CHECK_INT(files->write(fd, "contents", 8), 8);
    CHECK_INT(files->fsync(fd), 0);
    CHECK_INT(files->close(fd), 0);
    struct stat info;
    CHECK_INT(stat(made.from, &info), 0);
    CHECK_INT(info.st_mode & 0777, 0600);
    CHECK_INT(info.st_size, 8);
    CHECK_INT(files->rename(made.from, made.to), 0);
    CHECK_INT(access(made.from, F_OK), -1);
    CHECK_INT(access(made.to, F_OK), 0);
    CHECK_INT(files->unlink(made.to), 0);
    CHECK_INT(rmdir(made.path), 0);
    check_end();
}

static void files_fail_with_errno(void **state)
{
    (void)state;
    folder made;
    folder_make(&made);
    errno = 0;
    CHECK_INT(files->open(made.from, O_RDONLY, 0), -1);
    CHECK_INT(errno, ENOENT);
    errno = 0;
    CHECK_INT(files->rename(made.from, made.to), -1);
    CHECK_INT(errno, ENOENT);
    errno = 0;
    CHECK_INT(files->unlink(made.from), -1);
    CHECK_INT(errno, ENOENT);
    errno = 0;
    CHECK_INT(files->write(-1, "x", 1), -1);
    CHECK_INT(errno, EBADF);
    CHECK_INT(files->fsync(-1), -1);
    CHECK_INT(files->close(-1), -1);
    CHECK_INT(rmdir(made.path), 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_write_rename_and_remove),
        cmocka_unit_test(files_fail_with_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
