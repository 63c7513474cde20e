/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/pool.h"

#include <inferometer/registry.h>
#include <unistd.h>

enum { MS_NS = 1000000 };

/* ---- Memory for answers ---- */

void scrape_body_take(scrape_manager *manager, size_t max, ifm_buf *out)
{
    if (manager->spare_count > 0) {
        *out = manager->spares[--manager->spare_count];
        ifm_buf_clear(out);
        out->max = max + 1 > out->capacity ? max + 1 : out->capacity;
    } else {
        ifm_buf_init(out, max + 1);
    }
}

void scrape_body_give(scrape_manager *manager, ifm_buf *body)
{
    bool keep = body->data != NULL && body->capacity <= SCRAPE_SPARE_BODY_BYTES_MAX &&
                manager->spare_count < SCRAPE_SPARE_BODIES_MAX;
    if (keep) {
        manager->spares[manager->spare_count++] = *body;
        *body = (ifm_buf){.data = NULL};
    } else {
        ifm_buf_deinit(body);
    }
}

/* ---- Configurations ---- */

static scrape_pool *find_pool(const scrape_manager *manager, const char *name)
{
    for (size_t i = 0; i < manager->pool_count; i++) {
        if (strcmp(manager->pools[i]->config->job_name, name) == 0) {
            return manager->pools[i];
        }
    }
    return NULL;
}

/* A configuration that is about to be taken over: pools beside the old ones. */
typedef struct change {
    scrape_pool **pools;
    scrape_plan *plans;
    size_t count;
} change;

static void change_deinit(change *made)
{
    for (size_t i = 0; i < made->count; i++) {
        scrape_plan_deinit(&made->plans[i]);
        scrape_pool_free(made->pools[i]);
    }
    ifm_free(made->pools);
    ifm_free(made->plans);
}

static bool change_plan(scrape_manager *manager, const config_file *config, change *made, ifm_error *err)
{
    made->pools = ifm_alloc_zero(config->scrape_count + 1, sizeof(scrape_pool *));
    made->plans = ifm_alloc_zero(config->scrape_count + 1, sizeof *made->plans);
    if (made->pools == NULL || made->plans == NULL) {
        return ifm_error_nomem(err);
    }
    for (; made->count < config->scrape_count; made->count++) {
        const config_scrape *scrape = &config->scrapes[made->count];
        if (scrape->convert_classic_to_nhcb) {
            return ifm_error_set(err, IFM_UNSUPPORTED,
                                 "convert_classic_histograms_to_nhcb of job \"%s\" is not supported",
                                 scrape->job_name);
        }
        scrape_pool *pool = scrape_pool_new(manager, config, scrape, err);
        if (pool == NULL) {
            return false;
        }
        made->pools[made->count] = pool;
        scrape_pool *old = find_pool(manager, scrape->job_name);
        if (!scrape_pool_plan(pool, old, &made->plans[made->count], err)) {
            scrape_pool_free(pool);
            return false;
        }
    }
    return true;
}

static bool take_over(scrape_manager *manager, const config_file *config, ifm_error *err)
{
    change made = {.count = 0};
    if (!change_plan(manager, config, &made, err)) {
        change_deinit(&made);
        return false;
    }
    for (size_t i = 0; i < made.count; i++) {
        scrape_pool *pool = made.pools[i];
        scrape_pool *old = find_pool(manager, pool->config->job_name);
        scrape_discovery_start(&pool->discovery, old == NULL ? NULL : &old->discovery);
        scrape_pool_commit(pool, old, &made.plans[i]);
    }
    pthread_mutex_lock(&manager->lock); /* S1 */
    scrape_pool **before = manager->pools;
    size_t before_count = manager->pool_count;
    manager->pools = made.pools;
    manager->pool_count = made.count;
    manager->stats.config_reloads++;
    pthread_mutex_unlock(&manager->lock);
    for (size_t i = 0; i < before_count; i++) {
        scrape_pool_retire(before[i]);
        scrape_pool_free(before[i]);
    }
    ifm_free(before);
    ifm_free(made.plans);
    return true;
}

/* ---- What is due ---- */

static void sync_pools(scrape_manager *manager)
{
    manager->sync_due = false;
    for (size_t i = 0; i < manager->pool_count; i++) {
        scrape_pool *pool = manager->pools[i];
        scrape_plan plan;
        ifm_error err;
        if (!pool->sync_due) {
            continue;
        }
        if (scrape_pool_plan(pool, pool, &plan, &err)) {
            scrape_pool_commit(pool, pool, &plan);
        } else {
            manager->sync_due = true; /* at the next step again */
            ifm_log(IFM_LOG_ERROR, "could not take over targets of job \"%s\": %s", pool->config->job_name,
                    err.message);
        }
    }
}

void scrape_manager_step(scrape_manager *manager, int64_t wait_ms)
{
    scrape_timers_run(&manager->timers, manager->clock->monotonic_ns());
    if (manager->sync_due) {
        sync_pools(manager);
    }
    int64_t next_ns = scrape_timers_next(&manager->timers);
    int64_t until_ns = next_ns == INT64_MAX ? INT64_MAX - MS_NS : next_ns - manager->clock->monotonic_ns();
    int64_t until_ms = (until_ns + MS_NS - 1) / MS_NS;
    until_ms = until_ms < 0 ? 0 : until_ms;
    http_client_run(manager->client, until_ms < wait_ms ? until_ms : wait_ms);
    if (manager->sync_due) {
        sync_pools(manager);
    }
}

/* Takes what another thread has handed in; false: it is time to stop. */
static bool take_mail(scrape_manager *manager)
{
    pthread_mutex_lock(&manager->mail_lock);
    bool stopping = manager->stopping;
    if (manager->mail != NULL) {
        manager->mail_ok = take_over(manager, manager->mail, manager->mail_err);
        manager->mail = NULL;
        pthread_cond_broadcast(&manager->mail_done);
    }
    pthread_mutex_unlock(&manager->mail_lock);
    return !stopping;
}

static void *run(void *argument)
{
    scrape_manager *manager = argument;
    while (take_mail(manager)) {
        scrape_manager_step(manager, SCRAPE_IDLE_WAIT_MS);
    }
    return NULL;
}

bool scrape_manager_apply(scrape_manager *manager, const config_file *config, ifm_error *err)
{
    if (!manager->has_thread) {
        return take_over(manager, config, err);
    }
    pthread_mutex_lock(&manager->apply_lock);
    pthread_mutex_lock(&manager->mail_lock);
    manager->mail = config;
    manager->mail_err = err;
    http_client_wake(manager->client);
    while (manager->mail != NULL) {
        pthread_cond_wait(&manager->mail_done, &manager->mail_lock);
    }
    bool ok = manager->mail_ok;
    pthread_mutex_unlock(&manager->mail_lock);
    pthread_mutex_unlock(&manager->apply_lock);
    return ok;
}

/* ---- Life ---- */

static uint64_t host_seed(void)
{
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    return XXH3_64bits(name, strlen(name));
}

scrape_manager *scrape_manager_new(const scrape_options *options, ifm_error *err)
{
    scrape_manager *manager = ifm_alloc_zero(1, sizeof *manager);
    if (manager == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    manager->db = options->db;
    manager->clock = options->clock == NULL ? &ifm_os_clock_real : options->clock;
    manager->seed = host_seed();
    pthread_mutex_init(&manager->lock, NULL);
    pthread_mutex_init(&manager->cache_lock, NULL);
    pthread_mutex_init(&manager->mail_lock, NULL);
    pthread_mutex_init(&manager->apply_lock, NULL);
    pthread_cond_init(&manager->mail_done, NULL);
    bool ok = scrape_scratch_init(&manager->scratch, err);
    manager->client = ok ? http_client_new(options->user_agent, err) : NULL;
    ok = manager->client != NULL;
    if (ok && !options->no_thread) {
        ok = ifm_os_thread_start("scrape", run, manager, &manager->thread, err);
        manager->has_thread = ok;
    }
    if (!ok) {
        scrape_manager_free(manager);
        return NULL;
    }
    return manager;
}

static void stop(scrape_manager *manager)
{
    pthread_mutex_lock(&manager->mail_lock);
    manager->stopping = true;
    pthread_mutex_unlock(&manager->mail_lock);
    http_client_wake(manager->client);
    pthread_join(manager->thread, NULL);
}

void scrape_manager_free(scrape_manager *manager)
{
    if (manager == NULL) {
        return;
    }
    if (manager->has_thread) {
        stop(manager);
    }
    for (size_t i = 0; i < manager->pool_count; i++) {
        scrape_pool_free(manager->pools[i]);
    }
    ifm_free(manager->pools);
    for (scrape_loop *loop = manager->retired, *next; loop != NULL; loop = next) {
        next = loop->next;
        scrape_loop_free(loop);
    }
    for (size_t i = 0; i < manager->spare_count; i++) {
        ifm_buf_deinit(&manager->spares[i]);
    }
    if (manager->client != NULL) {
        http_client_free(manager->client);
    }
    scrape_timers_deinit(&manager->timers);
    scrape_scratch_deinit(&manager->scratch);
    pthread_mutex_destroy(&manager->lock);
    pthread_mutex_destroy(&manager->cache_lock);
    pthread_mutex_destroy(&manager->mail_lock);
    pthread_mutex_destroy(&manager->apply_lock);
    pthread_cond_destroy(&manager->mail_done);
    ifm_free(manager);
}
