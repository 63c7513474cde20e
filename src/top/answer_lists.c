/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are lists: targets, alerts, and where pipelines run.
 */
#include "top/answer_parts.h"

#include "config/config.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static bool digits(const char **at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

/* ".123456789" as milliseconds. */
static int fraction_ms(const char **at)
{
    int ms = 0, unit = 100;
    if (**at == '.') {
        for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, unit /= 10) {
            ms += (**at - '0') * unit;
        }
    }
    return ms;
}

static bool zone_minutes(const char *at, int *out)
{
    int hours, minutes, sign = *at == '-' ? -1 : 1;
    *out = 0;
    if (strcmp(at, "Z") == 0 || strcmp(at, "z") == 0) {
        return true;
    }
    if (*at != '+' && *at != '-') {
        return false;
    }
    at++;
    if (!digits(&at, 2, &hours) || *at++ != ':' || !digits(&at, 2, &minutes)) {
        return false;
    }
    *out = sign * (hours * 60 + minutes);
    return *at == '\0';
}

int64_t top_answer_time(const char *text)
{
    struct tm parts = {0};
    static const char between[] = "--T::";
    int *const fields[] = {&parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                           &parts.tm_hour, &parts.tm_min, &parts.tm_sec};
    for (size_t i = 0; i < IFM_COUNT_OF(fields); i++) {
        if (!digits(&text, i == 0 ? 4 : 2, fields[i]) || (i < 5 && *text++ != between[i])) {
            return -1;
        }
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    int minutes, ms = fraction_ms(&text);
    if (parts.tm_year < 70 || !zone_minutes(text, &minutes)) {
        return -1;
    }
    return ((int64_t)timegm(&parts) - minutes * INT64_C(60)) * 1000 + ms;
}

/* An array for at most `max` of `size` items in its place; the old one is freed. */
static void *new_list(const json_t *items, size_t max, size_t size, size_t *count, size_t *left_out)
{
    size_t all = json_array_size(items);
    *count = all < max ? all : max;
    *left_out = all - *count;
    return ifm_alloc_zero(*count + 1, size);
}

/* --- Targets --------------------------------------------------------------------------------------- */

static void take_target(top_target *target, const json_t *item)
{
    const json_t *labels = json_object_get(item, "labels");
    const char *interval = top_json_text(item, "scrapeInterval");
    top_copy(target->job, sizeof target->job, top_json_text(labels, "job"));
    top_copy(target->instance, sizeof target->instance, top_json_text(labels, "instance"));
    top_copy(target->error, sizeof target->error, top_json_text(item, "lastError"));
    top_copy(target->health, sizeof target->health, top_json_text(item, "health"));
    target->last_scrape_ms = top_answer_time(top_json_text(item, "lastScrape"));
    target->duration_s = top_json_number(json_object_get(item, "lastScrapeDuration"));
    if (!config_duration((model_text){.data = interval, .size = strlen(interval)}, &target->interval_ms) ||
        target->interval_ms > INT64_C(86400000)) {
        target->interval_ms = 0;
    }
}

bool top_answer_targets(top_model *model, const json_t *data, ifm_error *err)
{
    const json_t *items = json_object_get(data, "activeTargets");
    size_t count, left_out;
    if (!json_is_array(items)) {
        return ifm_error_set(err, IFM_INVALID, "the answer has no list of targets");
    }
    top_target *targets = new_list(items, TOP_TARGETS_MAX, sizeof *targets, &count, &left_out);
    if (targets == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        take_target(&targets[i], json_array_get(items, i));
    }
    ifm_free(model->targets);
    model->targets = targets;
    model->target_count = count;
    model->targets_left_out = left_out;
    top_model_set_window(model);
    return true;
}

/* --- Alerts ---------------------------------------------------------------------------------------- */

/* The pipeline first, which is what one looks for. */
static void take_labels(top_alert *alert, const json_t *labels)
{
    top_copy(alert->pipeline, sizeof alert->pipeline, top_json_text(labels, "pipeline"));
    ifm_buf text;
    size_t size;
    ifm_error ignored;
    ifm_buf_init(&text, TOP_ANSWER_BYTES_MAX);
    const char *key;
    const json_t *value;
    if (alert->pipeline[0] != '\0') {
        ifm_buf_printf(&text, "pipeline=%s", alert->pipeline);
    }
    json_object_foreach((json_t *)(uintptr_t)labels, key, value)
    {
        bool is_told = strcmp(key, "alertname") == 0 || strcmp(key, "pipeline") == 0;
        if (!is_told && json_is_string(value)) {
            ifm_buf_printf(&text, "%s%s=%s", text.size > 0 ? " " : "", key, json_string_value(value));
        }
    }
    char *all = text.size > 0 ? ifm_buf_take(&text, &size, &ignored) : NULL;
    top_copy(alert->labels, sizeof alert->labels, all != NULL ? all : "");
    ifm_free(all);
    ifm_buf_deinit(&text);
}

static void take_alert(top_alert *alert, const json_t *item)
{
    const json_t *labels = json_object_get(item, "labels");
    const json_t *annotations = json_object_get(item, "annotations");
    top_copy(alert->name, sizeof alert->name, top_json_text(labels, "alertname"));
    top_copy(alert->state, sizeof alert->state, top_json_text(item, "state"));
    top_copy(alert->summary, sizeof alert->summary, top_json_text(annotations, "summary"));
    take_labels(alert, labels);
    alert->since_ms = top_answer_time(top_json_text(item, "activeAt"));
    alert->value = top_json_number(json_object_get(item, "value"));
}

bool top_answer_alerts(top_model *model, const json_t *data, ifm_error *err)
{
    const json_t *items = json_object_get(data, "alerts");
    size_t count, left_out;
    if (!json_is_array(items)) {
        return ifm_error_set(err, IFM_INVALID, "the answer has no list of alerts");
    }
    top_alert *alerts = new_list(items, TOP_ALERTS_MAX, sizeof *alerts, &count, &left_out);
    if (alerts == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        take_alert(&alerts[i], json_array_get(items, i));
    }
    ifm_free(model->alerts);
    model->alerts = alerts;
    model->alert_count = count;
    model->alerts_left_out = left_out;
    return true;
}

/* --- Places ---------------------------------------------------------------------------------------- */

static void take_place(top_place *place, const json_t *item)
{
    const json_t *metric = json_object_get(item, "metric");
    double state = top_json_number(json_array_get(json_object_get(item, "value"), 1));
    top_copy(place->pipeline, sizeof place->pipeline, top_json_text(metric, "pipeline"));
    top_copy(place->job, sizeof place->job, top_json_text(metric, "job"));
    top_copy(place->instance, sizeof place->instance, top_json_text(metric, "instance"));
    place->state = state > 0 ? TOP_UP : state < 0 ? TOP_GONE : TOP_DOWN;
}

bool top_answer_places(top_model *model, const json_t *result, ifm_error *err)
{
    size_t count, left_out;
    top_place *places = new_list(result, TOP_PLACES_MAX, sizeof *places, &count, &left_out);
    if (places == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < model->pipeline_count; i++) {
        model->pipelines[i].is_known = false;
    }
    model->pipelines_left_out = left_out;
    for (size_t i = 0; i < count; i++) {
        take_place(&places[i], json_array_get(result, i));
        bool has_name = places[i].pipeline[0] != '\0';
        top_pipeline *row = has_name ? top_model_add(model, places[i].pipeline) : NULL;
        if (row != NULL) {
            row->is_known = true;
        }
        model->pipelines_left_out += has_name && row == NULL;
    }
    top_model_forget(model);
    ifm_free(model->places);
    model->places = places;
    model->place_count = count;
    top_model_set_window(model);
    return true;
}
