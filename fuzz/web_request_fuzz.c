/* SPDX-License-Identifier: Apache-2.0
 *
 * Any request is taken apart or refused: its target, a Host, and a form, on a line each. What comes out is
 * UTF-8 within limits; times are within those that can be added up; an answer is always there.
 */
#include "web/impl.h"

#include <stdlib.h>

enum { FUZZ_MEMORY_MAX = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The next line, terminated in the arena. */
static char *take_line(const char **at, const char *end, ifm_bump *arena)
{
    const char *line_end = memchr(*at, '\n', (size_t)(end - *at));
    size_t size = line_end == NULL ? (size_t)(end - *at) : (size_t)(line_end - *at);
    char *line = ifm_bump_copy(arena, *at, size);
    *at += size + (line_end != NULL);
    require(line != NULL);
    return line;
}

static void check_values(const web_params *params, ifm_bump *arena)
{
    for (size_t i = 0; i < params->count; i++) {
        ifm_error err = {.code = IFM_OK};
        model_text value = params->items[i].value;
        int64_t number = 0;
        size_t count;
        require(ifm_utf8_valid(value.data, value.size));
        require(web_param_has(params, "match[]") ==
                (web_param_all(params, "match[]", arena, &count), count > 0));
        if (web_time_parse(value, &number, &err)) {
            ifm_buf text;
            int64_t again = 0;
            require(number >= web_time_min_ms && number <= web_time_max_ms);
            ifm_buf_init(&text, 1024);
            web_time_print(number, &text);
            /* Years of four digits read back. */
            if (text.size > 4 && text.data[0] != '-' && text.data[4] == '-') {
                require(web_time_parse((model_text){text.data, text.size}, &again, &err) && again == number);
            }
            ifm_buf_deinit(&text);
        } else {
            require(strlen(err.message) > 0);
        }
        (void)web_duration_parse(value, &number, &err);
        (void)web_integer_parse(value, &number, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    web_server server = {
        .listen_host = "127.0.0.1", .prefix = "", .machine = "host", .url = "http://127.0.0.1/"};
    web_request request = {.server = &server};
    ifm_error err = {.code = IFM_OK};
    model_text query;
    web_dashboards_init(&server.known_dashboards);
    ifm_bump_init(&request.arena, FUZZ_MEMORY_MAX);
    ifm_buf_init(&request.answer.body, FUZZ_MEMORY_MAX);
    char *target = take_line(&at, (const char *)data + size, &request.arena);
    char *host = take_line(&at, (const char *)data + size, &request.arena);
    model_text form = {at, (size_t)((const char *)data + size - at)};
    request.target = target;
    request.method = size % 2 == 0 ? WEB_GET : WEB_POST;
    (void)web_host_is_ours(&server, host);
    if (web_target_split(target, &request.arena, &request.path, &query, &err) &&
        web_params_add(&request.params, form, &request.arena, &err) &&
        web_params_add(&request.params, query, &request.arena, &err)) {
        require(ifm_utf8_valid(request.path.data, request.path.size));
        require(request.params.count <= WEB_PARAMS_MAX);
        check_values(&request.params, &request.arena);
        web_route(&request);
        require(request.answer.status >= 200 && request.answer.status < 600);
    } else {
        require(err.code != IFM_OK && strlen(err.message) > 0);
    }
    ifm_buf_deinit(&request.answer.body);
    ifm_bump_deinit(&request.arena);
    web_dashboards_deinit(&server.known_dashboards);
    return 0;
}
