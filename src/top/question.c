/* SPDX-License-Identifier: Apache-2.0 */
#include "top/question.h"

#include <math.h>

enum { LE_SIZE = 5 + 2 * (3 * IFM_NUMBER_SIZE + 1) + 1 };

#define FULL_ENOUGH 0.75 /* of the samples that a window has room for */

static const char durations[] = "inference_duration_seconds";
static const char stages[] = "inference_stage_duration_seconds";
static const char first_tokens[] = "inference_time_to_first_token_seconds";
static const char per_tokens[] = "inference_time_per_output_token_seconds";
static const char queues[] = "inference_queue_duration_seconds";

bool top_question_is_range(top_ask ask)
{
    return ask == TOP_ASK_REQUESTS_LINE || ask == TOP_ASK_P95_LINE ||
           (ask >= TOP_ASK_LINE_P50 && ask <= TOP_ASK_HEAT);
}

const char *top_question_path(top_ask ask)
{
    return ask == TOP_ASK_TARGETS  ? "/api/v1/targets?state=active"
           : ask == TOP_ASK_ALERTS ? "/api/v1/alerts"
                                   : NULL;
}

int64_t top_question_step(int64_t range_ms, int points, int max)
{
    points = points > max - 1 ? max - 1 : points < 2 ? 2 : points;
    int64_t seconds = (range_ms / 1000 + points - 1) / points;
    return (seconds > 1 ? seconds : 1) * 1000;
}

void top_form_append(ifm_buf *form, const char *name, const char *value)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";
    ifm_buf_printf(form, "%s%s=", form->size > 0 ? "&" : "", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (strchr(safe, *c) != NULL) {
            ifm_buf_append_char(form, *c);
        } else {
            ifm_buf_printf(form, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
}

/* --- Pieces ---------------------------------------------------------------------------------------- */

/* A string of PromQL without its quotes; with `is_replacement` as label_replace() wants it. */
static void quoted(ifm_buf *out, const char *text, bool is_replacement)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            ifm_buf_append_text(out, "\\n");
            continue;
        }
        if (*text == '\\' || *text == '"') {
            ifm_buf_append_char(out, '\\');
        } else if (*text == '$' && is_replacement) {
            ifm_buf_append_char(out, '$');
        }
        ifm_buf_append_char(out, *text);
    }
}

/* What is asked of one kind of histogram. */
typedef struct piece {
    ifm_buf *out;
    const char *metric;
    const char *by;       /* "pipeline", "stage" or "" */
    const char *pipeline; /* NULL: of all */
    int64_t window_ms;
} piece;

static void selector(const piece *of, const char *suffix, const char *matcher)
{
    ifm_buf_printf(of->out, "%s%s{%s", of->metric, suffix, matcher);
    if (of->pipeline != NULL) {
        ifm_buf_printf(of->out, "%spipeline=\"", matcher[0] != '\0' ? "," : "");
        quoted(of->out, of->pipeline, false);
        ifm_buf_append_char(of->out, '"');
    }
    ifm_buf_append_char(of->out, '}');
}

/* sum by (BY, LE) (FUNCTION(METRIC[WINDOW])) */
static void sum_of(const piece *of, const char *suffix, const char *matcher, const char *le)
{
    ifm_buf_printf(of->out, "sum by (%s%s%s) (rate(", of->by, of->by[0] != '\0' && le[0] != '\0' ? "," : "",
                   le);
    selector(of, suffix, matcher);
    ifm_buf_printf(of->out, "[%lldms]))", (long long)of->window_ms);
}

static void quantile(const piece *of, double q, bool has_native)
{
    ifm_buf_printf(of->out, "histogram_quantile(%g, ", q);
    sum_of(of, "_bucket", "", "le");
    ifm_buf_append_char(of->out, ')');
    if (has_native) {
        ifm_buf_printf(of->out, " or histogram_quantile(%g, ", q);
        sum_of(of, "", "", "");
        ifm_buf_append_char(of->out, ')');
    }
}

/* "_sum" or "_count" as a rate. */
static void total(const piece *of, const char *suffix, bool has_native)
{
    sum_of(of, suffix, "", "");
    if (has_native) {
        ifm_buf_printf(of->out, " or histogram%s(", suffix);
        sum_of(of, "", "", "");
        ifm_buf_append_char(of->out, ')');
    }
}

/* le="1.0" of OpenMetrics and of Prometheus 3, le="1" of the text format. */
static void le_matcher(char out[LE_SIZE], double bound)
{
    char texts[2][IFM_NUMBER_SIZE + 1];
    texts[0][ifm_number_write(texts[0], bound)] = '\0';
    texts[1][ifm_number_write_canonical(texts[1], bound)] = '\0';
    size_t used = 5;
    memcpy(out, "le=~\"", used);
    for (int i = 0; i < 2; i++) {
        for (const char *c = texts[i]; *c != '\0'; c++) {
            if (*c == '.' || *c == '+') { /* for the regular expression, and for the string that it is in */
                out[used++] = '\\';
                out[used++] = '\\';
            }
            out[used++] = *c;
        }
        out[used++] = i == 0 ? '|' : '"';
    }
    out[used] = '\0';
}

static void share_in_time(const piece *of, double objective_s, bool has_native)
{
    char matcher[LE_SIZE];
    le_matcher(matcher, objective_s);
    sum_of(of, "_bucket", matcher, "");
    ifm_buf_append_text(of->out, " / ");
    sum_of(of, "_count", "", "");
    if (has_native) {
        ifm_buf_printf(of->out, " or histogram_fraction(0, %.17g, ", objective_s);
        sum_of(of, "", "", "");
        ifm_buf_append_char(of->out, ')');
    }
}

/* --- The DeepSparse naming: a metric for each pipeline and stage ------------------------------------- */

/* " or label_replace(EXPRESSION, "LABEL", "VALUE", "", "")" around what is appended in between. */
static void labelled_begin(ifm_buf *out, bool is_first, const char *match)
{
    ifm_buf_printf(out, "%slabel_replace(", is_first ? "" : match);
}

static void labelled_end(ifm_buf *out, const char *label, const char *value)
{
    ifm_buf_printf(out, ", \"%s\", \"", label);
    quoted(out, value, true);
    ifm_buf_append_text(out, "\", \"\", \"\")");
}

typedef void legacy_writer(const piece *of, double number);

static void write_quantile(const piece *of, double q)
{
    quantile(of, q, false);
}

static void write_rate(const piece *of, double ignored)
{
    (void)ignored;
    sum_of(of, "_count", "", "");
}

static void write_share(const piece *of, double objective_s)
{
    share_in_time(of, objective_s, false);
}

static void write_places(const piece *of, double ignored)
{
    (void)ignored;
    ifm_buf_printf(of->out, "group by (job,instance) (last_over_time(%s_count[%lldms]))", of->metric,
                   (long long)of->window_ms);
}

static void append_legacy(const top_model *model, const piece *like, legacy_writer *write, double number)
{
    int count = 0;
    for (size_t i = 0; i < model->pipeline_count && count < TOP_LEGACY_MAX; i++) {
        const top_pipeline *pipeline = &model->pipelines[i];
        char legacy[TOP_NAME_SIZE], metric[TOP_NAME_SIZE + 32] = "total_inference_";
        if (!pipeline->is_legacy) {
            continue;
        }
        top_legacy_name(legacy, pipeline->name);
        memcpy(metric + 16, legacy, strlen(legacy) + 1);
        labelled_begin(like->out, false, write == write_places ? " or " : " or on (pipeline) ");
        write(&(piece){.out = like->out, .metric = metric, .by = "", .window_ms = like->window_ms}, number);
        labelled_end(like->out, "pipeline", pipeline->name);
        count++;
    }
}

/* "pre_process_ocr" for each stage of the opened pipeline. */
static void append_legacy_stages(const top_model *model, ifm_buf *out, top_ask ask)
{
    char legacy[TOP_NAME_SIZE], metric[2 * TOP_NAME_SIZE];
    const top_detail *detail = &model->detail;
    top_legacy_name(legacy, detail->pipeline);
    for (int i = 0; i < detail->stage_name_count; i++) {
        size_t size = strlen(detail->stage_names[i]);
        memcpy(metric, detail->stage_names[i], size);
        metric[size] = '_';
        memcpy(metric + size + 1, legacy, strlen(legacy) + 1);
        const piece of = {.out = out, .metric = metric, .by = "", .window_ms = model->window_ms};
        labelled_begin(out, i == 0, " or ");
        if (ask == TOP_ASK_STAGE_P95) {
            quantile(&of, 0.95, false);
        } else {
            sum_of(&of, ask == TOP_ASK_STAGE_TIME ? "_sum" : "_count", "", "");
        }
        labelled_end(out, "stage", detail->stage_names[i]);
    }
}

/* --- The Overview ---------------------------------------------------------------------------------- */

static void append_known(const top_model *model, ifm_buf *out, int64_t range_ms)
{
    ifm_buf_printf(out,
                   "(group by (pipeline,job,instance) (last_over_time(inference_requests_in_flight[%lldms]))",
                   (long long)range_ms);
    append_legacy(model, &(piece){.out = out, .window_ms = range_ms}, write_places, 0);
    ifm_buf_append_char(out, ')');
}

static void append_places(const top_model *model, ifm_buf *out, int64_t range_ms)
{
    append_known(model, out, range_ms);
    ifm_buf_append_text(out, " * on (job,instance) group_left () max by (job,instance) (up) or ");
    append_known(model, out, range_ms);
    ifm_buf_append_text(out, " * -1");
}

static void append_requests(const top_model *model, ifm_buf *out, const char *by, int64_t window_ms)
{
    const piece of = {.out = out, .metric = "inference_requests", .by = by, .window_ms = window_ms};
    sum_of(&of, "_total", "", "");
    append_legacy(model, &of, write_rate, 0);
}

/* rate() takes its window for full of samples. In the first minute of a pipeline it is not, and the slope of
 * those that are there is the better number; the Overview of the browser has it as well. */
static void append_slope(const top_model *model, ifm_buf *out)
{
    if (model->interval_ms <= 0) {
        return; /* how many fill it is not known */
    }
    labelled_begin(out, false, " or ");
    ifm_buf_printf(out, "sum by (pipeline) (deriv(inference_requests_total[%lldms])) and on (pipeline) ",
                   (long long)model->window_ms);
    ifm_buf_printf(out, "(max by (pipeline) (count_over_time(inference_requests_total[%lldms])) < %g)",
                   (long long)model->window_ms,
                   FULL_ENOUGH * (double)model->window_ms / (double)model->interval_ms);
    labelled_end(out, "outcome", TOP_SLOPE);
}

static void append_quantile(const top_model *model, ifm_buf *out, double q, int64_t window_ms)
{
    const piece of = {.out = out, .metric = durations, .by = "pipeline", .window_ms = window_ms};
    quantile(&of, q, model->has_native);
    append_legacy(model, &of, write_quantile, q);
}

static void append_in_time(const top_model *model, ifm_buf *out, const top_scope *scope)
{
    int64_t window_ms = scope->range_ms > model->window_ms ? scope->range_ms : model->window_ms;
    const piece of = {.out = out, .metric = durations, .by = "pipeline", .window_ms = window_ms};
    share_in_time(&of, scope->objective_s, model->has_native);
    append_legacy(model, &of, write_share, scope->objective_s);
}

/* --- The opened pipeline --------------------------------------------------------------------------- */

static bool is_legacy(const top_model *model)
{
    const top_pipeline *pipeline = top_model_find(model, model->detail.pipeline);
    return pipeline != NULL && pipeline->is_legacy;
}

static void append_stages(const top_model *model, ifm_buf *out, top_ask ask)
{
    const piece of = {.out = out,
                      .metric = stages,
                      .by = "stage",
                      .pipeline = model->detail.pipeline,
                      .window_ms = model->window_ms};
    if (is_legacy(model)) {
        append_legacy_stages(model, out, ask);
    } else if (ask == TOP_ASK_STAGE_P95) {
        quantile(&of, 0.95, model->has_native);
    } else {
        total(&of, ask == TOP_ASK_STAGE_TIME ? "_sum" : "_count", model->has_native);
    }
}

static void append_stage_names(const top_model *model, ifm_buf *out)
{
    char legacy[TOP_NAME_SIZE];
    if (is_legacy(model)) {
        top_legacy_name(legacy, model->detail.pipeline);
        ifm_buf_printf(out, "group by (__name__) ({__name__=~\".+_%s_sum\"})", legacy);
    }
}

static void append_tokens(const top_model *model, ifm_buf *out, top_ask ask)
{
    const piece of = {.out = out,
                      .metric = ask == TOP_ASK_TOKENS        ? "inference_tokens"
                                : ask == TOP_ASK_FIRST_TOKEN ? first_tokens
                                                             : per_tokens,
                      .by = ask == TOP_ASK_TOKENS ? "direction" : "",
                      .pipeline = model->detail.pipeline,
                      .window_ms = model->window_ms};
    if (ask == TOP_ASK_TOKENS) {
        sum_of(&of, "_total", "", "");
    } else {
        quantile(&of, 0.95, model->has_native);
    }
}

/* Of the whole pipeline, under either name. */
static void append_detail(const top_model *model, ifm_buf *out, top_ask ask, int64_t window_ms)
{
    static const double quantiles[] = {0.5, 0.95, 0.99};
    char legacy[TOP_NAME_SIZE], metric[TOP_NAME_SIZE + 32] = "total_inference_";
    bool is_old = is_legacy(model);
    top_legacy_name(legacy, model->detail.pipeline);
    memcpy(metric + 16, legacy, strlen(legacy) + 1);
    const piece of = {.out = out,
                      .metric = is_old ? metric : durations,
                      .by = "",
                      .pipeline = is_old ? NULL : model->detail.pipeline,
                      .window_ms = window_ms};
    if (ask == TOP_ASK_HEAT) {
        bool has_native = model->has_native && !is_old;
        ifm_buf_printf(out, "%lld * (", (long long)(window_ms / 1000));
        sum_of(&of, "_bucket", "", "le");
        if (has_native) {
            ifm_buf_append_text(out, " or ");
            sum_of(&of, "", "", "");
        }
        ifm_buf_append_char(out, ')');
    } else {
        quantile(&of, quantiles[ask - TOP_ASK_LINE_P50], model->has_native && !is_old);
    }
}

static void append_outcomes(const top_model *model, ifm_buf *out, int64_t window_ms)
{
    const piece of = {.out = out,
                      .metric = "inference_requests",
                      .by = "outcome",
                      .pipeline = model->detail.pipeline,
                      .window_ms = window_ms};
    sum_of(&of, "_total", "", "");
    if (is_legacy(model)) {
        char legacy[TOP_NAME_SIZE];
        top_legacy_name(legacy, model->detail.pipeline);
        labelled_begin(out, false, " or on () ");
        ifm_buf_printf(out, "sum(rate(total_inference_%s_count[%lldms]))", legacy, (long long)window_ms);
        labelled_end(out, "outcome", "success");
    }
}

void top_question_append(const top_model *model, top_ask ask, const top_scope *scope, ifm_buf *out)
{
    int64_t window_ms = model->window_ms;
    int64_t line_ms = scope->step_ms > model->shortest_ms ? scope->step_ms : model->shortest_ms;
    switch (ask) {
    case TOP_ASK_NAMES:
        ifm_buf_append_text(out, "group by (__name__,pipeline) ({__name__=~\"inference_duration_seconds|"
                                 "inference_duration_seconds_count|total_inference_.+_count\"})");
        break;
    case TOP_ASK_PLACES:
        append_places(model, out, scope->range_ms);
        break;
    case TOP_ASK_OUTCOMES:
        append_requests(model, out, "pipeline,outcome", window_ms);
        append_slope(model, out);
        break;
    case TOP_ASK_P50:
    case TOP_ASK_P95:
    case TOP_ASK_P99:
        append_quantile(model, out, ask == TOP_ASK_P50 ? 0.5 : ask == TOP_ASK_P95 ? 0.95 : 0.99, window_ms);
        break;
    case TOP_ASK_IN_FLIGHT:
        ifm_buf_append_text(out, "sum by (pipeline) (inference_requests_in_flight)");
        break;
    case TOP_ASK_QUEUE:
        quantile(&(piece){.out = out, .metric = queues, .by = "pipeline", .window_ms = window_ms}, 0.95,
                 model->has_native);
        break;
    case TOP_ASK_IN_TIME:
        append_in_time(model, out, scope);
        break;
    case TOP_ASK_REQUESTS_LINE:
        append_requests(model, out, "pipeline", line_ms);
        break;
    case TOP_ASK_P95_LINE:
        append_quantile(model, out, 0.95, line_ms);
        break;
    case TOP_ASK_STAGE_NAMES:
        append_stage_names(model, out);
        break;
    case TOP_ASK_STAGE_TIME:
    case TOP_ASK_STAGE_RATE:
    case TOP_ASK_STAGE_P95:
        append_stages(model, out, ask);
        break;
    case TOP_ASK_TOKENS:
    case TOP_ASK_FIRST_TOKEN:
    case TOP_ASK_PER_TOKEN:
        append_tokens(model, out, ask);
        break;
    case TOP_ASK_LINE_P50:
    case TOP_ASK_LINE_P95:
    case TOP_ASK_LINE_P99:
    case TOP_ASK_HEAT:
        append_detail(model, out, ask, line_ms);
        break;
    case TOP_ASK_LINE_OUTCOMES:
        append_outcomes(model, out, line_ms);
        break;
    case TOP_ASK_TARGETS:
    case TOP_ASK_ALERTS:
    case TOP_ASK_COUNT:
        break;
    }
}
