/* SPDX-License-Identifier: Apache-2.0 */
#include "top/model.h"

#include <math.h>

enum { SCRAPES_OF_WINDOW = 4 };

void top_model_init(top_model *model)
{
    *model = (top_model){.window_ms = TOP_WINDOW_MS,
                         .shortest_ms = TOP_WINDOW_MS,
                         .answered_at_ms = -1,
                         .last_answer_ms = -1,
                         .silent_since_ms = -1,
                         .waiting_since_ms = -1};
    top_detail *detail = &model->detail;
    detail->tokens_in = detail->tokens_out = detail->first_token_p95 = detail->per_token_p95 = NAN;
}

void top_model_deinit(top_model *model)
{
    ifm_free(model->pipelines);
    ifm_free(model->places);
    ifm_free(model->targets);
    ifm_free(model->alerts);
    ifm_free(model->detail.heat);
    top_model_init(model);
}

void top_copy(char *out, size_t size, const char *text)
{
    size_t length = strlen(text), used = 0;
    while (used < length) {
        uint32_t point;
        size_t step = ifm_utf8_decode(text + used, length - used, &point);
        if (step == 0 || used + step >= size) {
            break;
        }
        used += step;
    }
    memcpy(out, text, used);
    out[used] = '\0';
}

void top_legacy_name(char out[TOP_NAME_SIZE], const char *pipeline)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";
    size_t used = 0;
    for (const char *c = pipeline; *c != '\0' && used + 1 < TOP_NAME_SIZE; c++) {
        if (((unsigned char)*c & 0xC0) != 0x80) { /* one for each character */
            out[used++] = strchr(good, *c) != NULL ? *c : '_';
        }
    }
    out[used] = '\0';
}

top_pipeline *top_model_find(const top_model *model, const char *name)
{
    for (size_t i = 0; i < model->pipeline_count; i++) {
        if (strcmp(model->pipelines[i].name, name) == 0) {
            return &model->pipelines[i];
        }
    }
    return NULL;
}

top_pipeline *top_model_add(top_model *model, const char *name)
{
    char copy[TOP_NAME_SIZE];
    top_copy(copy, sizeof copy, name);
    top_pipeline *found = top_model_find(model, copy);
    if (found != NULL || model->pipeline_count >= TOP_PIPELINES_MAX) {
        return found;
    }
    if ((model->pipeline_count & 15) == 0) {
        top_pipeline *more =
            ifm_realloc(model->pipelines, model->pipeline_count + 16, sizeof *model->pipelines);
        if (more == NULL) {
            return NULL;
        }
        model->pipelines = more;
    }
    top_pipeline *added = &model->pipelines[model->pipeline_count++];
    *added = (top_pipeline){.is_known = true};
    memcpy(added->name, copy, sizeof copy);
    for (int i = 0; i < TOP_VALUE_COUNT; i++) {
        added->values[i] = NAN;
    }
    for (int i = 0; i < TOP_LINE_COUNT * TOP_SPARK_POINTS; i++) {
        added->lines[i / TOP_SPARK_POINTS][i % TOP_SPARK_POINTS] = NAN;
    }
    return added;
}

/* The array keeps its size: it is a multiple of 16 not below the count, which add() relies on only when the
 * count is at such a multiple, and then asks for what may be there already. */
void top_model_forget(top_model *model)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->pipeline_count; i++) {
        if (model->pipelines[i].is_known) {
            if (kept != i) {
                model->pipelines[kept] = model->pipelines[i];
            }
            kept++;
        }
    }
    model->pipeline_count = kept;
}

void top_model_open(top_model *model, const char *pipeline)
{
    top_detail *detail = &model->detail;
    if (strcmp(detail->pipeline, pipeline) == 0) {
        return;
    }
    top_heat_cell *heat = detail->heat;
    size_t capacity = detail->heat_capacity;
    memset(detail, 0, sizeof *detail);
    detail->heat = heat;
    detail->heat_capacity = capacity;
    detail->tokens_in = detail->tokens_out = detail->first_token_p95 = detail->per_token_p95 = NAN;
    top_copy(detail->pipeline, sizeof detail->pipeline, pipeline);
    for (int i = TOP_ASK_STAGE_NAMES; i < TOP_ASK_COUNT; i++) {
        model->answered[i] = false;
        model->complaints[i][0] = '\0';
    }
}

void top_model_places(const top_model *model, const char *pipeline, int *up, int *all, int *gone)
{
    *up = *all = *gone = 0;
    for (size_t i = 0; i < model->place_count; i++) {
        const top_place *place = &model->places[i];
        if (strcmp(place->pipeline, pipeline) == 0) {
            *up += place->state == TOP_UP;
            *all += place->state != TOP_GONE;
            *gone += place->state == TOP_GONE;
        }
    }
}

static bool has_pipeline(const top_model *model, const top_target *target)
{
    for (size_t i = 0; i < model->place_count; i++) {
        if (strcmp(model->places[i].instance, target->instance) == 0 &&
            strcmp(model->places[i].job, target->job) == 0) {
            return true;
        }
    }
    return false;
}

void top_model_set_window(top_model *model)
{
    int64_t longest_ms = 0;
    for (size_t i = 0; i < model->target_count; i++) {
        const top_target *target = &model->targets[i];
        if (target->interval_ms > longest_ms && has_pipeline(model, target)) {
            longest_ms = target->interval_ms;
        }
    }
    int64_t window_ms = longest_ms * SCRAPES_OF_WINDOW;
    model->shortest_ms = window_ms == 0                ? TOP_WINDOW_MS
                         : window_ms > TOP_SHORTEST_MS ? window_ms
                                                       : TOP_SHORTEST_MS;
    model->window_ms = window_ms > TOP_WINDOW_MS ? window_ms : TOP_WINDOW_MS;
    model->interval_ms = longest_ms;
}
