/* SPDX-License-Identifier: Apache-2.0
 *
 * The store as a whole: blocks from generations, restarts, the lock, the disk, dead series, memory that runs
 * out, readers beside the writer.
 */
#include "tsdb/tsdb.h"

#include "check.h"
#include "scratch.h"
#include "torture.h"
#include "tsdb_store.h"

#include "tsdb/limits.h"

#include "tsdb/block_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inferometer/log.h>
#include <sys/wait.h>
#include <unistd.h>

static void append(store *s, int64_t time_ms, const char *value, double number)
{
    tsdb_batch *batch = store_begin(s, time_ms);
    tsdb_batch_append(batch, store_ref(batch, "a", value), number);
    store_commit(batch);
}

static void a_flush_moves_samples_to_a_block(void **state)
{
    store s;
    ifm_error err;
    tsdb_stats stats;
    (void)state;
    store_open(&s, "flush");
    for (int64_t t = 1; t <= 100; t++) {
        append(&s, t, t % 2 == 0 ? "1" : "2", (double)t);
    }
    CHECK(tsdb_flush(s.db, &err));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.blocks, 1);
    CHECK_INT(stats.flushes, 1);
    CHECK_INT(stats.log_segments, 1);
    CHECK_INT(stats.head_samples, 0);
    append(&s, 101, "1", 7);
    store_close(&s);
    store_open(&s, "flush");
    char *text = ifm_copy_text(store_print(&s, "a"));
    size_t words = 0;
    for (const char *p = text; *p != '\0'; p++) {
        words += *p == ' ';
    }
    CHECK_INT(words, 101);
    ifm_free(text);
    tsdb_batch *batch = store_begin(&s, 100);
    CHECK_INT(tsdb_batch_append(batch, store_ref(batch, "a", "9"), 1), TSDB_OUT_OF_ORDER);
    store_commit(batch);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static tsdb *read_from;
static int reads_beside_lock, reads_under_lock;

static ssize_t pread_without_lock(int fd, void *bytes, size_t size, off_t offset)
{
    if (read_from != NULL && pthread_mutex_trylock(&read_from->lock) == 0) {
        reads_beside_lock++;
        pthread_mutex_unlock(&read_from->lock);
    } else if (read_from != NULL) {
        reads_under_lock++;
    }
    return pread(fd, bytes, size, offset);
}

/* Queries and appends do not wait for the disk. */
static void a_flush_reads_its_block_beside_the_lock(void **state)
{
    store s;
    ifm_error err;
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    files.pread = pread_without_lock;
    store_open_with(&s, "beside", &(tsdb_options){.files = &files});
    append(&s, 1, "1", 1);
    read_from = s.db;
    CHECK(tsdb_flush(s.db, &err));
    read_from = NULL;
    CHECK(reads_beside_lock > 0);
    CHECK_INT(reads_under_lock, 0);
    CHECK_TEXT(store_print(&s, "a"), "1@1 ");
    store_close(&s);
    check_end();
}

/* The positions in the block of all series, which come in the order of labels. */
static void print_positions(store *s, ifm_buf *out)
{
    ifm_error err;
    ifm_bump arena;
    tsdb_view view;
    const tsdb_source_series *series = NULL;
    size_t count = 0;
    ifm_bump_init(&arena, 1 << 20);
    assert_true(tsdb_view_acquire(s->db, 1, 1000, &view, &err));
    assert_int_equal(view.count, 2); /* and a generation without samples */
    tsdb_source *source = view.sources[0];
    assert_true(source->functions->select(source, NULL, 0, &arena, &series, &count, &err));
    const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)(void *)source, &err);
    assert_non_null(index);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_printf(out, "%u ", index->positions[series[i].handle]);
    }
    ifm_buf_append_char(out, '\0');
    tsdb_view_release(&view);
    ifm_bump_deinit(&arena);
}

static void buckets_are_flushed_beside_each_other(void **state)
{
    static const char *const bounds[] = {"+Inf", "10", "2"};
    static const char *const stages[] = {"x", "y"};
    store s;
    ifm_error err = {0};
    ifm_buf positions;
    (void)state;
    store_open(&s, "buckets");
    tsdb_batch *batch = store_begin(&s, 1000);
    for (size_t i = 0; i < 6; i++) {
        model_label items[] = {{model_text_of("__name__"), model_text_of("d_bucket")},
                               {model_text_of("le"), model_text_of(bounds[i / 2])},
                               {model_text_of("stage"), model_text_of(stages[i % 2])}};
        tsdb_ref ref = 0;
        assert_true(tsdb_batch_series(batch, (model_labels){items, 3}, &ref, NULL, &err));
        tsdb_batch_append(batch, ref, (double)i);
    }
    store_commit(batch);
    CHECK(tsdb_flush(s.db, &err));
    ifm_buf_init(&positions, 1 << 10);
    print_positions(&s, &positions);
    CHECK_TEXT(positions.data, "2 5 1 4 0 3 ");
    CHECK_TEXT(store_print(&s, "stage"), "0@1000 1@1000 2@1000 3@1000 4@1000 5@1000 ");
    ifm_buf_deinit(&positions);
    store_close(&s);
    check_end();
}

static void maintain_flushes_by_the_clock(void **state)
{
    store s;
    tsdb_stats stats;
    (void)state;
    store_open_with(&s, "clock", &(tsdb_options){.flush_interval_ms = 1000});
    append(&s, 1, "1", 1);
    tsdb_maintain(s.db);
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.flushes, 0);
    store_now_ns += INT64_C(1000) * 1000000;
    tsdb_maintain(s.db);
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.flushes, 1);
    store_close(&s);
    check_end();
}

static void series_idle_for_an_hour_are_dropped(void **state)
{
    enum { HOUR = 3600 * 1000 };
    store s;
    ifm_error err;
    tsdb_stats stats;
    (void)state;
    store_open(&s, "dead");
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_ref old = store_ref(batch, "a", "old"), kept = store_ref(batch, "a", "kept");
    tsdb_batch_append(batch, old, 1);
    tsdb_batch_append(batch, kept, 1);
    store_commit(batch);
    CHECK(tsdb_flush(s.db, &err));
    append(&s, 2 * HOUR, "kept", 2);
    CHECK(tsdb_flush(s.db, &err));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.series, 1);
    CHECK_INT(stats.series_removed, 1);
    batch = store_begin(&s, 2 * HOUR + 1);
    CHECK_INT(tsdb_batch_append(batch, old, 1), TSDB_GONE);
    CHECK_INT(tsdb_batch_append(batch, kept, 3), TSDB_ACCEPTED);
    tsdb_ref again = store_ref(batch, "a", "old");
    CHECK(again != old);
    CHECK_INT(tsdb_batch_append(batch, again, 4), TSDB_ACCEPTED);
    store_commit(batch);
    CHECK_TEXT(store_print(&s, "a"), "1@1 1@1 2@7200000 3@7200001 4@7200001 ");
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

/* Of eight series, and there may be `series_max`, all but one were idle for six minutes. */
static void check_idle_series(const char *name, uint32_t series_max, bool dropped)
{
    enum { MINUTE = 60 * 1000, COUNT = 8 };
    store s;
    ifm_error err;
    tsdb_stats stats;
    tsdb_ref refs[COUNT];
    store_open_with(&s, name, &(tsdb_options){.series_max = series_max});
    tsdb_batch *batch = store_begin(&s, MINUTE);
    for (int i = 0; i < COUNT; i++) {
        refs[i] = store_ref(batch, "a", (char[]){(char)('0' + i), '\0'});
        tsdb_batch_append(batch, refs[i], i);
    }
    store_commit(batch);
    CHECK(tsdb_flush(s.db, &err));
    append(&s, 7 * MINUTE, "0", 2);
    CHECK(tsdb_flush(s.db, &err));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.series_removed, dropped ? COUNT - 1 : 0);
    batch = store_begin(&s, MINUTE - 1);
    CHECK_INT(tsdb_batch_append(batch, refs[1], 9), dropped ? TSDB_GONE : TSDB_OUT_OF_ORDER);
    CHECK_INT(tsdb_batch_append(batch, store_ref(batch, "a", "1"), 9), TSDB_OUT_OF_ORDER);
    tsdb_batch_rollback(batch);
    batch = store_begin(&s, MINUTE + 1); /* later than its last one */
    CHECK_INT(tsdb_batch_append(batch, store_ref(batch, "a", "1"), 9), TSDB_ACCEPTED);
    store_commit(batch);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
}

static void idle_series_make_room_when_there_is_little(void **state)
{
    (void)state;
    check_idle_series("roomy", 16, false);
    check_idle_series("crowded", 9, true);
    check_end();
}

static void another_process_finds_it_busy(void **state)
{
    store s;
    ifm_error err = {0};
    tsdb *second = NULL;
    char pid[32];
    (void)state;
    store_open(&s, "busy");
    tsdb_options o = {.folder = s.folder, .no_threads = true};
    CHECK(!tsdb_open(&o, &second, &err));
    CHECK_INT(err.code, IFM_BUSY);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    CHECK(strstr(err.message, pid) != NULL);
    store_close(&s);
    check_end();
}

static int64_t free_now = INT64_MAX;

static int64_t free_bytes(const char *path)
{
    (void)path;
    return free_now;
}

static void ingestion_stops_while_the_disk_is_full(void **state)
{
    store s;
    ifm_error err = {0};
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    files.free_bytes = free_bytes;
    store_open_with(&s, "full", &(tsdb_options){.files = &files, .disk_reserve_bytes = 1000});
    append(&s, 1, "1", 1);
    free_now = 999;
    tsdb_maintain(s.db);
    CHECK(tsdb_batch_begin(s.db, s.group, 2, &err) == NULL);
    CHECK_INT(err.code, IFM_IO);
    CHECK(strstr(err.message, "hint") != NULL);
    CHECK_TEXT(store_print(&s, "a"), "1@1 ");
    free_now = 1000;
    tsdb_maintain(s.db);
    append(&s, 2, "1", 2);
    CHECK_TEXT(store_print(&s, "a"), "1@1 2@2 ");
    store_close(&s);
    check_end();
}

static bool no_rename;

static int rename_or_not(const char *from, const char *to)
{
    errno = EIO;
    return no_rename ? -1 : rename(from, to);
}

/* One of each of `count` series. */
static bool append_wide(store *s, int64_t time_ms, int count, ifm_error *err)
{
    tsdb_batch *batch = tsdb_batch_begin(s->db, s->group, time_ms, err);
    for (int i = 0; batch != NULL && i < count; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        tsdb_batch_append(batch, store_ref(batch, "a", value), (double)time_ms);
    }
    return batch != NULL && tsdb_batch_commit(batch, err);
}

static void ingestion_stops_when_no_block_can_be_written_and_memory_is_used_up(void **state)
{
    store s;
    ifm_error err = {0};
    tsdb_stats stats;
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    files.rename = rename_or_not;
    store_open_with(&s, "stuck", &(tsdb_options){.files = &files, .bytes_max = 400000});
    no_rename = true;
    int64_t t = 1;
    CHECK(append_wide(&s, t++, 50, &err));
    CHECK(!tsdb_flush(s.db, &err));
    bool taken = true;
    for (; taken && t < 10000; t++) {
        taken = append_wide(&s, t, 50, &err);
        tsdb_maintain(s.db);
    }
    CHECK(!taken);
    CHECK_INT(err.code, IFM_IO);
    CHECK(strstr(err.message, "memory is used up") != NULL);
    tsdb_stats_now(s.db, &stats);
    CHECK(stats.ingestion_stopped);
    CHECK(stats.head_bytes < 800000);
    no_rename = false;
    CHECK(tsdb_flush(s.db, &err));
    tsdb_maintain(s.db);
    CHECK(append_wide(&s, t, 50, &err));
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.samples_appended, 50 * (t - 1));
    store_close(&s);
    check_end();
}

static void a_generation_that_takes_much_memory_is_written_early(void **state)
{
    store s;
    ifm_error err = {0};
    tsdb_stats stats;
    (void)state;
    store_open_with(&s, "large", &(tsdb_options){.bytes_max = 400000});
    CHECK(append_wide(&s, 1, 1000, &err));
    for (int64_t at_ms = 10000; at_ms <= 30000; at_ms += 10000) {
        tsdb_maintain(s.db);
        tsdb_stats_now(s.db, &stats);
        CHECK_INT(stats.blocks, 0);
        store_now_ns += INT64_C(10) * 1000000000;
    }
    tsdb_maintain(s.db);
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.blocks, 1);
    store_close(&s);
    check_end();
}

static bool no_new_files;

static int open_no_new(const char *path, int flags, mode_t mode)
{
    errno = ENOSPC;
    return no_new_files && (flags & O_TRUNC) != 0 ? -1 : open(path, flags, mode);
}

static void a_store_opens_on_a_full_disk(void **state)
{
    store s;
    ifm_error err = {0};
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    files.open = open_no_new;
    store_open(&s, "opens");
    append(&s, 1, "1", 1);
    store_close(&s);
    no_new_files = true;
    store_open_with(&s, "opens", &(tsdb_options){.files = &files});
    CHECK_TEXT(store_print(&s, "a"), "1@1 ");
    tsdb_batch *batch = store_begin(&s, 2);
    tsdb_batch_append(batch, store_ref(batch, "a", "1"), 2);
    CHECK(!tsdb_batch_commit(batch, &err));
    CHECK_INT(err.code, IFM_IO);
    no_new_files = false;
    append(&s, 2, "1", 2);
    store_close(&s);
    store_open(&s, "opens");
    CHECK_TEXT(store_print(&s, "a"), "1@1 2@2 ");
    store_close(&s);
    check_end();
}

static void count_removals(void *context, ifm_log_level level, const char *text)
{
    int *count = context;
    *count += level == IFM_LOG_ERROR && strstr(text, "was removed") != NULL;
}

static void a_folder_that_is_removed_is_said_once(void **state)
{
    store s;
    char path[512];
    int said = 0;
    (void)state;
    store_open(&s, "removed");
    append(&s, 1, "1", 1);
    ifm_log_set(count_removals, &said);
    tsdb_maintain(s.db);
    CHECK_INT(said, 0);
    snprintf(path, sizeof path, "%s/removed/lock", scratch);
    CHECK_INT(unlink(path), 0);
    tsdb_maintain(s.db);
    tsdb_maintain(s.db);
    CHECK_INT(said, 1);
    ifm_log_set(NULL, NULL);
    CHECK_TEXT(store_print(&s, "a"), "1@1 ");
    store_close(&s);
    check_end();
}

static void a_newer_format_is_refused(void **state)
{
    store s;
    ifm_error err = {0};
    tsdb *db = NULL;
    char path[512];
    (void)state;
    store_open(&s, "newer");
    store_close(&s);
    snprintf(path, sizeof path, "%s/version", s.folder);
    FILE *file = fopen(path, "w");
    fputs("inferometer tsdb 2 2\n", file);
    fclose(file);
    tsdb_options o = {.folder = s.folder, .no_threads = true};
    CHECK(!tsdb_open(&o, &db, &err));
    CHECK_INT(err.code, IFM_INVALID);
    check_end();
}

static void every_option_is_checked(void **state)
{
    ifm_error err = {0};
    tsdb *db = NULL;
    (void)state;
    CHECK(!tsdb_open(&(tsdb_options){.no_threads = true}, &db, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK(!tsdb_open(&(tsdb_options){.folder = "/x", .retention_ms = -1}, &db, &err));
    CHECK_INT(err.code, IFM_INVALID);
    check_end();
}

/* ---- Memory ---- */

static bool open_append_flush(void *context, ifm_error *err)
{
    tsdb *db = NULL;
    char folder[300];
    static int number;
    snprintf(folder, sizeof folder, "%s/torture%d", getenv("XDG_STATE_HOME"), number++);
    tsdb_options o = {.folder = folder, .clock = &store_clock, .no_threads = true};
    (void)context;
    if (!tsdb_open(&o, &db, err)) {
        return false;
    }
    tsdb_group *group = tsdb_group_new(db, err);
    bool ok = group != NULL;
    for (int t = 1; ok && t < 4; t++) {
        tsdb_ref ref = 0;
        tsdb_batch *batch = tsdb_batch_begin(db, group, t, err);
        model_label label = {model_text_of("a"), model_text_of(t == 2 ? "x" : "y")};
        ok = batch != NULL && tsdb_batch_series(batch, (model_labels){&label, 1}, &ref, NULL, err);
        if (ok) {
            tsdb_batch_append(batch, ref, t);
            tsdb_batch_append_sample(batch, ref, &(tsdb_sample){.time_ms = t + 1, .value = 1, .start_ms = 1});
            ok = tsdb_batch_commit(batch, err);
        } else if (batch != NULL) {
            tsdb_batch_rollback(batch);
        }
    }
    ok = ok && tsdb_freeze(db, err);
    if (!tsdb_head_check(db)) {
        fail_msg("the head is not right");
    }
    tsdb_group_free(group);
    tsdb_close(db);
    return ok;
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    CHECK(torture_allocations(open_append_flush, NULL, TORTURE_MAY_SUCCEED) >= 20);
    check_end();
}

/* ---- Threads ---- */

typedef struct beside {
    tsdb *db;
    _Atomic bool stop;
    _Atomic int failures, reads, found; /* reads that saw a batch */
} beside;

/* Both series of a batch have the same value at the same time: a reader must see both or none. */
static bool read_once(tsdb *db, double last[2])
{
    ifm_error err;
    ifm_bump arena;
    tsdb_view view;
    bool ok = true;
    ifm_bump_init(&arena, 1 << 26);
    if (!tsdb_view_acquire(db, INT64_MIN, INT64_MAX, &view, &err)) {
        return false;
    }
    tsdb_source *source = view.sources[view.count - 1];
    const tsdb_source_series *series = NULL;
    size_t count = 0;
    tsdb_reader *reader = source->functions->reader_new(source, &err);
    ok = source->functions->select(source, NULL, 0, &arena, &series, &count, &err);
    last[0] = last[1] = 0;
    for (size_t i = 0; ok && i < count && i < 2; i++) {
        const tsdb_run *runs = NULL;
        size_t run_count = 0;
        int64_t previous = INT64_MIN;
        ok = source->functions->read(reader, series[i].handle, INT64_MIN, INT64_MAX, &arena, &runs,
                                     &run_count, &err);
        for (size_t r = 0; ok && r < run_count; r++) {
            for (size_t k = 0; k < runs[r].count; k++) {
                int64_t time_ms = runs[r].column->times_ms[runs[r].first + k];
                ok = ok && time_ms > previous && runs[r].values[k] == (double)time_ms;
                previous = time_ms;
                last[i] = runs[r].values[k];
            }
        }
    }
    source->functions->reader_free(reader);
    tsdb_view_release(&view);
    ifm_bump_deinit(&arena);
    return ok && (count < 2 || last[0] == last[1]);
}

static void *read_always(void *argument)
{
    beside *b = argument;
    while (!atomic_load(&b->stop)) {
        double last[2];
        atomic_fetch_add(&b->failures, read_once(b->db, last) ? 0 : 1);
        atomic_fetch_add(&b->found, last[1] > 0);
        atomic_fetch_add(&b->reads, 1);
    }
    return NULL;
}

static void readers_beside_the_writer_see_whole_batches(void **state)
{
    store s;
    ifm_error err;
    pthread_t readers[2];
    beside b = {0};
    (void)state;
    store_open(&s, "threads");
    b.db = s.db;
    for (size_t i = 0; i < 2; i++) {
        pthread_create(&readers[i], NULL, read_always, &b);
    }
    for (int t = 1; t <= 20000 && (t < 500 || atomic_load(&b.found) < 50); t++) {
        tsdb_batch *batch = store_begin(&s, t);
        tsdb_batch_append(batch, store_ref(batch, "a", "1"), t);
        tsdb_batch_append(batch, store_ref(batch, "a", "2"), t);
        store_commit(batch);
        if (t % 150 == 0) {
            CHECK(tsdb_flush(s.db, &err));
        }
        while (atomic_load(&b.reads) < t / 10) { /* the readers may be slower */
            sched_yield();
        }
    }
    atomic_store(&b.stop, true);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(readers[i], NULL);
    }
    CHECK_INT(b.failures, 0);
    CHECK(b.found >= 50);
    CHECK(tsdb_head_check(s.db));
    store_close(&s);
    check_end();
}

static void exemplars_are_kept_the_newest_first_to_stay(void **state)
{
    store s;
    ifm_error err;
    ifm_bump arena;
    const tsdb_exemplar *found;
    size_t count;
    (void)state;
    store_open_with(&s, "exemplars", &(tsdb_options){.exemplars_max = 3});
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_ref ref = store_ref(batch, "a", "1"), other = store_ref(batch, "a", "2");
    model_label label = {model_text_of("trace"), model_text_of("t")};
    for (int t = 1; t <= 4; t++) {
        tsdb_exemplar e = {.labels = {&label, 1}, .value = t, .time_ms = t};
        tsdb_batch_exemplar(batch, ref, &e);
        tsdb_batch_exemplar(batch, ref, &e);
    }
    tsdb_batch_exemplar(batch, other, &(tsdb_exemplar){.labels = {&label, 1}, .value = 9, .time_ms = 1});
    store_commit(batch);
    ifm_bump_init(&arena, 1 << 20);
    tsdb_selection all = {.start_ms = INT64_MIN, .end_ms = INT64_MAX};
    CHECK(tsdb_exemplars(s.db, &all, &arena, &found, &count, &err));
    CHECK_INT(count, 3);
    CHECK_INT(found[0].time_ms, 3);
    CHECK_INT(found[1].time_ms, 4);
    CHECK_INT(found[2].value, 9);
    ifm_bump_deinit(&arena);
    store_close(&s);
    check_end();
}

static void more_exemplars_than_there_is_memory_for_are_not_asked_for(void **state)
{
    store s;
    (void)state;
    store_open_with(&s, "many", &(tsdb_options){.exemplars_max = UINT32_MAX});
    tsdb_batch *batch = store_begin(&s, 1);
    tsdb_batch_exemplar(batch, store_ref(batch, "a", "1"), &(tsdb_exemplar){.value = 1, .time_ms = 1});
    store_commit(batch);
    CHECK_INT(s.db->exemplars.count, 1);
    CHECK_INT(s.db->exemplars.max, TSDB_EXEMPLARS_MAX);
    store_close(&s);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_moves_samples_to_a_block),
        cmocka_unit_test(a_flush_reads_its_block_beside_the_lock),
        cmocka_unit_test(buckets_are_flushed_beside_each_other),
        cmocka_unit_test(maintain_flushes_by_the_clock),
        cmocka_unit_test(series_idle_for_an_hour_are_dropped),
        cmocka_unit_test(idle_series_make_room_when_there_is_little),
        cmocka_unit_test(another_process_finds_it_busy),
        cmocka_unit_test(ingestion_stops_while_the_disk_is_full),
        cmocka_unit_test(ingestion_stops_when_no_block_can_be_written_and_memory_is_used_up),
        cmocka_unit_test(a_generation_that_takes_much_memory_is_written_early),
        cmocka_unit_test(a_folder_that_is_removed_is_said_once),
        cmocka_unit_test(a_store_opens_on_a_full_disk),
        cmocka_unit_test(a_newer_format_is_refused),
        cmocka_unit_test(every_option_is_checked),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(readers_beside_the_writer_see_whole_batches),
        cmocka_unit_test(exemplars_are_kept_the_newest_first_to_stay),
        cmocka_unit_test(more_exemplars_than_there_is_memory_for_are_not_asked_for),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
