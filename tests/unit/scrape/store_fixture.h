/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a folder of the test's own, and what it holds as text.
 */
#ifndef IFM_TESTS_STORE_FIXTURE_H
#define IFM_TESTS_STORE_FIXTURE_H

#include "check.h"
#include "scratch.h"
#include "tsdb/tsdb.h"

#include <inferometer/registry.h>

static inline tsdb *store_open_with(tsdb_options options)
{
    static int number;
    char folder[64];
    ifm_error err;
    tsdb *db;
    snprintf(folder, sizeof folder, "%s/store%d", scratch, number++);
    options.folder = folder;
    options.no_threads = true;
    if (!tsdb_open(&options, &db, &err)) {
        fail_msg("%s", err.message);
    }
    return db;
}

static inline tsdb *store_open(uint32_t series_max)
{
    return store_open_with((tsdb_options){.series_max = series_max});
}

static inline void store_print_samples(const storage_samples *samples, ifm_buf *out)
{
    for (size_t i = 0; i < samples->count; i++) {
        ifm_buf_printf(out, " %" PRId64 "=", samples->times_ms[i]);
        if (samples->histograms != NULL && samples->histograms[i] != NULL) {
            model_histogram_print(samples->histograms[i], out);
        } else if (model_is_stale(samples->values[i])) {
            ifm_buf_append_text(out, "stale");
        } else {
            char number[IFM_NUMBER_SIZE];
            ifm_buf_append(out, number, ifm_number_write(number, samples->values[i]));
        }
    }
    ifm_buf_append_char(out, '\n');
}

/* All series whose label `name` is `value`, in their order, each a line "{LABELS} TIME=VALUE ..". Valid until
 * the next call. */
static inline const char *store_text_of(tsdb *db, const char *name, const char *value)
{
    static char *text;
    ifm_error err = {.message = ""};
    ifm_buf out;
    ifm_bump arena;
    storage_querier *querier;
    const storage_series *series = NULL;
    size_t count = 0;
    size_t size;
    storage *from = tsdb_storage(db);
    model_matcher matcher = {
        .name = model_text_of(name), .value = model_text_of(value), .match = MODEL_EQUAL};
    storage_hints hints = {.start_ms = 0, .end_ms = INT64_MAX / 2, .function = ""};
    ifm_buf_init(&out, 64 << 20);
    ifm_bump_init(&arena, (size_t)1 << 30);
    bool ok = from->functions->querier(from, hints.start_ms, hints.end_ms, &querier, &err) &&
              querier->functions->select(querier, &matcher, 1, &hints, &arena, &series, &count, &err);
    for (size_t i = 0; ok && i < count; i++) {
        storage_samples samples;
        ok = querier->functions->read(querier, &series[i], hints.start_ms, hints.end_ms, &arena, &samples,
                                      &err);
        if (ok && samples.count > 0) {
            model_labels_print(series[i].labels, &out);
            store_print_samples(&samples, &out);
        }
    }
    if (!ok) {
        fail_msg("%s", err.message);
    }
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    ifm_buf_append_char(&out, '\0');
    ifm_free(text);
    text = ifm_buf_take(&out, &size, &err);
    return text;
}

static inline const char *store_text(tsdb *db, const char *metric)
{
    return store_text_of(db, "__name__", metric);
}

#endif
