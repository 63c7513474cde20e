/* SPDX-License-Identifier: Apache-2.0
 *
 * What keys make of what is looked at; filtering and sorting.
 */
#include "top/state.h"

#include "base/base.h"
#include "check.h"

#include <math.h>

enum { NOW_MS = 1000000 };

/* A page that has room for all. */
static const top_list whole = {.count = 4, .shown = 4, .before = 1};

static const top_options plain_options = {.is_utf8 = true, .has_colour = true};

static void add(top_model *model, const char *name, double requests, double p95)
{
    top_pipeline *row = top_model_add(model, name);
    row->values[TOP_VALUE_REQUESTS] = requests;
    row->values[TOP_VALUE_FAILURES] = requests / 10;
    row->values[TOP_VALUE_P95] = p95;
}

static void open_model(top_model *model, top_state *state)
{
    top_model_init(model);
    top_state_init(state, &plain_options);
    add(model, "ocr", 5, 0.5);
    add(model, "chat", 50, 0.1);
    add(model, "idle", NAN, NAN);
    add(model, "Embed", 20, 2);
}

static void type(top_state *state, const top_model *model, const char *keys)
{
    for (; *keys != '\0'; keys++) {
        top_state_key(state, model, (uint32_t)(unsigned char)*keys, &whole, NOW_MS);
    }
}

static void press(top_state *state, const top_model *model, uint32_t key)
{
    top_state_key(state, model, key, &whole, NOW_MS);
}

/* "chat,Embed,ocr,idle" */
static const char *order(const top_model *model, const top_state *state)
{
    static char text[256];
    size_t rows[TOP_PIPELINES_MAX], count = top_rows(model, state, rows), used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "," : "",
                                 model->pipelines[rows[i]].name);
    }
    return text;
}

static void rows_are_sorted_with_what_is_of_interest_first(void **state)
{
    (void)state;
    static const struct {
        top_column sort;
        bool is_reversed;
        const char *want;
    } rows[] = {
        {TOP_COLUMN_REQUESTS, false, "chat,Embed,ocr,idle"},
        {TOP_COLUMN_REQUESTS, true, "ocr,Embed,chat,idle"},
        {TOP_COLUMN_P95, false, "Embed,ocr,chat,idle"},
        {TOP_COLUMN_P95, true, "chat,ocr,Embed,idle"},
        {TOP_COLUMN_NAME, false, "Embed,chat,idle,ocr"},
        {TOP_COLUMN_NAME, true, "ocr,idle,chat,Embed"},
        {TOP_COLUMN_ERRORS, false, "Embed,chat,ocr,idle"},
        {TOP_COLUMN_P50, false, "Embed,chat,idle,ocr"},
    };
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        looked.sort = rows[i].sort;
        looked.is_reversed = rows[i].is_reversed;
        CHECK_TEXT(order(&model, &looked), rows[i].want);
    }
    top_model_find(&model, "ocr")->values[TOP_VALUE_IN_TIME] = 0.5;
    top_model_find(&model, "chat")->values[TOP_VALUE_IN_TIME] = 1;
    looked.sort = TOP_COLUMN_IN_TIME;
    looked.is_reversed = false;
    CHECK_TEXT(order(&model, &looked), "ocr,chat,Embed,idle");
    top_model_deinit(&model);
    check_end();
}

static void sort_keys_go_through_all_columns(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    top_column first = looked.sort;
    for (int i = 0; i < TOP_COLUMN_COUNT; i++) {
        type(&looked, &model, "s");
    }
    CHECK_INT(looked.sort, first);
    type(&looked, &model, "S");
    CHECK(looked.is_reversed);
    type(&looked, &model, "s");
    CHECK(!looked.is_reversed);
    top_model_deinit(&model);
    check_end();
}

static void the_selected_row_stays_when_the_order_changes(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    size_t rows[TOP_PIPELINES_MAX];
    open_model(&model, &looked);
    type(&looked, &model, "j");
    CHECK_TEXT(looked.selected, "Embed");
    top_model_find(&model, "Embed")->values[TOP_VALUE_REQUESTS] = 500;
    size_t count = top_rows(&model, &looked, rows);
    CHECK_INT(top_rows_selected(&model, &looked, rows, count), 0);
    type(&looked, &model, "jj");
    CHECK_TEXT(looked.selected, "ocr");
    press(&looked, &model, TOP_KEY_END);
    CHECK_TEXT(looked.selected, "idle");
    press(&looked, &model, TOP_KEY_DOWN);
    CHECK_TEXT(looked.selected, "idle");
    press(&looked, &model, TOP_KEY_HOME);
    CHECK_TEXT(looked.selected, "Embed");
    type(&looked, &model, "k");
    CHECK_TEXT(looked.selected, "Embed");
    press(&looked, &model, TOP_KEY_PAGE_DOWN);
    CHECK_TEXT(looked.selected, "idle");
    top_model_deinit(&model);
    check_end();
}

static void filter_takes_letters_until_enter_or_escape(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, "/Cq");
    CHECK(looked.is_filtering && !looked.wants_end); /* a letter, not the key */
    CHECK_TEXT(looked.filter, "Cq");
    press(&looked, &model, TOP_KEY_BACKSPACE);
    CHECK_TEXT(order(&model, &looked), "chat,ocr"); /* in any case */
    press(&looked, &model, TOP_KEY_ENTER);
    CHECK(!looked.is_filtering);
    type(&looked, &model, "/hat");
    CHECK_TEXT(order(&model, &looked), "chat"); /* goes on behind what was there */
    press(&looked, &model, TOP_KEY_ESCAPE);
    CHECK_TEXT(looked.filter, "C"); /* as it was */
    press(&looked, &model, TOP_KEY_ESCAPE);
    CHECK_TEXT(looked.filter, "");
    press(&looked, &model, TOP_KEY_ENTER);
    CHECK_INT(looked.page, TOP_PAGE_PIPELINE);
    CHECK_TEXT(looked.pipeline, "chat");
    top_model_deinit(&model);
    check_end();
}

static void filter_has_a_limit_and_whole_characters(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, "/");
    for (int i = 0; i < 2 * TOP_FILTER_SIZE; i++) {
        press(&looked, &model, 0xE4);
    }
    CHECK(strlen(looked.filter) < TOP_FILTER_SIZE);
    CHECK(ifm_utf8_valid(looked.filter, strlen(looked.filter)));
    size_t size = strlen(looked.filter);
    press(&looked, &model, TOP_KEY_BACKSPACE);
    CHECK_INT(strlen(looked.filter), size - 2);
    press(&looked, &model, 0x15);
    CHECK_TEXT(looked.filter, "");
    press(&looked, &model, TOP_KEY_BACKSPACE);
    press(&looked, &model, 0x1B00000);
    press(&looked, &model, '\x01');
    CHECK_TEXT(looked.filter, "");
    top_model_deinit(&model);
    check_end();
}

static void pages_follow_their_keys(void **state)
{
    (void)state;
    static const struct {
        uint32_t key;
        top_page want;
    } rows[] = {
        {'t', TOP_PAGE_TARGETS},
        {'a', TOP_PAGE_ALERTS},
        {'o', TOP_PAGE_OVERVIEW},
        {TOP_KEY_TAB, TOP_PAGE_TARGETS},
        {TOP_KEY_TAB, TOP_PAGE_ALERTS},
        {TOP_KEY_TAB, TOP_PAGE_OVERVIEW},
        {TOP_KEY_BACK_TAB, TOP_PAGE_ALERTS},
        {TOP_KEY_ESCAPE, TOP_PAGE_OVERVIEW},
        {TOP_KEY_ENTER, TOP_PAGE_PIPELINE},
        {TOP_KEY_ENTER, TOP_PAGE_PIPELINE},
        {TOP_KEY_BACKSPACE, TOP_PAGE_OVERVIEW},
        {'x', TOP_PAGE_OVERVIEW},
    };
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        press(&looked, &model, rows[i].key);
        CHECK_INT(looked.page, rows[i].want);
    }
    top_model_deinit(&model);
    check_end();
}

static void help_goes_away_with_any_key(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, "?t");
    CHECK(!looked.has_help);
    CHECK_INT(looked.page, TOP_PAGE_OVERVIEW);
    type(&looked, &model, "?q");
    CHECK(looked.wants_end);
    top_model_deinit(&model);
    check_end();
}

static void ranges_have_ends_and_time_does_not_pass_now(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    CHECK_INT(looked.range_ms, 900000);
    type(&looked, &model, "-");
    CHECK_INT(looked.range_ms, 300000);
    type(&looked, &model, "---");
    CHECK_INT(looked.range_ms, 300000);
    type(&looked, &model, "++++++++++++");
    CHECK_INT(looked.range_ms, 86400000);
    type(&looked, &model, "0");
    CHECK_INT(looked.range_ms, 900000);
    type(&looked, &model, "]");
    CHECK_INT(looked.pan_ms, 0);
    type(&looked, &model, "[[");
    CHECK_INT(looked.pan_ms, 900000);
    CHECK_INT(top_state_end(&looked, NOW_MS), NOW_MS - 900000);
    type(&looked, &model, "]0");
    CHECK_INT(looked.pan_ms, 0);
    looked.range_ms = 420000; /* of --range: to the next ones */
    type(&looked, &model, "+");
    CHECK_INT(looked.range_ms, 900000);
    looked.range_ms = 420000;
    type(&looked, &model, "-");
    CHECK_INT(looked.range_ms, 300000);
    top_model_deinit(&model);
    check_end();
}

static void a_pause_holds_the_time(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, " ");
    CHECK_INT(top_state_end(&looked, 2 * NOW_MS), NOW_MS);
    type(&looked, &model, " ");
    CHECK_INT(top_state_end(&looked, 2 * NOW_MS), 2 * NOW_MS);
    type(&looked, &model, "r");
    CHECK(looked.wants_refresh);
    top_model_deinit(&model);
    check_end();
}

static void looks_can_be_changed(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, "19");
    CHECK_INT(looked.hidden, 1 | 1 << 8);
    type(&looked, &model, "1c");
    CHECK_INT(looked.hidden, 1 << 8);
    CHECK(!looked.has_colour);
    CHECK_INT(looked.graph, TOP_GRAPH_BRAILLE);
    type(&looked, &model, "g");
    CHECK_INT(looked.graph, TOP_GRAPH_BLOCK);
    type(&looked, &model, "g");
    CHECK_INT(looked.graph, TOP_GRAPH_ASCII);
    type(&looked, &model, "g");
    CHECK_INT(looked.graph, TOP_GRAPH_BRAILLE);
    top_state_init(&looked, &(top_options){.graph = TOP_WANTED_BRAILLE}); /* no UTF-8 */
    CHECK_INT(looked.graph, TOP_GRAPH_ASCII);
    type(&looked, &model, "g");
    CHECK_INT(looked.graph, TOP_GRAPH_ASCII);
    top_model_deinit(&model);
    check_end();
}

static void a_filter_takes_characters_of_any_script(void **state)
{
    (void)state;
    top_model model;
    top_state looked;
    open_model(&model, &looked);
    type(&looked, &model, "/");
    press(&looked, &model, 0xE9);
    press(&looked, &model, 0x65E5);
    press(&looked, &model, 0x1F600);
    press(&looked, &model, 0xD800); /* none */
    CHECK_TEXT(looked.filter, "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80");
    press(&looked, &model, TOP_KEY_BACKSPACE);
    CHECK_TEXT(looked.filter, "\xc3\xa9\xe6\x97\xa5");
    for (int i = 0; i < 30; i++) {
        press(&looked, &model, 0x65E5);
    }
    CHECK_INT(strlen(looked.filter), 62); /* no part of one */
    top_model_deinit(&model);
    check_end();
}

/* Any keys in any order, also where there is nothing to select. */
static void any_keys_do_no_harm(void **state)
{
    (void)state;
    top_model models[2];
    top_state looked;
    uint32_t random = 1;
    open_model(&models[1], &looked);
    top_model_init(&models[0]);
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t key = random >> 8;
        key = key % 3 == 0 ? TOP_KEY_UP + key % 14 : key % 0x180;
        int shown = (int)(random >> 28);
        const top_list list = {
            .count = shown * 3, .first = shown, .shown = shown, .before = shown, .first_max = shown * 2};
        top_state_key(&looked, &models[i / 100 % 2], key, &list, NOW_MS);
        CHECK(looked.scroll >= 0 && looked.help_scroll >= 0 && looked.pan_ms >= 0 && looked.range_ms > 0);
        CHECK(strlen(looked.filter) < TOP_FILTER_SIZE);
    }
    top_model_deinit(&models[1]);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_with_what_is_of_interest_first),
        cmocka_unit_test(sort_keys_go_through_all_columns),
        cmocka_unit_test(the_selected_row_stays_when_the_order_changes),
        cmocka_unit_test(filter_takes_letters_until_enter_or_escape),
        cmocka_unit_test(filter_has_a_limit_and_whole_characters),
        cmocka_unit_test(pages_follow_their_keys),
        cmocka_unit_test(help_goes_away_with_any_key),
        cmocka_unit_test(ranges_have_ends_and_time_does_not_pass_now),
        cmocka_unit_test(a_pause_holds_the_time),
        cmocka_unit_test(looks_can_be_changed),
        cmocka_unit_test(a_filter_takes_characters_of_any_script),
        cmocka_unit_test(any_keys_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
