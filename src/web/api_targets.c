/* SPDX-License-Identifier: Apache-2.0
 *
 * targets, scrape_pools, metadata: what the scraper knows.
 */
#include "web/impl.h"

#include <strings.h>

static scrape_manager *scraper(web_request *request)
{
    return atomic_load_explicit(&request->server->scrape, memory_order_acquire);
}

static bool is_wanted(model_text pool, const char *name)
{
    return pool.size == 0 || model_text_equal(pool, model_text_of(name));
}

static void append_field(ifm_buf *out, const char *name, const char *text)
{
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_string(out, text);
}

static void append_duration(ifm_buf *out, const char *name, int64_t ms)
{
    ifm_buf text;
    ifm_buf_init(&text, 64);
    config_duration_print(ms, &text);
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_text(out, (model_text){text.data, text.size});
    ifm_buf_deinit(&text);
}

static void append_target(ifm_buf *out, const scrape_target_info *target)
{
    static const char *const health[] = {
        [SCRAPE_UNKNOWN] = "unknown", [SCRAPE_UP] = "up", [SCRAPE_DOWN] = "down"};
    ifm_buf_append_text(out, "{\"discoveredLabels\":");
    web_json_labels(out, target->discovered);
    ifm_buf_append_text(out, ",\"labels\":");
    web_json_labels(out, target->labels);
    append_field(out, "scrapePool", target->pool);
    append_field(out, "scrapeUrl", target->url);
    append_field(out, "globalUrl", target->url);
    append_field(out, "lastError", target->last_error);
    ifm_buf_append_text(out, ",\"lastScrape\":\"");
    if (target->last_scrape_ms == 0) {
        ifm_buf_append_text(out, "0001-01-01T00:00:00Z");
    } else {
        web_time_print(target->last_scrape_ms, out);
    }
    ifm_buf_append_text(out, "\",\"lastScrapeDuration\":");
    web_json_number(out, target->last_scrape_duration_s);
    append_field(out, "health", health[target->health]);
    append_duration(out, "scrapeInterval", target->interval_ms);
    append_duration(out, "scrapeTimeout", target->timeout_ms);
    ifm_buf_append_char(out, '}');
}

static void append_dropped(ifm_buf *out, const scrape_target_info *target)
{
    ifm_buf_append_text(out, "{\"discoveredLabels\":");
    web_json_labels(out, target->discovered);
    append_field(out, "scrapePool", target->pool);
    ifm_buf_append_char(out, '}');
}

typedef void append_one(ifm_buf *out, const scrape_target_info *target);

static void append_targets(ifm_buf *out, const scrape_target_info *targets, size_t count, model_text pool,
                           append_one *append)
{
    bool first = true;
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        if (is_wanted(pool, targets[i].pool)) {
            ifm_buf_append_text(out, first ? "" : ",");
            first = false;
            append(out, &targets[i]);
        }
    }
    ifm_buf_append_char(out, ']');
}

static bool state_is(model_text state, const char *name)
{
    return state.size == strlen(name) && strncasecmp(state.data, name, state.size) == 0;
}

void web_api_targets(web_request *request)
{
    scrape_targets targets = {NULL, 0, NULL, 0};
    const scrape_pool_info *pools = NULL;
    size_t pool_count = 0;
    ifm_error err;
    scrape_manager *manager = scraper(request);
    if (manager != NULL && (!scrape_targets_list(manager, &request->arena, &targets, &err) ||
                            !scrape_pools_list(manager, &request->arena, &pools, &pool_count, &err))) {
        web_answer_failure(request, &err);
        return;
    }
    model_text pool = web_param_get(&request->params, "scrapePool");
    model_text state = web_param_get(&request->params, "state");
    bool all = state.size == 0 || state_is(state, "any");
    bool active = all || state_is(state, "active");
    bool dropped = all || state_is(state, "dropped");
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"activeTargets\":");
    append_targets(out, targets.active, active ? targets.active_count : 0, pool, append_target);
    ifm_buf_append_text(out, ",\"droppedTargets\":");
    append_targets(out, targets.dropped, dropped ? targets.dropped_count : 0, pool, append_dropped);
    ifm_buf_append_text(out, ",\"droppedTargetCounts\":");
    bool first = true;
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; dropped && i < pool_count; i++) {
        if (is_wanted(pool, pools[i].name)) {
            ifm_buf_append_text(out, first ? "" : ",");
            first = false;
            web_json_string(out, pools[i].name);
            ifm_buf_printf(out, ":%zu", pools[i].dropped);
        }
    }
    ifm_buf_append_text(out, "}}");
    web_answer_end(request);
}

void web_api_scrape_pools(web_request *request)
{
    const scrape_pool_info *pools = NULL;
    size_t count = 0;
    ifm_error err;
    scrape_manager *manager = scraper(request);
    if (manager != NULL && !scrape_pools_list(manager, &request->arena, &pools, &count, &err)) {
        web_answer_failure(request, &err);
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"scrapePools\":[");
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        web_json_string(out, pools[i].name);
    }
    ifm_buf_append_text(out, "]}");
    web_answer_end(request);
}

/* ---- Metadata ---- */

/* A limit, -1 without one. */
static bool metadata_limit(web_request *request, const char *name, int64_t *out)
{
    ifm_error err;
    model_text text = web_param_get(&request->params, name);
    *out = -1;
    if (text.size > 0 && !web_integer_parse(text, out, &err)) {
        web_answer_error(request, WEB_BAD_DATA, "%s must be a number", name);
        return false;
    }
    return true;
}

static bool metadata_list(web_request *request, bool by_target, const scrape_metadata **out, size_t *count)
{
    ifm_error err;
    model_text metric = web_param_get(&request->params, "metric");
    scrape_manager *manager = scraper(request);
    *out = NULL;
    *count = 0;
    if (manager != NULL &&
        !scrape_metadata_list(manager, metric, by_target, &request->arena, out, count, &err)) {
        web_answer_failure(request, &err);
        return false;
    }
    return true;
}

static void append_metadata(ifm_buf *out, const scrape_metadata *item)
{
    ifm_buf_append_text(out, "\"type\":");
    web_json_text(out, item->type);
    ifm_buf_append_text(out, ",\"help\":");
    web_json_text(out, item->help);
    ifm_buf_append_text(out, ",\"unit\":");
    web_json_text(out, item->unit);
}

void web_api_metadata(web_request *request)
{
    const scrape_metadata *items;
    size_t count;
    int64_t limit;
    int64_t limit_per_metric;
    if (!metadata_limit(request, "limit", &limit) ||
        !metadata_limit(request, "limit_per_metric", &limit_per_metric) ||
        !metadata_list(request, false, &items, &count)) {
        return;
    }
    int64_t metrics = 0;
    int64_t of_metric = 0;
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        bool same = i > 0 && model_text_equal(items[i - 1].metric, items[i].metric);
        if (!same) {
            if (limit >= 0 && metrics >= limit) {
                break;
            }
            ifm_buf_append_text(out, metrics == 0 ? "" : "],");
            metrics++;
            of_metric = 0;
            web_json_text(out, items[i].metric);
            ifm_buf_append_text(out, ":[");
        } else if (limit_per_metric > 0 && of_metric >= limit_per_metric) {
            continue;
        }
        ifm_buf_append_text(out, of_metric == 0 ? "{" : ",{");
        of_metric++;
        append_metadata(out, &items[i]);
        ifm_buf_append_char(out, '}');
    }
    ifm_buf_append_text(out, metrics == 0 ? "}" : "]}");
    web_answer_end(request);
}

static bool target_matches(const web_selectors *selectors, model_labels labels)
{
    ifm_error err = {.code = IFM_OK};
    for (size_t i = 0; i < selectors->count; i++) {
        for (size_t j = 0; j < selectors->sizes[i]; j++) {
            const model_matcher *matcher = &selectors->sets[i][j];
            if (!model_matcher_matches(matcher, model_labels_get(labels, matcher->name), &err)) {
                return false;
            }
        }
    }
    return true;
}

void web_api_targets_metadata(web_request *request)
{
    const scrape_metadata *items;
    size_t count;
    int64_t limit;
    web_selectors selectors = {NULL, NULL, 0};
    model_text match = web_param_get(&request->params, "match_target");
    if (!metadata_limit(request, "limit", &limit) ||
        (match.size > 0 && !web_selector_parse(request, match, "match_target", &selectors))) {
        return;
    }
    if (metadata_list(request, true, &items, &count)) {
        bool one_metric = web_param_get(&request->params, "metric").size > 0;
        int64_t shown = 0;
        ifm_buf *out = web_answer_begin(request);
        ifm_buf_append_char(out, '[');
        for (size_t i = 0; i < count && (limit < 0 || shown < limit) && out->failed == IFM_OK; i++) {
            if (target_matches(&selectors, items[i].target)) {
                ifm_buf_append_text(out, shown++ == 0 ? "{\"target\":" : ",{\"target\":");
                web_json_labels(out, items[i].target);
                if (!one_metric) {
                    ifm_buf_append_text(out, ",\"metric\":");
                    web_json_text(out, items[i].metric);
                }
                ifm_buf_append_char(out, ',');
                append_metadata(out, &items[i]);
                ifm_buf_append_char(out, '}');
            }
        }
        ifm_buf_append_char(out, ']');
        web_answer_end(request);
    }
    web_selectors_free(&selectors);
}
