/* SPDX-License-Identifier: Apache-2.0
 *
 * The one monitor of a user: its lock, its record, and targets that are handed to it.
 */
#include "cmd/monitor_place.h"

#include "check.h"
#include "scratch.h"

#include <sys/stat.h>
#include <unistd.h>

static monitor_record record_of(pid_t pid)
{
    monitor_record record = {.pid = pid, .started_ms = 1700000000000, .finds_loggers = true};
    snprintf(record.url, sizeof record.url, "http://127.0.0.1:9090/\"x\"");
    snprintf(record.version, sizeof record.version, "1.2.3");
    return record;
}

static void open_place(monitor_place *place)
{
    ifm_error err;
    if (!monitor_place_init(place, true, &err)) {
        fail_msg("%s", err.message);
    }
}

static bool lock(monitor_place *place)
{
    ifm_error err;
    bool held = false;
    if (!monitor_place_lock(place, &held, &err)) {
        fail_msg("%s", err.message);
    }
    return held;
}

static void one_at_a_time_has_the_lock(void **state)
{
    (void)state;
    monitor_place first, second;
    open_place(&first);
    open_place(&second);
    CHECK(!monitor_place_is_held(&second));
    CHECK(lock(&first));
    CHECK(!lock(&second));
    CHECK(monitor_place_is_held(&second));
    monitor_place_deinit(&first);
    CHECK(!monitor_place_is_held(&second));
    CHECK(lock(&second));
    monitor_place_deinit(&second);
    check_end();
}

static void record_is_read_back(void **state)
{
    (void)state;
    monitor_place place;
    monitor_record got, want = record_of(getpid());
    ifm_error err;
    struct stat status;
    open_place(&place);
    CHECK(lock(&place));
    CHECK(!monitor_place_read(&place, &got));
    CHECK(monitor_place_write(&place, &want, &err));
    CHECK(monitor_place_read(&place, &got));
    CHECK_INT(got.pid, want.pid);
    CHECK_INT(got.started_ms, want.started_ms);
    CHECK_INT(got.finds_loggers, true);
    CHECK_TEXT(got.url, want.url);
    CHECK_TEXT(got.version, want.version);
    CHECK_INT(stat(place.folder, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0700);
    monitor_place_forget(&place);
    CHECK(!monitor_place_read(&place, &got));
    monitor_place_deinit(&place);
    check_end();
}

static void put_record(const monitor_place *place, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/monitor.json", place->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void record_that_means_nothing_is_none(void **state)
{
    (void)state;
    monitor_place place;
    monitor_record got;
    static const char *const rows[] = {
        "",
        "{",
        "[]",
        "{\"pid\": 1, \"url\": \"http://a/\"}",
        "{\"pid\": 0, \"url\": \"http://a/\"}",
        "{\"url\": \"http://a/\"}",
        "{\"pid\": 2147483646, \"url\": \"http://a/\"}",
    };
    open_place(&place);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_record(&place, rows[i]);
        CHECK(!monitor_place_read(&place, &got));
    }
    monitor_place_deinit(&place);
    check_end();
}

static void taking_the_lock_clears_what_a_killed_one_left(void **state)
{
    (void)state;
    monitor_place place, other;
    monitor_record record = record_of(getpid());
    ifm_error err;
    char path[4096];
    open_place(&place);
    CHECK(monitor_place_write(&place, &record, &err));
    CHECK(monitor_place_add_target(&place, "127.0.0.1:8123", &err));
    CHECK(monitor_place_add_target(&place, "https://[::1]:9/metrics", &err));
    snprintf(path, sizeof path, "%s/t127.0.0.1_8123.json", place.targets);
    CHECK_INT(access(path, R_OK), 0);
    open_place(&other);
    CHECK(lock(&other));
    CHECK(!monitor_place_read(&place, &record));
    CHECK(access(path, F_OK) != 0);
    CHECK(rmdir(place.targets) == 0); /* it is empty */
    CHECK(!monitor_place_add_target(&place, "nonsense", &err));
    CHECK_INT(err.code, IFM_INVALID);
    monitor_place_deinit(&other);
    monitor_place_deinit(&place);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time_has_the_lock),
        cmocka_unit_test(record_is_read_back),
        cmocka_unit_test(record_that_means_nothing_is_none),
        cmocka_unit_test(taking_the_lock_clears_what_a_killed_one_left),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
