/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of a store that goes on: snapshots, and what is read of a store that somebody else has open.
 */
#include "tsdb/fault_files.h"
#include "tsdb/known_data.h"
#include "tsdb/tsdb.h"

#include "check.h"
#include "scratch.h"

#include <dirent.h>

enum { BATCHES = 20, FOLDER_SIZE = 80 };

static char folder[FOLDER_SIZE];
static char copied[FOLDER_SIZE];
static uint8_t samples[BATCHES];

static tsdb *store_open(const char *path)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    const tsdb_options options = {.folder = path,
                                  .files = fault_files(),
                                  .retention_ms = INT64_MAX / 4, /* the data are from 2023 */
                                  .flush_interval_ms = INT64_MAX / 4,
                                  .no_threads = true};
    bool ok = tsdb_open(&options, &db, &err);
    CHECK_TEXT(err.message, "");
    assert_true(ok);
    return db;
}

static void append(tsdb *db, size_t from, size_t to)
{
    ifm_error err = {.code = IFM_OK};
    for (size_t n = from; n < to; n++) {
        CHECK(known_append(db, NULL, n, &err));
    }
}

/* It has the batches before `count`, and no other. */
static void check_has(tsdb *db, size_t count)
{
    ifm_error err = {.code = IFM_OK};
    known_found found = {.samples = samples, .batches = BATCHES};
    memset(samples, 0, sizeof samples);
    CHECK(known_read(tsdb_storage(db), &found, &err));
    CHECK_TEXT(found.wrong, "");
    for (size_t n = 0; n < BATCHES; n++) {
        CHECK_INT(samples[n], n < count ? known_size(n) : 0);
    }
}

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *entries = opendir(path);
    while (entries != NULL && readdir(entries) != NULL) {
        count++;
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return count;
}

static int setup(void **state)
{
    (void)state;
    fault_reset();
    snprintf(folder, sizeof folder, "%s/store", scratch);
    snprintf(copied, sizeof copied, "%s/copy", scratch);
    return setenv("TMPDIR", scratch, 1);
}

static int teardown(void **state)
{
    (void)state;
    const char *const made[] = {folder, copied};
    for (size_t i = 0; i < IFM_COUNT_OF(made); i++) {
        if (access(made[i], F_OK) == 0) {
            nftw(made[i], scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        }
    }
    return 0;
}

static void a_snapshot_is_a_store_of_its_own(void **state)
{
    ifm_error err = {.code = IFM_OK};
    (void)state;
    tsdb *db = store_open(folder);
    append(db, 0, 8);
    CHECK(tsdb_snapshot(db, copied, &err));
    append(db, 8, 10);
    tsdb *copy = store_open(copied);
    check_has(copy, 8);
    append(copy, 8, 9);
    check_has(copy, 9);
    check_has(db, 10);
    tsdb_close(copy);
    tsdb_close(db);
    check_end();
}

static void a_snapshot_goes_nowhere_else(void **state)
{
    ifm_error err = {.code = IFM_OK};
    (void)state;
    tsdb *db = store_open(folder);
    append(db, 0, 2);
    CHECK(!tsdb_snapshot(db, folder, &err));
    CHECK_INT(err.code, IFM_EXISTS);
    check_has(db, 2);
    tsdb_close(db);
    check_end();
}

static void a_snapshot_that_fails_leaves_nothing(void **state)
{
    ifm_error err = {.code = IFM_OK};
    (void)state;
    tsdb *db = store_open(folder);
    append(db, 0, 2);
    for (size_t n = 1; n <= 2; n++) {
        fault_arm(FAULT_MKDIR, n, false, EIO);
        CHECK(!tsdb_snapshot(db, copied, &err));
        CHECK_INT(err.code, IFM_IO);
        CHECK(access(copied, F_OK) != 0);
    }
    fault_reset();
    CHECK(tsdb_snapshot(db, copied, &err));
    tsdb_close(db);
    check_end();
}

/* Makes the n-th call of a snapshot fail; false when fewer are made. */
static bool snapshot_with_failure(fault_call call, size_t n, bool persistent)
{
    ifm_error err = {.code = IFM_OK};
    tsdb *db = store_open(folder);
    append(db, 0, 2);
    CHECK(tsdb_flush(db, &err));
    append(db, 2, 4);
    fault_arm(call, n, persistent, EIO);
    bool ok = tsdb_snapshot(db, copied, &err);
    bool failed = fault.failed > 0;
    fault_reset();
    check_has(db, 4);
    CHECK(ok == (access(copied, F_OK) == 0));
    if (ok) {
        tsdb *copy = store_open(copied);
        check_has(copy, 4);
        tsdb_close(copy);
    }
    tsdb_close(db);
    teardown(NULL);
    return failed;
}

/* Where hard links do not work, blocks are copied. */
static void a_snapshot_is_whole_or_nothing_whatever_call_fails(void **state)
{
    (void)state;
    for (fault_call call = FAULT_OPEN; call < FAULT_CALL_COUNT; call++) {
        size_t n = 1;
        while (snapshot_with_failure(call, n, false) && snapshot_with_failure(call, n, true) &&
               check_failures < 20) {
            n++;
        }
        printf("%s: %zu calls\n", fault_names[call], n - 1);
        CHECK(n > 1 ||
              (call != FAULT_OPEN && call != FAULT_WRITE && call != FAULT_LINK && call != FAULT_MKDIR));
    }
    check_end();
}

static void a_store_in_use_can_be_read(void **state)
{
    ifm_error err = {.code = IFM_OK};
    tsdb_copy *copy = NULL;
    (void)state;
    tsdb *db = store_open(folder);
    append(db, 0, 5);
    CHECK(tsdb_flush(db, &err));
    append(db, 5, 9);
    assert_true(tsdb_copy_open(folder, &copy, &err));
    append(db, 9, 10);
    CHECK(tsdb_flush(db, &err));
    check_has(tsdb_copy_store(copy), 9); /* of the moment it was made */
    tsdb_copy_close(copy);
    check_has(db, 10);
    tsdb_close(db);
    CHECK_INT(count_entries(scratch), 3); /* ".", ".." and the store: the copy is gone */
    check_end();
}

static void a_copy_needs_a_store(void **state)
{
    ifm_error err = {.code = IFM_OK};
    tsdb_copy *copy = NULL;
    (void)state;
    CHECK(!tsdb_copy_open(folder, &copy, &err));
    CHECK_INT(err.code, IFM_NOT_FOUND);
    CHECK(!tsdb_copy_open(scratch, &copy, &err));
    CHECK_INT(err.code, IFM_NOT_FOUND);
    CHECK_CONTAINS(err.message, "there is no store");
    tsdb_copy_close(NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_snapshot_is_a_store_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(a_snapshot_goes_nowhere_else, setup, teardown),
        cmocka_unit_test_setup_teardown(a_snapshot_that_fails_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_snapshot_is_whole_or_nothing_whatever_call_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_in_use_can_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_needs_a_store, setup, teardown),
    };
    return cmocka_run_group_tests(tests, scratch_make_in_memory, scratch_remove);
}
