/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the answer to a question of inferometer top, the first of them says which: what is refused
 * has a sentence, and what is taken can be drawn on every page, in every kind of characters, without a
 * control character.
 */
#include "top/answer.h"
#include "top/view.h"

#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const top_options options = {.url = "http://127.0.0.1:9090", .interval_ms = 2000, .objective_s = 2.5};

static void check_cells(const top_screen *screen)
{
    for (int i = 0; i < screen->width * screen->height; i++) {
        const char *text = screen->cells[i].text;
        if (!ifm_utf8_valid(text, strlen(text)) || (!screen->utf8 && (text[0] & 0x80) != 0)) {
            abort();
        }
        for (; *text != '\0'; text++) {
            if ((unsigned char)*text < ' ' || *text == 0x7F) {
                abort();
            }
        }
    }
}

static void draw(const top_model *model, bool utf8, int width, int height)
{
    top_screen screen;
    top_state state;
    ifm_error err;
    top_state_init(&state, &options);
    top_copy(state.pipeline, sizeof state.pipeline,
             model->pipeline_count > 0 ? model->pipelines[0].name : "p");
    top_screen_init(&screen, utf8);
    for (int page = TOP_PAGE_OVERVIEW; page <= TOP_PAGE_ALERTS; page++) {
        const top_view view = {
            .screen = &screen, .model = model, .state = &state, .options = &options, .now_ms = 1700000000000};
        state.page = (top_page)page;
        state.graph = utf8 ? (top_graph)(page % TOP_GRAPH_COUNT) : TOP_GRAPH_ASCII;
        if (!top_screen_resize(&screen, width, height, &err) || !top_view_draw(&view, &err)) {
            abort();
        }
        check_cells(&screen);
    }
    top_screen_deinit(&screen);
}

static void take(top_model *model, top_ask ask, const uint8_t *data, size_t size)
{
    ifm_buf body;
    ifm_error err = {.code = IFM_OK};
    const top_asked asked = {.ask = ask, .frame = {.start_ms = 1000000, .step_ms = 1000, .count = 60}};
    ifm_buf_init(&body, TOP_ANSWER_BYTES_MAX);
    ifm_buf_append(&body, data, size);
    if (!top_answer_take(model, &asked, 200, &body, &err) && (err.code == IFM_OK || err.message[0] == '\0')) {
        abort();
    }
    ifm_buf_deinit(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    top_model model;
    if (size < 1) {
        return 0;
    }
    setlocale(LC_CTYPE, "C.UTF-8");
    top_model_init(&model);
    top_model_open(&model, "p");
    /* Some answers show only beside others. */
    take(&model, (top_ask)(data[0] % TOP_ASK_COUNT), data + 1, size - 1);
    take(&model, TOP_ASK_P95, data + 1, size - 1);
    take(&model, (top_ask)(data[0] % TOP_ASK_COUNT), data + 1, size - 1);
    bool utf8 = size % 2 == 0;
    draw(&model, utf8, utf8 ? 80 : 121, utf8 ? 24 : 16);
    top_model_deinit(&model);
    return 0;
}
