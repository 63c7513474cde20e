/* SPDX-License-Identifier: Apache-2.0 */
#include "web/gzip.h"
#include "web/impl.h"

#include "exposition/exposition.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

/* statusClientClosedConnection, which nobody reads but logs of proxies. */
enum { STATUS_CLIENT_CLOSED = 499 };

static const struct {
    const char *type;
    unsigned status;
} error_kinds[] = {
    [WEB_BAD_DATA] = {"bad_data", 400},
    [WEB_EXECUTION] = {"execution", 422},
    [WEB_CANCELED] = {"canceled", STATUS_CLIENT_CLOSED},
    [WEB_TIMEOUT] = {"timeout", 503},
    [WEB_INTERNAL] = {"internal", 500},
    [WEB_UNAVAILABLE] = {"unavailable", 500},
    [WEB_NOT_FOUND] = {"not_found", 404},
    [WEB_NOT_ACCEPTABLE] = {"not_acceptable", 406},
};

static const char json_type[] = "application/json";
static const char text_type[] = "text/plain; charset=utf-8";

static void answer_reset(web_request *request, unsigned status, const char *content_type)
{
    ifm_buf_clear(&request->answer.body);
    request->answer.status = status;
    request->answer.content_type = content_type;
}

void web_answer_text(web_request *request, unsigned status, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    answer_reset(request, status, text_type);
    ifm_buf_append_text(&request->answer.body, text);
}

static void append_list(ifm_buf *out, const char *name, const char *const *texts, size_t count)
{
    if (count == 0) {
        return;
    }
    ifm_buf_append_text(out, ",\"");
    ifm_buf_append_text(out, name);
    ifm_buf_append_text(out, "\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            ifm_buf_append_char(out, ',');
        }
        web_json_string(out, texts[i]);
    }
    ifm_buf_append_char(out, ']');
}

void web_answer_error_text(web_request *request, web_error kind, const char *text)
{
    web_answer *answer = &request->answer;
    answer_reset(request, error_kinds[kind].status, json_type);
    ifm_buf_append_text(&answer->body, "{\"status\":\"error\",\"errorType\":\"");
    ifm_buf_append_text(&answer->body, error_kinds[kind].type);
    ifm_buf_append_text(&answer->body, "\",\"error\":");
    web_json_string(&answer->body, text);
    ifm_buf_append_char(&answer->body, '}');
}

void web_answer_error(web_request *request, web_error kind, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    web_answer_error_text(request, kind, text);
}

void web_answer_invalid(web_request *request, const char *parameter, const ifm_error *err)
{
    if (err->code == IFM_NOMEM) {
        web_answer_failure(request, err);
        return;
    }
    web_answer_error(request, WEB_BAD_DATA, "invalid parameter \"%s\": %s", parameter, err->message);
}

void web_answer_failure(web_request *request, const ifm_error *err)
{
    static const web_error kinds[] = {
        [IFM_INVALID] = WEB_BAD_DATA, [IFM_NOT_FOUND] = WEB_NOT_FOUND,  [IFM_LIMIT] = WEB_EXECUTION,
        [IFM_TIMEOUT] = WEB_TIMEOUT,  [IFM_CANCELED] = WEB_CANCELED,    [IFM_NOMEM] = WEB_INTERNAL,
        [IFM_IO] = WEB_INTERNAL,      [IFM_BUSY] = WEB_UNAVAILABLE,     [IFM_EXISTS] = WEB_INTERNAL,
        [IFM_STATE] = WEB_INTERNAL,   [IFM_UNSUPPORTED] = WEB_INTERNAL, [IFM_OK] = WEB_INTERNAL};
    web_answer_error_text(request, kinds[err->code], err->message);
}

ifm_buf *web_answer_begin(web_request *request)
{
    answer_reset(request, MHD_HTTP_OK, json_type);
    ifm_buf_append_text(&request->answer.body, "{\"status\":\"success\",\"data\":");
    return &request->answer.body;
}

void web_answer_end(web_request *request)
{
    web_answer *answer = &request->answer;
    append_list(&answer->body, "warnings", answer->warnings, answer->warning_count);
    append_list(&answer->body, "infos", answer->infos, answer->info_count);
    ifm_buf_append_char(&answer->body, '}');
}

static void answer_note(web_request *request, const char ***texts, size_t *count, const char *text)
{
    const char **grown = ifm_bump_grow(&request->arena, *texts, *count, sizeof *grown);
    if (grown != NULL) {
        *texts = grown;
        grown[(*count)++] = text;
    }
}

void web_answer_warn(web_request *request, const char *text)
{
    answer_note(request, &request->answer.warnings, &request->answer.warning_count, text);
}

void web_answer_info(web_request *request, const char *text)
{
    answer_note(request, &request->answer.infos, &request->answer.info_count, text);
}

void web_answer_header(web_request *request, const char *name, const char *value)
{
    web_answer *answer = &request->answer;
    if (answer->header_count < WEB_HEADERS_MAX) {
        answer->headers[answer->header_count++] = (web_header){name, value};
    }
}

/* ---- Sending ---- */

/* What could not be written is an error of its own: half a document is none. */
static void answer_check(web_request *request)
{
    web_answer *answer = &request->answer;
    if (answer->body.failed != IFM_OK || request->arena.failed == IFM_NOMEM) {
        answer->packed = false;
        answer->header_count = 0; /* which were about the document */
    }
    if (answer->body.failed == IFM_LIMIT) {
        ifm_buf_deinit(&answer->body);
        web_answer_error(request, WEB_EXECUTION,
                         "the answer has more than %d bytes; hint: ask for fewer series or steps",
                         WEB_ANSWER_BYTES_MAX);
    } else if (answer->body.failed != IFM_OK || request->arena.failed == IFM_NOMEM) {
        ifm_buf_deinit(&answer->body);
        web_answer_error(request, WEB_INTERNAL, "could not write the answer: out of memory");
    }
}

static void answer_compress(web_request *request)
{
    web_answer *answer = &request->answer;
    const char *wanted =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (answer->packed || answer->body.size < WEB_GZIP_BYTES_MIN || !ifm_negotiate_gzip(wanted)) {
        return;
    }
    ifm_buf packed;
    ifm_buf_init(&packed, WEB_ANSWER_BYTES_MAX);
    if (!web_gzip(answer->body.data, answer->body.size, &packed)) {
        ifm_buf_deinit(&packed); /* without memory the document goes out as it is */
        return;
    }
    ifm_buf_deinit(&answer->body);
    answer->body = packed;
    answer->packed = true;
}

/* What browsers may do with an answer: nothing but show it. */
static const web_header security[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                "form-action 'none'; frame-ancestors 'none'"},
    {"Cache-Control", "no-store"},
    {"Vary", "Accept-Encoding"},
};

/* Whether --web.config.file has a header of that name, which then counts. */
static bool is_configured(const config_web *web, const char *name)
{
    for (size_t i = 0; web != NULL && i < web->header_count; i++) {
        if (strcasecmp(web->headers[i].name.data, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Likewise, else the answer itself. */
static bool is_given(const web_answer *answer, const config_web *web, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, name) == 0) {
            return true;
        }
    }
    return is_configured(web, name);
}

static bool response_add(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool response_add_headers(struct MHD_Response *response, const web_request *request)
{
    const web_answer *answer = &request->answer;
    const config_web *web = request->server->options.web;
    bool ok = answer->content_type == NULL || response_add(response, "Content-Type", answer->content_type);
    bool says_packed = answer->packed && answer->status != MHD_HTTP_NOT_MODIFIED; /* of a body that comes */
    ok = ok && (!says_packed || response_add(response, "Content-Encoding", "gzip"));
    for (size_t i = 0; i < IFM_COUNT_OF(security) && ok; i++) {
        ok = is_given(answer, web, security[i].name) ||
             response_add(response, security[i].name, security[i].value);
    }
    for (size_t i = 0; i < answer->header_count && ok; i++) {
        ok = is_configured(web, answer->headers[i].name) ||
             response_add(response, answer->headers[i].name, answer->headers[i].value);
    }
    for (size_t i = 0; web != NULL && i < web->header_count && ok; i++) {
        /* What the parser hands out is terminated: texts of a YAML file. */
        ok = response_add(response, web->headers[i].name.data, web->headers[i].value.data);
    }
    return ok;
}

enum MHD_Result web_answer_send(web_request *request)
{
    web_answer *answer = &request->answer;
    answer_check(request);
    answer_compress(request);
    size_t size = answer->body.size;
    char *data = answer->body.data;
    struct MHD_Response *response =
        data == NULL ? MHD_create_response_from_buffer(0, (char[]){""}, MHD_RESPMEM_MUST_COPY)
                     : MHD_create_response_from_buffer_with_free_callback(size, data, ifm_free);
    if (response == NULL) {
        return MHD_NO;
    }
    answer->body = (ifm_buf){.max = answer->body.max}; /* the response has it */
    size_t sent = request->head || answer->status == MHD_HTTP_NOT_MODIFIED ? 0 : size;
    request->unread_bytes = sent;
    atomic_fetch_add_explicit(&request->server->unread_bytes, sent, memory_order_relaxed);
    web_watch_answer(&request->server->watch, request->connection, sent);
    enum MHD_Result result = MHD_NO;
    if (response_add_headers(response, request)) {
        result = MHD_queue_response(request->connection, answer->status, response);
    }
    MHD_destroy_response(response); /* the connection holds its own reference */
    return result;
}
