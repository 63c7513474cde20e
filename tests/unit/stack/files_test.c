/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the stack, whatever allocation and whatever call of the system fails meanwhile: each is whole,
 * the old one or the new one, and nothing else is left.
 */
#include "stack/files.h"

#include "check.h"
#include "scratch.h"
#include "stack/password.h"
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static stack_record record = {
    .engine = STACK_ENGINE_DOCKER,
    .network = STACK_NETWORK_HOST,
    .project = (char[]){"p"},
    .prometheus_image = (char[]){"prom/prometheus:v3.14.0"},
    .grafana_image = (char[]){"grafana/grafana:13.2.1"},
    .address = (char[]){"127.0.0.1"},
    .prometheus_port = 9090,
    .grafana_port = 3000,
    .scrape_interval_s = 5,
    .grafana = true,
};

/* --- Calls of the system that fail ---------------------------------------------------------------- */

static struct {
    int calls, fail_at, number;
    int open; /* descriptors now */
} torture;

static bool now_fails(void)
{
    bool fails = ++torture.calls == torture.fail_at;
    if (fails) {
        errno = torture.number;
    }
    return fails;
}

static int torture_open(const char *path, int flags, mode_t mode)
{
    int fd = now_fails() ? -1 : ifm_os_files_real.open(path, flags, mode);
    torture.open += fd >= 0;
    return fd;
}

static ssize_t torture_write(int fd, const void *bytes, size_t size)
{
    return now_fails() ? -1 : ifm_os_files_real.write(fd, bytes, size > 1 ? size / 2 : size);
}

static int torture_fsync(int fd)
{
    (void)fd; /* for the disk's sake */
    return now_fails() ? -1 : 0;
}

static int torture_close(int fd)
{
    bool fails = now_fails();
    int number = errno;
    ifm_os_files_real.close(fd);
    torture.open--;
    errno = number;
    return fails ? -1 : 0;
}

static int torture_rename(const char *from, const char *to)
{
    return now_fails() ? -1 : ifm_os_files_real.rename(from, to);
}

static int torture_fchmod(int fd, mode_t mode)
{
    return now_fails() ? -1 : ifm_os_files_real.fchmod(fd, mode);
}

static const ifm_os_files torture_files = {
    .open = torture_open,
    .write = torture_write,
    .fsync = torture_fsync,
    .close = torture_close,
    .rename = torture_rename,
    .unlink = unlink,
    .fchmod = torture_fchmod,
};

/* --- Looking -------------------------------------------------------------------------------------- */

static int odd_entries; /* temporary files, and files that containers cannot read */

static int look_at_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    bool own = strcmp(path + place->base, "lock") == 0;
    odd_entries += kind == FTW_F && !own && (path[place->base] == '.' || (status->st_mode & 07777) != 0644);
    return 0;
}

static int count_odd_entries(void)
{
    odd_entries = 0;
    assert_int_equal(nftw(scratch, look_at_entry, 8, FTW_PHYS), 0);
    return odd_entries;
}

/* Without an allocation, which may be made to fail. */
static bool has_file(const stack_folder *folder, const char *name, const char *part)
{
    static char text[1 << 16];
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[size < 0 ? 0 : size] = '\0';
    close(fd);
    return strstr(text, part) != NULL;
}

/* --- Tests ---------------------------------------------------------------------------------------- */

static const char *const targets[] = {"127.0.0.1:8000", "https://host:1/m"};

static bool write_files(void *context, ifm_error *err)
{
    (void)context;
    stack_folder folder;
    if (!stack_folder_open(&folder, true, err)) {
        return false;
    }
    stack_plan plan = {.record = &record, .folder = &folder};
    stack_files_change change;
    bool ok = stack_files_write(&plan, targets, IFM_COUNT_OF(targets), NULL, &change, err) &&
              stack_folder_save(&folder, &record, err);
    CHECK(!ok || has_file(&folder, "prometheus/prometheus.yml", "scrape_interval: 5s"));
    CHECK(!ok || has_file(&folder, "compose.yaml", "\"--web.listen-address=127.0.0.1:9090\""));
    CHECK(!ok || has_file(&folder, "compose.yaml", "inferometer.provisioning: "));
    stack_folder_close(&folder);
    return ok;
}

/* A file that cannot be compared is replaced: so some may fail without harm. */
static void files_survive_every_failed_allocation(void **state)
{
    (void)state;
    CHECK(torture_allocations(write_files, NULL, TORTURE_MAY_SUCCEED) >= 50);
    CHECK_INT(count_odd_entries(), 0);
    check_end();
}

static bool write_one(void *context, ifm_error *err)
{
    static int turn;
    const stack_folder *folder = context;
    char text[32];
    bool changed = false;
    int size = snprintf(text, sizeof text, "turn %d", ++turn);
    bool ok = stack_folder_write(folder, "one", text, (size_t)size, &changed, err);
    CHECK_INT(changed, ok);
    CHECK(!ok || has_file(folder, "one", text));
    return ok;
}

static void file_is_replaced_whatever_allocation_fails(void **state)
{
    (void)state;
    stack_folder folder;
    ifm_error err;
    assert_true(stack_folder_open(&folder, true, &err));
    CHECK(torture_allocations(write_one, &folder, TORTURE_MAY_SUCCEED) >= 3);
    stack_folder_close(&folder);
    check_end();
}

static void files_are_whole_whatever_call_fails(void **state)
{
    (void)state;
    static const int numbers[] = {ENOSPC, EIO, EINTR};
    stack_folder folder;
    ifm_error err;
    mode_t before = umask(077);
    assert_true(stack_folder_open(&folder, true, &err));
    folder.files = &torture_files;
    stack_plan plan = {.record = &record, .folder = &folder};
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        bool done = false;
        torture.number = numbers[i];
        for (int n = 1; !done; n++) {
            char part[32];
            stack_files_change change;
            record.scrape_interval_s = 5 + n % 50;
            snprintf(part, sizeof part, "scrape_interval: %ds", record.scrape_interval_s);
            torture.calls = 0;
            torture.fail_at = n;
            bool ok = stack_files_write(&plan, targets, 2, NULL, &change, &err) &&
                      stack_folder_save(&folder, &record, &err);
            done = torture.calls < n;
            CHECK(ok || (err.code == IFM_IO && strstr(err.message, strerror(numbers[i])) != NULL));
            CHECK(ok || numbers[i] != EINTR);
            CHECK(!ok || (change.prometheus && has_file(&folder, "prometheus/prometheus.yml", part)));
            CHECK_INT(torture.open, 0);
            CHECK_INT(count_odd_entries(), 0);
        }
    }
    record.scrape_interval_s = 5;
    umask(before);
    stack_folder_close(&folder);
    check_end();
}

static void password_of_prometheus_is_hashed_once(void **state)
{
    (void)state;
    stack_folder folder;
    ifm_error err;
    assert_true(stack_folder_open(&folder, true, &err));
    stack_record exposed = record;
    exposed.exposed = true;
    stack_plan plan = {.record = &exposed, .folder = &folder};
    ifm_buf first, second;
    bool there;
    ifm_buf_init(&first, 1 << 16);
    ifm_buf_init(&second, 1 << 16);
    CHECK(stack_folder_make(&folder, "prometheus", &err));
    CHECK(stack_files_write_web_config(&plan, "password", NULL, &err));
    CHECK(stack_folder_read(&folder, "prometheus/web.yml", &first, &there, &err) && there);
    CHECK(stack_files_write_web_config(&plan, "password", NULL, &err));
    CHECK(stack_folder_read(&folder, "prometheus/web.yml", &second, &there, &err));
    CHECK(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    CHECK(memmem(first.data, first.size, "password", 8) == NULL);
    ifm_buf_clear(&second);
    CHECK(stack_files_write_web_config(&plan, "another one", NULL, &err));
    CHECK(stack_folder_read(&folder, "prometheus/web.yml", &second, &there, &err));
    CHECK(first.size != second.size || memcmp(first.data, second.data, first.size) != 0);
    ifm_buf_deinit(&first);
    ifm_buf_deinit(&second);
    stack_folder_close(&folder);
    check_end();
}

/* Its data source logs in with it, and is read when Grafana starts. */
static void another_password_starts_grafana_anew(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool want;
    } rows[] = {{"first one", true}, {"first one", false}, {"another one", true}, {"another one", false}};
    stack_folder folder;
    ifm_error err;
    ifm_buf compose[IFM_COUNT_OF(rows)];
    assert_true(stack_folder_open(&folder, true, &err));
    stack_record exposed = record;
    exposed.exposed = true;
    stack_plan plan = {.record = &exposed, .folder = &folder};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        stack_files_change change;
        bool there;
        CHECK(stack_files_write(&plan, NULL, 0, rows[i].password, &change, &err));
        CHECK_INT(change.grafana, rows[i].want);
        ifm_buf_init(&compose[i], 1 << 16);
        CHECK(stack_folder_read(&folder, "compose.yaml", &compose[i], &there, &err));
        bool same = i > 0 && compose[i].size == compose[i - 1].size &&
                    memcmp(compose[i].data, compose[i - 1].data, compose[i].size) == 0;
        CHECK(i == 0 || same == !rows[i].want);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf_deinit(&compose[i]);
    }
    stack_folder_close(&folder);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_survive_every_failed_allocation),
        cmocka_unit_test(file_is_replaced_whatever_allocation_fails),
        cmocka_unit_test(files_are_whole_whatever_call_fails),
        cmocka_unit_test(another_password_starts_grafana_anew),
        cmocka_unit_test(password_of_prometheus_is_hashed_once),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
