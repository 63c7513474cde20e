/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "os/os.h"

#include <stdlib.h>
#include <unistd.h>

static void read_appends_the_whole_file(void **state)
{
    (void)state;
    char path[] = "/tmp/ifm_read_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    char block[1000];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(write(fd, block, sizeof block), sizeof block);
    }
    close(fd);
    ifm_buf buf;
    ifm_error err;
    ifm_buf_init(&buf, 1 << 20);
    ifm_buf_append_text(&buf, "before");
    CHECK(ifm_os_read_file(path, &buf, &err));
    CHECK_INT(buf.size, 10006);
    CHECK(memcmp(buf.data, "beforexxx", 9) == 0);
    CHECK_INT(buf.data[10005], 'x');
    ifm_buf_deinit(&buf);
    unlink(path);
    check_end();
}

static void read_reads_files_without_a_size(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_error err;
    ifm_buf_init(&buf, 1 << 20);
    CHECK(ifm_os_read_file("/proc/self/stat", &buf, &err));
    CHECK(buf.size > 50);
    ifm_buf_deinit(&buf);
    check_end();
}

/* A file of exactly what the buffer may hold is no larger than that. */
static void read_takes_as_much_as_may_be(void **state)
{
    (void)state;
    enum { MAX = 10000 };
    char path[] = "/tmp/ifm_read_XXXXXX", block[MAX + 1] = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (int more = -1; more <= 1; more++) {
        ifm_buf buf;
        ifm_error err = {.code = IFM_OK};
        ifm_buf_init(&buf, MAX);
        assert_int_equal(pwrite(fd, block, (size_t)(MAX + more), 0), MAX + more);
        CHECK_INT(ifm_os_read_file(path, &buf, &err), more <= 0);
        CHECK_INT(err.code, more <= 0 ? IFM_OK : IFM_LIMIT);
        CHECK(more > 0 || buf.size == (size_t)(MAX + more));
        ifm_buf_deinit(&buf);
    }
    close(fd);
    unlink(path);
    check_end();
}

static void read_says_why_it_could_not(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t max;
        ifm_code code;
        const char *part;
    } rows[] = {
        {"/nonexistent/file", 1 << 20, IFM_IO, "could not open \"/nonexistent/file\": No such file"},
        {"/", 1 << 20, IFM_IO, "could not read \"/\": Is a directory"},
        {"/dev/zero", 100000, IFM_LIMIT, "could not read \"/dev/zero\": output is larger"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf buf;
        ifm_error err = {.code = IFM_OK};
        ifm_buf_init(&buf, rows[i].max);
        CHECK(!ifm_os_read_file(rows[i].path, &buf, &err));
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(err.message, rows[i].part);
        ifm_buf_deinit(&buf);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_appends_the_whole_file),
        cmocka_unit_test(read_reads_files_without_a_size),
        cmocka_unit_test(read_takes_as_much_as_may_be),
        cmocka_unit_test(read_says_why_it_could_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
