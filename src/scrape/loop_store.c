/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scrape leaves in the store: its samples, or staleness markers for those of the last one, and the
 * five series that report it, all in one batch.
 */
#include "scrape/loop.h"

static const char *const report_names[SCRAPE_REPORT_COUNT] = {
    "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
    "scrape_series_added"};

/* The labels of a report series: the target's, which cannot rename its metric. */
static bool report_series(scrape_loop *loop, tsdb_batch *batch, size_t which, ifm_error *err)
{
    ifm_bump *arena = &loop->manager->scratch.arena;
    ifm_bump_mark mark = ifm_bump_mark_now(arena);
    model_labels labels = model_labels_with(loop->target->shown, model_text_of(MODEL_NAME_LABEL),
                                            model_text_of(report_names[which]), arena);
    bool ok = ifm_bump_check(arena, err) && tsdb_batch_series(batch, labels, &loop->report[which], NULL, err);
    scrape_scratch_rewind(&loop->manager->scratch, mark);
    return ok;
}

/* A store that has no room for the series goes without them: the scrape counts, not its report. */
static bool report_one(scrape_loop *loop, tsdb_batch *batch, size_t which, double value, ifm_error *err)
{
    bool known = loop->report[which] != 0;
    if (known && tsdb_batch_append(batch, loop->report[which], value) != TSDB_GONE) {
        return true;
    }
    loop->report[which] = 0;
    if (!report_series(loop, batch, which, err)) {
        loop->report[which] = 0;
        return err->code == IFM_LIMIT;
    }
    tsdb_batch_append(batch, loop->report[which], value);
    return true;
}

static bool report(scrape_loop *loop, tsdb_batch *batch, const scrape_outcome *outcome, ifm_error *err)
{
    double duration_s = (double)(loop->manager->clock->monotonic_ns() - loop->asked_ns) / 1e9;
    const double values[SCRAPE_REPORT_COUNT] = {outcome->failed ? 0 : 1, duration_s,
                                                (double)outcome->counts.total, (double)outcome->counts.added,
                                                (double)outcome->counts.series_added};
    for (size_t i = 0; i < SCRAPE_REPORT_COUNT; i++) {
        if (!report_one(loop, batch, i, values[i], err)) {
            return false;
        }
    }
    return true;
}

/* Ends a batch: of an answer, whose cache has begun, or of markers. What is not committed is tried again by
 * the next scrape, so the cache is what it was. */
static bool finish(scrape_loop *loop, tsdb_batch *batch, bool answer, const scrape_outcome *outcome,
                   ifm_error *err)
{
    scrape_cache_scratch *scratch = &loop->manager->scratch.cache;
    bool ok = report(loop, batch, outcome, err);
    if (!ok) {
        tsdb_batch_rollback(batch);
    } else {
        ok = tsdb_batch_commit(batch, err);
    }
    if (ok && answer) {
        scrape_cache_commit(&loop->cache, scratch);
    } else {
        scrape_cache_abandon(&loop->cache);
    }
    if (ok && !answer) {
        scrape_append_all_stale_done(&loop->cache);
    }
    scrape_cache_scratch_trim(scratch);
    return ok;
}

/* The samples in a batch with their report. *parsed false: the answer could not be appended, nothing
 * happened. Errors: those of the store. */
static bool store_answer(scrape_loop *loop, const http_response *response, scrape_outcome *outcome,
                         bool *parsed, ifm_error *err)
{
    scrape_manager *manager = loop->manager;
    scrape_appender to = {.config = loop->config,
                          .target = loop->target,
                          .cache = &loop->cache,
                          .scratch = &manager->scratch,
                          .time_ms = outcome->time_ms,
                          .time_ms_max = manager->clock->wall_ms() + SCRAPE_AHEAD_MS_MAX};
    scrape_format format = SCRAPE_FORMAT_TEXT;
    size_t size = loop->body.size;
    ifm_buf_append_char(&loop->body, '\0');
    bool ok =
        ifm_buf_check(&loop->body, &outcome->err) &&
        (size == 0 || /* nothing to read, whatever its type */
         scrape_format_of(response->content_type, loop->config->fallback_protocol, &format, &outcome->err));
    if (!ok) {
        *parsed = false;
        return true;
    }
    to.batch = tsdb_batch_begin(manager->db, loop->group, outcome->time_ms, err);
    if (to.batch == NULL) {
        return false;
    }
    scrape_cache_begin(&loop->cache, &manager->scratch.cache);
    *parsed = size == 0 || scrape_append(&to, format, loop->body.data, size, &outcome->err);
    outcome->counts = to.counts;
    if (!*parsed) {
        outcome->counts.series_added = 0; /* it was nothing but an attempt */
        tsdb_batch_rollback(to.batch);
        scrape_cache_abandon(&loop->cache);
        return true;
    }
    scrape_append_stale(&to);
    if (to.counts.refused > 0) {
        outcome->err = to.refusal;
    }
    return finish(loop, to.batch, true, outcome, err);
}

static bool store_failure(scrape_loop *loop, const scrape_outcome *outcome, ifm_error *err)
{
    tsdb_batch *batch = tsdb_batch_begin(loop->manager->db, loop->group, outcome->time_ms, err);
    if (batch == NULL) {
        return false;
    }
    scrape_append_all_stale(&loop->cache, batch);
    return finish(loop, batch, false, outcome, err);
}

static void check_status(const http_response *response, scrape_outcome *outcome)
{
    enum { OK = 200 };
    char text[64];
    if (response->status != OK) {
        scrape_status_text(response->status, text, sizeof text);
        ifm_error_set(&outcome->err, IFM_INVALID, "server returned HTTP status %s", text);
        outcome->failed = true;
    }
}

/* The text goes into JSON: what the target sent as its Content-Type may be anything. */
static void repair(ifm_error *err)
{
    ifm_buf valid;
    ifm_buf_init(&valid, sizeof err->message * 4);
    ifm_utf8_repair(&valid, err->message, strlen(err->message), sizeof err->message - 1);
    if (valid.failed == IFM_OK && valid.data != NULL) {
        size_t size = valid.size < sizeof err->message ? valid.size : sizeof err->message - 1;
        memcpy(err->message, valid.data, size);
        err->message[size] = '\0';
    }
    ifm_buf_deinit(&valid);
}

void scrape_loop_store(scrape_loop *loop, const http_response *response, scrape_outcome *outcome)
{
    scrape_manager *manager = loop->manager;
    ifm_error err;
    bool stored = true;
    pthread_mutex_lock(&manager->cache_lock); /* S2 */
    if (!outcome->failed) {
        check_status(response, outcome);
    }
    if (!outcome->failed) {
        bool parsed = true;
        stored = store_answer(loop, response, outcome, &parsed, &err);
        outcome->failed = !parsed;
    }
    if (outcome->failed) {
        stored = store_failure(loop, outcome, &err);
        repair(&outcome->err);
    }
    pthread_mutex_unlock(&manager->cache_lock);
    if (!stored) { /* up or not: that samples are lost is what has to be said */
        outcome->counts.added = 0;
        outcome->err = err;
        ifm_error_wrap(&outcome->err, "could not store the scrape");
    }
}
