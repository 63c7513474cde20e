/* SPDX-License-Identifier: Apache-2.0
 *
 * /federate: the newest sample of each series that is selected, for another Prometheus to scrape. Its own
 * time goes with it. Native histograms have no place in the text format, and are left out.
 */
#include "web/impl.h"

#include "exposition/exposition.h"

#include <stdlib.h>

enum { LOOKBACK_MS = 300000 };

typedef struct federated {
    model_labels labels;
    int64_t time_ms;
    double value;
} federated;

typedef struct federation {
    web_request *request;
    int64_t now_ms, from_ms;
    federated *items;
    size_t count;
} federation;

static bool add_series(federation *all, storage_querier *querier, const storage_series *series,
                       ifm_error *err)
{
    storage_samples samples;
    ifm_bump *arena = &all->request->arena;
    ifm_bump_mark mark = ifm_bump_mark_now(arena);
    if (!querier->functions->read(querier, series, all->from_ms, all->now_ms, arena, &samples, err)) {
        return false;
    }
    size_t last = samples.count - 1;
    bool found = samples.count > 0 && !model_is_stale(samples.values[last]) &&
                 (samples.histograms == NULL || samples.histograms[last] == NULL);
    federated item = {.labels = series->labels};
    if (found) {
        item.time_ms = samples.times_ms[last];
        item.value = samples.values[last];
    }
    ifm_bump_rewind(arena, mark);
    if (!found) {
        return true;
    }
    item.labels = model_labels_copy(item.labels, arena); /* the querier's are gone when it is closed */
    federated *grown = ifm_bump_grow(arena, all->items, all->count, sizeof *grown);
    if (grown != NULL) {
        all->items = grown;
        grown[all->count++] = item;
    }
    return ifm_bump_check(arena, err);
}

static bool add_set(federation *all, storage_querier *querier, const model_matcher *set, size_t size,
                    ifm_error *err)
{
    const storage_series *series;
    size_t count;
    storage_hints hints = {.start_ms = all->from_ms, .end_ms = all->now_ms, .function = ""};
    bool ok =
        querier->functions->select(querier, set, size, &hints, &all->request->arena, &series, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        ok = add_series(all, querier, &series[i], err);
    }
    return ok;
}

static bool collect(federation *all, const web_selectors *selectors, ifm_error *err)
{
    storage *from = atomic_load_explicit(&all->request->server->source, memory_order_acquire);
    storage_querier *querier = NULL;
    if (!from->functions->querier(from, all->from_ms, all->now_ms, &querier, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < selectors->count; i++) {
        ok = add_set(all, querier, selectors->sets[i], selectors->sizes[i], err);
    }
    querier->functions->close(querier);
    return ok;
}

static int compare(const void *a, const void *b)
{
    model_labels left = ((const federated *)a)->labels;
    model_labels right = ((const federated *)b)->labels;
    model_text name = model_text_of(MODEL_NAME_LABEL);
    int order = model_text_compare(model_labels_get(left, name), model_labels_get(right, name));
    return order != 0 ? order : model_labels_compare(left, right);
}

static void append_label_value(ifm_buf *out, model_text text)
{
    ifm_buf_append_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\n') {
            ifm_buf_append_text(out, "\\n");
            continue;
        }
        if (c == '"' || c == '\\') {
            ifm_buf_append_char(out, '\\');
        }
        ifm_buf_append_char(out, c);
    }
    ifm_buf_append_char(out, '"');
}

static void append_label(ifm_buf *out, bool *first, model_text name, model_text value)
{
    ifm_buf_append_char(out, *first ? '{' : ',');
    *first = false;
    ifm_name_escape(out, name.data, name.size, IFM_ESCAPING_UNDERSCORES, IFM_NAME_LABEL);
    ifm_buf_append_char(out, '=');
    append_label_value(out, value);
}

static void append_labels(ifm_buf *out, model_labels labels, model_labels external)
{
    bool first = true;
    model_text instance = model_text_of("instance");
    for (size_t i = 0; i < labels.count; i++) {
        if (!model_text_equal(labels.items[i].name, model_text_of(MODEL_NAME_LABEL))) {
            append_label(out, &first, labels.items[i].name, labels.items[i].value);
        }
    }
    for (size_t i = 0; i < external.count; i++) {
        if (model_labels_get(labels, external.items[i].name).size == 0) {
            append_label(out, &first, external.items[i].name, external.items[i].value);
        }
    }
    /* So that whoever scrapes this does not put its own there. */
    if (model_labels_get(labels, instance).size == 0 && model_labels_get(external, instance).size == 0) {
        append_label(out, &first, instance, (model_text){"", 0});
    }
    ifm_buf_append_char(out, '}');
}

static void append_sample(ifm_buf *out, const federated *item, model_text name, model_labels external)
{
    char number[2 * IFM_NUMBER_SIZE];
    ifm_name_escape(out, name.data, name.size, IFM_ESCAPING_UNDERSCORES, IFM_NAME_METRIC);
    append_labels(out, item->labels, external);
    size_t size = 0;
    number[size++] = ' ';
    size += ifm_number_write_g(number + size, item->value);
    number[size++] = ' ';
    size += ifm_number_write_i64(number + size, item->time_ms);
    number[size++] = '\n';
    ifm_buf_append(out, number, size);
}

static void answer(federation *all, model_labels external)
{
    ifm_buf *out = &all->request->answer.body;
    model_text last = {"", 0};
    all->request->answer.status = MHD_HTTP_OK;
    all->request->answer.content_type = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
    for (size_t i = 0; i < all->count && out->failed == IFM_OK; i++) {
        const federated *item = &all->items[i];
        model_text name = model_labels_get(item->labels, model_text_of(MODEL_NAME_LABEL));
        bool same = i > 0 && model_labels_equal(all->items[i - 1].labels, item->labels);
        if (name.size == 0 || same) {
            continue;
        }
        if (!model_text_equal(name, last)) {
            ifm_buf_append_text(out, "# TYPE ");
            ifm_name_escape(out, name.data, name.size, IFM_ESCAPING_UNDERSCORES, IFM_NAME_METRIC);
            ifm_buf_append_text(out, " untyped\n");
            last = name;
        }
        append_sample(out, item, name, external);
    }
}

void web_federate(web_request *request)
{
    web_server *server = request->server;
    federation all = {.request = request};
    web_selectors selectors;
    ifm_error err = {.code = IFM_OK};
    int64_t lookback_ms = server->options.engine.lookback_ms;
    all.now_ms = server->clock.wall_ms();
    all.from_ms = all.now_ms - (lookback_ms > 0 ? lookback_ms : LOOKBACK_MS) + 1;
    if (!web_param_selectors(request, NULL, &selectors)) {
        return;
    }
    if (!collect(&all, &selectors, &err)) {
        web_answer_text(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n", err.message);
    } else {
        const config_file *config =
            server->options.config == NULL ? NULL : server->options.config(server->options.context);
        if (all.count > 1) {
            qsort(all.items, all.count, sizeof *all.items, compare);
        }
        answer(&all, config == NULL ? (model_labels){NULL, 0} : config->external_labels);
        if (config != NULL) {
            config_release(config);
        }
    }
    web_selectors_free(&selectors);
}
