/* SPDX-License-Identifier: Apache-2.0 */
#include "top/answer_parts.h"

#include <math.h>

static const char legacy_prefix[] = "total_inference_", legacy_suffix[] = "_count";

/* --- JSON ------------------------------------------------------------------------------------------ */

const char *top_json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

double top_json_number(const json_t *value)
{
    double number = NAN;
    if (json_is_number(value)) {
        return json_number_value(value);
    }
    const char *text = json_string_value(value);
    return text != NULL && ifm_number_read(text, strlen(text), &number) ? number : NAN;
}

int top_frame_index(const top_frame *frame, const json_t *time)
{
    double at = (top_json_number(time) * 1000 - (double)frame->start_ms) / (double)frame->step_ms;
    return at > -0.5 && at < frame->count - 0.5 ? (int)lround(at) : -1;
}

/* --- Values at one time ---------------------------------------------------------------------------- */

static double sample_of(const json_t *item)
{
    return top_json_number(json_array_get(json_object_get(item, "value"), 1));
}

static const json_t *metric_of(const json_t *item)
{
    return json_object_get(item, "metric");
}

static void set_all(top_model *model, top_value value, double to)
{
    for (size_t i = 0; i < model->pipeline_count; i++) {
        model->pipelines[i].values[value] = to;
    }
}

/* The row of a pipeline that the list of places has, or will have. */
static top_pipeline *row_of(top_model *model, const json_t *item)
{
    const char *name = top_json_text(metric_of(item), "pipeline");
    return name[0] != '\0' ? top_model_add(model, name) : NULL;
}

static bool take_values(top_model *model, top_value value, const json_t *result)
{
    set_all(model, value, NAN);
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        top_pipeline *row = row_of(model, item);
        if (row != NULL) {
            row->values[value] = sample_of(item);
        }
    }
    return true;
}

static bool is_slope(const json_t *item)
{
    return strcmp(top_json_text(metric_of(item), "outcome"), TOP_SLOPE) == 0;
}

/* In place of the sum of the rates; the share of failures stays. A counter that began anew has none. */
static void take_slope(top_pipeline *row, double slope)
{
    if (row != NULL && isfinite(slope) && slope >= 0 && row->values[TOP_VALUE_REQUESTS] > 0) {
        row->values[TOP_VALUE_FAILURES] *= slope / row->values[TOP_VALUE_REQUESTS];
        row->values[TOP_VALUE_REQUESTS] = slope;
    }
}

static bool take_outcomes(top_model *model, const json_t *result)
{
    set_all(model, TOP_VALUE_REQUESTS, NAN);
    set_all(model, TOP_VALUE_FAILURES, NAN);
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        top_pipeline *row = is_slope(item) ? NULL : row_of(model, item);
        double rate = sample_of(item);
        if (row != NULL && !isnan(rate)) {
            double *requests = &row->values[TOP_VALUE_REQUESTS], *failures = &row->values[TOP_VALUE_FAILURES];
            bool failed = strcmp(top_json_text(metric_of(item), "outcome"), "failure") == 0;
            *requests = (isnan(*requests) ? 0 : *requests) + rate;
            *failures = (isnan(*failures) ? 0 : *failures) + (failed ? rate : 0);
        }
    }
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        take_slope(is_slope(item) ? row_of(model, item) : NULL, sample_of(item));
    }
    return true;
}

/* Which pipelines have durations, and under which names. What rests for a while keeps what was known. */
static void take_name(top_model *model, const json_t *metric)
{
    const char *name = top_json_text(metric, "__name__");
    size_t size = strlen(name), prefix = sizeof legacy_prefix - 1, suffix = sizeof legacy_suffix - 1;
    char part[TOP_NAME_SIZE];
    if (strncmp(name, "inference_duration_seconds", 26) == 0) {
        top_pipeline *row = top_model_add(model, top_json_text(metric, "pipeline"));
        model->has_native = model->has_native || name[26] == '\0';
        if (row != NULL) {
            row->is_named = true;
            row->is_legacy = false;
        }
    } else if (size > prefix + suffix && size - suffix < sizeof part + prefix &&
               strncmp(name, legacy_prefix, prefix) == 0 &&
               strcmp(name + size - suffix, legacy_suffix) == 0) {
        memcpy(part, name + prefix, size - prefix - suffix);
        part[size - prefix - suffix] = '\0';
        for (size_t i = 0; i < model->pipeline_count; i++) {
            char legacy[TOP_NAME_SIZE];
            top_legacy_name(legacy, model->pipelines[i].name);
            if (strcmp(legacy, part) == 0) {
                model->pipelines[i].is_legacy = !model->pipelines[i].is_named;
                return;
            }
        }
        top_pipeline *row = top_model_add(model, part);
        if (row != NULL) {
            row->is_legacy = true;
        }
    }
}

static bool take_names(top_model *model, const json_t *result)
{
    static const char *const firsts[] = {"inference_", "total_"}; /* a pipeline with both has the first */
    for (size_t k = 0; k < IFM_COUNT_OF(firsts); k++) {
        for (size_t i = 0; i < json_array_size(result); i++) {
            const json_t *metric = metric_of(json_array_get(result, i));
            const char *name = top_json_text(metric, "__name__");
            if (strncmp(name, firsts[k], strlen(firsts[k])) == 0 &&
                (k == 1 || top_json_text(metric, "pipeline")[0] != '\0')) {
                take_name(model, metric);
            }
        }
    }
    return true;
}

/* --- Lines ----------------------------------------------------------------------------------------- */

static void fill_line(double *line, const top_frame *frame, const json_t *item)
{
    const json_t *points = json_object_get(item, "values");
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        int index = top_frame_index(frame, json_array_get(point, 0));
        if (index >= 0) {
            line[index] = top_json_number(json_array_get(point, 1));
        }
    }
}

static void clear_line(double *line, int count)
{
    for (int i = 0; i < count; i++) {
        line[i] = NAN;
    }
}

static bool take_lines(top_model *model, top_line line, const top_asked *asked, const json_t *result)
{
    top_frame frame = asked->frame;
    frame.count = frame.count < TOP_SPARK_POINTS ? frame.count : TOP_SPARK_POINTS;
    model->frames[line] = frame;
    for (size_t i = 0; i < model->pipeline_count; i++) {
        clear_line(model->pipelines[i].lines[line], TOP_SPARK_POINTS);
    }
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        top_pipeline *row = row_of(model, item);
        if (row != NULL) {
            fill_line(row->lines[line], &frame, item);
        }
    }
    return true;
}

static bool take_percentile(top_detail *detail, int which, const top_asked *asked, const json_t *result)
{
    detail->percentile_frames[which] = asked->frame;
    clear_line(detail->percentiles[which], TOP_POINTS_MAX);
    fill_line(detail->percentiles[which], &asked->frame, json_array_get(result, 0));
    return true;
}

static bool take_outcome_lines(top_detail *detail, const top_asked *asked, const json_t *result)
{
    static const char *const names[] = {"success", "failure", "cancelled"};
    detail->outcome_frame = asked->frame;
    for (int i = 0; i < TOP_OUTCOMES; i++) {
        clear_line(detail->outcomes[i], TOP_POINTS_MAX);
    }
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        const char *outcome = top_json_text(metric_of(item), "outcome");
        for (int k = 0; k < TOP_OUTCOMES; k++) {
            if (strcmp(outcome, names[k]) == 0) {
                fill_line(detail->outcomes[k], &asked->frame, item);
            }
        }
    }
    return true;
}

/* --- Stages ---------------------------------------------------------------------------------------- */

static top_stage *stage_of(top_detail *detail, const char *name)
{
    char copy[TOP_NAME_SIZE];
    top_copy(copy, sizeof copy, name);
    for (int i = 0; i < detail->stage_count; i++) {
        if (strcmp(detail->stages[i].name, copy) == 0) {
            return &detail->stages[i];
        }
    }
    if (copy[0] == '\0' || detail->stage_count >= TOP_STAGES_MAX) {
        return NULL;
    }
    top_stage *stage = &detail->stages[detail->stage_count++];
    *stage = (top_stage){.time = NAN, .rate = NAN, .p95 = NAN};
    memcpy(stage->name, copy, sizeof copy);
    return stage;
}

static double *stage_value(top_stage *stage, top_ask ask)
{
    return ask == TOP_ASK_STAGE_TIME ? &stage->time : ask == TOP_ASK_STAGE_RATE ? &stage->rate : &stage->p95;
}

static bool take_stages(top_detail *detail, top_ask ask, const json_t *result)
{
    for (int i = 0; i < detail->stage_count; i++) {
        *stage_value(&detail->stages[i], ask) = NAN;
    }
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        top_stage *stage = stage_of(detail, top_json_text(metric_of(item), "stage"));
        if (stage != NULL) {
            *stage_value(stage, ask) = sample_of(item);
        }
    }
    return true;
}

static bool take_tokens(top_detail *detail, top_ask ask, const json_t *result)
{
    if (ask != TOP_ASK_TOKENS) {
        double *to = ask == TOP_ASK_FIRST_TOKEN ? &detail->first_token_p95 : &detail->per_token_p95;
        *to = sample_of(json_array_get(result, 0));
        return true;
    }
    detail->tokens_in = detail->tokens_out = NAN;
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *item = json_array_get(result, i);
        const char *direction = top_json_text(metric_of(item), "direction");
        if (strcmp(direction, "input") == 0) {
            detail->tokens_in = sample_of(item);
        } else if (strcmp(direction, "output") == 0) {
            detail->tokens_out = sample_of(item);
        }
    }
    return true;
}

/* "pre_process_ocr_sum" is the stage "pre_process" of "ocr". */
static bool take_stage_names(top_detail *detail, const json_t *result)
{
    char legacy[TOP_NAME_SIZE];
    top_legacy_name(legacy, detail->pipeline);
    size_t tail = strlen(legacy) + 1 + 4; /* "_ocr_sum" */
    detail->stage_name_count = 0;
    for (size_t i = 0; i < json_array_size(result) && detail->stage_name_count < TOP_STAGES_MAX; i++) {
        const char *name = top_json_text(metric_of(json_array_get(result, i)), "__name__");
        size_t size = strlen(name);
        if (size > tail && size - tail < TOP_NAME_SIZE && strncmp(name, legacy_prefix, 15) != 0) {
            char *stage = detail->stage_names[detail->stage_name_count++];
            memcpy(stage, name, size - tail);
            stage[size - tail] = '\0';
        }
    }
    return true;
}

/* --- Any ------------------------------------------------------------------------------------------- */

static bool take_result(top_model *model, const top_asked *asked, const json_t *result, ifm_error *err)
{
    switch (asked->ask) {
    case TOP_ASK_NAMES:
        return take_names(model, result);
    case TOP_ASK_PLACES:
        return top_answer_places(model, result, err);
    case TOP_ASK_OUTCOMES:
        return take_outcomes(model, result);
    case TOP_ASK_P50:
    case TOP_ASK_P95:
    case TOP_ASK_P99:
        return take_values(model, TOP_VALUE_P50 + (asked->ask - TOP_ASK_P50), result);
    case TOP_ASK_IN_FLIGHT:
    case TOP_ASK_QUEUE:
    case TOP_ASK_IN_TIME:
        return take_values(model, TOP_VALUE_IN_FLIGHT + (asked->ask - TOP_ASK_IN_FLIGHT), result);
    case TOP_ASK_REQUESTS_LINE:
    case TOP_ASK_P95_LINE:
        return take_lines(model, TOP_LINE_REQUESTS + (asked->ask - TOP_ASK_REQUESTS_LINE), asked, result);
    case TOP_ASK_STAGE_NAMES:
        return take_stage_names(&model->detail, result);
    case TOP_ASK_STAGE_TIME:
    case TOP_ASK_STAGE_RATE:
    case TOP_ASK_STAGE_P95:
        return take_stages(&model->detail, asked->ask, result);
    case TOP_ASK_TOKENS:
    case TOP_ASK_FIRST_TOKEN:
    case TOP_ASK_PER_TOKEN:
        return take_tokens(&model->detail, asked->ask, result);
    case TOP_ASK_LINE_P50:
    case TOP_ASK_LINE_P95:
    case TOP_ASK_LINE_P99:
        return take_percentile(&model->detail, asked->ask - TOP_ASK_LINE_P50, asked, result);
    case TOP_ASK_LINE_OUTCOMES:
        return take_outcome_lines(&model->detail, asked, result);
    case TOP_ASK_HEAT:
        return top_answer_heat(model, asked, result, err);
    case TOP_ASK_TARGETS:
    case TOP_ASK_ALERTS:
    case TOP_ASK_COUNT:
        break;
    }
    return true;
}

static bool take_data(top_model *model, const top_asked *asked, const json_t *data, ifm_error *err)
{
    if (asked->ask == TOP_ASK_TARGETS) {
        return top_answer_targets(model, data, err);
    }
    if (asked->ask == TOP_ASK_ALERTS) {
        return top_answer_alerts(model, data, err);
    }
    const json_t *result = json_object_get(data, "result");
    if (!json_is_array(result)) {
        return ifm_error_set(err, IFM_INVALID, "the answer has no list of results");
    }
    double now_s = top_json_number(json_array_get(json_object_get(json_array_get(result, 0), "value"), 0));
    if (now_s > 0 && now_s < 1e11) {
        model->answered_at_ms = llround(now_s * 1000);
    }
    return take_result(model, asked, result, err);
}

/* The beginning of what came, in one line. */
static void first_words(const ifm_buf *body, char *out, size_t size)
{
    size_t used = body->size < size ? body->size : size - 1;
    memcpy(out, used > 0 ? body->data : "", used);
    out[used] = '\0';
    for (char *c = out; *c != '\0'; c++) {
        *c = strchr("\r\n\t", *c) != NULL ? ' ' : *c;
    }
    for (int cut = 0; cut < 4 && used > 0 && !ifm_utf8_valid(out, used); cut++) { /* within a character */
        out[--used] = '\0';
    }
    if (!ifm_utf8_valid(out, used)) {
        out[0] = '\0';
    }
}

/* What a server says that does not answer. */
static bool refuse(top_ask ask, int status, const json_t *root, const ifm_buf *body, ifm_error *err)
{
    const char *words = top_json_text(root, "error");
    if (words[0] != '\0') {
        return ifm_error_set(err, IFM_INVALID, "%s", words);
    }
    if (status == 401 || status == 403) {
        return ifm_error_set(err, IFM_IO,
                             "the server wants a user and a password; hint: --user and --password-file");
    }
    char text[61];
    first_words(body, text, sizeof text);
    if (status / 100 == 2 && root == NULL && (text[0] == '{' || text[0] == '[')) {
        return ifm_error_set(err, IFM_IO, "its answer breaks off, or is no JSON: \"%s\"", text);
    }
    /* Some have no alerts, or no targets; one without queries is another place. */
    bool is_elsewhere = status == 404 && ask != TOP_ASK_TARGETS && ask != TOP_ASK_ALERTS;
    return ifm_error_set(err, status == 404 ? IFM_INVALID : IFM_IO,
                         "it answers with status %d and what is not Prometheus's API: \"%s\"%s", status, text,
                         is_elsewhere ? "; hint: name the server by its address and its path prefix alone"
                                      : "");
}

bool top_answer_take(top_model *model, const top_asked *asked, int status, const ifm_buf *body,
                     ifm_error *err)
{
    /* A label may hold a NUL, which cuts its text; the rest of the answer is as good as any. */
    json_t *root = json_loadb(body->data != NULL ? body->data : "", body->size, JSON_ALLOW_NUL, NULL);
    bool is_good = status / 100 == 2 && strcmp(top_json_text(root, "status"), "success") == 0;
    bool ok = is_good ? take_data(model, asked, json_object_get(root, "data"), err)
                      : refuse(asked->ask, status, root, body, err);
    if (ok) {
        model->answered[asked->ask] = true;
    }
    json_decref(root);
    return ok;
}
