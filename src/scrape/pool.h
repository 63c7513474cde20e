/* SPDX-License-Identifier: Apache-2.0
 *
 * The targets of one scrape configuration: a loop for each, and those that relabelling dropped. When groups
 * or the configuration change, the pool is planned first, which may fail, and then committed, which may not.
 *
 * Thread-safety: the scraping thread's; the lists are marked S1.
 */
#ifndef SCRAPE_POOL_H
#define SCRAPE_POOL_H

#include "scrape/discovery.h"
#include "scrape/loop.h"

struct scrape_pool {
    scrape_manager *manager;
    const config_file *file; /* a reference */
    const config_scrape *config;
    scrape_discovery discovery;
    bool sync_due;
    scrape_loop **loops; /* S1 */
    size_t loop_count;
    scrape_target **dropped; /* S1: those that are kept for the list */
    size_t dropped_kept, dropped_count;
};

typedef struct scrape_planned {
    scrape_target *target;
    scrape_loop *loop;
    bool stays; /* the loop is one of the old pool's; else it is new and has the target */
} scrape_planned;

typedef struct scrape_plan {
    scrape_planned *items;
    size_t count;
    scrape_loop **loops; /* room for all */
    scrape_target **dropped;
    size_t dropped_kept, dropped_count;
    uint32_t *slots; /* items by hash, while planning */
    size_t slot_count;
} scrape_plan;

/* Without loops yet. Errors: IFM_NOMEM. */
scrape_pool *scrape_pool_new(scrape_manager *manager, const config_file *file, const config_scrape *config,
                             ifm_error *err);
/* Gives up its loops without staleness markers. NULL is accepted. */
void scrape_pool_free(scrape_pool *pool);

/* Which loops the pool would have now. `old` is the one whose loops and groups may stay: the pool itself, one
 * of a former configuration, or NULL. Errors: IFM_NOMEM. */
bool scrape_pool_plan(scrape_pool *pool, scrape_pool *old, scrape_plan *plan, ifm_error *err);
void scrape_plan_deinit(scrape_plan *plan);

/* Carries it out, and empties the plan. Loops of `old` that are not in it are retired. */
void scrape_pool_commit(scrape_pool *pool, scrape_pool *old, scrape_plan *plan);

/* Retires all loops. */
void scrape_pool_retire(scrape_pool *pool);

#endif
