/* SPDX-License-Identifier: Apache-2.0 */
#include "web/impl.h"

#include <inferometer/endpoint.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

/* Stack of a connection's thread: the deepest expression takes some 2 MiB with a sanitizer. Only what is
 * touched is memory. */
#define STACK_BYTES ((size_t)8 * 1024 * 1024)

/* ---- Options ---- */

static const char *copy_text(web_server *server, const char *text)
{
    return text == NULL ? NULL : ifm_bump_copy(&server->arena, text, strlen(text));
}

static void copy_flags(web_server *server)
{
    web_options *options = &server->options;
    web_flag *flags = ifm_bump_alloc_array(&server->arena, options->flag_count, sizeof *flags);
    for (size_t i = 0; flags != NULL && i < options->flag_count; i++) {
        flags[i].name = copy_text(server, options->flags[i].name);
        flags[i].value = copy_text(server, options->flags[i].value);
    }
    options->flags = flags;
}

/* "/prometheus" of "http://host/prometheus/", or of "prometheus/". */
static const char *prefix_of(web_server *server)
{
    const char *from = server->options.route_prefix;
    if (from == NULL) {
        const char *url = server->options.external_url;
        const char *host = url == NULL ? NULL : strstr(url, "://");
        from = host == NULL ? NULL : strchr(host + 3, '/');
    }
    if (from == NULL) {
        return "";
    }
    from += strspn(from, "/");
    size_t size = strlen(from);
    for (; size > 0 && from[size - 1] == '/'; size--) {
    }
    if (size == 0) {
        return "";
    }
    char *prefix = ifm_bump_alloc(&server->arena, size + 2);
    if (prefix != NULL) {
        prefix[0] = '/';
        memcpy(prefix + 1, from, size);
    }
    return prefix;
}

static void options_complete(web_server *server)
{
    web_options *options = &server->options;
    options->listen = options->listen == NULL ? "127.0.0.1:9090" : copy_text(server, options->listen);
    options->external_url = copy_text(server, options->external_url);
    options->route_prefix = copy_text(server, options->route_prefix);
    options->config_path = copy_text(server, options->config_path);
    options->dashboards = copy_text(server, options->dashboards);
    options->connections_max = options->connections_max == 0 ? WEB_CONNECTIONS_MAX : options->connections_max;
    options->queries_max = options->queries_max == 0 ? WEB_QUERIES_MAX : options->queries_max;
    options->queries_queued_max =
        options->queries_queued_max == 0 ? WEB_QUERIES_QUEUED_MAX : options->queries_queued_max;
    options->query_timeout_ms =
        options->query_timeout_ms == 0 ? WEB_QUERY_TIMEOUT_MS : options->query_timeout_ms;
    copy_flags(server);
    server->prefix = prefix_of(server);
    server->clock = options->clock == NULL ? ifm_os_clock_real : *options->clock;
    server->start_ms = server->clock.wall_ms();
    if (gethostname(server->machine, sizeof server->machine - 1) != 0) {
        server->machine[0] = '\0';
    }
}

/* "127.0.0.1:9090", "[::1]:9090", ":9090", "localhost:9090". */
static bool listen_parse(web_server *server, ifm_error *err)
{
    const char *text = server->options.listen;
    const char *colon = strrchr(text, ':');
    double port = -1;
    if (colon == NULL || !ifm_number_read(colon + 1, strlen(colon + 1), &port) || port < 0 ||
        port > UINT16_MAX || port != (double)(int)port) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot listen on \"%.100s\": it does not end with a colon and a port; hint: "
                             "127.0.0.1:9090",
                             text);
    }
    size_t size = (size_t)(colon - text);
    bool bracket = size >= 2 && text[0] == '[' && text[size - 1] == ']';
    const char *host = ifm_bump_copy(&server->arena, text + bracket, size - 2 * (size_t)bracket);
    if (host == NULL) {
        return ifm_error_nomem(err);
    }
    server->listen_host = host;
    const char *address = size == 0 ? "0.0.0.0" : strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return ifm_listen_address_parse(address, port == 0 ? IFM_ENDPOINT_PORT_ANY : (int)port, &server->address,
                                    err);
}

static bool url_make(web_server *server, bool tls, ifm_error *err)
{
    char place[IFM_LISTEN_URL_SIZE];
    ifm_listen_url(&server->address, tls, "", place);
    size_t size = strlen(place) + strlen(server->prefix) + 2;
    char *url = ifm_bump_alloc(&server->arena, size);
    if (url == NULL) {
        return ifm_error_nomem(err);
    }
    snprintf(url, size, "%s%s/", place, server->prefix);
    server->url = url;
    return true;
}

/* ---- TLS ---- */

static bool tls_check(const config_web *web, ifm_error *err)
{
    bool asks_clients = web->client_auth_type != NULL && web->client_auth_type[0] != '\0' &&
                        strcmp(web->client_auth_type, "NoClientCert") != 0;
    if (web->client_ca_file != NULL || asks_clients) {
        return ifm_error_set(err, IFM_UNSUPPORTED,
                             "cannot ask clients for certificates (client_ca_file, client_auth_type); hint: "
                             "use basic_auth_users, or a proxy in front");
    }
    return true;
}

/* What GnuTLS is told. */
static const char *tls_priorities(const config_web *web)
{
    if (web->min_version != NULL && strcmp(web->min_version, "TLS13") == 0) {
        return "NORMAL:-VERS-ALL:+VERS-TLS1.3:%SERVER_PRECEDENCE";
    }
    if (web->max_version != NULL && strcmp(web->max_version, "TLS12") == 0) {
        return "NORMAL:-VERS-ALL:+VERS-TLS1.2:%SERVER_PRECEDENCE";
    }
    return IFM_TLS_PRIORITIES;
}

/* ---- MHD ---- */

/* MHD_LogCallback: the reason of a failed start, of which the first counts. Later MHD complains about
 * clients, to the use of nobody. */
__attribute__((format(printf, 2, 0))) static void daemon_log(void *context, const char *format,
                                                             va_list arguments)
{
    web_server *server = context;
    if (server->daemon == NULL && server->start_message[0] == '\0') {
        vsnprintf(server->start_message, sizeof server->start_message, format, arguments);
        server->start_message[strcspn(server->start_message, "\n")] = '\0';
    }
}

static bool daemon_start(web_server *server, int fd, const ifm_tls_files *tls, ifm_error *err)
{
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG;
    void *priorities = tls->cert == NULL ? NULL : (void *)(uintptr_t)tls_priorities(server->options.web);
    struct MHD_OptionItem tls_items[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert},
                                         {MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
                                         {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
                                         {MHD_OPTION_END, 0, NULL}};
    if (tls->cert == NULL) {
        tls_items[0].option = MHD_OPTION_END;
    } else {
        flags |= MHD_USE_TLS;
    }
    /* clang-format off */
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, web_request_handle, server,
        MHD_OPTION_EXTERNAL_LOGGER, daemon_log, server, /* first: it hears of the options after it */
        MHD_OPTION_URI_LOG_CALLBACK, web_request_uri, server,
        MHD_OPTION_NOTIFY_COMPLETED, web_request_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, web_watch_notify, &server->watch,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)server->options.connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)WEB_CONNECTION_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES,
        MHD_OPTION_ARRAY, tls_items, MHD_OPTION_END);
    /* clang-format on */
    if (server->daemon == NULL) {
        const char *said = server->start_message;
        return ifm_error_set(err, strstr(said, "x509") != NULL ? IFM_INVALID : IFM_IO,
                             "could not start the HTTP server: %s",
                             said[0] == '\0' ? "out of memory or of descriptors" : said);
    }
    return true;
}

static bool server_listen(web_server *server, ifm_error *err)
{
    static const char advice[] = "choose another with --web.listen-address";
    const config_web *web = server->options.web;
    ifm_tls_files tls = {NULL, NULL};
    bool has_tls = web != NULL && web->cert_file != NULL;
    if (has_tls && (!tls_check(web, err) || !ifm_tls_files_read(web->cert_file, web->key_file, &tls, err))) {
        return false;
    }
    int number = 0;
    int fd = ifm_listen_open(&server->address, &number);
    bool ok = fd >= 0 || ifm_listen_error(&server->address, number, advice, err);
    ok = ok && url_make(server, has_tls, err) && web_watch_start(&server->watch, err);
    if (ok) {
        ok = daemon_start(server, fd, &tls, err);
    }
    if (!ok && fd >= 0) {
        close(fd);
    }
    ifm_tls_files_free(&tls);
    return ok;
}

/* ---- The server ---- */

static void server_free(web_server *server)
{
    web_watch_stop(&server->watch);
    web_users_free(server->users);
    web_dashboards_deinit(&server->known_dashboards);
    web_gate_deinit(&server->gate);
    ifm_bump_deinit(&server->arena);
    ifm_free(server);
}

web_server *web_server_start(const web_options *options, ifm_error *err)
{
    web_server *server = ifm_alloc_zero(1, sizeof *server);
    if (server == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    server->options = *options;
    ifm_bump_init(&server->arena, WEB_REQUEST_BYTES_MAX);
    options_complete(server);
    web_dashboards_init(&server->known_dashboards);
    web_gate_init(&server->gate, server->options.queries_max, server->options.queries_queued_max);
    bool ok = ifm_bump_check(&server->arena, err) && listen_parse(server, err);
    if (ok) {
        server->users = web_users_new(options->web, err);
        ok = server->users != NULL || err->code == IFM_OK;
    }
    if (!ok || !server_listen(server, err)) {
        server_free(server);
        return NULL;
    }
    return server;
}

void web_server_set_source(web_server *server, storage *source)
{
    atomic_store_explicit(&server->source, source, memory_order_relaxed);
    atomic_store_explicit(&server->ready, true, memory_order_release); /* S1 */
}

void web_server_set_rules(web_server *server, rules_manager *rules)
{
    atomic_store_explicit(&server->rules, rules, memory_order_release);
}

void web_server_set_ready(web_server *server, tsdb *db, scrape_manager *scrape)
{
    atomic_store_explicit(&server->db, db, memory_order_relaxed);
    atomic_store_explicit(&server->scrape, scrape, memory_order_relaxed);
    web_server_set_source(server, tsdb_storage(db));
}

void web_server_stop(web_server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store_explicit(&server->stopping, true, memory_order_relaxed);
    /* MHD answers what is no request itself, and reads a null pointer when it does so while it is being
     * stopped (0.9.75). So it is stopped when it has no connections any more. */
    MHD_socket listener = MHD_quiesce_daemon(server->daemon);
    web_watch_end(&server->watch);
    MHD_stop_daemon(server->daemon);
    if (listener != MHD_INVALID_SOCKET) {
        close(listener);
    }
    server_free(server);
}

const char *web_server_url(const web_server *server)
{
    return server->url;
}

void web_stats_now(const web_server *server, web_stats *out)
{
    web_gate *gate = (web_gate *)(uintptr_t)&server->gate; /* its lock is no part of what is constant */
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    pthread_mutex_lock(&gate->lock);
    *out = (web_stats){.queries = gate->queries,
                       .queries_refused = gate->refused,
                       .queries_timed_out = gate->timed_out,
                       .queries_active = gate->active,
                       .queries_waiting = gate->waiting};
    pthread_mutex_unlock(&gate->lock);
    out->requests = atomic_load_explicit(&server->requests, memory_order_relaxed);
    out->connections = info == NULL ? 0 : info->num_connections;
}
