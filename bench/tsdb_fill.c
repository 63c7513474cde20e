/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: tsdb_fill FOLDER SERIES MINUTES STEP_SECONDS
 *
 * Fills a store with scrapes of SERIES counters up to now, as fast as they are taken, by a clock that moves
 * with them. Then it prints "SAMPLES RESIDENT_KIB PEAK_KIB SECONDS" and ends as by kill -9: nothing is
 * closed, and what a start finds is what a crash leaves behind. For monitor_compare.py.
 */
#include "os/os.h"
#include "tsdb/tsdb.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { SERIES_PER_FAMILY = 1000, NS_PER_MS = 1000000, STATUS_BYTES_MAX = 1 << 16 };

typedef struct fill {
    tsdb *db;
    tsdb_group *group;
    size_t series;
    tsdb_ref *refs;
    double *values;
    uint32_t seed;
} fill;

/* The clock of the store, which takes no context. */
static int64_t clock_ms;

static int64_t fill_monotonic_ns(void)
{
    return clock_ms * NS_PER_MS;
}

static int64_t fill_wall_ms(void)
{
    return clock_ms;
}

static const ifm_os_clock fill_clock = {fill_monotonic_ns, fill_wall_ms};

/* The labels of load_exporter.c, scraped. */
static bool make_series(tsdb_batch *batch, size_t number, tsdb_ref *out, ifm_error *err)
{
    char name[64];
    char pipeline[32];
    char shard[32];
    snprintf(name, sizeof name, "load_%zu_total", number / SERIES_PER_FAMILY);
    snprintf(pipeline, sizeof pipeline, "p%zu", number % 100);
    snprintf(shard, sizeof shard, "%zu", number);
    model_label items[] = {
        {model_text_of(MODEL_NAME_LABEL), model_text_of(name)},
        {model_text_of("instance"), model_text_of("127.0.0.1:1")},
        {model_text_of("job"), model_text_of("load")},
        {model_text_of("pipeline"), model_text_of(pipeline)},
        {model_text_of("shard"), model_text_of(shard)},
        {model_text_of("stage"), model_text_of("engine_forward")},
    };
    model_labels labels;
    return model_labels_make(items, IFM_COUNT_OF(items), &labels, err) &&
           tsdb_batch_series(batch, labels, out, NULL, err);
}

static bool append(fill *self, tsdb_batch *batch, ifm_error *err)
{
    for (size_t i = 0; i < self->series; i++) {
        if (self->refs[i] == 0 && !make_series(batch, i, &self->refs[i], err)) {
            return false;
        }
        self->seed = self->seed * 1664525U + 1013904223U;
        self->values[i] += (self->seed >> 24) * (i % 2 == 1 ? 1 : 0.001);
        if (tsdb_batch_append(batch, self->refs[i], self->values[i]) != TSDB_ACCEPTED) {
            return ifm_error_set(err, IFM_INVALID, "sample %zu was not accepted", i);
        }
    }
    return true;
}

static bool scrape(fill *self, ifm_error *err)
{
    tsdb_batch *batch = tsdb_batch_begin(self->db, self->group, clock_ms, err);
    if (batch == NULL) {
        return false;
    }
    if (!append(self, batch, err)) {
        tsdb_batch_rollback(batch);
        return false;
    }
    return tsdb_batch_commit(batch, err);
}

static bool run(fill *self, const char *folder, int64_t minutes, int64_t step_ms, ifm_error *err)
{
    int64_t end_ms = ifm_os_clock_real.wall_ms();
    clock_ms = end_ms - minutes * 60 * 1000;
    const tsdb_options options = {.folder = folder, .clock = &fill_clock, .no_threads = true};
    bool ok = tsdb_open(&options, &self->db, err);
    if (ok) {
        self->group = tsdb_group_new(self->db, err);
        ok = self->group != NULL;
    }
    for (; ok && clock_ms <= end_ms; clock_ms += step_ms) {
        ok = scrape(self, err);
        tsdb_maintain(self->db);
    }
    return ok;
}

/* The number of KiB behind `key` in /proc/self/status; 0 without it. */
static unsigned long status_kib(const char *key)
{
    ifm_buf status;
    ifm_error err;
    ifm_buf_init(&status, STATUS_BYTES_MAX);
    unsigned long kib = 0;
    if (ifm_os_read_file("/proc/self/status", &status, &err)) {
        ifm_buf_append_char(&status, '\0');
        const char *at = status.failed == IFM_OK ? strstr(status.data, key) : NULL;
        kib = at == NULL ? 0 : strtoul(at + strlen(key), NULL, 10);
    }
    ifm_buf_deinit(&status);
    return kib;
}

int main(int argc, char **argv)
{
    ifm_error err;
    fill self = {.seed = 1};
    self.series = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    int64_t minutes = argc == 5 ? strtoll(argv[3], NULL, 10) : 0;
    int64_t step_ms = argc == 5 ? strtoll(argv[4], NULL, 10) * 1000 : 0;
    if (self.series == 0 || minutes <= 0 || step_ms <= 0) {
        fprintf(stderr, "usage: tsdb_fill FOLDER SERIES MINUTES STEP_SECONDS\n");
        return 2;
    }
    self.refs = ifm_alloc_zero(self.series, sizeof *self.refs);
    self.values = ifm_alloc_zero(self.series, sizeof *self.values);
    if (self.refs == NULL || self.values == NULL) {
        fprintf(stderr, "tsdb_fill: out of memory\n");
        return 1;
    }
    int64_t before_ns = ifm_os_monotonic_ns();
    if (!run(&self, argv[1], minutes, step_ms, &err)) {
        fprintf(stderr, "tsdb_fill: %s\n", err.message);
        return 1;
    }
    tsdb_stats stats;
    tsdb_stats_now(self.db, &stats);
    printf("%llu %lu %lu %.3f\n", (unsigned long long)stats.samples_appended, status_kib("VmRSS:"),
           status_kib("VmHWM:"), (double)(ifm_os_monotonic_ns() - before_ns) / 1e9);
    (void)fflush(stdout);
    return raise(SIGKILL);
}
