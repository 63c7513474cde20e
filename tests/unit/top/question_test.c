/* SPDX-License-Identifier: Apache-2.0
 *
 * Every question is an expression that can be parsed, whatever pipelines are called.
 */
#include "top/question.h"

#include "base/base.h"
#include "check.h"
#include "promql/promql.h"

enum { MEMORY_MAX = 16 << 20 };

static const top_scope scope = {.range_ms = 900000, .step_ms = 15000, .objective_s = 2.5};

static char *ask(const top_model *model, top_ask what)
{
    ifm_buf out;
    size_t size;
    ifm_error err;
    ifm_buf_init(&out, TOP_QUESTION_BYTES_MAX);
    top_question_append(model, what, &scope, &out);
    char *text = ifm_buf_take(&out, &size, &err);
    ifm_buf_deinit(&out);
    return text;
}

static void check_all(const top_model *model)
{
    for (int i = TOP_ASK_NAMES; i < TOP_ASK_COUNT; i++) {
        char *text = ask(model, (top_ask)i);
        ifm_bump memory;
        ifm_error err = {.code = IFM_OK};
        ifm_bump_init(&memory, MEMORY_MAX);
        assert_non_null(text);
        if (text[0] != '\0' && promql_parse(text, strlen(text), &memory, &err) == NULL) {
            fprintf(stderr, "%d: %s: %s\n", i, text, err.message);
            CHECK(false);
        }
        ifm_bump_deinit(&memory);
        ifm_free(text);
    }
}

static void questions_can_be_parsed(void **state)
{
    (void)state;
    static const char *const names[] = {"ocr", "a\"b\\c\nd", "$1 {x} [5m]", "\xe6\x97\xa5\xe6\x9c\xac", "'",
                                        ""};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        for (int kind = 0; kind < 4; kind++) {
            top_model model;
            top_model_init(&model);
            if (names[i][0] != '\0') {
                top_model_add(&model, names[i])->is_legacy = (kind & 1) != 0;
            }
            model.has_native = (kind & 2) != 0;
            top_model_open(&model, names[i]);
            model.detail.stage_name_count = 2;
            top_copy(model.detail.stage_names[0], TOP_NAME_SIZE, "pre_process");
            top_copy(model.detail.stage_names[1], TOP_NAME_SIZE, "engine_forward");
            check_all(&model);
            top_model_deinit(&model);
        }
    }
    check_end();
}

static void questions_follow_what_is_known(void **state)
{
    (void)state;
    top_model model;
    top_model_init(&model);
    top_pipeline *row = top_model_add(&model, "text-ocr");
    char *text = ask(&model, TOP_ASK_P95);
    CHECK_TEXT(text, "histogram_quantile(0.95, sum by (pipeline,le) "
                     "(rate(inference_duration_seconds_bucket{}[60000ms])))");
    ifm_free(text);
    model.has_native = true;
    model.window_ms = 240000;
    text = ask(&model, TOP_ASK_P95);
    CHECK_CONTAINS(
        text,
        " or histogram_quantile(0.95, sum by (pipeline) (rate(inference_duration_seconds{}[240000ms])))");
    ifm_free(text);
    row->is_legacy = true;
    text = ask(&model, TOP_ASK_P95);
    CHECK_CONTAINS(text, "sum by (le) (rate(total_inference_text_ocr_bucket{}[240000ms]))");
    CHECK_CONTAINS(text, "\"pipeline\", \"text-ocr\"");
    ifm_free(text);
    text = ask(&model, TOP_ASK_OUTCOMES);
    CHECK(strstr(text, "deriv") == NULL); /* how often it is scraped is not known */
    ifm_free(text);
    model.interval_ms = 60000;
    text = ask(&model, TOP_ASK_OUTCOMES);
    CHECK_CONTAINS(text, "(max by (pipeline) (count_over_time(inference_requests_total[240000ms])) < 3)");
    CHECK_CONTAINS(text, ", \"outcome\", \"slope\", \"\", \"\")");
    ifm_free(text);
    text = ask(&model, TOP_ASK_IN_TIME);
    CHECK_CONTAINS(text, "le=~\"2\\\\.5|2\\\\.5\"");
    ifm_free(text);
    top_model_deinit(&model);
    check_end();
}

static void steps_are_whole_seconds_within_the_limit(void **state)
{
    (void)state;
    static const struct {
        int64_t range_ms;
        int points, max;
        int64_t want_ms;
    } rows[] = {
        {900000, 60, 120, 15000},     {900000, 1000, 120, 8000}, {60000, 500, 512, 1000},
        {86400000, 80, 120, 1080000}, {900000, 0, 120, 450000},  {300000, 7, 120, 43000},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t step_ms = top_question_step(rows[i].range_ms, rows[i].points, rows[i].max);
        CHECK_INT(step_ms, rows[i].want_ms);
        CHECK(rows[i].range_ms / step_ms + 1 <= rows[i].max);
    }
    check_end();
}

static void forms_are_encoded(void **state)
{
    (void)state;
    ifm_buf form;
    ifm_buf_init(&form, 1000);
    top_form_append(&form, "query", "a{b=\"\xc3\xa4 &\"}");
    top_form_append(&form, "time", "1.5");
    ifm_buf_append_char(&form, '\0');
    CHECK_TEXT(form.data, "query=a%7Bb%3D%22%C3%A4%20%26%22%7D&time=1.5");
    ifm_buf_deinit(&form);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_can_be_parsed),
        cmocka_unit_test(questions_follow_what_is_known),
        cmocka_unit_test(steps_are_whole_seconds_within_the_limit),
        cmocka_unit_test(forms_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
