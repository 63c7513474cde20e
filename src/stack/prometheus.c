/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/prometheus.h"

#include "stack/api_limits.h"
#include "stack/text.h"
#include "stack/time_text.h"
#include "stack/yaml_value.h"

#include <string.h>

enum { DEFAULT_SCRAPE_INTERVAL_MS = 60000, FORM_BYTES_MAX = 16384 };

/* --- Envelope ------------------------------------------------------------------------------------- */

/* The "data" of an answer. */
static const json_t *data_of(const json_t *body, ifm_error *err)
{
    const json_t *data = json_object_get(body, "data");
    if (strcmp(stack_api_text(body, "status"), "success") != 0 || !json_is_object(data)) {
        ifm_error_set(err, IFM_INVALID, "the answer is not of Prometheus's API");
        return NULL;
    }
    return data;
}

bool stack_prometheus_ready(const stack_server *server, int64_t *date_ms, ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, "/-/ready", NULL, &response, err)) {
        return false;
    }
    int status = response.status;
    *date_ms = response.date_ms;
    stack_response_deinit(&response);
    if (status == 503) {
        return ifm_error_set(err, IFM_BUSY, "%s at %s is still starting", server->name, server->url);
    }
    return status == 200 || ifm_error_set(err, IFM_INVALID, "%s at %s answers with HTTP status %d",
                                          server->name, server->url, status);
}

/* --- Targets -------------------------------------------------------------------------------------- */

static void target_deinit(stack_target *target)
{
    ifm_free(target->job);
    ifm_free(target->instance);
    ifm_free(target->scrape_url);
    ifm_free(target->health);
    ifm_free(target->last_error);
}

static bool target_read(const json_t *from, stack_target *out, ifm_error *err)
{
    const json_t *labels = json_object_get(from, "labels");
    *out = (stack_target){
        .job = ifm_copy_text(stack_api_text(labels, "job")),
        .instance = ifm_copy_text(stack_api_text(labels, "instance")),
        .scrape_url = ifm_copy_text(stack_api_text(from, "scrapeUrl")),
        .health = ifm_copy_text(stack_api_text(from, "health")),
        .last_error = ifm_copy_text(stack_api_text(from, "lastError")),
        .last_scrape_ms = -1,
        .last_scrape_duration_s = json_number_value(json_object_get(from, "lastScrapeDuration")),
    };
    if (out->job == NULL || out->instance == NULL || out->scrape_url == NULL || out->health == NULL ||
        out->last_error == NULL) {
        target_deinit(out);
        return ifm_error_nomem(err);
    }
    int64_t at;
    if (stack_time_read(stack_api_text(from, "lastScrape"), &at) && at > 0) { /* year 1: never */
        out->last_scrape_ms = at;
    }
    if (!stack_duration_read(stack_api_text(from, "scrapeInterval"), &out->scrape_interval_ms)) {
        out->scrape_interval_ms = 0;
    }
    return true;
}

void stack_targets_deinit(stack_targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        target_deinit(&targets->items[i]);
    }
    ifm_free(targets->items);
    *targets = (stack_targets){0};
}

static bool targets_read(const json_t *body, stack_targets *out, ifm_error *err)
{
    const json_t *data = data_of(body, err);
    if (data == NULL) {
        return false;
    }
    const json_t *list = json_object_get(data, "activeTargets");
    if (!json_is_array(list)) {
        return ifm_error_set(err, IFM_INVALID, "the answer has no list of targets");
    }
    size_t count = json_array_size(list);
    if (count > STACK_API_TARGETS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "there are %zu targets, more than %d", count,
                             STACK_API_TARGETS_MAX);
    }
    stack_targets targets = {.items = ifm_alloc_zero(count, sizeof *targets.items)};
    if (targets.items == NULL) {
        return ifm_error_nomem(err);
    }
    for (; targets.count < count; targets.count++) {
        const json_t *item = json_array_get(list, targets.count);
        if (!json_is_object(item)) {
            stack_targets_deinit(&targets);
            return ifm_error_set(err, IFM_INVALID, "one of the targets is no object");
        }
        if (!target_read(item, &targets.items[targets.count], err)) {
            stack_targets_deinit(&targets);
            return false;
        }
    }
    *out = targets;
    return true;
}

bool stack_prometheus_targets_parse(const char *text, stack_targets *out, ifm_error *err)
{
    json_t *body = stack_api_parse(text, err);
    bool ok = body != NULL && targets_read(body, out, err);
    json_decref(body);
    return ok;
}

bool stack_prometheus_targets(const stack_server *server, stack_targets *out, ifm_error *err)
{
    json_t *body = stack_api_read(server, "/api/v1/targets?state=active", NULL, err);
    bool ok = body != NULL && targets_read(body, out, err);
    json_decref(body);
    return ok || ifm_error_wrap(err, "could not read the targets");
}

/* --- Queries -------------------------------------------------------------------------------------- */

/* [1795632922.795, "5"]. */
static bool sample_read(const json_t *pair, double *out, ifm_error *err)
{
    const char *text = json_string_value(json_array_get(pair, 1));
    if (text == NULL || !ifm_number_read(text, strlen(text), out)) {
        return ifm_error_set(err, IFM_INVALID, "a value of the answer is no number");
    }
    return true;
}

static bool vector_read(const json_t *list, stack_query_result *out, ifm_error *err)
{
    size_t count = json_array_size(list);
    if (count > STACK_API_SERIES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "the answer has %zu series, more than %d", count,
                             STACK_API_SERIES_MAX);
    }
    double *values = ifm_alloc_zero(count, sizeof *values);
    if (values == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!sample_read(json_object_get(json_array_get(list, i), "value"), &values[i], err)) {
            ifm_free(values);
            return false;
        }
    }
    *out = (stack_query_result){.values = values, .count = count};
    return true;
}

static bool scalar_read(const json_t *pair, stack_query_result *out, ifm_error *err)
{
    double value;
    if (!sample_read(pair, &value, err)) {
        return false;
    }
    double *values = ifm_alloc(sizeof *values);
    if (values == NULL) {
        return ifm_error_nomem(err);
    }
    values[0] = value;
    *out = (stack_query_result){.values = values, .count = 1};
    return true;
}

static bool query_read(const json_t *body, stack_query_result *out, ifm_error *err)
{
    const json_t *data = data_of(body, err);
    if (data == NULL) {
        return false;
    }
    const char *type = stack_api_text(data, "resultType");
    const json_t *result = json_object_get(data, "result");
    if (strcmp(type, "vector") == 0 && json_is_array(result)) {
        return vector_read(result, out, err);
    }
    if (strcmp(type, "scalar") == 0) {
        return scalar_read(result, out, err);
    }
    return ifm_error_set(err, IFM_INVALID, "the answer is neither a scalar nor a vector");
}

bool stack_prometheus_query_parse(const char *text, stack_query_result *out, ifm_error *err)
{
    json_t *body = stack_api_parse(text, err);
    bool ok = body != NULL && query_read(body, out, err);
    json_decref(body);
    return ok;
}

static void append_form(ifm_buf *out, const char *key, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    ifm_buf_append_text(out, key);
    ifm_buf_append_char(out, '=');
    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            ifm_buf_append_char(out, *value);
        } else {
            ifm_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*value);
        }
    }
}

bool stack_prometheus_query(const stack_server *server, const char *expression, stack_query_result *out,
                            ifm_error *err)
{
    ifm_buf form;
    ifm_buf_init(&form, FORM_BYTES_MAX);
    append_form(&form, "query", expression);
    ifm_buf_append_char(&form, '\0');
    json_t *body = NULL;
    bool ok = ifm_buf_check(&form, err);
    if (ok) {
        body = stack_api_read(server, "/api/v1/query", form.data, err);
        ok = body != NULL && query_read(body, out, err);
    }
    json_decref(body);
    ifm_buf_deinit(&form);
    return ok || ifm_error_wrap(err, "could not query \"%.60s\"", expression);
}

void stack_query_result_deinit(stack_query_result *result)
{
    ifm_free(result->values);
    *result = (stack_query_result){0};
}

/* --- Configuration, version ----------------------------------------------------------------------- */

static bool interval_read(const json_t *body, int64_t *out_ms, ifm_error *err)
{
    const json_t *data = data_of(body, err);
    if (data == NULL) {
        return false;
    }
    stack_yaml *yaml = stack_yaml_new(stack_api_text(data, "yaml"), err);
    if (yaml == NULL) {
        return false;
    }
    const char *text = stack_yaml_text(yaml, "global.scrape_interval");
    bool ok = true;
    *out_ms = DEFAULT_SCRAPE_INTERVAL_MS;
    if (text != NULL && !stack_duration_read(text, out_ms)) {
        ok = ifm_error_set(err, IFM_INVALID, "its scrape_interval \"%.40s\" is no duration", text);
    }
    stack_yaml_free(yaml);
    return ok;
}

bool stack_prometheus_flag(const stack_server *server, const char *name, char *out, size_t size,
                           ifm_error *err)
{
    json_t *body = stack_api_read(server, "/api/v1/status/flags", NULL, err);
    if (body == NULL) {
        return ifm_error_wrap(err, "could not read the flags");
    }
    stack_text_copy(out, size, stack_api_text(json_object_get(body, "data"), name));
    json_decref(body);
    return true;
}

bool stack_prometheus_scrape_interval(const stack_server *server, int64_t *out_ms, ifm_error *err)
{
    json_t *body = stack_api_read(server, "/api/v1/status/config", NULL, err);
    bool ok = body != NULL && interval_read(body, out_ms, err);
    json_decref(body);
    return ok || ifm_error_wrap(err, "could not read the configuration");
}
