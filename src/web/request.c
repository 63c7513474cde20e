/* SPDX-License-Identifier: Apache-2.0
 *
 * One request, from its line to its answer. MHD calls again and again: when the line is there, when the
 * headers are, for each part of the body, and when it is complete.
 */
#include "web/impl.h"

#include <strings.h>

static void request_free(web_request *request)
{
    ifm_buf_deinit(&request->body);
    ifm_buf_deinit(&request->answer.body);
    ifm_bump_deinit(&request->arena);
    ifm_free(request->target);
    ifm_free(request);
}

void *web_request_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
    web_request *request = ifm_alloc_zero(1, sizeof *request);
    if (request == NULL) {
        return NULL;
    }
    request->server = context;
    request->connection = connection;
    request->target = ifm_copy_text(uri);
    if (request->target == NULL) {
        ifm_free(request);
        return NULL;
    }
    request->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    ifm_buf_init(&request->body, WEB_BODY_BYTES_MAX);
    ifm_buf_init(&request->answer.body, WEB_ANSWER_BYTES_MAX);
    ifm_bump_init(&request->arena, WEB_REQUEST_BYTES_MAX);
    return request;
}

static const char *request_header(const web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static web_method method_of(const char *name, bool *head)
{
    static const struct {
        const char *name;
        web_method method;
    } methods[] = {{"GET", WEB_GET}, {"HEAD", WEB_GET},      {"POST", WEB_POST},
                   {"PUT", WEB_PUT}, {"DELETE", WEB_DELETE}, {"OPTIONS", WEB_OPTIONS}};
    *head = strcmp(name, "HEAD") == 0;
    for (size_t i = 0; i < IFM_COUNT_OF(methods); i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return methods[i].method;
        }
    }
    return WEB_OTHER;
}

/* Without credentials: for whoever restarts what is not healthy. */
static bool is_open(const web_request *request)
{
    return model_text_equal(request->path, model_text_of("/-/healthy"));
}

static bool admit(web_request *request)
{
    web_server *server = request->server;
    if (server->users == NULL || is_open(request)) {
        return true;
    }
    switch (web_users_check(server->users, request_header(request, MHD_HTTP_HEADER_AUTHORIZATION))) {
    case WEB_ADMITTED:
        return true;
    case WEB_TOO_MANY:
        web_answer_text(request, MHD_HTTP_SERVICE_UNAVAILABLE,
                        "could not check the password: too many wait for theirs; hint: try again in a "
                        "second\n");
        web_answer_header(request, "Retry-After", "1");
        return false;
    default:
        web_answer_text(request, MHD_HTTP_UNAUTHORIZED, "Unauthorized\n");
        web_answer_header(request, "WWW-Authenticate", "Basic realm=\"Inferometer\", charset=\"UTF-8\"");
        return false;
    }
}

/* Cuts the prefix off the path; false when the path is not below it. */
static bool path_strip(web_request *request)
{
    const char *prefix = request->server->prefix;
    size_t size = strlen(prefix);
    if (request->path.size < size || memcmp(request->path.data, prefix, size) != 0 ||
        (request->path.size > size && request->path.data[size] != '/')) {
        return false;
    }
    request->path.data += size;
    request->path.size -= size;
    if (request->path.size == 0) {
        request->path = (model_text){"/", 1};
    }
    return true;
}

static bool path_take(web_request *request)
{
    ifm_error err;
    model_text query;
    if (!web_target_split(request->target, &request->arena, &request->path, &query, &err) ||
        !web_params_add(&request->params, query, &request->arena, &err)) {
        web_answer_failure(request, &err);
        return false;
    }
    if (!path_strip(request)) {
        bool root = model_text_equal(request->path, model_text_of("/"));
        web_answer_text(request, root ? MHD_HTTP_FOUND : MHD_HTTP_NOT_FOUND, "404 page not found\n");
        if (root) {
            web_answer_header(request, "Location", request->server->url);
        }
        return false;
    }
    return true;
}

/* A body that is a little too long is read to its end, and refused then (body_take()): a connection that is
 * closed while the client still sends is reset, and the reason is lost on its way. */
static bool body_fits(web_request *request)
{
    const char *length = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    double size = 0;
    if (length != NULL &&
        (!ifm_number_read(length, strlen(length), &size) || size < 0 || size > WEB_BODY_DROPPED_BYTES_MAX)) {
        web_answer_text(request, MHD_HTTP_CONTENT_TOO_LARGE, "the body has more than %d bytes\n",
                        WEB_BODY_BYTES_MAX);
        return false;
    }
    return true;
}

/* The headers are there. False: there is an answer, before the body was read. */
static bool request_begin(web_request *request, const char *method)
{
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    request->method = method_of(method, &request->head);
    atomic_fetch_add_explicit(&request->server->requests, 1, memory_order_relaxed);
    if (host != NULL && !web_host_is_ours(request->server, host)) {
        web_answer_text(request, MHD_HTTP_FORBIDDEN,
                        "this server does not answer to the host \"%.100s\", so that no other site can "
                        "pretend to be it; hint: use its address, or start it with --web.external-url\n",
                        host);
        return false;
    }
    return path_take(request) && admit(request) && body_fits(request);
}

/* Whether a form is in the body; other kinds are no parameters. */
static bool body_take(web_request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    ifm_error err;
    if (request->body.failed != IFM_OK) {
        web_answer_text(request, MHD_HTTP_CONTENT_TOO_LARGE, "the body has more than %d bytes\n",
                        WEB_BODY_BYTES_MAX);
        return false;
    }
    const char *type = request_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (request->body.size == 0 || type == NULL || strncasecmp(type, form, sizeof form - 1) != 0) {
        return true;
    }
    web_params query = request->params;
    request->params = (web_params){NULL, 0};
    model_text body = {request->body.data, request->body.size};
    bool ok = web_params_add(&request->params, body, &request->arena, &err);
    for (size_t i = 0; i < query.count && ok; i++) {
        web_param *items =
            ifm_bump_grow(&request->arena, request->params.items, request->params.count, sizeof *items);
        ok = items != NULL || ifm_bump_check(&request->arena, &err);
        if (items != NULL) {
            request->params.items = items;
            items[request->params.count++] = query.items[i];
        }
    }
    if (!ok) {
        web_answer_failure(request, &err);
    }
    return ok;
}

enum MHD_Result web_request_handle(void *context, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_size, void **slot)
{
    (void)context;
    (void)url;
    (void)version;
    web_request *request = *slot;
    if (request == NULL) {
        return MHD_NO; /* without memory */
    }
    if (!request->begun) {
        request->begun = true;
        if (!request_begin(request, method)) {
            request->answered = true;
            return web_answer_send(request); /* ends the connection when there is a body to come */
        }
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (!request->answered) {
            ifm_buf_append(&request->body, upload, *upload_size);
        }
        *upload_size = 0;
        return MHD_YES;
    }
    if (request->answered) {
        return MHD_YES;
    }
    request->answered = true;
    web_watch_work(&request->server->watch, connection);
    if (body_take(request)) {
        web_route(request);
    }
    return web_answer_send(request);
}

void web_request_completed(void *context, struct MHD_Connection *connection, void **slot,
                           enum MHD_RequestTerminationCode reason)
{
    (void)context;
    (void)reason;
    web_request *request = *slot;
    if (request != NULL) {
        web_watch_request(&request->server->watch, connection);
        atomic_fetch_sub_explicit(&request->server->unread_bytes, request->unread_bytes,
                                  memory_order_relaxed);
        request_free(request);
        *slot = NULL;
    }
}
