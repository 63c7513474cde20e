/* SPDX-License-Identifier: Apache-2.0
 *
 * What the head of the store costs: rows of many series appended as a scrape does it, then the start from the
 * log. Prints nanoseconds for each sample, bytes of memory for each series, bytes of the log for each sample,
 * and samples replayed in a second.
 *
 *     tsdb_append_bench FOLDER [SERIES [ROWS]]
 */
#include "tsdb/tsdb.h"

#include <inferometer/registry.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct bench {
    tsdb *db;
    tsdb_group *group;
    tsdb_ref *refs;
    double *values;
    size_t series, rows;
    uint64_t random;
    int64_t append_ns, commit_ns;
} bench;

static void fail(const ifm_error *err)
{
    fprintf(stderr, "tsdb_append_bench: %s\n", err->message);
    exit(1);
}

static long resident_kib(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &size, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return resident * 4;
}

static void open_store(bench *b, const char *folder)
{
    ifm_error err;
    tsdb_options options = {.folder = folder, .no_threads = true, .flush_samples = UINT64_MAX};
    if (!tsdb_open(&options, &b->db, &err)) {
        fail(&err);
    }
}

static void find_series(bench *b, tsdb_batch *batch)
{
    ifm_error err;
    char metric[64], id[32];
    for (size_t i = 0; i < b->series; i++) {
        snprintf(metric, sizeof metric, "bench_metric_%zu_total", i / 1000);
        snprintf(id, sizeof id, "%zu", i % 1000);
        model_label labels[] = {
            {model_text_of("__name__"), model_text_of(metric)},
            {model_text_of("id"), model_text_of(id)},
            {model_text_of("instance"), model_text_of("localhost:9100")},
            {model_text_of("job"), model_text_of("bench")},
        };
        if (!tsdb_batch_series(batch, (model_labels){labels, 4}, &b->refs[i], NULL, &err)) {
            fail(&err);
        }
    }
}

static void append_row(bench *b, size_t row)
{
    ifm_error err;
    tsdb_batch *batch = tsdb_batch_begin(b->db, b->group, (int64_t)row * 2000 + 1, &err);
    if (batch == NULL) {
        fail(&err);
    }
    if (row == 0) {
        find_series(b, batch);
    }
    for (size_t i = 0; i < b->series; i++) {
        b->random = b->random * 6364136223846793005U + 1442695040888963407U;
        b->values[i] += (double)(b->random >> 56); /* counters */
    }
    int64_t begun = ifm_os_monotonic_ns();
    for (size_t i = 0; i < b->series; i++) {
        tsdb_batch_append(batch, b->refs[i], b->values[i]);
    }
    int64_t appended = ifm_os_monotonic_ns();
    if (!tsdb_batch_commit(batch, &err)) {
        fail(&err);
    }
    if (row > 0) {
        b->append_ns += appended - begun;
        b->commit_ns += ifm_os_monotonic_ns() - appended;
    }
}

int main(int argc, char **argv)
{
    bench b = {.series = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000,
               .rows = argc > 3 ? strtoul(argv[3], NULL, 10) : 60};
    ifm_error err;
    tsdb_stats stats;
    if (argc < 2 || b.series == 0 || b.rows < 2) {
        fprintf(stderr, "usage: tsdb_append_bench FOLDER [SERIES [ROWS]]\n");
        return 2;
    }
    b.refs = ifm_alloc_zero(b.series, sizeof *b.refs);
    b.values = ifm_alloc_zero(b.series, sizeof *b.values);
    if (b.refs == NULL || b.values == NULL) {
        return 1;
    }
    open_store(&b, argv[1]);
    b.group = tsdb_group_new(b.db, &err);
    memset(b.values, 0, b.series * sizeof *b.values);
    long before = resident_kib();
    for (size_t row = 0; row < b.rows; row++) {
        append_row(&b, row);
    }
    tsdb_stats_now(b.db, &stats);
    double samples = (double)b.series * (double)(b.rows - 1);
    printf("append: %.1f ns/sample, commit: %.1f ns/sample\n", (double)b.append_ns / samples,
           (double)b.commit_ns / samples);
    printf("memory: %.0f bytes/series (%.0f as counted)\n",
           (double)(resident_kib() - before) * 1024 / (double)b.series,
           (double)stats.head_bytes / (double)b.series);
    printf("log: %.2f bytes/sample\n", (double)stats.log_bytes / (samples + (double)b.series));
    tsdb_group_free(b.group);
    tsdb_close(b.db);
    malloc_trim(0);
    open_store(&b, argv[1]);
    tsdb_stats_now(b.db, &stats);
    printf("replay: %.0f ms, %.1f million samples/s, %ld KiB resident\n",
           (double)stats.replay_duration_ns / 1e6,
           (double)stats.replayed_samples * 1e3 / (double)stats.replay_duration_ns, resident_kib());
    int64_t begun = ifm_os_monotonic_ns();
    if (!tsdb_flush(b.db, &err)) {
        fail(&err);
    }
    int64_t flushed = ifm_os_monotonic_ns() - begun;
    tsdb_stats_now(b.db, &stats);
    printf("flush: %.0f ms, block: %.2f bytes/sample, %ld KiB resident\n", (double)flushed / 1e6,
           (double)stats.block_bytes / (double)stats.replayed_samples, resident_kib());
    tsdb_close(b.db);
    ifm_free(b.refs);
    ifm_free(b.values);
    return 0;
}
