/* SPDX-License-Identifier: Apache-2.0
 *
 * A store and a scraper that are made up, and rules (fakes_rules.h): tests of this folder link none of them.
 * What they answer:
 *
 *     up{instance="x",job="api"} = 1                 21 samples each, one every 15 s from 1700000000 on
 *     requests_total{instance="x",job="api"} = 0, 30, 60 ..         with an exemplar at the second
 *     {"my.metric","a.b"="v<w"} = 0.5
 */
#ifndef IFM_TESTS_WEB_FAKES_H
#define IFM_TESTS_WEB_FAKES_H

#include "check.h"
#include "promqltest/promqltest.h"
#include "scrape/scrape.h"
#include "tsdb/tsdb.h"

#include <stdlib.h>

#define FAKE_BEGIN_MS INT64_C(1700000000000)
enum { FAKE_SAMPLES = 21, FAKE_STEP_MS = 15000, FAKE_SERIES = 3 };

struct tsdb {
    promqltest_memory *memory;
    ifm_code fails; /* each call, with this */
    char snapshot[256];
};

#define FAKE_TEXT(literal)                                                                                   \
    {                                                                                                        \
        literal, sizeof literal - 1                                                                          \
    }

static const model_label fake_odd[] = {{FAKE_TEXT("__name__"), FAKE_TEXT("my.metric")},
                                       {FAKE_TEXT("a.b"), FAKE_TEXT("v<w")}};
static const model_label fake_requests[] = {{FAKE_TEXT("__name__"), FAKE_TEXT("requests_total")},
                                            {FAKE_TEXT("instance"), FAKE_TEXT("x")},
                                            {FAKE_TEXT("job"), FAKE_TEXT("api")}};
static const model_label fake_up[] = {{FAKE_TEXT("__name__"), FAKE_TEXT("up")},
                                      {FAKE_TEXT("instance"), FAKE_TEXT("x")},
                                      {FAKE_TEXT("job"), FAKE_TEXT("api")}};
static const model_labels fake_series[FAKE_SERIES] = {{fake_odd, 2}, {fake_requests, 3}, {fake_up, 3}};

static inline void fake_store_open(tsdb *db)
{
    ifm_error err;
    *db = (tsdb){.memory = promqltest_memory_new(0, 64 << 20, &err)};
    for (int i = 0; i < FAKE_SERIES; i++) {
        promqltest_memory_series *series = promqltest_memory_find(db->memory, fake_series[i], &err);
        for (int j = 0; j < FAKE_SAMPLES; j++) {
            double value = i == 0 ? 0.5 : i == 1 ? j * 30 : 1;
            promqltest_sample sample = {.time_ms = FAKE_BEGIN_MS + j * FAKE_STEP_MS, .value = value};
            assert_true(promqltest_memory_append(db->memory, series, &sample, &err));
        }
    }
}

static inline void fake_store_close(tsdb *db)
{
    promqltest_memory_free(db->memory);
}

/* ---- The store ---- */

storage *tsdb_storage(tsdb *db)
{
    return promqltest_memory_storage(db->memory);
}

static bool fake_selects(const tsdb_selection *selection, model_labels labels)
{
    ifm_error err = {.code = IFM_OK};
    if (selection->start_ms > FAKE_BEGIN_MS + FAKE_SAMPLES * FAKE_STEP_MS ||
        selection->end_ms < FAKE_BEGIN_MS) {
        return false;
    }
    bool found = selection->set_count == 0;
    for (size_t i = 0; i < selection->set_count && !found; i++) {
        found = true;
        for (size_t j = 0; j < selection->set_sizes[i] && found; j++) {
            const model_matcher *matcher = &selection->sets[i][j];
            found = model_matcher_matches(matcher, model_labels_get(labels, matcher->name), &err);
        }
    }
    return found;
}

static bool fake_fails(const tsdb *db, ifm_error *err)
{
    return db->fails != IFM_OK && !ifm_error_set(err, db->fails, "the store is made to fail");
}

bool tsdb_series(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_labels **out,
                 size_t *count, ifm_error *err)
{
    model_labels *all = ifm_bump_alloc_array(arena, FAKE_SERIES, sizeof *all);
    *count = 0;
    for (int i = 0; i < FAKE_SERIES && all != NULL; i++) {
        if (fake_selects(selection, fake_series[i])) {
            all[(*count)++] = fake_series[i];
        }
    }
    *out = all;
    return !fake_fails(db, err) && ifm_bump_check(arena, err);
}

static int fake_compare(const void *a, const void *b)
{
    return model_text_compare(*(const model_text *)a, *(const model_text *)b);
}

/* Names, or the values of `name`. */
static bool fake_texts(const tsdb_selection *selection, const model_text *name, ifm_bump *arena,
                       const model_text **out, size_t *count)
{
    model_text *all = ifm_bump_alloc_array(arena, 16, sizeof *all);
    size_t found = 0;
    for (int i = 0; i < FAKE_SERIES; i++) {
        for (size_t j = 0; j < fake_series[i].count && fake_selects(selection, fake_series[i]); j++) {
            const model_label *label = &fake_series[i].items[j];
            if (name == NULL || model_text_equal(label->name, *name)) {
                all[found++] = name == NULL ? label->name : label->value;
            }
        }
    }
    qsort(all, found, sizeof *all, fake_compare);
    *count = 0;
    for (size_t i = 0; i < found; i++) {
        if (i == 0 || !model_text_equal(all[*count - 1], all[i])) {
            all[(*count)++] = all[i];
        }
    }
    *out = all;
    return true;
}

bool tsdb_label_names(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_text **out,
                      size_t *count, ifm_error *err)
{
    return !fake_fails(db, err) && fake_texts(selection, NULL, arena, out, count);
}

bool tsdb_label_values(tsdb *db, model_text name, const tsdb_selection *selection, ifm_bump *arena,
                       const model_text **out, size_t *count, ifm_error *err)
{
    return !fake_fails(db, err) && fake_texts(selection, &name, arena, out, count);
}

bool tsdb_exemplars(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const tsdb_exemplar **out,
                    size_t *count, ifm_error *err)
{
    static const model_label trace = {FAKE_TEXT("trace_id"), FAKE_TEXT("abc")};
    static const tsdb_exemplar exemplars[] = {
        {{fake_requests, 3}, {&trace, 1}, 1.5, FAKE_BEGIN_MS + FAKE_STEP_MS + 1},
        {{fake_requests, 3}, {NULL, 0}, 2, FAKE_BEGIN_MS + 2 * FAKE_STEP_MS}};
    (void)arena;
    *out = exemplars;
    *count = fake_selects(selection, fake_series[1]) ? 2 : 0;
    return !fake_fails(db, err);
}

void tsdb_stats_now(tsdb *db, tsdb_stats *out)
{
    (void)db;
    *out = (tsdb_stats){.series = FAKE_SERIES,
                        .label_pairs = 6,
                        .head_min_ms = FAKE_BEGIN_MS,
                        .head_max_ms = FAKE_BEGIN_MS + (FAKE_SAMPLES - 1) * FAKE_STEP_MS};
}

bool tsdb_cardinality_of_head(tsdb *db, size_t limit, ifm_bump *arena, tsdb_cardinality *out, ifm_error *err)
{
    static tsdb_cardinality_item items[] = {{FAKE_TEXT("my.metric"), 1}, {FAKE_TEXT("up"), 1}};
    (void)arena;
    *out = (tsdb_cardinality){.series_by_metric = items, .series_by_metric_count = limit < 2 ? limit : 2};
    return !fake_fails(db, err);
}

bool tsdb_blocks_list(tsdb *db, ifm_bump *arena, const tsdb_block_info **out, size_t *count, ifm_error *err)
{
    static const tsdb_block_info block = {"b1", FAKE_BEGIN_MS, FAKE_BEGIN_MS + 9, 7, 100, 3, 1};
    (void)arena;
    *out = &block;
    *count = 1;
    return !fake_fails(db, err);
}

bool tsdb_snapshot(tsdb *db, const char *folder, ifm_error *err)
{
    snprintf(db->snapshot, sizeof db->snapshot, "%s", folder);
    return !fake_fails(db, err);
}

/* ---- The scraper ---- */

struct scrape_manager {
    bool unused;
};

static const scrape_target_info fake_targets[] = {{.pool = "api",
                                                   .discovered = {fake_up, 3},
                                                   .labels = {fake_up + 1, 2},
                                                   .url = "http://x/metrics?a=1&b",
                                                   .last_error = "",
                                                   .last_scrape_ms = FAKE_BEGIN_MS + 1,
                                                   .last_scrape_duration_s = 0.25,
                                                   .health = SCRAPE_UP,
                                                   .interval_ms = 15000,
                                                   .timeout_ms = 10000},
                                                  {.pool = "web",
                                                   .discovered = {fake_odd, 2},
                                                   .labels = {NULL, 0},
                                                   .url = "http://y",
                                                   .last_error = "refused"}};

bool scrape_targets_list(scrape_manager *manager, ifm_bump *arena, scrape_targets *out, ifm_error *err)
{
    static const scrape_target_info dropped = {.pool = "web", .discovered = {fake_odd, 2}};
    (void)manager;
    (void)arena;
    (void)err;
    *out = (scrape_targets){fake_targets, 2, &dropped, 1};
    return true;
}

bool scrape_pools_list(scrape_manager *manager, ifm_bump *arena, const scrape_pool_info **out, size_t *count,
                       ifm_error *err)
{
    static const scrape_pool_info pools[] = {{"api", 1, 0}, {"web", 1, 1}};
    (void)manager;
    (void)arena;
    (void)err;
    *out = pools;
    *count = 2;
    return true;
}

bool scrape_metadata_list(scrape_manager *manager, model_text metric, bool by_target, ifm_bump *arena,
                          const scrape_metadata **out, size_t *count, ifm_error *err)
{
    static const scrape_metadata items[] = {
        {FAKE_TEXT("a"), FAKE_TEXT("counter"), FAKE_TEXT("Help <1>"), FAKE_TEXT(""), {fake_up + 1, 2}},
        {FAKE_TEXT("a"), FAKE_TEXT("gauge"), FAKE_TEXT("other"), FAKE_TEXT("s"), {fake_odd, 2}},
        {FAKE_TEXT("b"), FAKE_TEXT("unknown"), FAKE_TEXT(""), FAKE_TEXT(""), {fake_odd, 2}}};
    (void)manager;
    (void)by_target;
    (void)arena;
    (void)err;
    bool one = metric.size > 0;
    *out = one && model_text_equal(metric, items[2].metric) ? items + 2 : items;
    *count = !one                                        ? 3
             : model_text_equal(metric, items[0].metric) ? 2
                                                         : model_text_equal(metric, items[2].metric);
    return true;
}

#include "unit/web/fakes_rules.h"

#endif
