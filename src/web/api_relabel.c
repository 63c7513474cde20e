/* SPDX-License-Identifier: Apache-2.0
 *
 * targets/relabel_steps: what each rule of a scrape pool makes of a set of labels.
 */
#include "web/impl.h"

#include <jansson.h>

/* NULL: the answer says why. */
static const config_file *own_config(web_request *request)
{
    ifm_error err;
    web_server *server = request->server;
    const config_file *current =
        server->options.config == NULL ? NULL : server->options.config(server->options.context);
    if (current == NULL) {
        web_answer_error(request, WEB_INTERNAL, "there is no configuration");
        return NULL;
    }
    /* Regular expressions are one thread's, and the scraper has those of the current one. */
    const config_file *own = config_parse(current->text, strlen(current->text), current->path, &err);
    config_release(current);
    if (own == NULL) {
        web_answer_failure(request, &err);
    }
    return own;
}

static const config_scrape *find_pool(const config_file *config, model_text name)
{
    for (size_t i = 0; i < config->scrape_count; i++) {
        if (model_text_equal(name, model_text_of(config->scrapes[i].job_name))) {
            return &config->scrapes[i];
        }
    }
    return NULL;
}

/* From {"a":"b"}. */
static bool labels_from(json_t *object, ifm_bump *arena, model_labels *out, ifm_error *err)
{
    size_t count = 0;
    const char *name;
    json_t *value;
    if (!json_is_object(object)) {
        return ifm_error_set(err, IFM_INVALID, "error parsing labels: it is no object");
    }
    model_label *items = ifm_bump_alloc_array(arena, json_object_size(object), sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(arena, err);
    }
    json_object_foreach(object, name, value)
    {
        if (!json_is_string(value)) {
            return ifm_error_set(err, IFM_INVALID,
                                 "error parsing labels: the value of \"%.60s\" is no string", name);
        }
        size_t size = json_string_length(value);
        items[count].name = (model_text){ifm_bump_copy(arena, name, strlen(name)), strlen(name)};
        items[count].value = (model_text){ifm_bump_copy(arena, json_string_value(value), size), size};
        count++;
    }
    return ifm_bump_check(arena, err) && model_labels_make(items, count, out, err);
}

static bool labels_parse(model_text text, ifm_bump *arena, model_labels *out, ifm_error *err)
{
    json_error_t why;
    json_t *object = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &why);
    if (object == NULL) {
        return ifm_error_set(err, IFM_INVALID, "error parsing labels: %.100s", why.text);
    }
    bool ok = labels_from(object, arena, out, err);
    json_decref(object);
    return ok;
}

static void append_rule(ifm_buf *out, const config_relabel *rule)
{
    static const char *const actions[] = {[CONFIG_RELABEL_REPLACE] = "replace",
                                          [CONFIG_RELABEL_KEEP] = "keep",
                                          [CONFIG_RELABEL_DROP] = "drop",
                                          [CONFIG_RELABEL_KEEP_EQUAL] = "keepequal",
                                          [CONFIG_RELABEL_DROP_EQUAL] = "dropequal",
                                          [CONFIG_RELABEL_HASHMOD] = "hashmod",
                                          [CONFIG_RELABEL_LABELMAP] = "labelmap",
                                          [CONFIG_RELABEL_LABELDROP] = "labeldrop",
                                          [CONFIG_RELABEL_LABELKEEP] = "labelkeep",
                                          [CONFIG_RELABEL_LOWERCASE] = "lowercase",
                                          [CONFIG_RELABEL_UPPERCASE] = "uppercase"};
    ifm_buf_append_text(out, "{\"source_labels\":");
    web_json_texts(out, rule->sources, rule->source_count);
    ifm_buf_append_text(out, ",\"separator\":");
    web_json_text(out, rule->separator);
    ifm_buf_append_text(out, ",\"regex\":");
    web_json_text(out, rule->regex_text);
    ifm_buf_append_text(out, ",\"modulus\":");
    web_json_i64(out, (int64_t)rule->modulus);
    ifm_buf_append_text(out, ",\"target_label\":");
    web_json_text(out, rule->target);
    ifm_buf_append_text(out, ",\"replacement\":");
    web_json_text(out, rule->replacement);
    ifm_buf_printf(out, ",\"action\":\"%s\"}", actions[rule->action]);
}

static void answer_steps(web_request *request, const config_relabels *rules, model_labels labels)
{
    ifm_error err;
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"steps\":[");
    for (size_t i = 0; i < rules->count; i++) {
        config_relabels one = {rules->items + i, 1};
        model_labels after = labels;
        bool keep = true;
        if (!config_relabel_apply(&one, labels, &request->arena, &after, &keep, &err)) {
            web_answer_failure(request, &err);
            return;
        }
        labels = keep ? after : labels;
        ifm_buf_append_text(out, i == 0 ? "{\"rule\":" : ",{\"rule\":");
        append_rule(out, &rules->items[i]);
        ifm_buf_append_text(out, ",\"output\":");
        web_json_labels(out, labels);
        ifm_buf_append_text(out, keep ? ",\"keep\":true}" : ",\"keep\":false}");
    }
    ifm_buf_append_text(out, "]}");
    web_answer_end(request);
}

void web_api_relabel_steps(web_request *request)
{
    ifm_error err;
    model_labels labels;
    model_text pool = web_param_get(&request->params, "scrapePool");
    model_text text = web_param_get(&request->params, "labels");
    if (pool.size == 0 || text.size == 0) {
        web_answer_error(request, WEB_BAD_DATA, "no %s parameter provided",
                         pool.size == 0 ? "scrapePool" : "labels");
        return;
    }
    if (!labels_parse(text, &request->arena, &labels, &err)) {
        web_answer_failure(request, &err);
        return;
    }
    const config_file *config = own_config(request);
    if (config == NULL) {
        return;
    }
    const config_scrape *scrape = find_pool(config, pool);
    if (scrape == NULL) {
        web_answer_error(request, WEB_BAD_DATA,
                         "error retrieving scrape config: scrape pool \"%.*s\" not found", (int)pool.size,
                         pool.data);
    } else {
        answer_steps(request, &scrape->relabels, labels);
    }
    config_release(config);
}
