/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/tsdb/block_fixture.h"

#include "torture.h"
#include "tsdb/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256], quarantine[256];

enum { MINUTE_MS = 60000, SAMPLES = 40, STEP_MS = 15000 };

/* ---- Files that fail: the n-th call of any kind, once or from then on ---- */

static long fail_at, fail_calls;
static bool fail_persistent;

static bool fails(void)
{
    fail_calls++;
    if (fail_at > 0 && (fail_calls == fail_at || (fail_persistent && fail_calls > fail_at))) {
        errno = ENOSPC;
        return true;
    }
    return false;
}

static int failing_open(const char *path, int flags, mode_t mode)
{
    return fails() ? -1 : ifm_os_files_real.open(path, flags, mode);
}
static ssize_t failing_write(int fd, const void *bytes, size_t size)
{
    return fails() ? -1 : ifm_os_files_real.write(fd, bytes, size);
}
static int failing_fsync(int fd)
{
    return fails() ? -1 : fsync(fd);
}
static int failing_rename(const char *from, const char *to)
{
    return fails() ? -1 : rename(from, to);
}
static int failing_unlink(const char *path)
{
    return fails() ? -1 : unlink(path);
}
static ssize_t failing_pread(int fd, void *bytes, size_t size, off_t offset)
{
    return fails() ? -1 : pread(fd, bytes, size, offset);
}

static ifm_os_files failing_files(void)
{
    ifm_os_files files = ifm_os_files_real;
    files.open = failing_open;
    files.write = failing_write;
    files.fsync = failing_fsync;
    files.rename = failing_rename;
    files.unlink = failing_unlink;
    files.pread = failing_pread;
    return files;
}

/* ---- A folder of flushed blocks, ten minutes each ---- */

static int folder_make(void **state)
{
    int result = scratch_make(state);
    snprintf(folder, sizeof folder, "%s/blocks", scratch);
    snprintf(quarantine, sizeof quarantine, "%s/quarantine", scratch);
    return result;
}

static void folder_clear(void)
{
    nftw(folder, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    nftw(quarantine, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    mkdir(folder, 0755);
}

/* All samples of `count` blocks; the fixture holds a run for each block (4 at most). */
static void blocks_make(fixture *f, size_t count, int64_t first_ms)
{
    static const char *const labels[] = {"__name__=a,le=+Inf", "__name__=a,le=1", "__name__=b", "__name__=c"};
    folder_clear();
    fixture_init(f);
    for (size_t i = 0; i < IFM_COUNT_OF(labels); i++) {
        fixture_add(f, labels[i]);
    }
    for (size_t block = 0; block < count; block++) {
        const tsdb_column *column =
            fixture_column(f, first_ms + (int64_t)block * 10 * MINUTE_MS, SAMPLES, STEP_MS, 5);
        fixture part = *f;
        part.series = ifm_bump_alloc_array(&f->arena, f->count, sizeof *part.series);
        part.count = 0;
        for (size_t i = 0; i < f->count; i++) {
            if (i == 3 && block % 2 == 1) {
                continue; /* a series that comes and goes */
            }
            double *values = fixture_run(f, &f->series[i], column);
            for (size_t j = 0; j < SAMPLES; j++) {
                values[j] = i < 2 ? (double)(block * SAMPLES + j) : (double)(fixture_random(f) % 1000) / 10;
            }
            part.series[part.count] = f->series[i];
            part.series[part.count].runs[0] = f->series[i].runs[f->series[i].run_count - 1];
            part.series[part.count++].run_count = 1;
        }
        ifm_error err;
        tsdb_block_writer_options options = {
            .files = &ifm_os_files_real, .folder = folder, .sequence = block + 1};
        part.arena = f->arena;
        CHECK(fixture_write(&part, &options, NULL, &err));
        f->arena = part.arena;
    }
}

static tsdb_blocks *blocks_open(const ifm_os_files *files, ifm_error *err)
{
    tsdb_blocks_options options = {.files = files, .folder = folder, .quarantine = quarantine};
    return tsdb_blocks_open(&options, err);
}

/* The samples of all blocks, as one source after the other. */
static bool same_samples(fixture *f, tsdb_blocks *blocks)
{
    ifm_error err;
    tsdb_source **sources = NULL;
    size_t count = 0;
    bool same = tsdb_blocks_acquire(blocks, INT64_MIN, INT64_MAX, &sources, &count, &err);
    ifm_bump arena;
    ifm_bump_init(&arena, 1 << 24);
    tsdb_reader *readers[8] = {NULL};
    tsdb_run *runs[8] = {NULL};
    size_t run_counts[8] = {0};
    fixture_sort(f);
    for (size_t i = 0; i < count && same; i++) {
        const tsdb_source_series *found;
        size_t found_count = 0;
        readers[i] = sources[i]->functions->reader_new(sources[i], &err);
        same = readers[i] != NULL &&
               sources[i]->functions->select(sources[i], NULL, 0, &arena, &found, &found_count, &err);
        for (size_t j = 0; j < found_count && same; j++) {
            size_t at = 0;
            while (at < f->count && !model_labels_equal(f->series[at].labels, found[j].labels)) {
                at++;
            }
            const tsdb_run *more;
            size_t more_count;
            same = at < f->count && sources[i]->functions->read(readers[i], found[j].handle, INT64_MIN,
                                                                INT64_MAX, &arena, &more, &more_count, &err);
            for (size_t k = 0; k < more_count && same; k++) {
                runs[at] = ifm_bump_grow(&arena, runs[at], run_counts[at], sizeof **runs);
                runs[at][run_counts[at]++] = more[k];
            }
        }
    }
    for (size_t i = 0; i < f->count && same; i++) {
        same = fixture_same(f->series[i].runs, f->series[i].run_count, runs[i], run_counts[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (readers[i] != NULL) {
            sources[i]->functions->reader_free(readers[i]);
        }
        sources[i]->functions->release(sources[i]);
    }
    ifm_free(sources);
    ifm_bump_deinit(&arena);
    return same;
}

static void compaction_merges_an_hour_that_is_over(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 4, 40 * MINUTE_MS); /* two in the first hour, two in the second, which is not over */
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    tsdb_blocks_stats stats;
    bool more = false;
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(more);
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(!more);
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.blocks, 3);
    CHECK_INT(stats.compactions, 1);
    CHECK_INT(fixture_files(folder), 3);
    CHECK(same_samples(&f, blocks));
    tsdb_blocks_close(blocks);
    blocks = blocks_open(&ifm_os_files_real, &err);
    CHECK(same_samples(&f, blocks));
    CHECK_INT(tsdb_blocks_next_sequence(blocks), 5);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void start_ends_a_merge_that_was_interrupted(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    char from[300], to[300];
    snprintf(from, sizeof from, "%s/0000000000000001-0.block", folder);
    snprintf(to, sizeof to, "%s/kept", scratch);
    CHECK_INT(link(from, to), 0);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    bool more;
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    tsdb_blocks_close(blocks);
    CHECK_INT(rename(to, from), 0); /* as if it had not been deleted */
    snprintf(to, sizeof to, "%s/0000000000000009-1.block.tmp", folder);
    close(open(to, O_CREAT | O_WRONLY, 0644));
    blocks = blocks_open(&ifm_os_files_real, &err);
    CHECK(same_samples(&f, blocks));
    CHECK_INT(fixture_files(folder), 3);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void compaction_fails_without_a_trace(void **state)
{
    (void)state;
    ifm_os_files files = failing_files();
    for (int persistent = 0; persistent < 2; persistent++) {
        bool failed = true;
        for (long n = 1; failed; n++) {
            fixture f;
            ifm_error err;
            blocks_make(&f, 4, 40 * MINUTE_MS);
            fail_at = 0;
            tsdb_blocks *blocks = blocks_open(&files, &err);
            fail_calls = 0;
            fail_at = n;
            fail_persistent = persistent != 0;
            bool more;
            bool ok = tsdb_blocks_compact(blocks, NULL, &more, &err);
            failed = fail_calls >= n;
            fail_at = 0;
            CHECK(same_samples(&f, blocks));
            tsdb_blocks_stats stats;
            tsdb_blocks_stats_now(blocks, &stats);
            CHECK_INT(stats.compaction_errors, ok ? 0 : 1);
            CHECK_INT(stats.blocks, ok ? 3 : 4);
            tsdb_blocks_close(blocks);
            blocks = blocks_open(&ifm_os_files_real, &err);
            CHECK(same_samples(&f, blocks));
            CHECK_INT(fixture_files(quarantine), 0);
            tsdb_blocks_close(blocks);
            fixture_deinit(&f);
            if (check_failures > 0) {
                fprintf(stderr, "call %ld, persistent %d\n", n, persistent);
                check_end();
            }
        }
    }
    check_end();
}

/* The n-th call of unlink() and those after it fail. */
static int unlinks_until_failure;
static int unlink_or_fail(const char *path)
{
    if (unlinks_until_failure-- > 0) {
        return unlink(path);
    }
    errno = EACCES;
    return -1;
}

static bool is_there(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* The hour from 60 to 120 is over as well, but its merge waits. */
static void merge_that_leaves_a_file_is_ended_before_others_begin(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    tsdb_blocks_stats stats;
    ifm_os_files files = ifm_os_files_real;
    files.unlink = unlink_or_fail;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    tsdb_blocks *blocks = blocks_open(&files, &err);
    blocks->items[3].info.max_ms = 121 * MINUTE_MS;
    unlinks_until_failure = 1;
    bool more = true;
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(!more);
    CHECK(!is_there("0000000000000001-0.block") && is_there("0000000000000002-0.block"));
    CHECK(same_samples(&f, blocks));
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(!more);
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.compactions, 1);
    CHECK(is_there("0000000000000002-0.block") && is_there("0000000000000004-0.block"));
    unlinks_until_failure = 100;
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(more);
    CHECK(!is_there("0000000000000002-0.block"));
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.compactions, 2);
    CHECK_INT(fixture_files(folder), 2);
    CHECK(same_samples(&f, blocks));
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

/* Neither a process that ends nor a start that cannot delete either loses a sample, or the file for good. */
static void file_that_a_merge_left_goes_at_a_later_start(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    bool more;
    ifm_os_files files = ifm_os_files_real;
    files.unlink = unlink_or_fail;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    unlinks_until_failure = 0;
    tsdb_blocks *blocks = blocks_open(&files, &err);
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    tsdb_blocks_close(blocks);
    CHECK_INT(fixture_files(folder), 5);
    blocks = blocks_open(&files, &err);
    CHECK_INT(blocks->count, 5);
    tsdb_blocks_close(blocks);
    blocks = blocks_open(&ifm_os_files_real, &err);
    CHECK_INT(fixture_files(folder), 3);
    CHECK(same_samples(&f, blocks));
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static struct {
    tsdb_blocks *blocks;
    int64_t now_ms;
} retained;

/* The new block is complete, and the retention is faster. */
static int rename_after_retention(const char *from, const char *to)
{
    tsdb_blocks_retain(retained.blocks, retained.now_ms, 0);
    return rename(from, to);
}

static void what_the_retention_deletes_during_a_merge_does_not_come_back(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    bool more = false;
    tsdb_blocks_stats stats;
    ifm_os_files files = ifm_os_files_real;
    files.rename = rename_after_retention;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    tsdb_blocks *blocks = blocks_open(&files, &err);
    blocks->retention_ms = MINUTE_MS;
    retained.blocks = blocks;
    retained.now_ms = blocks->items[0].info.max_ms + blocks->retention_ms + 1;
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    CHECK(more);
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.blocks, 3);
    CHECK_INT(stats.compactions, 0);
    CHECK_INT(stats.compaction_errors, 0);
    CHECK_INT(fixture_files(folder), 3);
    CHECK(!is_there("0000000000000001-0.block"));
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void name_without_memory_is_not_unlinked(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 1, 0);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    torture_arm(1, TORTURE_TRANSIENT);
    errno = 0;
    int result = tsdb_blocks_unlink(blocks, "0000000000000001-0.block");
    int number = errno;
    torture_disarm();
    CHECK_INT(result, -1);
    CHECK_INT(number, ENOMEM);
    CHECK(is_there("0000000000000001-0.block"));
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void damaged_index_goes_to_quarantine_and_the_rest_is_served(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 2, 0);
    char path[300];
    snprintf(path, sizeof path, "%s/0000000000000001-0.block", folder);
    int fd = open(path, O_WRONLY);
    CHECK_INT(pwrite(fd, "x", 1, 0), 1);
    close(fd);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    tsdb_blocks_stats stats;
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.blocks, 1);
    CHECK_INT(stats.damages, 1);
    CHECK(stats.quarantine_bytes > 0);
    CHECK_INT(fixture_files(quarantine), 1);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

/* Where the first page of a block lies; after its column. */
static uint64_t first_page(const char *name)
{
    ifm_error err;
    tsdb_source *source = tsdb_block_open(&ifm_os_files_real, folder, name, NULL, &err);
    const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)source, &err);
    uint64_t offset = index->pages[0].offset;
    source->functions->release(source);
    return offset;
}

static void damaged_page_is_counted_at_the_start_and_not_merged(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    char path[300];
    snprintf(path, sizeof path, "%s/0000000000000001-0.block", folder);
    int fd = open(path, O_WRONLY);
    CHECK_INT(pwrite(fd, "xxxxxxxxx", 9, (off_t)first_page("0000000000000001-0.block") + 12), 9);
    close(fd);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    tsdb_blocks_stats stats;
    bool more;
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.damages, 1);
    CHECK_INT(stats.blocks, 4);
    CHECK(tsdb_blocks_compact(blocks, NULL, &more, &err));
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.blocks, 4);
    CHECK_INT(stats.compaction_errors, 0);
    CHECK_INT(fixture_files(quarantine), 0);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void compaction_stops_when_it_is_told(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 4, 40 * MINUTE_MS);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    const _Atomic bool stop = true;
    bool more = true;
    tsdb_blocks_stats stats;
    CHECK(tsdb_blocks_compact(blocks, &stop, &more, &err));
    CHECK(!more);
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.blocks, 4);
    CHECK_INT(stats.compaction_errors, 0);
    CHECK_INT(fixture_files(folder), 4);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

/* Two blocks with the same samples, as an import over what is there makes them. */
static void merge_sorts_samples_that_overlap(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 2, 0);
    static const char *const names[] = {"0000000000000001-0.block", "0000000000000001-0.block",
                                        "0000000000000002-0.block"};
    tsdb_source *sources[IFM_COUNT_OF(names)];
    uint64_t samples = 0;
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        tsdb_block_info info;
        sources[i] = tsdb_block_open(&ifm_os_files_real, folder, names[i], &info, &err);
        samples += i > 0 ? info.samples : 0;
    }
    const blocks_merge merge = {sources, IFM_COUNT_OF(names), NULL};
    const tsdb_block_writer_options options = {
        .files = &ifm_os_files_real, .folder = folder, .sequence = 3, .level = 1};
    tsdb_block_info merged = {.samples = 0};
    bool stopped;
    CHECK(tsdb_blocks_merge(&merge, &options, &merged, &stopped, &err));
    CHECK_INT(merged.samples, samples);
    tsdb_source *source = tsdb_block_open(&ifm_os_files_real, folder, merged.name, NULL, &err);
    CHECK_INT(fixture_differences(&f, source, &err), 0);
    source->functions->release(source);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        sources[i]->functions->release(sources[i]);
    }
    fixture_deinit(&f);
    check_end();
}

static void block_with_another_blocks_name_is_not_served(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 2, 0);
    char from[300], to[300];
    snprintf(from, sizeof from, "%s/%s", folder, "0000000000000001-0.block");
    snprintf(to, sizeof to, "%s/%s", folder, "0000000000000001-1.block");
    CHECK_INT(link(from, to), 0);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    CHECK(same_samples(&f, blocks));
    CHECK_INT(fixture_files(quarantine), 1);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void retention_deletes_whole_blocks_the_oldest_first(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 4, 0);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    tsdb_blocks_stats stats;
    blocks->retention_ms = 15 * MINUTE_MS;
    int64_t end_ms = blocks->items[0].info.max_ms;
    tsdb_blocks_retain(blocks, end_ms + 15 * MINUTE_MS, 0);
    CHECK_INT(blocks->count, 4);
    tsdb_blocks_retain(blocks, end_ms + 15 * MINUTE_MS + 1, 0);
    CHECK_INT(blocks->count, 3);
    tsdb_blocks_stats_now(blocks, &stats);
    blocks->retention_ms = 0;
    blocks->retention_bytes = stats.bytes + 10;
    tsdb_blocks_retain(blocks, 0, 10);
    CHECK_INT(blocks->count, 3);
    tsdb_blocks_retain(blocks, 0, 11);
    CHECK_INT(blocks->count, 2);
    tsdb_blocks_stats_now(blocks, &stats);
    CHECK_INT(stats.retention_deletions, 2);
    CHECK_INT(fixture_files(folder), 2);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

static void link_copies_all_blocks(void **state)
{
    (void)state;
    fixture f;
    ifm_error err;
    blocks_make(&f, 3, 0);
    tsdb_blocks *blocks = blocks_open(&ifm_os_files_real, &err);
    char copy[300];
    snprintf(copy, sizeof copy, "%s/copy", scratch);
    mkdir(copy, 0755);
    unlink(blocks->items[0].info.name); /* one is gone meanwhile: it is copied from what is open */
    tsdb_blocks_unlink(blocks, blocks->items[0].info.name);
    CHECK(tsdb_blocks_link(blocks, copy, &err));
    CHECK_INT(fixture_files(copy), 3);
    tsdb_blocks_close(blocks);
    fixture_deinit(&f);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compaction_merges_an_hour_that_is_over),
        cmocka_unit_test(start_ends_a_merge_that_was_interrupted),
        cmocka_unit_test(compaction_fails_without_a_trace),
        cmocka_unit_test(merge_that_leaves_a_file_is_ended_before_others_begin),
        cmocka_unit_test(file_that_a_merge_left_goes_at_a_later_start),
        cmocka_unit_test(what_the_retention_deletes_during_a_merge_does_not_come_back),
        cmocka_unit_test(name_without_memory_is_not_unlinked),
        cmocka_unit_test(damaged_index_goes_to_quarantine_and_the_rest_is_served),
        cmocka_unit_test(damaged_page_is_counted_at_the_start_and_not_merged),
        cmocka_unit_test(compaction_stops_when_it_is_told),
        cmocka_unit_test(merge_sorts_samples_that_overlap),
        cmocka_unit_test(block_with_another_blocks_name_is_not_served),
        cmocka_unit_test(retention_deletes_whole_blocks_the_oldest_first),
        cmocka_unit_test(link_copies_all_blocks),
    };
    return cmocka_run_group_tests(tests, folder_make, scratch_remove);
}
