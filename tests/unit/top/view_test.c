/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole pages, of known models: which columns there are at which width, what is said when something is wrong,
 * and that every size and every text can be drawn.
 */
#include "top/view.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { PRINTED_MAX = 1 << 20 };

static const int64_t now_ms = INT64_C(1700000000000); /* 22:13:20 */
static top_model model;
static top_state looked;
static top_screen screen;
static char printed[PRINTED_MAX];
static top_options options = {
    .url = "http://127.0.0.1:9090", .interval_ms = 2000, .objective_s = 2.5, .is_utf8 = true};

static int view_open(void **state)
{
    (void)state;
    top_model_init(&model);
    top_state_init(&looked, &options);
    top_screen_init(&screen, true);
    return 0;
}

static int view_close(void **state)
{
    (void)state;
    top_model_deinit(&model);
    top_screen_deinit(&screen);
    return 0;
}

static const char *page(int width, int height)
{
    ifm_error err;
    ifm_buf out;
    const top_view view = {
        .screen = &screen, .model = &model, .state = &looked, .options = &options, .now_ms = now_ms};
    assert_true(top_screen_resize(&screen, width, height, &err));
    assert_true(top_view_draw(&view, &err));
    ifm_buf_init(&out, PRINTED_MAX - 1);
    top_screen_print(&screen, &out);
    memcpy(printed, out.size > 0 ? out.data : "", out.size);
    printed[out.size] = '\0';
    ifm_buf_deinit(&out);
    return printed;
}

static void fill(const char *name)
{
    top_pipeline *row = top_model_add(&model, name);
    static const double values[TOP_VALUE_COUNT] = {12.5, 0.5, 0.0123, 0.25, 3, 2, 0.001, 0.97};
    assert_non_null(row);
    memcpy(row->values, values, sizeof values);
    for (int line = 0; line < TOP_LINE_COUNT; line++) {
        model.frames[line] = (top_frame){.start_ms = now_ms - 900000, .step_ms = 15000, .count = 61};
        for (int i = 0; i < 61; i++) {
            row->lines[line][i] = i % 7;
        }
    }
    model.answered[TOP_ASK_PLACES] = model.answered[TOP_ASK_TARGETS] = model.answered[TOP_ASK_ALERTS] = true;
}

static void fill_detail(const char *name)
{
    fill(name);
    top_model_open(&model, name);
    looked.page = TOP_PAGE_PIPELINE;
    top_copy(looked.pipeline, sizeof looked.pipeline, name);
    top_detail *detail = &model.detail;
    static const char *const stages[] = {"pre_process", "detect", "engine_forward"};
    for (int i = 0; i < 3; i++) {
        detail->stages[i] = (top_stage){.time = i + 1, .rate = 10, .p95 = 0.3};
        top_copy(detail->stages[i].name, TOP_NAME_SIZE, stages[i]);
    }
    detail->stage_count = 3;
    for (int i = 0; i < TOP_PERCENTILES; i++) {
        detail->percentile_frames[i] = model.frames[0];
        for (int k = 0; k < 61; k++) {
            detail->percentiles[i][k] = i + k % 5;
        }
    }
    detail->outcome_frame = detail->heat_frame = model.frames[0];
    detail->heat = ifm_alloc_zero(2, sizeof *detail->heat);
    assert_non_null(detail->heat);
    detail->heat[0] = (top_heat_cell){.column = 30, .low = 0.1, .high = 0.25, .count = 10};
    detail->heat[1] = (top_heat_cell){.column = 60, .low = 0.25, .high = 0.5, .count = 40};
    detail->heat_count = detail->heat_capacity = 2;
}

static void overview_has_a_row_with_its_numbers(void **state)
{
    (void)state;
    fill("ocr");
    page(80, 24);
    CHECK_CONTAINS(printed, "[Overview]");
    CHECK_CONTAINS(printed, "http://127.0.0.1:9090");
    CHECK_CONTAINS(printed, "every 2s  22:13:20");
    CHECK_CONTAINS(printed, " 1 ocr ");
    CHECK_CONTAINS(printed, "12.5    4.0%  12.3ms   250ms   3.00s");
    check_end();
}

static void columns_are_dropped_by_priority(void **state)
{
    (void)state;
    static const struct {
        int width;
        const char *has, *has_not;
    } rows[] = {
        {200, "QUEUE", "none"}, {100, "FLIGHT", "none"}, {80, "P50", "QUEUE"},
        {50, "P99", "QUEUE"},   {40, "ERRORS", "P50"},   {30, "REQ/S", "P99"},
    };
    fill("ocr");
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        page(rows[i].width, 9);
        CHECK_CONTAINS(printed, rows[i].has);
        CHECK(strstr(printed, rows[i].has_not) == NULL);
        CHECK_CONTAINS(printed, "ocr");
    }
    check_end();
}

static void what_is_wrong_is_said_and_the_last_numbers_stay(void **state)
{
    (void)state;
    fill("ocr");
    model.last_answer_ms = now_ms - 5000;
    model.silent_since_ms = now_ms - 3000;
    top_copy(model.silent_why, sizeof model.silent_why, "connection refused");
    page(110, 24);
    CHECK_CONTAINS(printed,
                   "no answer since 22:13:17 (3s): connection refused; shown is what was at 22:13:15");
    CHECK_CONTAINS(printed, "12.5");
    model.silent_since_ms = -1;
    model.waiting_since_ms = now_ms - 4000;
    CHECK_CONTAINS(page(110, 24), "waiting for an answer for 4s; the last one came at 22:13:15");
    model.waiting_since_ms = -1;
    top_copy(model.complaints[TOP_ASK_P95], IFM_ERROR_MESSAGE_SIZE, "query timed out");
    CHECK_CONTAINS(page(110, 24), "the server refuses a question: query timed out");
    model.complaints[TOP_ASK_P95][0] = '\0';
    model.skew_ms = -12000;
    CHECK_CONTAINS(page(110, 24), "the server's clock is 12.0s behind this one");
    check_end();
}

static void empty_pages_say_why(void **state)
{
    (void)state;
    CHECK_CONTAINS(page(80, 24), "Asking http://127.0.0.1:9090 ...");
    model.silent_since_ms = now_ms;
    top_copy(model.silent_why, sizeof model.silent_why, "connection refused");
    options.is_guess = true;
    CHECK_CONTAINS(page(80, 24), "does not answer: connection refused.");
    CHECK_CONTAINS(printed, "start one with");
    options.is_guess = false;
    model.silent_since_ms = -1;
    model.answered[TOP_ASK_PLACES] = true;
    CHECK_CONTAINS(page(80, 24), "No pipeline has shown metrics within 15m");
    model.answered[TOP_ASK_TARGETS] = model.answered[TOP_ASK_ALERTS] = true;
    CHECK_CONTAINS(page(80, 24), "The server watches no targets");
    fill("ocr");
    top_copy(looked.filter, sizeof looked.filter, "zzz");
    CHECK_CONTAINS(page(80, 24), "No pipeline has \"zzz\" in its name");
    looked.page = TOP_PAGE_ALERTS;
    looked.filter[0] = '\0';
    CHECK_CONTAINS(page(80, 24), "No alert is pending or firing.");
    looked.page = TOP_PAGE_PIPELINE;
    top_copy(looked.pipeline, sizeof looked.pipeline, "none");
    CHECK_CONTAINS(page(80, 24), "No pipeline \"none\" has shown metrics");
    check_end();
}

static void opened_pipeline_shows_stages_lines_and_heat(void **state)
{
    (void)state;
    fill_detail("ocr");
    page(80, 24);
    CHECK_CONTAINS(printed, "Overview [ocr]");
    CHECK_CONTAINS(printed, "12.5 req/s  4.0% errors  12.3ms p50");
    const char *first = strstr(printed, "engine_forward"), *last = strstr(printed, "pre_process");
    CHECK(first != NULL && last != NULL && first < last); /* the longest first */
    CHECK_CONTAINS(printed, "300ms    300ms   50.0%");
    CHECK_CONTAINS(printed, "1 p50");
    CHECK_CONTAINS(printed, "Distribution");
    CHECK_CONTAINS(printed, "\xe2\x96\x88");
    page(200, 50);
    CHECK_CONTAINS(printed, "97.0% within 2.5s");
    CHECK_CONTAINS(printed, "Requests per second");
    check_end();
}

static void generative_models_have_tokens(void **state)
{
    (void)state;
    fill_detail("chat");
    page(80, 24);
    CHECK(strstr(printed, "tokens/s") == NULL);
    model.detail.tokens_in = 900;
    model.detail.tokens_out = 120.5;
    model.detail.first_token_p95 = 0.025;
    page(80, 24);
    CHECK_CONTAINS(printed, " 900 tokens/s in  120 tokens/s out  25.0ms p95 first token  - p95 per token\n");
    CHECK_CONTAINS(printed, "engine_forward");
    check_end();
}

static void targets_that_are_down_are_first_with_their_reason(void **state)
{
    (void)state;
    fill("ocr");
    model.targets = ifm_alloc_zero(2, sizeof *model.targets);
    assert_non_null(model.targets);
    model.target_count = 2;
    model.targets[0] = (top_target){.job = "j",
                                    .instance = "a:1",
                                    .health = "up",
                                    .last_scrape_ms = now_ms - 1500,
                                    .duration_s = 0.002,
                                    .interval_ms = 5000};
    model.targets[1] = (top_target){.job = "j",
                                    .instance = "b:1",
                                    .health = "down",
                                    .error = "connection refused",
                                    .last_scrape_ms = -1,
                                    .duration_s = NAN};
    looked.page = TOP_PAGE_TARGETS;
    page(80, 24);
    CHECK_CONTAINS(printed, "[Targets 1 down of 2]");
    CHECK(strstr(printed, "b:1") < strstr(printed, "a:1"));
    CHECK_CONTAINS(printed, "connection refused");
    CHECK_CONTAINS(printed, "1.5s   2.00ms       5s");
    top_copy(looked.filter, sizeof looked.filter, "refused");
    page(80, 24);
    CHECK(strstr(printed, "a:1") == NULL);
    check_end();
}

static void alerts_that_fire_are_first(void **state)
{
    (void)state;
    fill("ocr");
    model.alerts = ifm_alloc_zero(2, sizeof *model.alerts);
    assert_non_null(model.alerts);
    model.alert_count = 2;
    model.alerts[0] = (top_alert){.name = "A", .state = "pending", .since_ms = now_ms - 10000, .value = NAN};
    model.alerts[1] = (top_alert){.name = "Slow",
                                  .pipeline = "ocr",
                                  .labels = "pipeline=ocr",
                                  .summary = "It is slow",
                                  .state = "firing",
                                  .since_ms = now_ms - 125000,
                                  .value = 2.5};
    looked.page = TOP_PAGE_ALERTS;
    page(80, 24);
    CHECK_CONTAINS(printed, "[Alerts 1 firing]");
    CHECK_CONTAINS(printed, "firing   Slow        2m05s     2.50  pipeline=ocr");
    CHECK_CONTAINS(printed, "It is slow");
    CHECK(strstr(printed, "firing   Slow") < strstr(printed, "pending"));
    looked.page = TOP_PAGE_OVERVIEW;
    CHECK_CONTAINS(page(80, 24), " 1!ocr ");
    check_end();
}

static void small_terminals_get_a_sentence(void **state)
{
    (void)state;
    fill("ocr");
    page(29, 24);
    CHECK_CONTAINS(printed, "29 x 24 is too small");
    page(80, 7);
    CHECK_CONTAINS(printed, "80 x 7 is too small");
    page(30, 8);
    CHECK_CONTAINS(printed, "ocr");
    check_end();
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((*text < ' ' && *text != '\n') || *text == 0x7F) {
            return false;
        }
    }
    return true;
}

static void fill_hostile(void)
{
    static const char hostile[] = "\x1b[31m\x07\xe2\x80\xae\xe6\x97\xa5\xe6\x9c\xac\nnew\tline\x7f";
    fill_detail(hostile);
    fill("plain");
    model.targets = ifm_alloc_zero(1, sizeof *model.targets);
    model.alerts = ifm_alloc_zero(1, sizeof *model.alerts);
    assert_true(model.targets != NULL && model.alerts != NULL);
    model.target_count = model.alert_count = 1;
    model.targets[0] = (top_target){.duration_s = 1e300, .last_scrape_ms = INT64_MAX / 2};
    model.alerts[0] = (top_alert){.value = -1e300, .since_ms = 0};
    top_copy(model.targets[0].job, TOP_NAME_SIZE, hostile);
    top_copy(model.targets[0].error, TOP_TEXT_SIZE, hostile);
    top_copy(model.alerts[0].name, TOP_NAME_SIZE, hostile);
    top_copy(model.alerts[0].labels, TOP_TEXT_SIZE, hostile);
    top_copy(model.complaints[TOP_ASK_P99], IFM_ERROR_MESSAGE_SIZE, hostile);
    top_copy(model.detail.stages[0].name, TOP_NAME_SIZE, hostile);
}

/* All pages in all sizes and kinds. */
static void everything_can_be_drawn(void **state)
{
    (void)state;
    fill_hostile();
    for (int round = 0; round < 4 * TOP_GRAPH_COUNT * 2; round++) {
        looked.page = (top_page)(round % 4);
        looked.graph = (top_graph)(round / 4 % TOP_GRAPH_COUNT);
        screen.utf8 = round / (4 * TOP_GRAPH_COUNT) == 0;
        looked.graph = screen.utf8 ? looked.graph : TOP_GRAPH_ASCII;
        looked.has_help = false;
        for (int width = 1; width <= 210; width += width < 40 ? 1 : 17) {
            for (int height = 1; height <= 60; height += height < 12 ? 1 : 9) {
                page(width, height);
                CHECK(ifm_utf8_valid(printed, strlen(printed)));
                CHECK(strpbrk(printed, "\x1b\x07\t\r\x7f") == NULL);
                CHECK(screen.utf8 || is_ascii(printed));
            }
        }
        looked.has_help = true;
        page(80, 24);
    }
    check_end();
}

/* p00 to p49, by name. */
static void fill_fifty(void)
{
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%02d", i);
        fill(name);
    }
    looked.sort = TOP_COLUMN_NAME;
}

static void fifty_pipelines_scroll_with_the_selection(void **state)
{
    (void)state;
    fill_fifty();
    page(80, 24);
    CHECK_CONTAINS(printed, "p00");
    CHECK(strstr(printed, "p40") == NULL);
    top_copy(looked.selected, sizeof looked.selected, "p40");
    page(80, 24);
    CHECK_CONTAINS(printed, "p40");
    CHECK(strstr(printed, "p00") == NULL);
    check_end();
}

static void press(uint32_t key, int width, int height)
{
    const top_view view = {
        .screen = &screen, .model = &model, .state = &looked, .options = &options, .now_ms = now_ms};
    page(width, height);
    top_list list = top_view_list(&view);
    top_state_key(&looked, &model, key, &list, now_ms);
    page(width, height);
}

static void rows_are_counted_and_the_page_stays(void **state)
{
    (void)state;
    fill_fifty();
    CHECK_CONTAINS(page(80, 24), "\n pipelines 1 to 19 of 50\n q quit");
    press(TOP_KEY_END, 80, 24);
    CHECK_CONTAINS(printed, "pipelines 32 to 50 of 50");
    CHECK_CONTAINS(printed, "p49");
    press(TOP_KEY_UP, 80, 24); /* selects another one of this page */
    CHECK_CONTAINS(printed, "pipelines 32 to 50 of 50");
    CHECK_TEXT(looked.selected, "p48");
    press(TOP_KEY_PAGE_UP, 80, 24);
    CHECK_CONTAINS(printed, "pipelines 30 to 48 of 50");
    press(TOP_KEY_HOME, 80, 24);
    CHECK_CONTAINS(printed, "pipelines 1 to 19 of 50");
    press(TOP_KEY_PAGE_DOWN, 80, 24);
    CHECK_TEXT(looked.selected, "p19");
    CHECK(strstr(page(80, 60), "pipelines 1") == NULL);
    check_end();
}

static void the_last_target_and_alert_can_be_reached(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    model.targets = ifm_alloc_zero(COUNT, sizeof *model.targets);
    model.alerts = ifm_alloc_zero(COUNT, sizeof *model.alerts);
    assert_true(model.targets != NULL && model.alerts != NULL);
    for (int i = 0; i < COUNT; i++) {
        top_target *target = &model.targets[i];
        top_alert *alert = &model.alerts[i];
        snprintf(target->instance, sizeof target->instance, "host%02d:80", i);
        snprintf(target->health, sizeof target->health, "down");
        snprintf(target->error, sizeof target->error,
                 "Get \"http://host%02d:80/metrics\": dial tcp 10.0.0.1:80: %s", i,
                 "connect: connection refused");
        snprintf(alert->name, sizeof alert->name, "Alert%02d", i);
        snprintf(alert->state, sizeof alert->state, "firing");
        snprintf(alert->summary, sizeof alert->summary, "It is slow.");
    }
    model.target_count = model.alert_count = COUNT;
    model.answered[TOP_ASK_TARGETS] = model.answered[TOP_ASK_ALERTS] = true;
    looked.page = TOP_PAGE_TARGETS;
    CHECK_CONTAINS(page(80, 24), "targets 1 to 6 of 40");
    for (int i = 6; i < COUNT; i += 6) { /* none is passed over */
        char name[16];
        press(TOP_KEY_PAGE_DOWN, 80, 24);
        snprintf(name, sizeof name, "host%02d", i);
        CHECK_CONTAINS(printed, name);
    }
    CHECK_CONTAINS(printed, "host39:80");
    CHECK_CONTAINS(printed, "targets 35 to 40 of 40");
    press(TOP_KEY_HOME, 80, 24);
    press(TOP_KEY_END, 80, 24);
    CHECK_CONTAINS(printed, "host39:80");
    looked.page = TOP_PAGE_ALERTS;
    press(TOP_KEY_END, 80, 24);
    CHECK_CONTAINS(printed, "Alert39");
    CHECK_CONTAINS(printed, "alerts 32 to 40 of 40");
    check_end();
}

static void stages_and_help_scroll_where_they_must(void **state)
{
    (void)state;
    fill_detail("ocr");
    for (int i = 0; i < 30; i++) {
        top_stage *stage = &model.detail.stages[i];
        *stage = (top_stage){.time = 100 - i, .rate = 1, .p95 = 1};
        snprintf(stage->name, sizeof stage->name, "stage%02d", i);
    }
    model.detail.stage_count = 30;
    CHECK_CONTAINS(page(80, 24), "stages 1 to 4 of 30");
    press(TOP_KEY_END, 80, 24);
    CHECK_CONTAINS(printed, "stage29");
    press('k', 80, 24);
    CHECK_CONTAINS(printed, "stages 26 to 29 of 30");
    press('?', 60, 12);
    CHECK(looked.has_help);
    CHECK_CONTAINS(printed, "lines 1 to 7 of 20");
    press(TOP_KEY_END, 60, 12);
    CHECK_CONTAINS(printed, "processes with this pipeline");
    press('x', 60, 12);
    CHECK(!looked.has_help);
    press('?', 80, 24);
    CHECK_CONTAINS(printed, "any key goes back");
    press(TOP_KEY_DOWN, 80, 24);
    CHECK(!looked.has_help);
    check_end();
}

/* Two lines of what is wrong take theirs from the page, and not the row that is selected. */
static void trouble_hides_no_row(void **state)
{
    (void)state;
    fill_fifty();
    top_copy(looked.selected, sizeof looked.selected, "p30");
    top_copy(model.complaints[TOP_ASK_P95], IFM_ERROR_MESSAGE_SIZE,
             "query processing would load too many samples into memory in query execution, and so on and on");
    CHECK_CONTAINS(page(80, 24), "p30");
    CHECK_CONTAINS(printed, "pipelines 14 to 31 of 50\n the server refuses");
    check_end();
}

static bool draw_all(void *context, ifm_error *err)
{
    const top_view view = {
        .screen = &screen, .model = &model, .state = &looked, .options = &options, .now_ms = now_ms};
    (void)context;
    for (int i = 0; i < 4; i++) {
        looked.page = (top_page)i;
        if (!top_view_draw(&view, err)) {
            return false;
        }
    }
    return true;
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    ifm_error err;
    fill_detail("ocr");
    assert_true(top_screen_resize(&screen, 200, 50, &err));
    CHECK_INT(torture_allocations(draw_all, NULL, TORTURE_MUST_FAIL), 5);
    check_end();
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
#define TEST(name) cmocka_unit_test_setup_teardown(name, view_open, view_close)
    const struct CMUnitTest tests[] = {
        TEST(overview_has_a_row_with_its_numbers),
        TEST(columns_are_dropped_by_priority),
        TEST(what_is_wrong_is_said_and_the_last_numbers_stay),
        TEST(empty_pages_say_why),
        TEST(opened_pipeline_shows_stages_lines_and_heat),
        TEST(generative_models_have_tokens),
        TEST(targets_that_are_down_are_first_with_their_reason),
        TEST(alerts_that_fire_are_first),
        TEST(small_terminals_get_a_sentence),
        TEST(everything_can_be_drawn),
        TEST(fifty_pipelines_scroll_with_the_selection),
        TEST(rows_are_counted_and_the_page_stays),
        TEST(the_last_target_and_alert_can_be_reached),
        TEST(stages_and_help_scroll_where_they_must),
        TEST(trouble_hides_no_row),
        TEST(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
