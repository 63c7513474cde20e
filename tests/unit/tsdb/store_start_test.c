/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts on a disk that fails for a moment: what could not be read then is there at the next start, whatever
 * was appended and flushed meanwhile, and nothing is made up.
 */
#include "faulty_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { BATCHES = 30, IN_BLOCK = 10, IN_LOG = 20, MEANWHILE = 25, PATH_SIZE = 400, WHY_SIZE = 320 };

static uint8_t samples[BATCHES];
static bool acked[BATCHES];

static void append(tsdb *db, size_t from, size_t to)
{
    ifm_error err;
    tsdb_group *group = tsdb_group_new(db, &err);
    for (size_t n = from; n < to; n++) {
        acked[n] = known_append(db, group, n, &err);
    }
    tsdb_group_free(group);
}

/* A block with the first batches, and a log with the next ones. */
static void prepare(void)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    store_remove();
    fault_reset();
    memset(acked, 0, sizeof acked);
    assert_true(store_open(&db, &err));
    append(db, 0, IN_BLOCK);
    CHECK(tsdb_flush(db, &err));
    append(db, IN_BLOCK, IN_LOG);
    tsdb_close(db);
}

/* What is read is what was acknowledged. */
static bool check_all(char *why, size_t size)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    known_found found = {.samples = samples, .batches = BATCHES};
    memset(samples, 0, sizeof samples);
    fault_reset();
    if (!store_open(&db, &err)) {
        snprintf(why, size, "could not be opened: %s", err.message);
        return false;
    }
    bool ok = known_read(tsdb_storage(db), &found, &err);
    tsdb_close(db);
    snprintf(why, size, "%s", ok ? found.wrong : err.message);
    for (size_t n = 0; n < BATCHES && why[0] == '\0'; n++) {
        size_t want = acked[n] ? known_size(n) : 0;
        if (samples[n] != want) {
            snprintf(why, size, "batch %zu has %d of %zu samples", n, samples[n], want);
        }
    }
    return why[0] == '\0';
}

/* ---- A call that fails while the store opens ---- */

static bool fail_nth(fault_call call, size_t n, bool persistent)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    char why[WHY_SIZE] = "";
    prepare();
    fault_arm(call, n, persistent, EIO);
    bool opened = store_open(&db, &err);
    size_t failed = fault.failed;
    fault_reset();
    if (opened) {
        append(db, IN_LOG, MEANWHILE);
        CHECK(tsdb_flush(db, &err));
        append(db, MEANWHILE, BATCHES);
        tsdb_maintain(db);
        tsdb_close(db);
    }
    if (!check_report(check_all(why, sizeof why), __FILE__, __LINE__)) {
        fprintf(stderr, "%s %zu%s: %s\n", fault_names[call], n, persistent ? " and all after it" : "", why);
    }
    return failed > 0;
}

static void what_could_not_be_read_is_there_at_the_next_start(void **state)
{
    size_t calls = 0;
    (void)state;
    for (fault_call call = FAULT_OPEN; call < FAULT_CALL_COUNT; call++) {
        size_t n = 1;
        while (fail_nth(call, n, false) && fail_nth(call, n, true) && check_failures < 20) {
            n++;
        }
        printf("%s: %zu calls\n", fault_names[call], n - 1);
        calls += n - 1;
    }
    CHECK(calls > 20);
    check_end();
}

/* ---- Damage that cannot be kept ---- */

/* The path of the last segment of the log that has records. */
static void last_segment(char path[PATH_SIZE])
{
    char log_folder[PATH_SIZE / 2];
    struct stat status;
    snprintf(log_folder, sizeof log_folder, "%s/log", folder);
    DIR *opened = opendir(log_folder);
    assert_non_null(opened);
    path[0] = '\0';
    for (struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        char other[PATH_SIZE];
        snprintf(other, sizeof other, "%s/%.100s", log_folder, entry->d_name);
        if (stat(other, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 64 &&
            strcmp(other, path) > 0) {
            memcpy(path, other, sizeof other);
        }
    }
    closedir(opened);
}

static void a_damaged_tail_is_not_cut_off_before_it_is_kept(void **state)
{
    static const unsigned char bytes[100] = {1, 2, 3};
    static const fault_call calls[] = {FAULT_WRITE, FAULT_WRITE_SHORT, FAULT_FSYNC};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(calls); i++) {
        tsdb *db = NULL;
        ifm_error err = {0};
        struct stat status;
        char path[PATH_SIZE];
        prepare();
        last_segment(path);
        assert_int_equal(stat(path, &status), 0);
        off_t whole = status.st_size;
        int fd = open(path, O_WRONLY | O_APPEND);
        assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
        close(fd);
        fault_arm(calls[i], 1, true, ENOSPC);
        CHECK(store_open(&db, &err));
        fault_reset();
        tsdb_close(db);
        CHECK(stat(path, &status) == 0 && status.st_size == whole + (off_t)sizeof bytes);
        CHECK(store_open(&db, &err));
        tsdb_close(db);
        CHECK(stat(path, &status) == 0 && status.st_size == whole);
        char why[WHY_SIZE] = "";
        CHECK(check_all(why, sizeof why));
        CHECK_TEXT(why, "");
    }
    check_end();
}

/* ---- A segment that goes on where one ended that is lost ---- */

static tsdb_ref ref_of(tsdb_batch *batch, const char *value)
{
    ifm_error err;
    tsdb_ref ref = 0;
    model_label label = {model_text_of("a"), model_text_of(value)};
    assert_true(tsdb_batch_series(batch, (model_labels){&label, 1}, &ref, NULL, &err));
    return ref;
}

static void append_one(tsdb *db, tsdb_group *group, int64_t time_ms, const char *series)
{
    ifm_error err = {0};
    tsdb_batch *batch = tsdb_batch_begin(db, group, time_ms, &err);
    assert_non_null(batch);
    CHECK_INT(tsdb_batch_append(batch, ref_of(batch, series), (double)time_ms), TSDB_ACCEPTED);
    CHECK(tsdb_batch_commit(batch, &err));
}

/* How many samples the series {a="x"} has. */
static size_t count_x(tsdb *db)
{
    ifm_error err = {0};
    ifm_bump arena;
    storage_querier *querier = NULL;
    storage_samples of = {.count = 0};
    const storage_series *series = NULL;
    size_t count = 0;
    storage *from = tsdb_storage(db);
    storage_hints hints = {.start_ms = INT64_MIN, .end_ms = INT64_MAX, .function = ""};
    model_matcher matcher = {.name = model_text_of("a"), .value = model_text_of("x"), .match = MODEL_EQUAL};
    ifm_bump_init(&arena, 1 << 20);
    assert_true(from->functions->querier(from, INT64_MIN, INT64_MAX, &querier, &err));
    assert_true(querier->functions->select(querier, &matcher, 1, &hints, &arena, &series, &count, &err));
    assert_int_equal(count, 1);
    assert_true(querier->functions->read(querier, series, INT64_MIN, INT64_MAX, &arena, &of, &err));
    size_t found = of.count;
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    return found;
}

/* Slot 1 of the log is x in the first process and z in the second one, whose second segment goes on with key
 * rows of slot 1: without the first one nobody knows that it is z. */
static void slots_of_a_lost_segment_are_not_those_of_an_earlier_one(void **state)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    char path[PATH_SIZE];
    (void)state;
    store_remove();
    fault_reset();
    assert_true(store_open(&db, &err));
    tsdb_batch *batch = tsdb_batch_begin(db, NULL, 1, &err);
    ref_of(batch, "never appended to");
    tsdb_batch_rollback(batch);
    tsdb_group *group = tsdb_group_new(db, &err);
    append_one(db, group, 1, "x");
    tsdb_group_free(group);
    tsdb_close(db);

    assert_true(store_open(&db, &err));
    group = tsdb_group_new(db, &err);
    for (int64_t t = 2; t <= 20; t++) {
        append_one(db, group, t, "z");
    }
    last_segment(path);
    tsdb_maintain(db);
    append_one(db, group, 21, "z");
    fault_arm(FAULT_FDATASYNC, 1, false, EIO);
    tsdb_maintain(db);
    fault_reset();
    for (int64_t t = 22; t <= 100; t++) {
        append_one(db, group, t, "z");
    }
    tsdb_group_free(group);
    tsdb_close(db);

    assert_int_equal(unlink(path), 0);
    assert_true(store_open(&db, &err));
    CHECK_INT(count_x(db), 1);
    tsdb_close(db);
    check_end();
}

/* ---- Folders ---- */

static bool folder_synced, parent_synced;

/* Notes what is durable once the folders of log and blocks are there. */
static int noting_fsync(int fd)
{
    char link[64], path[PATH_SIZE] = "", blocks[PATH_SIZE];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(blocks, sizeof blocks, "%s/blocks", folder);
    if (readlink(link, path, sizeof path - 1) > 0 && access(blocks, F_OK) == 0) {
        folder_synced = folder_synced || strcmp(path, folder) == 0;
        parent_synced = parent_synced || strcmp(path, scratch) == 0;
    }
    return 0;
}

static void new_folders_are_durable_before_anything_is_in_them(void **state)
{
    tsdb *db = NULL;
    ifm_error err = {0};
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    store_remove();
    files.fsync = noting_fsync;
    const tsdb_options options = {.folder = folder, .files = &files, .no_threads = true};
    assert_true(tsdb_open(&options, &db, &err));
    CHECK(folder_synced);
    CHECK(parent_synced);
    tsdb_close(db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_not_be_read_is_there_at_the_next_start),
        cmocka_unit_test(a_damaged_tail_is_not_cut_off_before_it_is_kept),
        cmocka_unit_test(slots_of_a_lost_segment_are_not_those_of_an_earlier_one),
        cmocka_unit_test(new_folders_are_durable_before_anything_is_in_them),
    };
    return cmocka_run_group_tests(tests, store_setup, scratch_remove);
}
