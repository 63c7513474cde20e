/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_fork.h"
#include "pipeline/endpoint_impl.h"
#include "pipeline/endpoint_page.h"

#include <arpa/inet.h>
#include <unistd.h>

enum {
    SCRAPES_MAX = 256,           /* each is a thread */
    IDLE_SECONDS_MAX = 86400,    /* MHD counts milliseconds in an unsigned */
    HEADER_BYTES_MIN = 1024,     /* what Prometheus and curl send has room */
    HEADER_BYTES_MAX = 16 << 20, /* each connection may take twice that */
    CONNECTIONS_MAX = 100000     /* the loop looks through all of them */
};

static bool option_check(const char *name, unsigned value, unsigned min, unsigned max, ifm_error *err)
{
    if (value < min || value > max) {
        return ifm_error_set(err, IFM_INVALID, "%s %u is not between %u and %u", name, value, min, max);
    }
    return true;
}

static bool pair_check(const char *one, const char *name_one, const char *other, const char *name_other,
                       ifm_error *err)
{
    if ((one == NULL) != (other == NULL)) {
        return ifm_error_set(err, IFM_INVALID, "%s is given without %s", one != NULL ? name_one : name_other,
                             one != NULL ? name_other : name_one);
    }
    return true;
}

static void option_default(unsigned *value, unsigned otherwise)
{
    if (*value == 0) {
        *value = otherwise;
    }
}

/* Fills in what was left at 0. */
static bool options_complete(ifm_endpoint_options *options, ifm_error *err)
{
    option_default(&options->scrapes_max, IFM_ENDPOINT_SCRAPES_MAX);
    option_default(&options->connections_max, IFM_ENDPOINT_CONNECTIONS_MAX);
    option_default(&options->idle_seconds, IFM_ENDPOINT_IDLE_SECONDS);
    option_default(&options->header_bytes_max, IFM_ENDPOINT_HEADER_BYTES_MAX);
    if (options->tls_cert_file != NULL && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
        return ifm_error_set(err, IFM_UNSUPPORTED, "cannot serve TLS: libmicrohttpd was built without it");
    }
    return option_check("scrapes_max", options->scrapes_max, 1, SCRAPES_MAX, err) &&
           option_check("connections_max", options->connections_max, 1, CONNECTIONS_MAX, err) &&
           option_check("idle_seconds", options->idle_seconds, 1, IDLE_SECONDS_MAX, err) &&
           option_check("header_bytes_max", options->header_bytes_max, HEADER_BYTES_MIN, HEADER_BYTES_MAX,
                        err) &&
           pair_check(options->user, "user", options->password_hash, "password_hash", err) &&
           pair_check(options->tls_cert_file, "tls_cert_file", options->tls_key_file, "tls_key_file", err);
}

static void endpoint_free(ifm_endpoint *endpoint)
{
    ifm_auth_free(endpoint->auth);
    ifm_free(endpoint->page);
    pthread_mutex_destroy(&endpoint->running);
    ifm_free(endpoint);
}

/* All that needs neither descriptor nor thread. */
static ifm_endpoint *endpoint_new(ifm_registry *registry, const ifm_endpoint_options *options, ifm_error *err)
{
    ifm_endpoint *endpoint = ifm_alloc_zero(1, sizeof *endpoint);
    if (endpoint == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&endpoint->running, NULL);
    endpoint->pid = getpid();
    endpoint->registry = registry != NULL ? registry : ifm_registry_default();
    endpoint->connections_max = options->connections_max;
    endpoint->header_bytes_max = options->header_bytes_max;
    endpoint->idle_ns = (int64_t)options->idle_seconds * 1000000000;
    endpoint->listen_fd = endpoint->wake_fd = endpoint->epoll_fd = -1;
    bool ok = endpoint->registry != NULL || ifm_error_nomem(err);
    ok = ok && ifm_listen_address_parse(options->address, options->port, &endpoint->address, err);
    if (ok) {
        endpoint->page = ifm_page_make(options->title, &endpoint->page_size, err);
        ok = endpoint->page != NULL;
    }
    if (ok && options->user != NULL) {
        endpoint->auth = ifm_auth_new(options->user, options->password_hash, err);
        ok = endpoint->auth != NULL;
    }
    if (!ok) {
        endpoint_free(endpoint);
        return NULL;
    }
    return endpoint;
}

/* From the first descriptor to the entry in the list of fork(), no fork happens: E3. */
static bool endpoint_launch(ifm_endpoint *endpoint, const ifm_endpoint_options *options,
                            const ifm_tls_files *tls, ifm_error *err)
{
    static const char advice[] = "set another port, or INFEROMETER_PORT=any for a free one";
    int listen_number = 0;
    ifm_endpoint_fork_lock();
    bool ok = ifm_endpoint_daemon_start(endpoint, options, tls, &listen_number, err);
    if (ok) {
        ifm_endpoint_fork_add(endpoint);
    } else {
        ifm_endpoint_daemon_join(endpoint); /* no connection was accepted, so no collector runs */
        ifm_endpoint_daemon_stop(endpoint);
    }
    ifm_endpoint_fork_unlock();
    return ok || (listen_number != 0 && ifm_listen_error(&endpoint->address, listen_number, advice, err));
}

ifm_endpoint *ifm_endpoint_start(ifm_registry *registry, const ifm_endpoint_options *options, ifm_error *err)
{
    ifm_endpoint_options complete = {0};
    if (options != NULL) {
        complete = *options;
    }
    if (!options_complete(&complete, err)) {
        return NULL;
    }
    bool tls = complete.tls_cert_file != NULL;
    ifm_tls_files files = {0};
    if (tls && !ifm_tls_files_read(complete.tls_cert_file, complete.tls_key_file, &files, err)) {
        return NULL;
    }
    ifm_endpoint *endpoint = endpoint_new(registry, &complete, err);
    if (endpoint != NULL && !endpoint_launch(endpoint, &complete, tls ? &files : NULL, err)) {
        endpoint_free(endpoint);
        endpoint = NULL;
    }
    ifm_tls_files_free(&files);
    if (endpoint != NULL) {
        ifm_listen_url(&endpoint->address, tls, "/metrics", endpoint->url);
    }
    return endpoint;
}

int ifm_endpoint_port(const ifm_endpoint *endpoint)
{
    return ntohs(endpoint->address.any.sa_family == AF_INET ? endpoint->address.in.sin_port
                                                            : endpoint->address.in6.sin6_port);
}

const char *ifm_endpoint_url(const ifm_endpoint *endpoint)
{
    return endpoint->url;
}

/* In a child of fork(): the threads are the parent's, the descriptors are closed (endpoint_fork.h). MHD's own
 * memory stays: it cannot be freed without touching sockets, which are the parent's too. */
static void endpoint_abandon(ifm_endpoint *endpoint)
{
    ifm_workers_abandon(endpoint->scrapers);
    ifm_workers_abandon(endpoint->verifiers);
    while (endpoint->clients != NULL) {
        ifm_client *client = endpoint->clients;
        endpoint->clients = client->next;
        ifm_free(client);
    }
    endpoint_free(endpoint);
}

void ifm_endpoint_stop(ifm_endpoint *endpoint)
{
    if (endpoint == NULL) {
        return;
    }
    if (endpoint->pid != getpid()) {
        endpoint_abandon(endpoint);
        return;
    }
    ifm_endpoint_daemon_join(endpoint);
    ifm_endpoint_fork_lock();
    ifm_endpoint_fork_remove(endpoint);
    ifm_endpoint_daemon_stop(endpoint);
    ifm_endpoint_fork_unlock();
    endpoint_free(endpoint);
}
