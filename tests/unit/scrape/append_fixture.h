/* SPDX-License-Identifier: Apache-2.0
 *
 * A target, its cache and a store; answers are given as texts.
 */
#ifndef IFM_TESTS_APPEND_FIXTURE_H
#define IFM_TESTS_APPEND_FIXTURE_H

#include "scrape/append.h"
#include "store_fixture.h"

typedef struct append_fixture {
    tsdb *db;
    tsdb_group *group;
    config_scrape config;
    model_label shown[2];
    scrape_target target;
    scrape_cache cache;
    scrape_scratch scratch;
    scrape_counts counts; /* of the last scrape */
    ifm_error err;        /* likewise, or of the store */
    ifm_error refusal;
} append_fixture;

static inline void append_open(append_fixture *f, uint32_t series_max)
{
    *f = (append_fixture){
        .config = {.job_name = "j", .honor_timestamps = true, .scrape_native_histograms = true}};
    f->db = store_open(series_max);
    f->group = tsdb_group_new(f->db, &f->err);
    f->shown[0] = (model_label){model_text_of("instance"), model_text_of("i")};
    f->shown[1] = (model_label){model_text_of("job"), model_text_of("j")};
    f->target.shown = (model_labels){f->shown, 2};
    if (f->group == NULL || !scrape_scratch_init(&f->scratch, &f->err)) {
        fail_msg("%s", f->err.message);
    }
}

static inline void append_close(append_fixture *f)
{
    scrape_cache_deinit(&f->cache);
    scrape_scratch_deinit(&f->scratch);
    tsdb_group_free(f->group);
    tsdb_close(f->db);
}

/* A scrape; false: the answer was refused, and nothing of it is in the store. */
static inline bool append_bytes(append_fixture *f, int64_t time_ms, scrape_format format, const char *body,
                                size_t size)
{
    scrape_appender to = {.config = &f->config,
                          .target = &f->target,
                          .cache = &f->cache,
                          .scratch = &f->scratch,
                          .batch = tsdb_batch_begin(f->db, f->group, time_ms, &f->err),
                          .time_ms = time_ms,
                          .time_ms_max = time_ms + SCRAPE_AHEAD_MS_MAX};
    if (to.batch == NULL) {
        return false;
    }
    scrape_cache_begin(&f->cache, &f->scratch.cache);
    bool ok = scrape_append(&to, format, body, size, &f->err);
    f->counts = to.counts;
    f->refusal = to.refusal;
    if (ok) {
        scrape_append_stale(&to);
        ok = tsdb_batch_commit(to.batch, &f->err);
    } else {
        tsdb_batch_rollback(to.batch);
    }
    if (ok) {
        scrape_cache_commit(&f->cache, &f->scratch.cache);
    } else {
        scrape_cache_abandon(&f->cache);
    }
    return ok;
}

static inline bool append_as(append_fixture *f, int64_t time_ms, scrape_format format, const char *body)
{
    return append_bytes(f, time_ms, format, body, strlen(body));
}

static inline bool append(append_fixture *f, int64_t time_ms, const char *body)
{
    return append_as(f, time_ms, SCRAPE_FORMAT_TEXT, body);
}

#endif
