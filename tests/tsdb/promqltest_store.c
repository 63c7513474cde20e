/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: promqltest_store FOLDER FILE...
 *
 * Puts files in Prometheus's test language through a store on disk, in FOLDER: each is run with its data in
 * the head alone, in a block, in a block of a store that was closed and opened again, in the log of such a
 * store, and in blocks that were merged. Failures are printed as "inferometer test promql" has them.
 */
#include "os/os.h"
#include "promqltest/promqltest.h"
#include "tsdb/tsdb.h"

#include <ftw.h>
#include <inferometer/log.h>
#include <inferometer/registry.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PIECES = 4, ARENA_BYTES_MAX = 1 << 28 };

typedef enum way { IN_HEAD, IN_BLOCK, REOPENED_BLOCK, REOPENED_LOG, MERGED_BLOCKS, WAY_COUNT } way;

static const char *const way_names[] = {"head", "block", "reopened block", "reopened log", "merged blocks"};

typedef struct test_run {
    const char *folder;
    const char *file;
    way way;
    tsdb *db;
} test_run;

/* What is tested is the contents, not that they survive a power failure. */
static int no_sync(int fd)
{
    (void)fd;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static bool open_store(test_run *run, ifm_error *err)
{
    static ifm_os_files files;
    files = ifm_os_files_real;
    files.fsync = no_sync;
    files.fdatasync = no_sync;
    const tsdb_options options = {.folder = run->folder,
                                  .files = &files,
                                  .retention_ms = INT64_MAX / 4, /* the data begin in 1970 */
                                  .flush_interval_ms = INT64_MAX / 4,
                                  .no_threads = true};
    return tsdb_open(&options, &run->db, err);
}

/* ---- The samples of all series, by time ---- */

typedef struct load_item {
    int64_t time_ms;
    size_t series;
    size_t sample;
} load_item;

typedef struct load_data {
    const storage_series *series;
    storage_samples *samples; /* of each series */
    size_t series_count;
    load_item *items;
    size_t count;
} load_data;

static int compare_items(const void *left, const void *right)
{
    const load_item *a = left;
    const load_item *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->series < b->series ? -1 : a->series > b->series;
}

static bool load_gather(storage_querier *from, load_data *data, ifm_bump *arena, ifm_error *err)
{
    storage_hints hints = {.start_ms = INT64_MIN, .end_ms = INT64_MAX, .function = "", .need_starts = true};
    if (!from->functions->select(from, NULL, 0, &hints, arena, &data->series, &data->series_count, err)) {
        return false;
    }
    data->samples = ifm_bump_alloc_array(arena, data->series_count, sizeof *data->samples);
    for (size_t i = 0; data->samples != NULL && i < data->series_count; i++) {
        if (!from->functions->read(from, &data->series[i], INT64_MIN, INT64_MAX, arena, &data->samples[i],
                                   err)) {
            return false;
        }
        data->count += data->samples[i].count;
    }
    data->items = ifm_bump_alloc_array(arena, data->count, sizeof *data->items);
    size_t filled = 0;
    for (size_t i = 0; data->items != NULL && i < data->series_count; i++) {
        for (size_t j = 0; j < data->samples[i].count; j++) {
            data->items[filled++] = (load_item){data->samples[i].times_ms[j], i, j};
        }
    }
    if (filled > 0) {
        qsort(data->items, filled, sizeof *data->items, compare_items);
    }
    return ifm_bump_check(arena, err);
}

/* The hint with which a sample was loaded, as far as it matters: the memory shows UNKNOWN for YES, which the
 * store has to find out by itself but where the test file says so against all appearance. */
static model_reset_hint hint_loaded(const storage_samples *samples, size_t at)
{
    const model_histogram *now = samples->histograms[at];
    const model_histogram *before = at == 0 ? NULL : samples->histograms[at - 1];
    if (now->hint == MODEL_RESET_GAUGE || before == NULL || now->hint != MODEL_RESET_UNKNOWN) {
        return now->hint == MODEL_RESET_GAUGE ? MODEL_RESET_GAUGE : MODEL_RESET_UNKNOWN;
    }
    return model_histogram_detect_reset(before, now) ? MODEL_RESET_UNKNOWN : MODEL_RESET_YES;
}

static bool append_item(tsdb_batch *batch, const load_data *data, const load_item *item, ifm_bump *arena,
                        ifm_error *err)
{
    const storage_samples *samples = &data->samples[item->series];
    const model_histogram *histogram = samples->histograms == NULL ? NULL : samples->histograms[item->sample];
    if (histogram != NULL) {
        histogram = model_histogram_with_hint(histogram, hint_loaded(samples, item->sample), arena);
    }
    const tsdb_sample sample = {.time_ms = item->time_ms,
                                .start_ms = samples->starts_ms == NULL ? 0 : samples->starts_ms[item->sample],
                                .value = samples->values[item->sample],
                                .histogram = histogram};
    tsdb_ref ref = 0;
    if (!tsdb_batch_series(batch, data->series[item->series].labels, &ref, NULL, err)) {
        return false;
    }
    bool simple = sample.histogram == NULL && sample.start_ms == 0;
    tsdb_verdict verdict =
        simple ? tsdb_batch_append(batch, ref, sample.value) : tsdb_batch_append_sample(batch, ref, &sample);
    return verdict == TSDB_ACCEPTED ||
           ifm_error_set(err, IFM_INVALID, "the store refuses a sample: verdict %d", (int)verdict);
}

/* The batch of one time; its end in *at. */
static bool append_batch(test_run *run, tsdb_group *group, const load_data *data, size_t *at, ifm_bump *arena,
                         ifm_error *err)
{
    int64_t time_ms = data->items[*at].time_ms;
    tsdb_batch *batch = tsdb_batch_begin(run->db, group, time_ms, err);
    bool ok = batch != NULL;
    for (; ok && *at < data->count && data->items[*at].time_ms == time_ms; (*at)++) {
        ok = append_item(batch, data, &data->items[*at], arena, err);
    }
    if (batch != NULL && !ok) {
        tsdb_batch_rollback(batch);
    }
    return ok && tsdb_batch_commit(batch, err);
}

static bool append_all(test_run *run, const load_data *data, ifm_bump *arena, ifm_error *err)
{
    tsdb_group *group = tsdb_group_new(run->db, err);
    bool ok = group != NULL;
    size_t flushed = 0;
    for (size_t at = 0; ok && at < data->count;) {
        ok = append_batch(run, group, data, &at, arena, err);
        if (ok && run->way == MERGED_BLOCKS && (at - flushed) * PIECES >= data->count) {
            flushed = at;
            ok = tsdb_flush(run->db, err);
        }
    }
    tsdb_group_free(group);
    return ok;
}

static bool finish(test_run *run, ifm_error *err)
{
    if (run->way == IN_BLOCK || run->way == REOPENED_BLOCK || run->way == MERGED_BLOCKS) {
        if (!tsdb_flush(run->db, err)) {
            return false;
        }
    }
    if (run->way == MERGED_BLOCKS) {
        tsdb_maintain(run->db);
    }
    if (run->way == REOPENED_BLOCK || run->way == REOPENED_LOG) {
        tsdb_close(run->db);
        run->db = NULL;
        return open_store(run, err);
    }
    return true;
}

/* promqltest_options.store: an empty store gets all samples. */
static storage *fill_store(void *context, storage *memory, ifm_error *err)
{
    test_run *run = context;
    storage_querier *querier = NULL;
    load_data data = {.count = 0};
    ifm_bump arena;
    tsdb_close(run->db);
    run->db = NULL;
    nftw(run->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    if (!open_store(run, err) || !memory->functions->querier(memory, INT64_MIN, INT64_MAX, &querier, err)) {
        return NULL;
    }
    ifm_bump_init(&arena, ARENA_BYTES_MAX);
    bool ok =
        load_gather(querier, &data, &arena, err) && append_all(run, &data, &arena, err) && finish(run, err);
    ifm_bump_deinit(&arena);
    querier->functions->close(querier);
    return ok ? tsdb_storage(run->db) : NULL;
}

static void print_failure(void *context, size_t line, const char *text, size_t size)
{
    const test_run *run = context;
    printf("%s:%zu (%s): %.*s\n", run->file, line, way_names[run->way], (int)size, text);
}

static bool run_file(test_run *run, const char *text, size_t size, promqltest_counts *counts)
{
    ifm_error err = {.code = IFM_OK};
    const promqltest_options options = {
        .no_reruns = true, .failed = print_failure, .store = fill_store, .context = run};
    bool ok = promqltest_run(&options, text, size, counts, &err);
    if (!ok) {
        printf("%s (%s): %s\n", run->file, way_names[run->way], err.message);
    }
    tsdb_close(run->db);
    run->db = NULL;
    return ok;
}

int main(int count, char **arguments)
{
    bool ok = count > 2;
    ifm_log_set(ifm_log_to_stderr, NULL);
    for (way each = IN_HEAD; each < WAY_COUNT; each++) {
        promqltest_counts counts = {0};
        for (int i = 2; i < count; i++) {
            test_run run = {.folder = arguments[1], .file = arguments[i], .way = each};
            ifm_error err = {.code = IFM_OK};
            ifm_buf text;
            ifm_buf_init(&text, PROMQLTEST_FILE_BYTES_MAX);
            if (!ifm_os_read_file(arguments[i], &text, &err)) {
                printf("%s\n", err.message);
                ok = false;
            } else {
                ok = run_file(&run, text.data == NULL ? "" : text.data, text.size, &counts) && ok;
            }
            ifm_buf_deinit(&text);
        }
        printf("%s: %zu passed, %zu failed\n", way_names[each], counts.passed, counts.failed);
        ok = ok && counts.failed == 0 && counts.passed > 0;
    }
    return ok ? 0 : 1;
}
