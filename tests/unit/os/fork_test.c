/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors that a child of fork() does not keep.
 */
#include "check.h"
#include "os/os.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void child_has_none_of_them(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    ifm_os_fork_fd reader, writer, none;
    ifm_os_fork_lock();
    ifm_os_fork_add(&reader, ends[0]);
    ifm_os_fork_add(&writer, ends[1]);
    ifm_os_fork_add(&none, -1);
    ifm_os_fork_unlock();
    pid_t child = fork();
    if (child == 0) {
        bool ok = !is_open(ends[0]) && !is_open(ends[1]) && reader.fd == -1 && writer.fd == -1;
        int next = dup(0); /* gets the number of one of them */
        ifm_os_fork_close(&reader);
        ifm_os_fork_close(&writer);
        _exit(ok && is_open(next) ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    CHECK(is_open(ends[0]) && is_open(ends[1]));
    ifm_os_fork_close(&reader);
    ifm_os_fork_close(&none);
    CHECK(!is_open(ends[0]) && is_open(ends[1]));
    child = fork(); /* what was taken off is not closed again, whoever has its number now */
    if (child == 0) {
        _exit(is_open(0) && !is_open(ends[1]) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    ifm_os_fork_close(&writer);
    ifm_os_fork_close(&writer);
    CHECK(!is_open(ends[1]));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(child_has_none_of_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
