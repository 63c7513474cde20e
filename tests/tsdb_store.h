/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in the test's scratch folder, and short ways to append and to read what the head holds. The series
 * are {NAME="VALUE"}. Time stands still unless a test moves it.
 */
#ifndef IFM_TESTS_TSDB_STORE_H
#define IFM_TESTS_TSDB_STORE_H

#include "tsdb/tsdb_impl.h"

#include "check.h"

static int64_t store_now_ns = 1;

static inline int64_t store_monotonic_ns(void)
{
    return store_now_ns;
}

static inline int64_t store_wall_ms(void)
{
    return store_now_ns / 1000000;
}

static const ifm_os_clock store_clock = {store_monotonic_ns, store_wall_ms};

typedef struct store {
    tsdb *db;
    tsdb_group *group;
    char folder[256];
} store;

static inline void store_open_with(store *s, const char *name, const tsdb_options *options)
{
    ifm_error err = {0};
    tsdb_options o = *options;
    snprintf(s->folder, sizeof s->folder, "%s/%s", getenv("XDG_STATE_HOME"), name);
    o.folder = s->folder;
    o.clock = &store_clock;
    o.no_threads = true;
    if (!tsdb_open(&o, &s->db, &err)) {
        fail_msg("tsdb_open: %s", err.message);
    }
    s->group = tsdb_group_new(s->db, &err);
    assert_non_null(s->group);
}

static inline void store_open(store *s, const char *name)
{
    store_open_with(s, name, &(tsdb_options){0});
}

static inline void store_close(store *s)
{
    tsdb_group_free(s->group);
    tsdb_close(s->db);
}

static inline tsdb_batch *store_begin(store *s, int64_t time_ms)
{
    ifm_error err;
    tsdb_batch *batch = tsdb_batch_begin(s->db, s->group, time_ms, &err);
    assert_non_null(batch);
    return batch;
}

static inline tsdb_ref store_ref(tsdb_batch *batch, const char *name, const char *value)
{
    ifm_error err;
    tsdb_ref ref = 0;
    model_label label = {model_text_of(name), model_text_of(value)};
    assert_true(tsdb_batch_series(batch, (model_labels){&label, 1}, &ref, NULL, &err));
    return ref;
}

static inline void store_commit(tsdb_batch *batch)
{
    ifm_error err = {0};
    if (!tsdb_batch_commit(batch, &err)) {
        fail_msg("tsdb_batch_commit: %s", err.message);
    }
}

static inline void store_print_run(const tsdb_run *run, ifm_buf *out)
{
    for (size_t i = 0; i < run->count; i++) {
        if (model_is_absent(run->values[i])) {
            continue;
        }
        if (run->histograms != NULL && run->histograms[i] != NULL) {
            ifm_buf_printf(out, "h%g", run->histograms[i]->count);
        } else {
            ifm_buf_printf(out, "%g", run->values[i]);
        }
        ifm_buf_printf(out, "@%lld", (long long)run->column->times_ms[run->first + i]);
        if (run->starts_ms != NULL && run->starts_ms[i] != 0) {
            ifm_buf_printf(out, "/%lld", (long long)run->starts_ms[i]);
        }
        ifm_buf_append_char(out, ' ');
    }
}

/* "VALUE@TIME[/START] .." of all series with a label of this name, source by source; in static storage. */
static inline const char *store_print(store *s, const char *name)
{
    static ifm_buf text;
    ifm_error err = {0};
    ifm_bump arena;
    tsdb_view view;
    model_matcher matcher = {.name = model_text_of(name), .value = {"", 0}, .match = MODEL_NOT_EQUAL};
    ifm_buf_deinit(&text);
    ifm_buf_init(&text, 1 << 24);
    ifm_bump_init(&arena, 1 << 26);
    assert_true(tsdb_view_acquire(s->db, INT64_MIN, INT64_MAX, &view, &err));
    for (size_t i = 0; i < view.count; i++) {
        tsdb_source *source = view.sources[i];
        const tsdb_source_series *series = NULL;
        size_t count = 0, run_count = 0;
        const tsdb_run *runs = NULL;
        assert_true(source->functions->select(source, &matcher, 1, &arena, &series, &count, &err));
        tsdb_reader *reader = source->functions->reader_new(source, &err);
        for (size_t k = 0; k < count; k++) {
            assert_true(source->functions->read(reader, series[k].handle, INT64_MIN, INT64_MAX, &arena, &runs,
                                                &run_count, &err));
            for (size_t r = 0; r < run_count; r++) {
                store_print_run(&runs[r], &text);
            }
        }
        source->functions->reader_free(reader);
    }
    tsdb_view_release(&view);
    ifm_bump_deinit(&arena);
    ifm_buf_append_char(&text, '\0');
    return text.data;
}

#endif
