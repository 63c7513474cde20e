/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/api.h"

#include "stack/api_limits.h"
#include "stack/text.h"

#include <stdio.h>
#include <string.h>

enum { COMPLAINT_BYTES = 160 };

bool stack_api_ask(const stack_server *server, const char *path, const char *form, stack_response *response,
                   ifm_error *err)
{
    char url[STACK_API_URL_MAX];
    int size = snprintf(url, sizeof url, "%s%s", server->url, path);
    if (size < 0 || (size_t)size >= sizeof url) {
        return ifm_error_set(err, IFM_LIMIT, "the address \"%.60s...\" has more than %d bytes", server->url,
                             STACK_API_URL_MAX);
    }
    const stack_request request = {.url = url,
                                   .user = server->user,
                                   .password = server->password,
                                   .body = form,
                                   .timeout_ns = server->timeout_ns,
                                   .cancel_fd = server->cancel_fd};
    *response = (stack_response){.date_ms = -1};
    if (!server->system->http(server->system->context, &request, response, err)) {
        return ifm_error_wrap(err, "%s", server->name);
    }
    return true;
}

const char *stack_api_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

json_t *stack_api_parse(const char *text, ifm_error *err)
{
    json_error_t why;
    json_t *value = json_loads(text, 0, &why);
    if (json_is_object(value)) {
        return value;
    }
    if (value == NULL && json_error_code(&why) == json_error_out_of_memory) {
        ifm_error_nomem(err);
    } else if (value == NULL) {
        char reason[COMPLAINT_BYTES];
        stack_text_copy(reason, sizeof reason, why.text);
        ifm_error_set(err, IFM_INVALID, "it is no JSON: line %d: %s", why.line, reason);
    } else {
        ifm_error_set(err, IFM_INVALID, "its JSON is no object");
    }
    json_decref(value);
    return NULL;
}

void stack_api_complaint(const stack_response *response, char *out, size_t size)
{
    out[0] = '\0';
    json_t *body = json_loads(response->body == NULL ? "" : response->body, 0, NULL);
    const char *said = stack_api_text(body, "error"); /* Prometheus */
    if (said[0] == '\0') {
        said = stack_api_text(body, "message"); /* Grafana */
    }
    stack_text_copy(out, size, said);
    json_decref(body);
}

static json_t *read_answer(const stack_server *server, const stack_response *response, ifm_error *err)
{
    if (response->status == 200) {
        json_t *body = stack_api_parse(response->body == NULL ? "" : response->body, err);
        if (body == NULL) {
            ifm_error_wrap(err, "%s at %s gives an answer that cannot be read", server->name, server->url);
        }
        return body;
    }
    char complaint[COMPLAINT_BYTES];
    stack_api_complaint(response, complaint, sizeof complaint);
    ifm_error_set(err, response->status == 503 ? IFM_BUSY : IFM_INVALID,
                  "%s at %s answers with HTTP status %d%s%s", server->name, server->url, response->status,
                  complaint[0] == '\0' ? "" : ": ", complaint);
    return NULL;
}

json_t *stack_api_read(const stack_server *server, const char *path, const char *form, ifm_error *err)
{
    stack_response response;
    if (!stack_api_ask(server, path, form, &response, err)) {
        return NULL;
    }
    json_t *body = read_answer(server, &response, err);
    stack_response_deinit(&response);
    return body;
}
