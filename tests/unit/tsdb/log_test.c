/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: what was acknowledged is there again, whatever became of the file, and nothing else is.
 */
#include "tsdb/log.h"

#include "check.h"
#include "scratch.h"
#include "tsdb_store.h"

#include "tsdb/log_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* 100 batches, with every kind of sample. */
static void fill(store *s, int64_t from, int64_t to)
{
    char value[16];
    for (int64_t t = from; t <= to; t++) {
        tsdb_batch *batch = store_begin(s, t * 1000);
        for (int i = 0; i < 10; i++) {
            snprintf(value, sizeof value, "%d", i);
            if ((t + i) % 7 != 0) {
                tsdb_batch_append(batch, store_ref(batch, "a", value), (double)(t * i));
            }
        }
        model_span span = {0, 2};
        double counts[2] = {(double)t, 1};
        model_histogram h = {.schema = 0,
                             .count = (double)t + 1,
                             .sum = 3,
                             .positive_spans = &span,
                             .positive_span_count = 1,
                             .positive = counts,
                             .positive_count = 2};
        tsdb_batch_append_sample(batch, store_ref(batch, "h", "1"),
                                 &(tsdb_sample){.time_ms = t * 1000, .histogram = &h});
        tsdb_batch_append_sample(batch, store_ref(batch, "own", "1"),
                                 &(tsdb_sample){.time_ms = t * 1000 - 5, .value = 1, .start_ms = 1});
        store_commit(batch);
    }
}

static char *print_all(store *s)
{
    ifm_buf all;
    ifm_error err;
    size_t size;
    ifm_buf_init(&all, 1 << 24);
    ifm_buf_append_text(&all, store_print(s, "a"));
    ifm_buf_append_text(&all, store_print(s, "h"));
    ifm_buf_append_text(&all, store_print(s, "own"));
    return ifm_buf_take(&all, &size, &err);
}

static void replay_brings_everything_back(void **state)
{
    store s;
    (void)state;
    store_open(&s, "replay");
    fill(&s, 1, 300);
    char *before = print_all(&s);
    store_close(&s);
    for (int i = 0; i < 2; i++) {
        store_open(&s, "replay");
        char *after = print_all(&s);
        CHECK_TEXT(after, before);
        CHECK(tsdb_head_check(s.db));
        tsdb_stats stats;
        tsdb_stats_now(s.db, &stats);
        CHECK_INT(stats.damages, 0);
        ifm_free(after);
        store_close(&s);
    }
    store_open(&s, "replay");
    fill(&s, 301, 320);
    ifm_free(before);
    before = print_all(&s);
    store_close(&s);
    store_open(&s, "replay");
    char *after = print_all(&s);
    CHECK_TEXT(after, before);
    ifm_free(after);
    ifm_free(before);
    store_close(&s);
    check_end();
}

static void read_whole(const char *path, ifm_buf *out)
{
    ifm_error err;
    ifm_buf_init(out, 1 << 24);
    assert_true(ifm_os_read_file(path, out, &err));
}

static void write_whole(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

/* The tokens of `part` are a subsequence of those of `whole`. */
static bool is_part(const char *part, const char *whole)
{
    while (*part != '\0') {
        size_t size = strcspn(part, " ") + 1;
        while (*whole != '\0' && strncmp(part, whole, size) != 0) {
            whole += strcspn(whole, " ") + 1;
        }
        if (*whole == '\0') {
            return false;
        }
        part += size;
        whole += size;
    }
    return true;
}

/* Runs `damage` on copies of a log, opens the store, and compares. */
static void damaged(const char *name, bool flip)
{
    store s;
    char path[512], command[1024];
    ifm_buf bytes;
    store_open(&s, name);
    fill(&s, 1, 40);
    char *before = print_all(&s);
    store_close(&s);
    snprintf(path, sizeof path, "%s/log/00000001.log", s.folder);
    read_whole(path, &bytes);
    CHECK(bytes.size > 1000);
    for (size_t at = 0; at < bytes.size; at += flip ? 13 : 29) {
        snprintf(command, sizeof command, "rm -rf %s", s.folder);
        CHECK_INT(system(command), 0);
        snprintf(command, sizeof command, "%s/log", s.folder);
        ifm_error err;
        CHECK(ifm_os_make_folders(command, 0700, &err));
        if (flip) {
            bytes.data[at] = (char)(bytes.data[at] ^ 0x55);
        }
        write_whole(path, bytes.data, flip ? bytes.size : at);
        store_open(&s, name);
        char *after = print_all(&s);
        if (!is_part(after, before)) {
            fail_msg("byte %zu: something was made up", at);
        }
        CHECK(tsdb_head_check(s.db));
        tsdb_stats stats;
        tsdb_stats_now(s.db, &stats);
        CHECK(!flip || stats.damages > 0);
        ifm_free(after);
        store_close(&s);
        if (flip) {
            bytes.data[at] = (char)(bytes.data[at] ^ 0x55);
        }
    }
    ifm_buf_deinit(&bytes);
    ifm_free(before);
}

static void a_flipped_byte_is_found_and_nothing_made_up(void **state)
{
    (void)state;
    damaged("flip", true);
    check_end();
}

static void a_log_may_end_anywhere(void **state)
{
    (void)state;
    damaged("torn", false);
    check_end();
}

/* ---- Failing files ---- */

static int fail_at, fail_calls, fail_kind; /* 0: once; 1: from then on */

static bool fails(void)
{
    fail_calls++;
    return fail_at > 0 && (fail_kind == 0 ? fail_calls == fail_at : fail_calls >= fail_at);
}
static ssize_t failing_write(int fd, const void *bytes, size_t size)
{
    if (fails()) {
        errno = ENOSPC;
        return size > 40 ? write(fd, bytes, size / 2) : -1;
    }
    return write(fd, bytes, size);
}
static int failing_fdatasync(int fd)
{
    errno = EIO;
    return fails() ? -1 : fdatasync(fd);
}
static int failing_fsync(int fd)
{
    errno = EIO;
    return fails() ? -1 : fsync(fd);
}
static int failing_open(const char *path, int flags, mode_t mode)
{
    errno = EIO;
    return fails() ? -1 : open(path, flags, mode);
}
static int failing_ftruncate(int fd, off_t size)
{
    errno = EIO;
    return fails() ? -1 : ftruncate(fd, size);
}

static int failing_unlink(const char *path)
{
    errno = EIO;
    return fails() ? -1 : unlink(path);
}
static int failing_rename(const char *from, const char *to)
{
    errno = EIO;
    return fails() ? -1 : rename(from, to);
}

/* One run; *acked gets what was acknowledged. */
static bool run_failing(const ifm_os_files *files, const char *name, ifm_buf *acked)
{
    tsdb *db = NULL;
    ifm_error err;
    char folder[512];
    snprintf(folder, sizeof folder, "%s/%s", getenv("XDG_STATE_HOME"), name);
    tsdb_options o = {.folder = folder, .files = files, .clock = &store_clock, .no_threads = true};
    if (!tsdb_open(&o, &db, &err)) {
        return false;
    }
    tsdb_group *group = tsdb_group_new(db, &err);
    for (int t = 1; t <= 12; t++) {
        tsdb_batch *batch = tsdb_batch_begin(db, group, t, &err);
        if (batch == NULL) {
            continue;
        }
        tsdb_batch_append(batch, store_ref(batch, "a", "1"), t);
        tsdb_batch_append(batch, store_ref(batch, "a", "2"), -t);
        if (tsdb_batch_commit(batch, &err)) {
            ifm_buf_printf(acked, "%d@%d ", t, t);
        }
        if (t % 4 == 0) {
            tsdb_log_sync(db->log, &err);
        }
        if (t == 6) {
            tsdb_freeze(db, &err);
        }
    }
    tsdb_group_free(group);
    tsdb_close(db);
    return true;
}

static void the_nth_failing_call_loses_nothing_that_was_acknowledged(void **state)
{
    ifm_os_files files = ifm_os_files_real;
    bool done = false;
    int n = 1;
    (void)state;
    files.write = failing_write;
    files.fdatasync = failing_fdatasync;
    files.fsync = failing_fsync;
    files.open = failing_open;
    files.ftruncate = failing_ftruncate;
    files.unlink = failing_unlink;
    files.rename = failing_rename;
    for (; n < 400 && !done; n++) {
        char name[32];
        ifm_buf acked;
        store s;
        fail_kind = n % 2;
        fail_at = n / 2 + 1;
        fail_calls = 0;
        snprintf(name, sizeof name, "fail%d", n);
        ifm_buf_init(&acked, 1 << 16);
        run_failing(&files, name, &acked);
        done = fail_calls < fail_at;
        fail_at = 0;
        ifm_buf_append_char(&acked, '\0');
        store_open(&s, name);
        const char *all = store_print(&s, "a");
        if (!is_part(acked.data, all)) {
            fail_msg("call %d: acknowledged \"%s\", there is \"%s\"", n, acked.data, all);
        }
        CHECK(tsdb_head_check(s.db));
        store_close(&s);
        CHECK(!done || strstr(acked.data, "12@12 ") != NULL); /* nothing failed any more */
        ifm_buf_deinit(&acked);
    }
    printf("%d failing calls\n", n / 2);
    CHECK(done);
    CHECK(n > 40);
    check_end();
}

/* Writes all of it and fails all the same, as a disk may whose answer got lost. */
static ssize_t lying_write(int fd, const void *bytes, size_t size)
{
    ssize_t written = write(fd, bytes, size);
    errno = EIO;
    return fails() ? -1 : written;
}

static void a_write_that_cannot_be_taken_back_costs_no_other_batch(void **state)
{
    ifm_os_files files = ifm_os_files_real;
    ifm_error err;
    store s;
    (void)state;
    files.write = lying_write;
    files.ftruncate = failing_ftruncate;
    fail_kind = 1;
    fail_at = 0;
    store_open_with(&s, "lying", &(tsdb_options){.files = &files});
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 1);
    store_commit(batch);
    fail_at = fail_calls + 1;
    batch = store_begin(&s, 2);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 2);
    CHECK(!tsdb_batch_commit(batch, &err));
    fail_at = 0;
    batch = store_begin(&s, 3);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 3);
    store_commit(batch);
    store_close(&s);
    store_open(&s, "lying");
    if (!is_part("1@1 3@3 ", store_print(&s, "a"))) {
        fail_msg("there is \"%s\"", store_print(&s, "a"));
    }
    store_close(&s);
    check_end();
}

/* ---- Files that write less than was asked for ---- */

static ssize_t short_write(int fd, const void *bytes, size_t size)
{
    return write(fd, bytes, size > 7 ? 7 : size);
}

static void a_record_may_take_many_writes(void **state)
{
    ifm_os_files files = ifm_os_files_real;
    store s;
    (void)state;
    files.write = short_write;
    store_open_with(&s, "short", &(tsdb_options){.files = &files});
    fill(&s, 1, 20);
    char *before = print_all(&s);
    store_close(&s);
    store_open(&s, "short");
    char *after = print_all(&s);
    CHECK(before[0] != '\0');
    CHECK_TEXT(after, before);
    ifm_free(after);
    ifm_free(before);
    store_close(&s);
    check_end();
}

/* ---- Removing ---- */

static tsdb_log *removed_from;
static int unlinks_beside_lock;

static int unlink_without_lock(const char *path)
{
    if (pthread_mutex_trylock(&removed_from->lock) == 0) {
        unlinks_beside_lock++;
        pthread_mutex_unlock(&removed_from->lock);
    }
    return failing_unlink(path);
}

/* Who appends does not wait for the disk; what cannot be removed is tried again. */
static void segments_are_removed_beside_the_lock(void **state)
{
    ifm_os_files files = ifm_os_files_real;
    ifm_error err;
    uint64_t number = 0;
    tsdb_log_stats stats;
    store s;
    (void)state;
    files.unlink = unlink_without_lock;
    store_open_with(&s, "beside", &(tsdb_options){.files = &files});
    for (int i = 1; i <= 3; i++) {
        fill(&s, i, i);
        CHECK(tsdb_log_rotate(s.db->log, &number, &err));
    }
    removed_from = s.db->log;
    fail_kind = 0;
    fail_calls = 0;
    fail_at = 2;
    tsdb_log_remove(s.db->log, number);
    CHECK_INT(unlinks_beside_lock, 3);
    tsdb_log_stats_now(s.db->log, &stats);
    CHECK_INT(stats.segments, 2); /* the one that could not be removed, and the last */
    CHECK_INT(stats.errors, 1);
    fail_at = 0;
    tsdb_log_remove(s.db->log, number);
    CHECK_INT(unlinks_beside_lock, 4);
    tsdb_log_stats_now(s.db->log, &stats);
    CHECK_INT(stats.segments, 1);
    CHECK_INT(stats.bytes, s.db->log->size);
    store_close(&s);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_brings_everything_back),
        cmocka_unit_test(a_flipped_byte_is_found_and_nothing_made_up),
        cmocka_unit_test(a_log_may_end_anywhere),
        cmocka_unit_test(the_nth_failing_call_loses_nothing_that_was_acknowledged),
        cmocka_unit_test(a_write_that_cannot_be_taken_back_costs_no_other_batch),
        cmocka_unit_test(a_record_may_take_many_writes),
        cmocka_unit_test(segments_are_removed_beside_the_lock),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
