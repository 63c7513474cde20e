/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/loop.h"

#include <inferometer/registry.h>
#include <stdio.h>

/* ---- Life ---- */

static void loop_due(void *context);

scrape_loop *scrape_loop_new(scrape_manager *manager, const config_file *file, const config_scrape *config,
                             scrape_target *target, ifm_error *err)
{
    enum { HEADERS_MAX = 4096 };
    scrape_loop *loop = ifm_alloc_zero(1, sizeof *loop);
    tsdb_group *group = loop == NULL ? NULL : tsdb_group_new(manager->db, err);
    if (loop == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (group == NULL || !scrape_timers_reserve(&manager->timers, err)) {
        tsdb_group_free(group);
        ifm_free(loop);
        return NULL;
    }
    loop->manager = manager;
    loop->group = group;
    loop->timer.fire = loop_due;
    loop->timer.context = loop;
    loop->file = config_acquire(file);
    loop->config = config;
    loop->target = target;
    ifm_buf_init(&loop->headers_text, HEADERS_MAX);
    return loop;
}

static void request_over(scrape_loop *loop)
{
    loop->request = 0;
    scrape_body_give(loop->manager, &loop->body);
    config_release(loop->asked_file);
    loop->asked_file = NULL;
    scrape_target_free(loop->asked_target);
    loop->asked_target = NULL;
}

static void give_up_request(scrape_loop *loop)
{
    if (loop->request != 0) {
        http_client_cancel(loop->manager->client, loop->request);
        request_over(loop);
    }
}

void scrape_loop_free(scrape_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    give_up_request(loop);
    scrape_timers_release(&loop->manager->timers, &loop->timer);
    scrape_cache_deinit(&loop->cache);
    tsdb_group_free(loop->group);
    ifm_buf_deinit(&loop->headers_text);
    scrape_target_free(loop->target);
    config_release(loop->file);
    ifm_free(loop);
}

/* ---- When ---- */

static int64_t tolerance_ms(int64_t interval_ms)
{
    enum { PART = 100 };
    int64_t part = interval_ms / PART;
    return part < SCRAPE_TIMESTAMP_TOLERANCE_MS ? part : SCRAPE_TIMESTAMP_TOLERANCE_MS;
}

/* The first moment after now_ms with the target's phase: its place within the interval, which depends on
 * nothing but the target and the host, so that a restart does not move it. */
static int64_t next_aligned(const scrape_loop *loop, int64_t now_ms)
{
    int64_t interval_ms = loop->target->interval_ms;
    int64_t phase = (int64_t)((loop->target->hash ^ loop->manager->seed) % (uint64_t)interval_ms);
    int64_t since = (now_ms - phase) % interval_ms;
    since += since < 0 ? interval_ms : 0;
    return now_ms + interval_ms - since;
}

/* Sets the timer for the next time. The timer runs by the monotonic clock, the phase by the other one; so it
 * is computed anew each time, and a clock that was set is followed. */
static void wait_for_next(scrape_loop *loop)
{
    const ifm_os_clock *clock = loop->manager->clock;
    int64_t interval_ms = loop->target->interval_ms;
    int64_t now_ms = clock->wall_ms();
    int64_t next_ms = next_aligned(loop, now_ms);
    int64_t missed_ms = loop->aligned_ms + interval_ms;
    if (loop->aligned_ms != 0 && now_ms >= missed_ms && now_ms - missed_ms < interval_ms / 2) {
        next_ms = missed_ms; /* the answer came when the next scrape was due: at once, but late */
    }
    int64_t since_last = next_ms - loop->aligned_ms;
    if (since_last >= 0 && since_last <= interval_ms / 2) { /* it fired a little early: that was this one */
        next_ms += interval_ms;
    }
    loop->aligned_ms = next_ms;
    scrape_timers_set(&loop->manager->timers, &loop->timer,
                      scrape_timers_after(clock->monotonic_ns(), next_ms - now_ms));
}

void scrape_loop_start(scrape_loop *loop)
{
    wait_for_next(loop);
}

/* ---- Asking ---- */

static void loop_done(void *context, const http_response *response, const ifm_error *err);

static bool make_headers(scrape_loop *loop, ifm_error *err)
{
    ifm_buf *text = &loop->headers_text;
    char timeout[IFM_NUMBER_PLAIN_SIZE];
    size_t starts[3];
    size_t count = 0;
    ifm_buf_clear(text);
    starts[count++] = text->size;
    scrape_accept_header(loop->config, text);
    ifm_buf_append_char(text, '\0');
    starts[count++] = text->size;
    size_t size = ifm_number_write_plain(timeout, (double)loop->target->timeout_ms / 1000);
    ifm_buf_printf(text, "X-Prometheus-Scrape-Timeout-Seconds: %.*s", (int)size, timeout);
    ifm_buf_append_char(text, '\0');
    if (!loop->config->enable_compression) {
        starts[count++] = text->size;
        ifm_buf_append_text(text, "Accept-Encoding: identity");
        ifm_buf_append_char(text, '\0');
    }
    if (!ifm_buf_check(text, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        loop->headers[i] = text->data + starts[i];
    }
    loop->headers[count] = NULL;
    return true;
}

static size_t body_max(const config_scrape *config)
{
    uint64_t limit = config->body_size_limit;
    return limit == 0                          ? SCRAPE_BODY_BYTES_MAX
           : limit > SCRAPE_BODY_BYTES_CEILING ? SCRAPE_BODY_BYTES_CEILING
                                               : (size_t)limit;
}

static bool ask(scrape_loop *loop, ifm_error *err)
{
    size_t max = body_max(loop->config);
    if (loop->forced_error[0] != '\0') {
        return ifm_error_set(err, IFM_LIMIT, "%s", loop->forced_error);
    }
    if (!make_headers(loop, err)) {
        return false;
    }
    scrape_body_take(loop->manager, max, &loop->body);
    http_request request = {.url = loop->target->url,
                            .headers = loop->headers,
                            .options = &loop->config->http,
                            .timeout_ms = loop->target->timeout_ms,
                            .body_max = max,
                            .out = &loop->body,
                            .done = loop_done,
                            .context = loop};
    loop->asked_file = config_acquire(loop->file);
    loop->request = http_client_start(loop->manager->client, &request, err);
    if (loop->request == 0) {
        request_over(loop);
        return false;
    }
    return true;
}

/* ---- Answers ---- */

static void show(scrape_loop *loop, const scrape_outcome *outcome, double duration_s)
{
    scrape_manager *manager = loop->manager;
    const scrape_counts *counts = &outcome->counts;
    pthread_mutex_lock(&manager->lock);
    loop->health = outcome->failed ? SCRAPE_DOWN : SCRAPE_UP;
    bool has_error = outcome->err.code != IFM_OK;
    snprintf(loop->last_error, sizeof loop->last_error, "%s", has_error ? outcome->err.message : "");
    loop->last_scrape_ms = outcome->time_ms;
    loop->last_duration_s = duration_s;
    loop->cache_entries = loop->cache.count;
    scrape_stats *stats = &manager->stats;
    stats->scrapes++;
    stats->failed_scrapes += outcome->failed;
    stats->samples += counts->added;
    stats->out_of_order += counts->out_of_order;
    stats->duplicates += counts->duplicates;
    stats->out_of_bounds += counts->out_of_bounds;
    stats->sample_limit += counts->sample_limit;
    stats->label_limit += counts->label_limit;
    pthread_mutex_unlock(&manager->lock);
}

static void warn(scrape_loop *loop, const scrape_counts *counts)
{
    bool refused = counts->out_of_order + counts->duplicates + counts->out_of_bounds + counts->refused > 0;
    if (refused && !loop->warned) {
        ifm_log(
            IFM_LOG_WARNING,
            "some samples of \"%s\" were not stored: %llu out of order, %llu duplicates, %llu out of bounds, "
            "%llu of new series that the store has no room for",
            loop->target->url, (unsigned long long)counts->out_of_order,
            (unsigned long long)counts->duplicates, (unsigned long long)counts->out_of_bounds,
            (unsigned long long)counts->refused);
    }
    loop->warned = refused;
}

static void loop_over(scrape_loop *loop, const http_response *response, const ifm_error *err)
{
    scrape_outcome outcome = {.time_ms = loop->asked_ms, .failed = err != NULL};
    if (err != NULL) {
        outcome.err = *err;
    }
    scrape_loop_store(loop, response, &outcome);
    warn(loop, &outcome.counts);
    show(loop, &outcome, (double)(loop->manager->clock->monotonic_ns() - loop->asked_ns) / 1e9);
}

static void loop_done(void *context, const http_response *response, const ifm_error *err)
{
    scrape_loop *loop = context;
    ifm_error limit;
    if (err != NULL && err->code == IFM_LIMIT) {
        ifm_error_set(&limit, IFM_LIMIT, "body size limit exceeded");
        pthread_mutex_lock(&loop->manager->lock);
        loop->manager->stats.body_limit++;
        pthread_mutex_unlock(&loop->manager->lock);
        err = &limit;
    }
    loop_over(loop, response, err);
    request_over(loop);
    wait_for_next(loop);
}

static void write_markers(scrape_loop *loop);

static void loop_due(void *context)
{
    scrape_loop *loop = context;
    const ifm_os_clock *clock = loop->manager->clock;
    if (loop->stale_ms != 0) {
        write_markers(loop);
        return;
    }
    int64_t now_ms = clock->wall_ms();
    int64_t late_ms = now_ms - loop->aligned_ms;
    int64_t tolerance = tolerance_ms(loop->target->interval_ms);
    bool aligned = late_ms <= tolerance && late_ms >= -tolerance;
    loop->asked_ms = aligned ? loop->aligned_ms : now_ms;
    loop->asked_ns = clock->monotonic_ns();
    ifm_error err;
    if (!ask(loop, &err)) {
        loop_over(loop, NULL, &err);
        wait_for_next(loop);
    }
}

/* ---- The end ---- */

void scrape_loop_retire(scrape_loop *loop)
{
    scrape_manager *manager = loop->manager;
    const ifm_os_clock *clock = manager->clock;
    int64_t interval_ms = loop->target->interval_ms;
    give_up_request(loop);
    if (loop->last_scrape_ms == 0) { /* nothing to mark */
        scrape_loop_free(loop);
        return;
    }
    /* The markers have the time of the scrape that does not come any more, and are written when the next one
     * is over: if the target was made anew meanwhile, there are newer samples, and the store refuses them. */
    int64_t now_ms = clock->wall_ms();
    loop->stale_ms = next_aligned(loop, now_ms);
    int64_t wait_ms = loop->stale_ms - now_ms + interval_ms + interval_ms / 10;
    scrape_timers_set(&manager->timers, &loop->timer, scrape_timers_after(clock->monotonic_ns(), wait_ms));
    pthread_mutex_lock(&manager->lock);
    loop->next = manager->retired;
    manager->retired = loop;
    pthread_mutex_unlock(&manager->lock);
}

static void write_markers(scrape_loop *loop)
{
    scrape_manager *manager = loop->manager;
    ifm_error err;
    tsdb_batch *batch = tsdb_batch_begin(manager->db, loop->group, loop->stale_ms, &err);
    if (batch != NULL) {
        scrape_append_all_stale(&loop->cache, batch);
        for (size_t i = 0; i < SCRAPE_REPORT_COUNT; i++) {
            if (loop->report[i] != 0) {
                tsdb_batch_append(batch, loop->report[i], model_from_bits(MODEL_STALE_BITS));
            }
        }
    }
    if (batch == NULL || !tsdb_batch_commit(batch, &err)) {
        ifm_log(IFM_LOG_WARNING, "could not mark the series of \"%s\" as gone: %s", loop->target->url,
                err.message);
    }
    pthread_mutex_lock(&manager->lock);
    scrape_loop **at = &manager->retired;
    while (*at != loop) {
        at = &(*at)->next;
    }
    *at = loop->next;
    pthread_mutex_unlock(&manager->lock);
    scrape_loop_free(loop);
}

void scrape_loop_adopt(scrape_loop *loop, const config_file *file, const config_scrape *config,
                       scrape_target *target)
{
    config_acquire(file);
    config_release(loop->file);
    if (loop->request != 0 && loop->asked_target == NULL) {
        loop->asked_target = loop->target;
    } else {
        scrape_target_free(loop->target);
    }
    loop->file = file;
    loop->config = config;
    loop->target = target;
}
