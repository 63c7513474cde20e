/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of a server, as they should be and as they should not.
 */
#include "top/answer.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <math.h>

static top_model model;

static int model_open(void **state)
{
    (void)state;
    top_model_init(&model);
    return 0;
}

static int model_close(void **state)
{
    (void)state;
    top_model_deinit(&model);
    return 0;
}

static const top_frame minute_frame = {.start_ms = 1000000, .step_ms = 60000, .count = 4};

/* Quotes are written as ' in these tests. */
static bool take_with(int status, top_ask ask, const char *text, ifm_error *err)
{
    ifm_buf body;
    ifm_buf_init(&body, 1 << 20);
    for (const char *c = text; *c != '\0'; c++) {
        ifm_buf_append_char(&body, *c == '\'' ? '"' : *c);
    }
    const top_asked asked = {.ask = ask, .frame = minute_frame};
    bool ok = top_answer_take(&model, &asked, status, &body, err);
    ifm_buf_deinit(&body);
    return ok;
}

static bool take(top_ask ask, const char *text)
{
    ifm_error err = {.code = IFM_OK};
    bool ok = take_with(200, ask, text, &err);
    CHECK_INT(ok, err.code == IFM_OK);
    return ok;
}

#define VECTOR(items) "{'status':'success','data':{'resultType':'vector','result':[" items "]}}"
#define MATRIX(items) "{'status':'success','data':{'resultType':'matrix','result':[" items "]}}"

static double value_of(const char *pipeline, top_value value)
{
    const top_pipeline *row = top_model_find(&model, pipeline);
    return row != NULL ? row->values[value] : -1;
}

static void values_reach_their_rows(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_P95, VECTOR("{'metric':{'pipeline':'ocr'},'value':[1700000000.5,'0.25']},"
                                   "{'metric':{'pipeline':'chat'},'value':[1700000000.5,'NaN']},"
                                   "{'metric':{'pipeline':'far'},'value':[1700000000.5,'+Inf']}")));
    CHECK_DOUBLE(value_of("ocr", TOP_VALUE_P95), 0.25);
    CHECK_DOUBLE(value_of("chat", TOP_VALUE_P95), NAN);
    CHECK_DOUBLE(value_of("far", TOP_VALUE_P95), INFINITY);
    CHECK_DOUBLE(value_of("ocr", TOP_VALUE_P50), NAN);
    CHECK_INT(model.answered_at_ms, INT64_C(1700000000500));
    CHECK(model.answered[TOP_ASK_P95] && !model.answered[TOP_ASK_P50]);
    CHECK(take(TOP_ASK_P95, VECTOR("")));
    CHECK_DOUBLE(value_of("ocr", TOP_VALUE_P95), NAN); /* it has none any more */
    check_end();
}

static void outcomes_are_summed(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_OUTCOMES, VECTOR("{'metric':{'pipeline':'ocr','outcome':'success'},'value':[1,'3']},"
                                        "{'metric':{'pipeline':'ocr','outcome':'failure'},'value':[1,'1']},"
                                        "{'metric':{'pipeline':'old'},'value':[1,'7']}")));
    CHECK_DOUBLE(value_of("ocr", TOP_VALUE_REQUESTS), 4);
    CHECK_DOUBLE(value_of("ocr", TOP_VALUE_FAILURES), 1);
    CHECK_DOUBLE(value_of("old", TOP_VALUE_REQUESTS), 7);
    check_end();
}

static void places_say_which_pipelines_there_are(void **state)
{
    (void)state;
    int up, all, gone;
    CHECK(take(TOP_ASK_P50, VECTOR("{'metric':{'pipeline':'past'},'value':[1,'1']}")));
    CHECK(take(TOP_ASK_PLACES,
               VECTOR("{'metric':{'pipeline':'ocr','job':'j','instance':'a:1'},'value':[1,'1']},"
                      "{'metric':{'pipeline':'ocr','job':'j','instance':'a:2'},'value':[1,'0']},"
                      "{'metric':{'pipeline':'ocr','job':'j','instance':'a:3'},'value':[1,'-1']}")));
    CHECK_INT(model.pipeline_count, 1);
    CHECK(top_model_find(&model, "past") == NULL);
    top_model_places(&model, "ocr", &up, &all, &gone);
    CHECK_INT(up, 1);
    CHECK_INT(all, 2);
    CHECK_INT(gone, 1);
    check_end();
}

static void names_tell_the_deepsparse_naming(void **state)
{
    (void)state;
    top_model_add(&model, "text-ocr");
    top_model_add(&model, "both");
    CHECK(take(
        TOP_ASK_NAMES,
        VECTOR("{'metric':{'__name__':'total_inference_text_ocr_count'},'value':[1,'1']},"
               "{'metric':{'__name__':'total_inference_both_count'},'value':[1,'1']},"
               "{'metric':{'__name__':'total_inference_strange_count'},'value':[1,'1']},"
               "{'metric':{'__name__':'inference_duration_seconds','pipeline':'both'},'value':[1,'1']}")));
    CHECK(top_model_find(&model, "text-ocr")->is_legacy);
    CHECK(!top_model_find(&model, "both")->is_legacy);
    CHECK(top_model_find(&model, "strange")->is_legacy);
    CHECK(model.has_native);
    CHECK_INT(model.pipeline_count, 3);
    check_end();
}

static void lines_have_gaps_where_nothing_was(void **state)
{
    (void)state;
    CHECK(take(
        TOP_ASK_REQUESTS_LINE,
        MATRIX(
            "{'metric':{'pipeline':'ocr'},'values':[[1000,'1'],[1120,'3'],[9999,'9'],['x','5'],[-1,'5']]}")));
    const top_pipeline *row = top_model_find(&model, "ocr");
    CHECK_DOUBLE(row->lines[TOP_LINE_REQUESTS][0], 1);
    CHECK_DOUBLE(row->lines[TOP_LINE_REQUESTS][1], NAN);
    CHECK_DOUBLE(row->lines[TOP_LINE_REQUESTS][2], 3);
    CHECK_DOUBLE(row->lines[TOP_LINE_REQUESTS][3], NAN);
    CHECK_INT(model.frames[TOP_LINE_REQUESTS].count, 4);
    check_end();
}

static void stages_are_taken_together(void **state)
{
    (void)state;
    top_model_open(&model, "ocr");
    CHECK(take(TOP_ASK_STAGE_TIME, VECTOR("{'metric':{'stage':'detect'},'value':[1,'0.5']}")));
    CHECK(take(TOP_ASK_STAGE_RATE, VECTOR("{'metric':{'stage':'detect'},'value':[1,'2']},"
                                          "{'metric':{},'value':[1,'9']}")));
    CHECK(take(TOP_ASK_STAGE_P95, VECTOR("")));
    CHECK_INT(model.detail.stage_count, 1);
    CHECK_DOUBLE(model.detail.stages[0].time, 0.5);
    CHECK_DOUBLE(model.detail.stages[0].rate, 2);
    CHECK_DOUBLE(model.detail.stages[0].p95, NAN);
    CHECK(
        take(TOP_ASK_STAGE_NAMES, VECTOR("{'metric':{'__name__':'pre_process_ocr_sum'},'value':[1,'1']},"
                                         "{'metric':{'__name__':'total_inference_ocr_sum'},'value':[1,'1']},"
                                         "{'metric':{'__name__':'sum'},'value':[1,'1']}")));
    CHECK_INT(model.detail.stage_name_count, 1);
    CHECK_TEXT(model.detail.stage_names[0], "pre_process");
    top_model_open(&model, "other");
    CHECK_INT(model.detail.stage_count, 0);
    CHECK(!model.answered[TOP_ASK_STAGE_TIME]);
    check_end();
}

static void tokens_are_told_by_direction(void **state)
{
    (void)state;
    top_model_open(&model, "chat");
    CHECK_DOUBLE(model.detail.tokens_out, NAN);
    CHECK(take(TOP_ASK_TOKENS, VECTOR("{'metric':{'direction':'output'},'value':[1,'30']},"
                                      "{'metric':{'direction':'input'},'value':[1,'90']}")));
    CHECK(take(TOP_ASK_FIRST_TOKEN, VECTOR("{'metric':{},'value':[1,'0.02']}")));
    CHECK(take(TOP_ASK_PER_TOKEN, VECTOR("")));
    CHECK_DOUBLE(model.detail.tokens_in, 90);
    CHECK_DOUBLE(model.detail.tokens_out, 30);
    CHECK_DOUBLE(model.detail.first_token_p95, 0.02);
    CHECK_DOUBLE(model.detail.per_token_p95, NAN);
    check_end();
}

static void classic_buckets_become_differences(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_HEAT, MATRIX("{'metric':{'le':'+Inf'},'values':[[1000,'10'],[1060,'4']]},"
                                    "{'metric':{'le':'0.5'},'values':[[1000,'7'],[1060,'4.5']]},"
                                    "{'metric':{'le':'0.1'},'values':[[1000,'2'],[1060,'NaN']]},"
                                    "{'metric':{'le':'none'},'values':[[1000,'99']]}")));
    const top_detail *detail = &model.detail;
    CHECK_INT(detail->heat_count, 4);
    CHECK_DOUBLE(detail->heat[0].low, 0);
    CHECK_DOUBLE(detail->heat[0].high, 0.1);
    CHECK_DOUBLE(detail->heat[0].count, 2);
    CHECK_DOUBLE(detail->heat[1].count, 5);
    CHECK_INT(detail->heat[2].column, 1);
    CHECK_DOUBLE(detail->heat[2].count, 4.5);
    CHECK_DOUBLE(detail->heat[3].high, INFINITY);
    CHECK_DOUBLE(detail->heat[3].count, 3); /* and none where less was counted below a higher bound */
    check_end();
}

static void native_buckets_are_taken_as_they_are(void **state)
{
    (void)state;
    CHECK(take(
        TOP_ASK_HEAT,
        MATRIX("{'metric':{},'histograms':[[1060,{'count':'3','sum':'1','buckets':["
               "[0,'0.1','0.2','2'],[3,'-0.1','0.1','1'],[0,'2','1','7'],['x'],7]}],[1120,{}],[1180,5]]}")));
    CHECK_INT(model.detail.heat_count, 2);
    CHECK_INT(model.detail.heat[0].column, 1);
    CHECK_DOUBLE(model.detail.heat[0].count, 2);
    CHECK_DOUBLE(model.detail.heat[1].low, -0.1);
    check_end();
}

static void targets_are_read_and_set_the_window(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_PLACES,
               VECTOR("{'metric':{'pipeline':'ocr','job':'j','instance':'a:1'},'value':[1,'1']}")));
    CHECK(take(TOP_ASK_TARGETS,
               "{'status':'success','data':{'activeTargets':[{'labels':{'job':'j','instance':'a:1'},"
               "'health':'down','lastError':'connection refused','lastScrape':'2023-11-14T22:13:20.5Z',"
               "'lastScrapeDuration':0.0125,'scrapeInterval':'1m'},"
               "{'labels':{'job':'other','instance':'b:1'},'scrapeInterval':'1h','health':7,"
               "'lastScrape':'0001-01-01T00:00:00Z'},5,{}]}}"));
    CHECK_INT(model.target_count, 4);
    CHECK_TEXT(model.targets[0].health, "down");
    CHECK_TEXT(model.targets[0].error, "connection refused");
    CHECK_INT(model.targets[0].last_scrape_ms, INT64_C(1700000000500));
    CHECK_DOUBLE(model.targets[0].duration_s, 0.0125);
    CHECK_INT(model.targets[1].last_scrape_ms, -1);
    CHECK_DOUBLE(model.targets[1].duration_s, NAN);
    CHECK_INT(model.window_ms, 240000); /* four scrapes of those that have pipelines */
    check_end();
}

static void a_slope_stands_for_rates_of_few_samples(void **state)
{
    (void)state;
    CHECK(
        take(TOP_ASK_OUTCOMES, VECTOR("{'metric':{'pipeline':'ocr','outcome':'slope'},'value':[1,'10']},"
                                      "{'metric':{'pipeline':'ocr','outcome':'success'},'value':[1,'3']},"
                                      "{'metric':{'pipeline':'ocr','outcome':'failure'},'value':[1,'1']},"
                                      "{'metric':{'pipeline':'old','outcome':'success'},'value':[1,'3']},"
                                      "{'metric':{'pipeline':'anew','outcome':'success'},'value':[1,'3']},"
                                      "{'metric':{'pipeline':'anew','outcome':'slope'},'value':[1,'-2']}")));
    CHECK_DOUBLE(model.pipelines[0].values[TOP_VALUE_REQUESTS], 10);
    CHECK_DOUBLE(model.pipelines[0].values[TOP_VALUE_FAILURES], 2.5);
    CHECK_DOUBLE(model.pipelines[1].values[TOP_VALUE_REQUESTS], 3);
    CHECK_DOUBLE(model.pipelines[2].values[TOP_VALUE_REQUESTS], 3);
    check_end();
}

static void alerts_are_read(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_ALERTS,
               "{'status':'success','data':{'alerts':[{'labels':{'alertname':'Slow','job':'j',"
               "'pipeline':'ocr','odd':5},'annotations':{'summary':'It is slow'},'state':'firing',"
               "'activeAt':'2023-11-14T22:13:20+01:00','value':'2.5e+00'},{'labels':[]}]}}"));
    CHECK_INT(model.alert_count, 2);
    CHECK_TEXT(model.alerts[0].name, "Slow");
    CHECK_TEXT(model.alerts[0].labels, "pipeline=ocr job=j");
    CHECK_TEXT(model.alerts[0].summary, "It is slow");
    CHECK_INT(model.alerts[0].since_ms, INT64_C(1699996400000));
    CHECK_DOUBLE(model.alerts[0].value, 2.5);
    CHECK_TEXT(model.alerts[1].name, "");
    check_end();
}

static void what_is_no_answer_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        int status;
        top_ask ask;
        const char *text;
        ifm_code code;
        const char *words;
    } rows[] = {
        {400, TOP_ASK_P95, "{'status':'error','errorType':'bad_data','error':'parse error'}", IFM_INVALID,
         "parse error"},
        {401, TOP_ASK_P95, "Unauthorized", IFM_IO, "a user and a password"},
        {404, TOP_ASK_ALERTS, "404 page not found", IFM_INVALID, "status 404"},
        {404, TOP_ASK_P95, "404 page not found", IFM_INVALID,
         "found\"; hint: name the server by its address"},
        {502, TOP_ASK_P95, "<html>\nbad gateway", IFM_IO,
         "status 502 and what is not Prometheus's API: \"<html> bad"},
        {200, TOP_ASK_P95, "{'status':'success','data':{'res", IFM_IO, "breaks off, or is no JSON: \"{"},
        {200, TOP_ASK_P95, "<a23456789012345678901234567890123456789012345678901234567\xe6\x97\xa5", IFM_IO,
         "567\""},
        {200, TOP_ASK_P95, "<html>login</html>", IFM_IO, "what is not Prometheus's API: \"<html>login"},
        {200, TOP_ASK_P95, "", IFM_IO, "status 200"},
        {200, TOP_ASK_P95, "{}", IFM_IO, "status 200"},
        {200, TOP_ASK_P95, "[]", IFM_IO, "status 200"},
        {200, TOP_ASK_P95, "{'status':'success','data':{'result':5}}", IFM_INVALID, "no list of results"},
        {200, TOP_ASK_P95, "{'status':'success'}", IFM_INVALID, "no list of results"},
        {200, TOP_ASK_TARGETS, "{'status':'success','data':[]}", IFM_INVALID, "no list of targets"},
        {200, TOP_ASK_ALERTS, "{'status':'success','data':{'alerts':{}}}", IFM_INVALID, "no list of alerts"},
        {200, TOP_ASK_P95, "\xff\xfe", IFM_IO, "status 200"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(!take_with(rows[i].status, rows[i].ask, rows[i].text, &err));
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(err.message, rows[i].words);
        CHECK(!model.answered[rows[i].ask]);
    }
    check_end();
}

/* The right shape with the wrong types everywhere. */
static void wrong_types_are_left_out(void **state)
{
    (void)state;
    static const char *const items[] = {
        "5",
        "null",
        "[]",
        "{}",
        "{'metric':5,'value':5}",
        "{'metric':{'pipeline':5},'value':['x','y']}",
        "{'metric':{'pipeline':'p','stage':['s'],'le':{}},'value':[1],'values':{},'histograms':'h'}",
        "{'metric':{'pipeline':'p','stage':'s','le':'1'},'value':[{},{}],'values':[5,[],[1],[1,{}],[1e300,'1'"
        "]],"
        "'histograms':[5,[],[1060],[1060,{'buckets':{}}],[1e300,{'buckets':[[]]}]]}",
        "{'metric':{'__name__':'total_inference__count','pipeline':''},'value':[1,'1e999']}",
        "{'metric':{'__name__':'_sum'},'value':[1e18,'1']}",
    };
    top_model_open(&model, "p");
    for (int ask = 0; ask < TOP_ASK_COUNT; ask++) {
        for (size_t i = 0; i < IFM_COUNT_OF(items); i++) {
            char text[1024];
            ifm_error err;
            snprintf(text, sizeof text,
                     "{'status':'success','data':{'result':[%s],'activeTargets':[%s],'alerts':[%s]}}",
                     items[i], items[i], items[i]);
            CHECK(take_with(200, (top_ask)ask, text, &err));
        }
    }
    check_end();
}

/* One label of one program must not hide all the others. */
static void a_nul_cuts_a_name_and_nothing_else(void **state)
{
    (void)state;
    CHECK(take(TOP_ASK_P95, "{'status':'success','data':{'result':["
                            "{'metric':{'pipeline':'o\\u0000cr'},'value':[1,'2']},"
                            "{'metric':{'pipeline':'\\u0000'},'value':[1,'3']},"
                            "{'metric':{'pipeline':'chat'},'value':[1,'4']}]}}"));
    CHECK_INT(model.pipeline_count, 2);
    CHECK_TEXT(model.pipelines[0].name, "o");
    CHECK_TEXT(model.pipelines[1].name, "chat");
    CHECK_DOUBLE(model.pipelines[1].values[TOP_VALUE_P95], 4);
    check_end();
}

static void more_than_the_limits_is_left_out(void **state)
{
    (void)state;
    ifm_buf body;
    ifm_error err;
    ifm_buf_init(&body, 16 << 20);
    ifm_buf_append_text(&body, "{\"status\":\"success\",\"data\":{\"result\":[");
    for (int i = 0; i <= TOP_PIPELINES_MAX; i++) {
        ifm_buf_printf(&body, "%s{\"metric\":{\"pipeline\":\"p%d\"},\"value\":[1,\"1\"]}", i > 0 ? "," : "",
                       i);
    }
    ifm_buf_append_text(&body, "]}}");
    CHECK(top_answer_take(&model, &(top_asked){.ask = TOP_ASK_P50}, 200, &body, &err));
    CHECK_INT(model.pipeline_count, TOP_PIPELINES_MAX);
    CHECK(top_answer_take(&model, &(top_asked){.ask = TOP_ASK_PLACES}, 200, &body, &err));
    CHECK_INT(model.pipelines_left_out, 1);
    CHECK_INT(model.place_count, TOP_PIPELINES_MAX + 1);
    ifm_buf_clear(&body);
    ifm_buf_append_text(&body, "{\"status\":\"success\",\"data\":{\"activeTargets\":[0");
    for (int i = 0; i < TOP_TARGETS_MAX + 4; i++) {
        ifm_buf_append_text(&body, ",{}");
    }
    ifm_buf_append_text(&body, "]}}");
    CHECK(top_answer_take(&model, &(top_asked){.ask = TOP_ASK_TARGETS}, 200, &body, &err));
    CHECK_INT(model.target_count, TOP_TARGETS_MAX);
    CHECK_INT(model.targets_left_out, 5);
    ifm_buf_deinit(&body);
    check_end();
}

static void times_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
    } rows[] = {
        {"2023-11-14T22:13:20Z", INT64_C(1700000000000)},
        {"2023-11-14T22:13:20.123456789Z", INT64_C(1700000000123)},
        {"2023-11-15T00:13:20.5+02:00", INT64_C(1700000000500)},
        {"2023-11-14T21:43:20-00:30", INT64_C(1700000000000)},
        {"0001-01-01T00:00:00Z", -1},
        {"", -1},
        {"2023-11-14", -1},
        {"2023-11-14T22:13:20", -1},
        {"2023-11-14T22:13:20Zx", -1},
        {"2023-11-14T22:13:20+1:00", -1},
        {"yesterday", -1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_INT(top_answer_time(rows[i].text), rows[i].want);
    }
    check_end();
}

static void copies_end_with_a_whole_character(void **state)
{
    (void)state;
    char out[4];
    top_copy(out, sizeof out, "abc");
    CHECK_TEXT(out, "abc");
    top_copy(out, sizeof out, "abcd");
    CHECK_TEXT(out, "abc");
    top_copy(out, sizeof out, "ab\xc3\xa4");
    CHECK_TEXT(out, "ab");
    char legacy[TOP_NAME_SIZE];
    top_legacy_name(legacy, "text-\xc3\xa4.ocr 1");
    CHECK_TEXT(legacy, "text___ocr_1");
    check_end();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, model_open, model_close)
    const struct CMUnitTest tests[] = {
        TEST(values_reach_their_rows),
        TEST(outcomes_are_summed),
        TEST(a_slope_stands_for_rates_of_few_samples),
        TEST(places_say_which_pipelines_there_are),
        TEST(names_tell_the_deepsparse_naming),
        TEST(lines_have_gaps_where_nothing_was),
        TEST(stages_are_taken_together),
        TEST(tokens_are_told_by_direction),
        TEST(classic_buckets_become_differences),
        TEST(native_buckets_are_taken_as_they_are),
        TEST(targets_are_read_and_set_the_window),
        TEST(alerts_are_read),
        TEST(what_is_no_answer_is_refused_with_a_sentence),
        TEST(wrong_types_are_left_out),
        TEST(a_nul_cuts_a_name_and_nothing_else),
        TEST(more_than_the_limits_is_left_out),
        TEST(times_are_read),
        TEST(copies_end_with_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
