/* SPDX-License-Identifier: Apache-2.0
 *
 * What is at which path. Wrong paths and methods are answered as Prometheus's router does.
 */
#include "web/impl.h"

typedef enum route_kind {
    ROUTE_ALWAYS,    /* answers before the store is open, too */
    ROUTE_READY,     /* 503 until then */
    ROUTE_LIST,      /* likewise, and takes its turn among the queries */
    ROUTE_LIFECYCLE, /* changes what runs: with --web.enable-lifecycle, and from our own pages only */
    ROUTE_ADMIN      /* with --web.enable-admin-api, likewise */
} route_kind;

typedef struct web_route_entry {
    const char *path; /* "*" stands for one part of it, which becomes request->name */
    unsigned methods;
    route_kind kind;
    web_handler *handler; /* NULL: `body` as it is */
    const char *body;
} web_route_entry;

#define EMPTY_DATA(data) "{\"status\":\"success\",\"data\":" data "}"

static web_handler answer_write, answer_otlp, answer_read, answer_no_content, answer_delete_series;

static const web_route_entry routes[] = {
    {"/", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/graph", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/query", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/dashboards", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/d/*", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/alerts", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/rules", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/targets", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/service-discovery", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/tsdb-status", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/status", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/config", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/flags", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/classic/*", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL}, /* Prometheus's addresses of the same pages */
    {"/new/*", WEB_GET, ROUTE_ALWAYS, web_ui_page, NULL},
    {"/assets/*", WEB_GET, ROUTE_ALWAYS, web_ui_file, NULL},
    {"/icon.svg", WEB_GET, ROUTE_ALWAYS, web_ui_icon, NULL},
    {"/-/healthy", WEB_GET, ROUTE_ALWAYS, web_page_healthy, NULL},
    {"/-/ready", WEB_GET, ROUTE_ALWAYS, web_page_ready, NULL},
    {"/-/reload", WEB_POST | WEB_PUT, ROUTE_LIFECYCLE, web_page_reload, NULL},
    {"/-/quit", WEB_POST | WEB_PUT, ROUTE_LIFECYCLE, web_page_quit, NULL},
    {"/metrics", WEB_GET, ROUTE_ALWAYS, web_page_metrics, NULL},
    {"/federate", WEB_GET, ROUTE_LIST, web_federate, NULL},
    {"/version", WEB_GET, ROUTE_ALWAYS, web_page_version, NULL},
    {"/api/v1/query", WEB_GET | WEB_POST, ROUTE_READY, web_api_query, NULL},
    {"/api/v1/query_range", WEB_GET | WEB_POST, ROUTE_READY, web_api_query_range, NULL},
    {"/api/v1/query_exemplars", WEB_GET | WEB_POST, ROUTE_LIST, web_api_query_exemplars, NULL},
    {"/api/v1/format_query", WEB_GET | WEB_POST, ROUTE_READY, web_api_format_query, NULL},
    {"/api/v1/parse_query", WEB_GET | WEB_POST, ROUTE_READY, web_api_parse_query, NULL},
    {"/api/v1/labels", WEB_GET | WEB_POST, ROUTE_LIST, web_api_labels, NULL},
    {"/api/v1/label/*/values", WEB_GET, ROUTE_LIST, web_api_label_values, NULL},
    {"/api/v1/series", WEB_GET | WEB_POST, ROUTE_LIST, web_api_series, NULL},
    {"/api/v1/series", WEB_DELETE, ROUTE_READY, answer_delete_series, NULL},
    {"/api/v1/metadata", WEB_GET, ROUTE_READY, web_api_metadata, NULL},
    {"/api/v1/targets", WEB_GET, ROUTE_READY, web_api_targets, NULL},
    {"/api/v1/targets/metadata", WEB_GET, ROUTE_READY, web_api_targets_metadata, NULL},
    {"/api/v1/targets/relabel_steps", WEB_GET, ROUTE_READY, web_api_relabel_steps, NULL},
    {"/api/v1/scrape_pools", WEB_GET, ROUTE_READY, web_api_scrape_pools, NULL},
    {"/api/v1/rules", WEB_GET, ROUTE_READY, web_api_rules, NULL},
    {"/api/v1/alerts", WEB_GET, ROUTE_READY, web_api_alerts, NULL},
    {"/api/v1/alertmanagers", WEB_GET, ROUTE_READY, NULL,
     EMPTY_DATA("{\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}")},
    {"/api/v1/status/config", WEB_GET, ROUTE_READY, web_api_config, NULL},
    {"/api/v1/status/flags", WEB_GET, ROUTE_READY, web_api_flags, NULL},
    {"/api/v1/status/runtimeinfo", WEB_GET, ROUTE_READY, web_api_runtimeinfo, NULL},
    {"/api/v1/status/buildinfo", WEB_GET, ROUTE_READY, web_api_buildinfo, NULL},
    {"/api/v1/status/tsdb", WEB_GET, ROUTE_LIST, web_api_tsdb, NULL},
    {"/api/v1/status/tsdb/blocks", WEB_GET, ROUTE_READY, web_api_blocks, NULL},
    {"/api/v1/status/walreplay", WEB_GET, ROUTE_ALWAYS, web_api_walreplay, NULL},
    {"/api/v1/inferometer/dashboards", WEB_GET, ROUTE_ALWAYS, web_api_dashboards, NULL},
    {"/api/v1/inferometer/dashboards/*", WEB_GET, ROUTE_ALWAYS, web_api_dashboard, NULL},
    {"/api/v1/features", WEB_GET, ROUTE_READY, web_api_features, NULL},
    {"/api/v1/notifications", WEB_GET, ROUTE_ALWAYS, NULL, EMPTY_DATA("[]")},
    {"/api/v1/notifications/live", WEB_GET, ROUTE_ALWAYS, answer_no_content, NULL},
    {"/api/v1/write", WEB_POST, ROUTE_READY, answer_write, NULL},
    {"/api/v1/read", WEB_POST, ROUTE_READY, answer_read, NULL},
    {"/api/v1/otlp/v1/metrics", WEB_POST, ROUTE_READY, answer_otlp, NULL},
    {"/api/v1/admin/tsdb/snapshot", WEB_POST | WEB_PUT, ROUTE_ADMIN, web_api_snapshot, NULL},
    {"/api/v1/admin/tsdb/delete_series", WEB_POST | WEB_PUT, ROUTE_ADMIN, answer_delete_series, NULL},
    {"/api/v1/admin/tsdb/clean_tombstones", WEB_POST | WEB_PUT, ROUTE_ADMIN, answer_no_content, NULL},
};

static void answer_write(web_request *request)
{
    web_answer_text(
        request, MHD_HTTP_NOT_FOUND,
        "there is no remote write receiver here; hint: let it be scraped, with --target or --config.file\n");
}

static void answer_otlp(web_request *request)
{
    web_answer_text(
        request, MHD_HTTP_NOT_FOUND,
        "there is no OTLP receiver here; hint: let it be scraped, with --target or --config.file\n");
}

static void answer_read(web_request *request)
{
    web_answer_text(request, MHD_HTTP_NOT_FOUND,
                    "there is no remote read here; hint: ask /api/v1/query_range\n");
}

static void answer_no_content(web_request *request)
{
    request->answer.status = MHD_HTTP_NO_CONTENT;
}

static void answer_delete_series(web_request *request)
{
    web_answer_error(request, WEB_INTERNAL, "not implemented");
}

/* Whether `path` is that of the entry; what the star stands for is in *name. */
static bool route_fits(const web_route_entry *entry, model_text path, model_text *name)
{
    const char *star = strchr(entry->path, '*');
    *name = (model_text){"", 0};
    if (star == NULL) {
        return model_text_equal(path, model_text_of(entry->path));
    }
    size_t before = (size_t)(star - entry->path);
    size_t after = strlen(star + 1);
    if (path.size <= before + after || memcmp(path.data, entry->path, before) != 0 ||
        memcmp(path.data + path.size - after, star + 1, after) != 0) {
        return false;
    }
    *name = (model_text){path.data + before, path.size - before - after};
    return memchr(name->data, '/', name->size) == NULL;
}

/* The entry for path and method; *methods gets all that the path has. */
static const web_route_entry *route_find(model_text path, web_method method, model_text *name,
                                         unsigned *methods)
{
    const web_route_entry *found = NULL;
    *methods = 0;
    for (size_t i = 0; i < IFM_COUNT_OF(routes); i++) {
        model_text part;
        if (route_fits(&routes[i], path, &part)) {
            *methods |= routes[i].methods;
            if ((routes[i].methods & method) != 0) {
                found = &routes[i];
                *name = part;
            }
        }
    }
    return found;
}

static const char *methods_text(web_request *request, unsigned methods)
{
    static const char *const names[] = {"GET, HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
    ifm_buf text;
    ifm_buf_init(&text, 256);
    methods |= WEB_OPTIONS;
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if ((methods & 1U << i) != 0) {
            ifm_buf_printf(&text, "%s%s", text.size == 0 ? "" : ", ", names[i]);
        }
    }
    char *copy = ifm_bump_copy(&request->arena, text.data, text.size);
    ifm_buf_deinit(&text);
    return copy == NULL ? "GET" : copy;
}

/* Without slashes that are doubled, or the last. */
static model_text path_clean(web_request *request)
{
    model_text path = request->path;
    char *clean = ifm_bump_alloc(&request->arena, path.size + 1);
    size_t size = 0;
    for (size_t i = 0; clean != NULL && i < path.size; i++) {
        bool doubled = path.data[i] == '/' && size > 0 && clean[size - 1] == '/';
        if (!doubled) {
            clean[size++] = path.data[i];
        }
    }
    size -= size > 1 && clean[size - 1] == '/';
    return (model_text){clean, size};
}

/* Appends a path as it stands in a URL. */
static void append_path(ifm_buf *out, model_text path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@";
    for (size_t i = 0; i < path.size; i++) {
        if (memchr(plain, path.data[i], sizeof plain - 1) != NULL) {
            ifm_buf_append_char(out, path.data[i]);
        } else {
            ifm_buf_printf(out, "%%%02X", (unsigned)(unsigned char)path.data[i]);
        }
    }
}

/* "/x/" and "//x" are "/x" elsewhere: 301, or 308 so that a POST stays one. */
static bool route_redirect(web_request *request)
{
    unsigned methods;
    model_text ignored;
    model_text path = path_clean(request);
    (void)route_find(path, WEB_GET, &ignored, &methods);
    if (methods == 0) {
        return false;
    }
    ifm_buf to;
    const char *query = strchr(request->target, '?');
    ifm_buf_init(&to, 4 * WEB_CONNECTION_BYTES);
    ifm_buf_append_text(&to, request->server->prefix);
    append_path(&to, path);
    ifm_buf_append_text(&to, query == NULL ? "" : query);
    const char *location = to.failed == IFM_OK ? ifm_bump_copy(&request->arena, to.data, to.size) : NULL;
    ifm_buf_deinit(&to);
    if (location == NULL) {
        return false;
    }
    bool get = request->method == WEB_GET;
    web_answer_text(request, get ? MHD_HTTP_MOVED_PERMANENTLY : MHD_HTTP_PERMANENT_REDIRECT, "Moved\n");
    web_answer_header(request, "Location", location);
    return true;
}

/* A page of another site may send a POST here, which needs no permission of ours. Its browser says so. */
static bool is_foreign(web_request *request)
{
    const char *site = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Sec-Fetch-Site");
    const char *origin = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Origin");
    const char *host = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Host");
    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return true;
    }
    const char *from = origin == NULL ? NULL : strstr(origin, "://");
    return origin != NULL && (from == NULL || host == NULL || strcmp(from + 3, host) != 0);
}

static bool route_may(web_request *request, const web_route_entry *entry)
{
    web_server *server = request->server;
    if (entry->kind == ROUTE_LIFECYCLE && !server->options.enable_lifecycle) {
        web_answer_text(request, MHD_HTTP_FORBIDDEN, "Lifecycle API is not enabled.\n");
        return false;
    }
    if (entry->kind == ROUTE_ADMIN && !server->options.enable_admin_api) {
        web_answer_error(request, WEB_UNAVAILABLE, "admin APIs disabled");
        return false;
    }
    if (entry->kind >= ROUTE_LIFECYCLE && is_foreign(request)) {
        web_answer_text(request, MHD_HTTP_FORBIDDEN, "another site must not do this\n");
        return false;
    }
    bool ready = atomic_load_explicit(&server->ready, memory_order_acquire);
    if (entry->kind != ROUTE_ALWAYS && entry->kind != ROUTE_LIFECYCLE && !ready) {
        web_answer_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "Service Unavailable");
        web_answer_header(request, "X-Prometheus-Stopping",
                          atomic_load_explicit(&server->stopping, memory_order_relaxed) ? "true" : "false");
        return false;
    }
    return true;
}

void web_route(web_request *request)
{
    unsigned methods;
    const web_route_entry *entry = route_find(request->path, request->method, &request->name, &methods);
    if (methods == 0) {
        if (!route_redirect(request) && !web_ui_unknown(request)) {
            web_answer_text(request, MHD_HTTP_NOT_FOUND, "404 page not found\n");
        }
        return;
    }
    if (request->method == WEB_OPTIONS) {
        request->answer.status = MHD_HTTP_NO_CONTENT;
        web_answer_header(request, "Allow", methods_text(request, methods));
        return;
    }
    if (entry == NULL) {
        bool lifecycle = request->path.size > 3 && memcmp(request->path.data, "/-/", 3) == 0;
        web_answer_text(request, MHD_HTTP_METHOD_NOT_ALLOWED, "%s",
                        lifecycle && (methods & WEB_POST) != 0 ? "Only POST or PUT requests allowed"
                                                               : "Method Not Allowed\n");
        web_answer_header(request, "Allow", methods_text(request, methods));
        return;
    }
    if (!route_may(request, entry)) {
        return;
    }
    if (entry->kind == ROUTE_LIST) {
        web_deadline deadline;
        if (web_turn_begin(request, request->server->options.query_timeout_ms, &deadline)) {
            entry->handler(request);
            web_turn_end(request, IFM_OK);
        }
        return;
    }
    if (entry->handler != NULL) {
        entry->handler(request);
        return;
    }
    request->answer.status = MHD_HTTP_OK;
    request->answer.content_type = "application/json";
    ifm_buf_append_text(&request->answer.body, entry->body);
}
