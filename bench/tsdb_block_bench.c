/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: tsdb_block_bench [PIPELINES [HOURS]]
 *
 * Blocks of data like those of inference pipelines (latency histograms, their sums and counts, gauges): how
 * quick they are to write and to read, and how large they are. A block of flushed size and a cold one.
 */
#include "tsdb/block.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAGES = 4, BUCKETS = 15, STEP_MS = 15000, READS = 5 };

static const char *const bounds[BUCKETS] = {"0.005", "0.01", "0.025", "0.05", "0.075", "0.1",  "0.25", "0.5",
                                            "0.75",  "1.0",  "2.5",   "5.0",  "7.5",   "10.0", "+Inf"};

typedef struct bench_series {
    model_labels labels;
    double *values;
} bench_series;

typedef struct bench {
    ifm_bump arena;
    bench_series *series;
    size_t count;
    size_t samples; /* of each */
    tsdb_column column;
    uint64_t random;
} bench;

static double uniform(bench *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return (double)(b->random >> 11) / 9007199254740992.0;
}

static double lognormal(bench *b)
{
    double radius = sqrt(-2 * log(1 - uniform(b)));
    return exp(0.5 * radius * cos(2 * 3.14159265358979323846 * uniform(b)));
}

static model_text text(bench *b, const char *from)
{
    return (model_text){ifm_bump_copy(&b->arena, from, strlen(from)), strlen(from)};
}

/* `le` and `stage` may be NULL. */
static double *add(bench *b, const char *name, const char *le, int pipeline, const char *stage)
{
    char value[64];
    model_label *items = ifm_bump_alloc_array(&b->arena, 5, sizeof *items);
    size_t count = 0;
    items[count++] = (model_label){model_text_of(MODEL_NAME_LABEL), text(b, name)};
    snprintf(value, sizeof value, "host%d:8000", pipeline % 8);
    items[count++] = (model_label){model_text_of("instance"), text(b, value)};
    if (le != NULL) {
        items[count++] = (model_label){model_text_of("le"), text(b, le)};
    }
    snprintf(value, sizeof value, "p%d", pipeline);
    items[count++] = (model_label){model_text_of("pipeline"), text(b, value)};
    if (stage != NULL) {
        items[count++] = (model_label){model_text_of("stage"), text(b, stage)};
    }
    b->series = ifm_bump_grow(&b->arena, b->series, b->count, sizeof *b->series);
    bench_series *made = &b->series[b->count++];
    made->labels = (model_labels){items, count};
    made->values = ifm_bump_alloc_array(&b->arena, b->samples, sizeof *made->values);
    return made->values;
}

static void add_histogram(bench *b, int pipeline, const char *stage)
{
    double *buckets[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
        buckets[i] = add(b, "inference_duration_seconds_bucket", bounds[i], pipeline, stage);
    }
    double *count = add(b, "inference_duration_seconds_count", NULL, pipeline, stage);
    double *sum = add(b, "inference_duration_seconds_sum", NULL, pipeline, stage);
    double scale = 0.01 + uniform(b) * 0.5, total = 0;
    double own[BUCKETS] = {0};
    for (size_t i = 0; i < b->samples; i++) {
        int n = (5 + (int)(uniform(b) * 56)) / 3;
        for (int draw = 0; draw < 3; draw++) {
            double value = lognormal(b) * scale;
            int k = 0;
            while (k < BUCKETS - 1 && value > atof(bounds[k])) {
                k++;
            }
            own[k] += n;
            total += value * n;
        }
        double cumulative = 0;
        for (int k = 0; k < BUCKETS; k++) {
            buckets[k][i] = cumulative += own[k];
        }
        count[i] = cumulative;
        sum[i] = round(total * 1e6) / 1e6;
    }
}

static void fill(bench *b, int pipelines, double hours)
{
    static const char *const stages[STAGES] = {"engine_forward", "post_process", "pre_process",
                                               "total_inference"};
    b->samples = (size_t)(hours * 3600000 / STEP_MS);
    b->random = 88172645463325252U;
    int64_t *times_ms = ifm_bump_alloc_array(&b->arena, b->samples, sizeof *times_ms);
    for (size_t i = 0; i < b->samples; i++) {
        times_ms[i] = 1700000000000 + (int64_t)i * STEP_MS;
    }
    b->column = (tsdb_column){times_ms, b->samples, 0};
    for (int p = 0; p < pipelines; p++) {
        for (int s = 0; s < STAGES; s++) {
            add_histogram(b, p, stages[s]);
        }
        double *ratio = add(b, "cpu_utilization_ratio", NULL, p, NULL);
        double x = 0.5;
        for (size_t i = 0; i < b->samples; i++) {
            x = fmin(1, fmax(0, x + uniform(b) * 0.1 - 0.05));
            ratio[i] = round(x * 1e4) / 1e4;
        }
    }
}

static bool write_block(bench *b, const char *folder, bool cold, tsdb_block_info *info, ifm_error *err)
{
    model_labels *labels = ifm_bump_alloc_array(&b->arena, b->count, sizeof *labels);
    uint32_t *order = ifm_bump_alloc_array(&b->arena, b->count, sizeof *order);
    for (size_t i = 0; i < b->count; i++) {
        labels[i] = b->series[i].labels;
    }
    tsdb_block_writer_options options = {
        .files = &ifm_os_files_real, .folder = folder, .sequence = cold ? 2 : 1, .cold = cold};
    tsdb_block_writer *writer = tsdb_block_writer_open(&options, err);
    if (writer == NULL) {
        return false;
    }
    bool ok = tsdb_block_order(labels, b->count, order, err);
    for (size_t i = 0; i < b->count && ok; i++) {
        const bench_series *from = &b->series[order[i]];
        tsdb_run run = {.column = &b->column, .count = b->samples, .values = from->values};
        ok = tsdb_block_writer_add(writer, from->labels, &run, 1, err);
    }
    if (!ok) {
        tsdb_block_writer_abort(writer);
        return false;
    }
    return tsdb_block_writer_commit(writer, info, err);
}

/* All samples, in the order of labels, as a query reads them. */
static bool read_block(tsdb_source *source, uint64_t *samples, ifm_error *err)
{
    ifm_bump arena;
    ifm_bump_init(&arena, SIZE_MAX / 2);
    const tsdb_source_series *series;
    size_t count = 0;
    tsdb_reader *reader = source->functions->reader_new(source, err);
    bool ok = reader != NULL && source->functions->select(source, NULL, 0, &arena, &series, &count, err);
    *samples = 0;
    for (size_t i = 0; i < count && ok; i++) {
        ifm_bump_mark mark = ifm_bump_mark_now(&arena);
        const tsdb_run *runs;
        size_t run_count = 0;
        ok = source->functions->read(reader, series[i].handle, INT64_MIN, INT64_MAX, &arena, &runs,
                                     &run_count, err);
        for (size_t j = 0; j < run_count && ok; j++) {
            *samples += runs[j].count;
        }
        ifm_bump_rewind(&arena, mark);
    }
    if (reader != NULL) {
        source->functions->reader_free(reader);
    }
    ifm_bump_deinit(&arena);
    return ok;
}

/* The best times of a block that was just opened and of one whose pages were decoded before. */
typedef struct read_times {
    double open_ns, first_ns, again_ns;
    uint64_t samples;
} read_times;

static bool time_reads(const char *folder, const char *name, read_times *best, ifm_error *err)
{
    tsdb_block_info info;
    *best = (read_times){INFINITY, INFINITY, INFINITY, 0};
    for (int i = 0; i < READS; i++) {
        int64_t start_ns = ifm_os_monotonic_ns();
        tsdb_source *source = tsdb_block_open(&ifm_os_files_real, folder, name, &info, err);
        int64_t opened_ns = ifm_os_monotonic_ns();
        bool ok = source != NULL && read_block(source, &best->samples, err);
        int64_t read_ns = ifm_os_monotonic_ns();
        ok = ok && read_block(source, &best->samples, err);
        best->again_ns = fmin(best->again_ns, (double)(ifm_os_monotonic_ns() - read_ns));
        best->first_ns = fmin(best->first_ns, (double)(read_ns - opened_ns));
        best->open_ns = fmin(best->open_ns, (double)(opened_ns - start_ns));
        if (source != NULL) {
            source->functions->release(source);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool measure(bench *b, const char *folder, bool cold, ifm_error *err)
{
    tsdb_block_info info;
    read_times best;
    int64_t start_ns = ifm_os_monotonic_ns();
    if (!write_block(b, folder, cold, &info, err)) {
        return false;
    }
    double write_ns = (double)(ifm_os_monotonic_ns() - start_ns);
    if (!time_reads(folder, info.name, &best, err)) {
        return false;
    }
    printf(
        "%s: %u series, %llu samples, %llu bytes, %.3f bytes per sample; wrote %.1f MB/s, opened in %.2f ms, "
        "read %.2f ns per sample, again %.2f\n",
        cold ? "cold" : "flushed", info.series, (unsigned long long)info.samples,
        (unsigned long long)info.bytes, (double)info.bytes / (double)info.samples,
        16e3 * (double)info.samples / write_ns, best.open_ns / 1e6, best.first_ns / (double)best.samples,
        best.again_ns / (double)best.samples);
    return best.samples == info.samples;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/tsdb_block_bench.XXXXXX";
    ifm_error err = {.code = IFM_OK};
    bench b = {.count = 0};
    if (mkdtemp(folder) == NULL) {
        return EXIT_FAILURE;
    }
    ifm_bump_init(&b.arena, SIZE_MAX / 2);
    fill(&b, argc > 1 ? atoi(argv[1]) : 15, argc > 2 ? atof(argv[2]) : 6);
    bool ok = measure(&b, folder, false, &err) && measure(&b, folder, true, &err);
    if (!ok) {
        fprintf(stderr, "tsdb_block_bench: %s\n", err.message);
    }
    char path[128];
    for (int i = 1; i <= 2; i++) {
        snprintf(path, sizeof path, "%s/%016x-0.block", folder, i);
        unlink(path);
    }
    rmdir(folder);
    ifm_bump_deinit(&b.arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
