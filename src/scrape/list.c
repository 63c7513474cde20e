/* SPDX-License-Identifier: Apache-2.0
 *
 * What others may know of targets, as copies that were made under the locks.
 */
#include "scrape/pool.h"

#include <stdlib.h>

/* ---- Targets and pools ---- */

static const char *copy_text(ifm_bump *arena, const char *text)
{
    return ifm_bump_copy(arena, text, strlen(text));
}

static void describe_loop(const scrape_pool *pool, const scrape_loop *loop, ifm_bump *arena,
                          scrape_target_info *out)
{
    *out = (scrape_target_info){
        .pool = copy_text(arena, pool->config->job_name),
        .discovered = model_labels_copy(loop->target->discovered, arena),
        .labels = model_labels_copy(loop->target->shown, arena),
        .url = copy_text(arena, loop->target->url),
        .last_error = copy_text(arena, loop->last_error),
        .last_scrape_ms = loop->last_scrape_ms,
        .last_scrape_duration_s = loop->last_duration_s,
        .health = loop->health,
        .interval_ms = loop->target->interval_ms,
        .timeout_ms = loop->target->timeout_ms,
    };
}

static void count_all(const scrape_manager *manager, size_t *active, size_t *dropped)
{
    *active = 0;
    *dropped = 0;
    for (size_t i = 0; i < manager->pool_count; i++) {
        *active += manager->pools[i]->loop_count;
        *dropped += manager->pools[i]->dropped_kept;
    }
}

static void list_targets(const scrape_manager *manager, ifm_bump *arena, scrape_targets *out)
{
    size_t active_count;
    size_t dropped_count;
    count_all(manager, &active_count, &dropped_count);
    scrape_target_info *active = ifm_bump_alloc_array(arena, active_count, sizeof *active);
    scrape_target_info *dropped = ifm_bump_alloc_array(arena, dropped_count, sizeof *dropped);
    *out = (scrape_targets){.active = active, .dropped = dropped};
    for (size_t i = 0; i < manager->pool_count && active != NULL && dropped != NULL; i++) {
        const scrape_pool *pool = manager->pools[i];
        for (size_t j = 0; j < pool->loop_count; j++) {
            describe_loop(pool, pool->loops[j], arena, &active[out->active_count++]);
        }
        for (size_t j = 0; j < pool->dropped_kept; j++) {
            dropped[out->dropped_count++] =
                (scrape_target_info){.pool = copy_text(arena, pool->config->job_name),
                                     .discovered = model_labels_copy(pool->dropped[j]->discovered, arena),
                                     .url = "",
                                     .last_error = ""};
        }
    }
}

bool scrape_targets_list(scrape_manager *manager, ifm_bump *arena, scrape_targets *out, ifm_error *err)
{
    pthread_mutex_lock(&manager->lock); /* S1 */
    list_targets(manager, arena, out);
    pthread_mutex_unlock(&manager->lock);
    return ifm_bump_check(arena, err);
}

bool scrape_pools_list(scrape_manager *manager, ifm_bump *arena, const scrape_pool_info **out, size_t *count,
                       ifm_error *err)
{
    pthread_mutex_lock(&manager->lock); /* S1 */
    scrape_pool_info *infos = ifm_bump_alloc_array(arena, manager->pool_count, sizeof *infos);
    *count = manager->pool_count;
    for (size_t i = 0; i < manager->pool_count && infos != NULL; i++) {
        const scrape_pool *pool = manager->pools[i];
        infos[i] = (scrape_pool_info){copy_text(arena, pool->config->job_name), pool->loop_count,
                                      pool->dropped_count};
    }
    pthread_mutex_unlock(&manager->lock);
    *out = infos;
    return ifm_bump_check(arena, err);
}

void scrape_stats_now(scrape_manager *manager, scrape_stats *out)
{
    pthread_mutex_lock(&manager->lock); /* S1 */
    *out = manager->stats;
    for (size_t i = 0; i < manager->pool_count; i++) {
        const scrape_pool *pool = manager->pools[i];
        out->targets += (uint32_t)pool->loop_count;
        for (size_t j = 0; j < pool->loop_count; j++) {
            out->targets_up += pool->loops[j]->health == SCRAPE_UP;
            out->cache_entries += pool->loops[j]->cache_entries;
        }
    }
    pthread_mutex_unlock(&manager->lock);
}

/* ---- Metadata: the comments in the caches are read when somebody asks ---- */

typedef struct piece { /* of what one target says of one metric */
    scrape_metadata metadata;
    size_t loop;
} piece;

typedef struct gathering {
    scrape_manager *manager;
    model_text metric;
    ifm_bump *arena;
    piece *pieces;
    size_t count;
} gathering;

static model_text copy_bytes(ifm_bump *arena, ifm_text text)
{
    const char *copy = ifm_bump_copy(arena, text.data, text.size);
    return (model_text){copy, copy == NULL ? 0 : text.size};
}

static const char *type_name(ifm_family_type type)
{
    static const char *const names[] = {"unknown",        "counter", "gauge", "histogram",
                                        "gaugehistogram", "summary", "info",  "stateset"};
    return names[type];
}

static void gather_line(gathering *to, const scrape_entry *entry, const char *line, size_t loop)
{
    const scrape_scratch *scratch = &to->manager->scratch;
    bool openmetrics = (entry->flags & SCRAPE_ENTRY_OPENMETRICS) != 0;
    ifm_parser *parser = openmetrics ? scratch->openmetrics : scratch->text;
    ifm_entry parsed;
    ifm_error ignored;
    if (to->metric.size > 0 && memmem(line, entry->size, to->metric.data, to->metric.size) == NULL) {
        return;
    }
    ifm_parser_start(parser, line, entry->size);
    if (!ifm_parser_next(parser, &parsed, &ignored) ||
        (to->metric.size > 0 &&
         !model_text_equal(to->metric, (model_text){parsed.name.data, parsed.name.size}))) {
        return;
    }
    piece *grown = ifm_bump_grow(to->arena, to->pieces, to->count, sizeof *grown);
    if (grown == NULL) {
        return;
    }
    to->pieces = grown;
    piece *made = &grown[to->count++];
    *made = (piece){.metadata.metric = copy_bytes(to->arena, parsed.name), .loop = loop};
    if (parsed.kind == IFM_ENTRY_TYPE) {
        made->metadata.type = model_text_of(type_name(parsed.type));
    } else if (parsed.kind == IFM_ENTRY_UNIT) {
        made->metadata.unit = copy_bytes(to->arena, parsed.text);
    } else {
        made->metadata.help = copy_bytes(to->arena, parsed.text);
    }
}

static void gather_loop(gathering *to, const scrape_loop *loop, size_t number, bool by_target)
{
    const scrape_cache *cache = &loop->cache;
    size_t first = to->count;
    for (uint32_t i = 0; i < cache->known; i++) {
        if ((cache->entries[i].flags & SCRAPE_ENTRY_COMMENT) != 0) {
            gather_line(to, &cache->entries[i], cache->texts + cache->entries[i].ref, number);
        }
    }
    if (by_target && to->count > first) {
        model_labels labels = model_labels_copy(loop->target->shown, to->arena);
        for (size_t i = first; i < to->count; i++) {
            to->pieces[i].metadata.target = labels;
        }
    }
}

static int compare_pieces(const void *left, const void *right)
{
    const piece *a = left;
    const piece *b = right;
    int order = model_text_compare(a->metadata.metric, b->metadata.metric);
    return order != 0 ? order : (a->loop > b->loop) - (a->loop < b->loop);
}

static int compare_metadata(const void *left, const void *right)
{
    const scrape_metadata *a = left;
    const scrape_metadata *b = right;
    int order = model_text_compare(a->metric, b->metric);
    order = order != 0 ? order : model_text_compare(a->type, b->type);
    order = order != 0 ? order : model_text_compare(a->help, b->help);
    return order != 0 ? order : model_text_compare(a->unit, b->unit);
}

static void fill_in(model_text *to, model_text from)
{
    *to = from.size > 0 ? from : *to;
}

/* Puts the pieces of each metric and target together. */
static size_t fold(const gathering *from, scrape_metadata *out)
{
    size_t count = 0;
    for (size_t i = 0; i < from->count; i++) {
        const piece *at = &from->pieces[i];
        if (i == 0 || compare_pieces(at, &from->pieces[i - 1]) != 0) {
            out[count] = at->metadata;
            out[count].type = model_text_of(type_name(IFM_FAMILY_UNKNOWN));
            count++;
        }
        fill_in(&out[count - 1].type, at->metadata.type);
        fill_in(&out[count - 1].help, at->metadata.help);
        fill_in(&out[count - 1].unit, at->metadata.unit);
    }
    return count;
}

static size_t leave_out_same(scrape_metadata *items, size_t count)
{
    size_t kept = 0;
    qsort(items, count, sizeof *items, compare_metadata);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare_metadata(&items[kept - 1], &items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

bool scrape_metadata_list(scrape_manager *manager, model_text metric, bool by_target, ifm_bump *arena,
                          const scrape_metadata **out, size_t *count, ifm_error *err)
{
    gathering all = {.manager = manager, .metric = metric, .arena = arena};
    size_t number = 0;
    pthread_mutex_lock(&manager->lock);       /* S1 */
    pthread_mutex_lock(&manager->cache_lock); /* S2 */
    for (size_t i = 0; i < manager->pool_count; i++) {
        for (size_t j = 0; j < manager->pools[i]->loop_count; j++) {
            gather_loop(&all, manager->pools[i]->loops[j], number++, by_target);
        }
    }
    pthread_mutex_unlock(&manager->cache_lock);
    pthread_mutex_unlock(&manager->lock);
    scrape_metadata *items = ifm_bump_alloc_array(arena, all.count, sizeof *items);
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    if (all.count > 0) {
        qsort(all.pieces, all.count, sizeof *all.pieces, compare_pieces);
    }
    *count = fold(&all, items);
    if (!by_target && *count > 0) {
        *count = leave_out_same(items, *count);
    }
    *out = items;
    return true;
}
