/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/pool.h"

#include <inferometer/registry.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- What the cache depends on ---- */

static bool same_relabel(const config_relabel *a, const config_relabel *b)
{
    bool same = a->action == b->action && a->source_count == b->source_count && a->modulus == b->modulus &&
                model_text_equal(a->separator, b->separator) && model_text_equal(a->target, b->target) &&
                model_text_equal(a->regex_text, b->regex_text) &&
                model_text_equal(a->replacement, b->replacement);
    for (size_t i = 0; same && i < a->source_count; i++) {
        same = model_text_equal(a->sources[i], b->sources[i]);
    }
    return same;
}

bool scrape_config_keeps_cache(const config_scrape *a, const config_scrape *b)
{
    bool same = a->honor_labels == b->honor_labels && a->label_limit == b->label_limit &&
                a->label_name_length_limit == b->label_name_length_limit &&
                a->label_value_length_limit == b->label_value_length_limit &&
                a->scrape_classic_histograms == b->scrape_classic_histograms &&
                a->scrape_native_histograms == b->scrape_native_histograms &&
                a->metric_relabels.count == b->metric_relabels.count;
    for (size_t i = 0; same && i < a->metric_relabels.count; i++) {
        same = same_relabel(&a->metric_relabels.items[i], &b->metric_relabels.items[i]);
    }
    return same;
}

/* ---- Planning ---- */

void scrape_plan_deinit(scrape_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        scrape_planned *item = &plan->items[i];
        if (item->loop != NULL && !item->stays) {
            scrape_loop_free(item->loop); /* it has the target */
        } else {
            scrape_target_free(item->target);
        }
    }
    for (size_t i = 0; i < plan->dropped_kept; i++) {
        scrape_target_free(plan->dropped[i]);
    }
    ifm_free(plan->items);
    ifm_free(plan->loops);
    ifm_free(plan->dropped);
    ifm_free(plan->slots);
    *plan = (scrape_plan){.items = NULL};
}

typedef bool group_function(void *context, const config_target_group *group, ifm_error *err);

static bool each_of(const scrape_groups *groups, group_function *call, void *context, ifm_error *err)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (!call(context, &groups->items[i], err)) {
            return false;
        }
    }
    return true;
}

/* All groups that there are: those of the configuration, of files, of URLs. */
static bool each_group(const scrape_pool *pool, const scrape_pool *old, group_function *call, void *context,
                       ifm_error *err)
{
    const config_scrape *config = pool->config;
    const scrape_discovery *discovery = &pool->discovery;
    const scrape_discovery *before = old == NULL ? NULL : &old->discovery;
    for (size_t i = 0; i < config->static_group_count; i++) {
        if (!call(context, &config->static_groups[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < discovery->file_count; i++) {
        if (!each_of(scrape_discovery_file_groups(discovery, i, before), call, context, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < config->http_sd_count; i++) {
        if (!each_of(scrape_discovery_http_groups(discovery, i, before), call, context, err)) {
            return false;
        }
    }
    return true;
}

static bool count_targets(void *context, const config_target_group *group, ifm_error *err)
{
    (void)err;
    size_t *count = context;
    *count += group->target_count;
    return true;
}

typedef struct planning {
    scrape_pool *pool;
    scrape_plan *plan;
} planning;

/* The item with the same target, or the free slot for it. */
static scrape_planned *find_planned(const scrape_plan *plan, const scrape_target *target, size_t *slot)
{
    size_t mask = plan->slot_count - 1;
    size_t at = target->hash & mask;
    for (; plan->slots[at] != 0; at = (at + 1) & mask) {
        scrape_planned *item = &plan->items[plan->slots[at] - 1];
        if (scrape_target_same(item->target, target)) {
            return item;
        }
    }
    *slot = at;
    return NULL;
}

static void plan_dropped(planning *what, scrape_target *target)
{
    scrape_plan *plan = what->plan;
    uint64_t keep = what->pool->config->keep_dropped_targets;
    plan->dropped_count++;
    if (keep == 0 || plan->dropped_kept < keep) {
        plan->dropped[plan->dropped_kept++] = target;
    } else {
        scrape_target_free(target);
    }
}

static void plan_target(planning *what, scrape_target *target)
{
    scrape_plan *plan = what->plan;
    size_t slot = 0;
    if (target->labels.count == 0) {
        plan_dropped(what, target);
        return;
    }
    scrape_planned *same = find_planned(plan, target, &slot);
    if (same != NULL) { /* the later one's discovered labels are shown */
        scrape_target_free(same->target);
        same->target = target;
        return;
    }
    if (plan->count == SCRAPE_POOL_TARGETS_MAX) {
        scrape_target_free(target);
        return;
    }
    plan->slots[slot] = (uint32_t)plan->count + 1;
    plan->items[plan->count++] = (scrape_planned){.target = target};
}

/* What cannot be a target is left out, with a warning; the others of the group are none the worse. */
static bool plan_group(void *context, const config_target_group *group, ifm_error *err)
{
    planning *what = context;
    for (size_t i = 0; i < group->target_count; i++) {
        scrape_target *target = scrape_target_new(what->pool->config, group, i, err);
        if (target != NULL) {
            plan_target(what, target);
        } else if (err->code == IFM_NOMEM) {
            return false;
        } else {
            ifm_log(IFM_LOG_WARNING, "target %zu of group \"%s\" of job \"%s\" is left out: %s", i,
                    group->source == NULL ? "" : group->source, what->pool->config->job_name, err->message);
        }
    }
    return true;
}

/* Gives each target its loop: the old one, or a new one. */
static bool plan_loops(scrape_pool *pool, scrape_pool *old, scrape_plan *plan, ifm_error *err)
{
    size_t slot;
    bool keeps = old != NULL && scrape_config_keeps_cache(old->config, pool->config);
    for (size_t i = 0; keeps && i < old->loop_count; i++) {
        scrape_planned *item = find_planned(plan, old->loops[i]->target, &slot);
        if (item != NULL) {
            item->loop = old->loops[i];
            item->stays = true;
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        scrape_planned *item = &plan->items[i];
        if (item->loop == NULL) {
            item->loop = scrape_loop_new(pool->manager, pool->file, pool->config, item->target, err);
        }
        if (item->loop == NULL) {
            return false;
        }
    }
    return true;
}

bool scrape_pool_plan(scrape_pool *pool, scrape_pool *old, scrape_plan *plan, ifm_error *err)
{
    size_t count = 0;
    each_group(pool, old, count_targets, &count, err);
    *plan = (scrape_plan){.slot_count = 16};
    while (plan->slot_count < count * 2) {
        plan->slot_count *= 2;
    }
    plan->items = ifm_alloc((count + 1) * sizeof *plan->items);
    plan->loops = ifm_alloc((count + 1) * sizeof(scrape_loop *));
    plan->dropped = ifm_alloc((count + 1) * sizeof(scrape_target *));
    plan->slots = ifm_alloc_zero(plan->slot_count, sizeof *plan->slots);
    bool room = plan->items != NULL && plan->loops != NULL && plan->dropped != NULL && plan->slots != NULL;
    planning what = {pool, plan};
    if ((!room && !ifm_error_nomem(err)) || !each_group(pool, old, plan_group, &what, err) ||
        !plan_loops(pool, old, plan, err)) {
        scrape_plan_deinit(plan);
        return false;
    }
    return true;
}

/* ---- Committing ---- */

static void force_errors(scrape_pool *pool)
{
    uint64_t limit = pool->config->target_limit;
    bool over = limit > 0 && pool->loop_count > limit;
    for (size_t i = 0; i < pool->loop_count; i++) {
        scrape_loop *loop = pool->loops[i];
        loop->forced_error[0] = '\0';
        if (over) {
            snprintf(loop->forced_error, sizeof loop->forced_error,
                     "target_limit exceeded (number of targets: %zu, limit: %llu)", pool->loop_count,
                     (unsigned long long)limit);
        }
    }
    pool->manager->stats.pool_target_limit += over;
}

static int compare_loops(const void *left, const void *right)
{
    const scrape_loop *const *a = left;
    const scrape_loop *const *b = right;
    return (*a > *b) - (*a < *b);
}

/* Retires those of loops[0..count) that are not in the pool. */
static void retire_missing(const scrape_pool *pool, scrape_loop **loops, size_t count, scrape_loop **sorted)
{
    if (pool->loop_count > 0) {
        memcpy(sorted, pool->loops, pool->loop_count * sizeof *sorted);
        qsort(sorted, pool->loop_count, sizeof *sorted, compare_loops);
    }
    for (size_t i = 0; i < count; i++) {
        if (pool->loop_count == 0 ||
            bsearch(&loops[i], sorted, pool->loop_count, sizeof *sorted, compare_loops) == NULL) {
            scrape_loop_retire(loops[i]);
        }
    }
}

static void free_dropped(scrape_target **dropped, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        scrape_target_free(dropped[i]);
    }
    ifm_free(dropped);
}

void scrape_pool_commit(scrape_pool *pool, scrape_pool *old, scrape_plan *plan)
{
    scrape_manager *manager = pool->manager;
    scrape_loop **loops_before = old == NULL ? NULL : old->loops;
    size_t count_before = old == NULL ? 0 : old->loop_count;
    scrape_target **dropped_before = pool->dropped;
    size_t dropped_kept_before = pool->dropped_kept;
    pthread_mutex_lock(&manager->lock); /* S1 */
    for (size_t i = 0; i < plan->count; i++) {
        scrape_planned *item = &plan->items[i];
        plan->loops[i] = item->loop;
        if (item->stays) {
            scrape_loop_adopt(item->loop, pool->file, pool->config, item->target);
        } else {
            scrape_loop_start(item->loop);
        }
    }
    if (old != NULL) {
        old->loops = NULL;
        old->loop_count = 0;
    }
    pool->loops = plan->loops;
    pool->loop_count = plan->count;
    pool->dropped = plan->dropped;
    pool->dropped_kept = plan->dropped_kept;
    pool->dropped_count = plan->dropped_count;
    force_errors(pool);
    pthread_mutex_unlock(&manager->lock);
    /* The items' memory is large enough, and not needed any more. */
    retire_missing(pool, loops_before, count_before, (scrape_loop **)(void *)plan->items);
    free_dropped(dropped_before, dropped_kept_before);
    ifm_free(loops_before);
    ifm_free(plan->items);
    ifm_free(plan->slots);
    *plan = (scrape_plan){.items = NULL};
    pool->sync_due = false;
}

void scrape_pool_retire(scrape_pool *pool)
{
    scrape_plan nothing = {.items = NULL};
    scrape_pool_commit(pool, pool, &nothing);
}

/* ---- Life ---- */

scrape_pool *scrape_pool_new(scrape_manager *manager, const config_file *file, const config_scrape *config,
                             ifm_error *err)
{
    scrape_pool *pool = ifm_alloc_zero(1, sizeof *pool);
    if (pool == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (!scrape_discovery_init(&pool->discovery, manager, config, &pool->sync_due, err)) {
        ifm_free(pool);
        return NULL;
    }
    pool->manager = manager;
    pool->file = config_acquire(file);
    pool->config = config;
    return pool;
}

void scrape_pool_free(scrape_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->loop_count; i++) {
        scrape_loop_free(pool->loops[i]);
    }
    ifm_free(pool->loops);
    free_dropped(pool->dropped, pool->dropped_kept);
    scrape_discovery_deinit(&pool->discovery);
    config_release(pool->file);
    ifm_free(pool);
}
