/* SPDX-License-Identifier: Apache-2.0
 *
 * What is neither the API nor the user interface: health, reload, quit, the server's own metrics.
 */
#include "web/impl.h"

#include "exposition/exposition.h"

#include <inferometer/export.h>

void web_page_healthy(web_request *request)
{
    web_answer_text(request, MHD_HTTP_OK, "Inferometer is healthy.\n");
}

void web_page_ready(web_request *request)
{
    web_server *server = request->server;
    bool stopping = atomic_load_explicit(&server->stopping, memory_order_relaxed);
    if (atomic_load_explicit(&server->ready, memory_order_acquire) && !stopping) {
        web_answer_text(request, MHD_HTTP_OK, "Inferometer is ready.\n");
        return;
    }
    web_answer_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "Service Unavailable");
    web_answer_header(request, "X-Prometheus-Stopping", stopping ? "true" : "false");
}

void web_server_tell_reload(web_server *server, bool ok)
{
    atomic_store_explicit(&server->reload_failed, !ok, memory_order_relaxed);
    if (ok) {
        atomic_store_explicit(&server->reload_ms, server->clock.wall_ms(), memory_order_relaxed);
    }
}

void web_page_reload(web_request *request)
{
    ifm_error err = {.code = IFM_OK};
    web_server *server = request->server;
    if (server->options.reload == NULL) {
        web_answer_text(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed to reload config: there is none\n");
        return;
    }
    bool ok = server->options.reload(server->options.context, &err);
    if (ok || err.code != IFM_BUSY) { /* else it is starting: nothing was tried */
        web_server_tell_reload(server, ok);
    }
    if (!ok) {
        web_answer_text(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed to reload config: %s\n",
                        err.message);
        return;
    }
    request->answer.status = MHD_HTTP_OK;
}

void web_page_quit(web_request *request)
{
    web_server *server = request->server;
    web_answer_text(request, MHD_HTTP_OK, "Requesting termination... Goodbye!");
    if (server->options.quit != NULL) {
        server->options.quit(server->options.context);
    }
}

void web_page_metrics(web_request *request)
{
    ifm_negotiated negotiated;
    ifm_error err;
    char *document = NULL;
    size_t size = 0;
    ifm_registry *registry = request->server->options.registry;
    if (registry == NULL) {
        web_answer_text(request, MHD_HTTP_NOT_FOUND, "404 page not found\n");
        return;
    }
    ifm_negotiate_format(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Accept"),
                         &negotiated);
    ifm_expose_options options = {.format = negotiated.format, .escaping = negotiated.escaping};
    if (!ifm_registry_expose(registry, &options, &document, &size, &err)) {
        web_answer_text(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "could not write the metrics out: %s\n",
                        err.message);
        return;
    }
    web_answer *answer = &request->answer;
    ifm_buf_deinit(&answer->body);
    answer->body = (ifm_buf){.data = document, .size = size, .capacity = size, .max = answer->body.max};
    answer->status = MHD_HTTP_OK;
    const char *type =
        ifm_bump_copy(&request->arena, negotiated.content_type, strlen(negotiated.content_type));
    answer->content_type = type == NULL ? "text/plain" : type;
}

void web_page_version(web_request *request)
{
    ifm_buf *out = &request->answer.body;
    request->answer.status = MHD_HTTP_OK;
    request->answer.content_type = "application/json";
    ifm_buf_append_text(out, "{\"version\":");
    web_json_string(out, ifm_version());
    ifm_buf_append_text(out, ",\"application\":\"Inferometer\"}");
}
