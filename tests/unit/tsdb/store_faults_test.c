/* SPDX-License-Identifier: Apache-2.0
 *
 * A store as a whole while calls of the system and allocations fail, each in turn: what was acknowledged is
 * there afterwards, what was refused is not, and every failure is told or counted.
 */
#include "faulty_store.h"
#include "torture.h"

#include <dirent.h>

enum { BATCHES = 30, FLUSHES = 3, FOLDER_SIZE = 64, WHY_SIZE = 320 };

/* What one run did. */
typedef struct run {
    bool acked[BATCHES];
    bool refused;    /* some call said that it failed */
    uint64_t errors; /* that were counted */
    uint64_t damages;
    known_found found; /* while it ran */
} run;

static uint8_t samples[BATCHES];

static void found_init(known_found *found)
{
    memset(samples, 0, sizeof samples);
    *found = (known_found){.samples = samples, .batches = BATCHES};
}

/* What is read is what was acknowledged, all of it and nothing else. */
static bool found_right(const run *of, const known_found *found, char *why, size_t size)
{
    snprintf(why, size, "%s", found->wrong);
    for (size_t n = 0; n < BATCHES && why[0] == '\0'; n++) {
        size_t want = of->acked[n] ? known_size(n) : 0;
        if (found->samples[n] != want) {
            snprintf(why, size, "batch %zu, %s, has %d of %zu samples", n,
                     of->acked[n] ? "acknowledged" : "refused", found->samples[n], known_size(n));
        }
    }
    return why[0] == '\0';
}

/* Appends, flushes, merges and reads, whatever fails. False when what is read is not what was
 * acknowledged. */
static bool work(tsdb *db, run *of, char *why, size_t size)
{
    ifm_error err;
    known_found found;
    tsdb_group *group = tsdb_group_new(db, &err);
    of->refused = of->refused || group == NULL;
    for (size_t n = 0; n < BATCHES; n++) {
        of->acked[n] = known_append(db, group, n, &err);
        of->refused = of->refused || !of->acked[n];
        if (n % (BATCHES / FLUSHES) == BATCHES / FLUSHES - 1 && n + 1 < BATCHES) {
            of->refused = !tsdb_flush(db, &err) || of->refused;
        }
    }
    tsdb_maintain(db);
    found_init(&found);
    bool read = known_read(tsdb_storage(db), &found, &err);
    of->refused = of->refused || !read;
    tsdb_group_free(group);
    return !read || found_right(of, &found, why, size);
}

static bool run_once(run *of, char *why, size_t size)
{
    tsdb *db = NULL;
    ifm_error err;
    tsdb_stats stats;
    *of = (run){.refused = false};
    if (!store_open(&db, &err)) {
        of->refused = true;
        return true;
    }
    bool ok = work(db, of, why, size);
    tsdb_stats_now(db, &stats);
    of->errors = stats.log_errors + stats.flush_errors + stats.compaction_errors + stats.damages;
    tsdb_close(db);
    return ok;
}

/* The store opens without faults and has what was acknowledged. */
static bool check_afterwards(run *of, char *why, size_t size)
{
    tsdb *db = NULL;
    ifm_error err;
    known_found found;
    tsdb_stats stats;
    fault_reset();
    if (!store_open(&db, &err)) {
        snprintf(why, size, "could not be opened: %s", err.message);
        return false;
    }
    found_init(&found);
    bool ok = known_read(tsdb_storage(db), &found, &err);
    if (!ok) {
        snprintf(why, size, "could not be read: %s", err.message);
    }
    tsdb_stats_now(db, &stats);
    of->damages = stats.damages;
    tsdb_close(db);
    return ok && found_right(of, &found, why, size);
}

/* ---- Calls of the system ---- */

typedef struct fault_row {
    fault_call call;
    int number;
    bool silent; /* it may fail without a word: something else does as well */
} fault_row;

/* Makes the n-th call fail; false when fewer are made. */
static bool fail_nth(const fault_row *row, size_t n, bool persistent)
{
    char why[WHY_SIZE] = "";
    run of;
    store_remove();
    fault_arm(row->call, n, persistent, row->number);
    warnings = 0;
    bool ok = run_once(&of, why, sizeof why);
    bool told = of.refused || of.errors > 0 || warnings > 0;
    size_t failed = fault.failed;
    ok = ok && check_afterwards(&of, why, sizeof why);
    if (ok && failed > 0 && !row->silent && !told) {
        snprintf(why, sizeof why, "nobody says that anything failed");
        ok = false;
    }
    if (!check_report(ok, __FILE__, __LINE__)) {
        fprintf(stderr, "%s %zu%s: %s\n", fault_names[row->call], n, persistent ? " and all after it" : "",
                why);
    }
    return failed > 0;
}

static void store_survives_calls_that_fail(void **state)
{
    static const fault_row rows[] = {
        {FAULT_OPEN, EMFILE, true},      {FAULT_WRITE, EIO, false},
        {FAULT_WRITE, ENOSPC, false},    {FAULT_WRITE_SHORT, ENOSPC, false},
        {FAULT_FSYNC, EIO, false},       {FAULT_FDATASYNC, EIO, false},
        {FAULT_RENAME, EIO, false},      {FAULT_UNLINK, EIO, true},
        {FAULT_PREAD, EIO, false},       {FAULT_FTRUNCATE, EIO, true},
        {FAULT_FALLOCATE, ENOSPC, true}, {FAULT_FALLOCATE, EOPNOTSUPP, true},
        {FAULT_MKDIR, EACCES, false},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        size_t n = 1;
        while (fail_nth(&rows[i], n, false) && fail_nth(&rows[i], n, true) && check_failures < 20) {
            n++;
        }
        printf("%s: %zu calls\n", fault_names[rows[i].call], n - 1);
        CHECK(n > 1);
    }
    check_end();
}

/* ---- Allocations ---- */

static size_t fail_allocation(size_t n, torture_kind kind)
{
    char why[WHY_SIZE] = "";
    run of;
    store_remove();
    fault_reset();
    size_t before = torture_allocation_count();
    torture_arm(n, kind);
    bool ok = run_once(&of, why, sizeof why);
    torture_disarm();
    size_t made = torture_allocation_count() - before;
    ok = ok && check_afterwards(&of, why, sizeof why);
    if (ok && of.damages > 0) {
        snprintf(why, sizeof why, "something is damaged");
        ok = false;
    }
    if (!check_report(ok, __FILE__, __LINE__)) {
        fprintf(stderr, "allocation %zu%s: %s\n", n, kind == TORTURE_PERSISTENT ? " and all after it" : "",
                why);
    }
    return made;
}

static void store_survives_without_memory(void **state)
{
    (void)state;
    size_t n = 1;
    long blocks = torture_block_count();
    while (fail_allocation(n, TORTURE_TRANSIENT) >= n && check_failures < 20) {
        fail_allocation(n, TORTURE_PERSISTENT);
        n++;
    }
    printf("%zu allocations\n", n - 1);
    CHECK(n > 50);
    CHECK_INT(torture_block_count(), blocks);
    check_end();
}

/* ---- A full disk ---- */

static void check_full(tsdb *db, size_t next)
{
    ifm_error err = {.code = IFM_OK};
    known_found found;
    tsdb_stats stats;
    CHECK(!known_append(db, NULL, next, &err));
    CHECK_INT(err.code, IFM_IO);
    tsdb_stats_now(db, &stats);
    CHECK(stats.ingestion_stopped);
    found_init(&found);
    CHECK(known_read(tsdb_storage(db), &found, &err)); /* queries go on */
    CHECK_TEXT(found.wrong, "");
    for (size_t n = 0; n < BATCHES; n++) {
        CHECK_INT(samples[n], n < next ? known_size(n) : 0);
    }
}

static void ingestion_stops_before_the_disk_is_full_and_resumes(void **state)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    tsdb_stats stats;
    (void)state;
    store_remove();
    fault_reset();
    assert_true(store_open(&db, &err));
    CHECK(known_append(db, NULL, 0, &err));
    fault.free_bytes = 1024 * 1024;
    tsdb_maintain(db);
    check_full(db, 1);
    fault.free_bytes = INT64_C(1) << 40;
    tsdb_maintain(db);
    CHECK(known_append(db, NULL, 1, &err));
    tsdb_stats_now(db, &stats);
    CHECK(!stats.ingestion_stopped);
    tsdb_close(db);
    check_end();
}

static void a_write_that_finds_the_disk_full_is_refused(void **state)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    (void)state;
    store_remove();
    fault_reset();
    assert_true(store_open(&db, &err));
    for (size_t n = 0; n < 5; n++) {
        CHECK(known_append(db, NULL, n, &err));
    }
    fault_arm(FAULT_WRITE_SHORT, 1, true, ENOSPC);
    CHECK(!known_append(db, NULL, 5, &err));
    fault.free_bytes = 1024;
    tsdb_maintain(db);
    check_full(db, 5);
    fault_reset();
    tsdb_maintain(db);
    CHECK(known_append(db, NULL, 5, &err));
    CHECK(known_append(db, NULL, 6, &err));
    tsdb_close(db);
    run of = {.acked = {true, true, true, true, true, true, true}};
    char why[WHY_SIZE] = "";
    CHECK(check_afterwards(&of, why, sizeof why));
    CHECK_TEXT(why, "");
    check_end();
}

/* ---- Files that no set has ---- */

static size_t block_files(void)
{
    char path[FOLDER_SIZE + 16];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/blocks", folder);
    DIR *opened = opendir(path);
    assert_non_null(opened);
    for (struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        count += entry->d_name[0] != '.';
    }
    closedir(opened);
    return count;
}

/* Whether the n-th such call of a flush failed; each failure is tried again, as the store itself does. */
static bool flush_with_failure(fault_call call, size_t n)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    tsdb_stats stats;
    store_remove();
    fault_reset();
    assert_true(store_open(&db, &err));
    CHECK(known_append(db, NULL, 0, &err));
    fault_arm(call, n, false, EIO);
    bool ok = tsdb_flush(db, &err);
    bool failed = fault.failed > 0;
    fault_reset();
    tsdb_stats_now(db, &stats);
    CHECK_INT(stats.blocks, ok ? 1 : 0);
    CHECK_INT(block_files(), stats.blocks);
    CHECK(tsdb_flush(db, &err));
    CHECK_INT(block_files(), 1);
    tsdb_close(db);
    return failed;
}

static void a_flush_that_fails_leaves_no_file(void **state)
{
    static const fault_call calls[] = {FAULT_OPEN, FAULT_WRITE, FAULT_FSYNC, FAULT_RENAME, FAULT_PREAD};
    size_t failures = 0;
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(calls); i++) {
        for (size_t n = 1; n < 50 && flush_with_failure(calls[i], n); n++) {
            failures++;
        }
    }
    CHECK(failures >= IFM_COUNT_OF(calls));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ingestion_stops_before_the_disk_is_full_and_resumes),
        cmocka_unit_test(a_write_that_finds_the_disk_full_is_refused),
        cmocka_unit_test(a_flush_that_fails_leaves_no_file),
        cmocka_unit_test(store_survives_calls_that_fail),
        cmocka_unit_test(store_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, store_setup, scratch_remove);
}
