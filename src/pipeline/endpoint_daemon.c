/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"
#include "pipeline/endpoint_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    POOL_BYTES_MORE = 8192 /* of a connection, beside its headers: the answer's head, room to receive into */
};

/* MHD_LogCallback: the reason of a failed start, of which the first counts. Later MHD complains about
 * clients, to the use of nobody. */
__attribute__((format(printf, 2, 0))) static void daemon_log(void *context, const char *format,
                                                             va_list arguments)
{
    ifm_endpoint *endpoint = context;
    if (endpoint->daemon == NULL && endpoint->start_message[0] == '\0') {
        vsnprintf(endpoint->start_message, sizeof endpoint->start_message, format, arguments);
        endpoint->start_message[strcspn(endpoint->start_message, "\n")] = '\0';
    }
}

/* MHD tells reasons only through its log: "GnuTLS failed to setup x509 certificate/key: REASON". */
static bool daemon_error(const ifm_endpoint *endpoint, const ifm_endpoint_options *options, ifm_error *err)
{
    const char *said = endpoint->start_message;
    const char *reason = strstr(said, ": ");
    if (options->tls_cert_file != NULL && strstr(said, "x509") != NULL && reason != NULL) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot use the TLS certificate \"%.60s\" with the key \"%.60s\": %s",
                             options->tls_cert_file, options->tls_key_file, reason + 2);
    }
    return ifm_error_set(err, IFM_IO, "could not start the HTTP server: %s",
                         said[0] == '\0' ? "out of memory or of descriptors" : said);
}

static bool daemon_start(ifm_endpoint *endpoint, const ifm_endpoint_options *options,
                         const ifm_tls_files *tls, ifm_error *err)
{
    unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    static char priorities[] = IFM_TLS_PRIORITIES;
    struct MHD_OptionItem tls_items[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, tls == NULL ? NULL : tls->cert},
                                         {MHD_OPTION_HTTPS_MEM_KEY, 0, tls == NULL ? NULL : tls->key},
                                         {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
                                         {MHD_OPTION_END, 0, NULL}};
    if (tls == NULL) {
        tls_items[0].option = MHD_OPTION_END;
    } else {
        flags |= MHD_USE_TLS;
    }
    /* clang-format off: an option and its values a line */
    endpoint->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, ifm_endpoint_request_handle, endpoint, MHD_OPTION_EXTERNAL_LOGGER, daemon_log,
        endpoint, /* first: it hears of the options after it */
        MHD_OPTION_NOTIFY_CONNECTION, ifm_endpoint_client_notify, endpoint, MHD_OPTION_NOTIFY_COMPLETED,
        ifm_endpoint_request_completed, endpoint, MHD_OPTION_CONNECTION_LIMIT, endpoint->connections_max,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)IFM_ENDPOINT_CONNECTIONS_PER_ADDRESS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(endpoint->idle_ns / 1000000000),
        /* Twice the headers: MHD lists each one beside its text, and the exact limit is ours to say. */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)endpoint->header_bytes_max * 2 + POOL_BYTES_MORE,
        MHD_OPTION_ARRAY, tls_items, MHD_OPTION_END);
    /* clang-format on */
    if (endpoint->daemon == NULL) {
        return daemon_error(endpoint, options, err);
    }
    endpoint->epoll_fd = MHD_get_daemon_info(endpoint->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return true;
}

static bool workers_start(ifm_endpoint *endpoint, const ifm_endpoint_options *options, ifm_error *err)
{
    ifm_workers_options scrapers = {"ifm-scrape", options->scrapes_max, options->scrapes_max,
                                    endpoint->wake_fd};
    endpoint->scrapers = ifm_workers_start(&scrapers, err);
    if (endpoint->scrapers == NULL || endpoint->auth == NULL) {
        return endpoint->scrapers != NULL;
    }
    /* One thread: guessing passwords may take one processor from the program, not all of them. */
    ifm_workers_options verifiers = {"ifm-auth", 1, IFM_ENDPOINT_VERIFICATIONS_MAX, endpoint->wake_fd};
    endpoint->verifiers = ifm_workers_start(&verifiers, err);
    return endpoint->verifiers != NULL;
}

bool ifm_endpoint_daemon_start(ifm_endpoint *endpoint, const ifm_endpoint_options *options,
                               const ifm_tls_files *tls, int *listen_number, ifm_error *err)
{
    endpoint->listen_fd = ifm_listen_open(&endpoint->address, listen_number);
    if (endpoint->listen_fd < 0) {
        return false;
    }
    endpoint->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (endpoint->wake_fd < 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not start the endpoint");
    }
    if (!daemon_start(endpoint, options, tls, err) || !workers_start(endpoint, options, err)) {
        return false;
    }
    endpoint->thread_started =
        ifm_os_thread_start("ifm-endpoint", ifm_endpoint_loop_run, endpoint, &endpoint->thread, err);
    return endpoint->thread_started;
}

void ifm_endpoint_daemon_join(ifm_endpoint *endpoint)
{
    if (endpoint->thread_started) {
        atomic_store_explicit(&endpoint->stopping, true, memory_order_relaxed);
        eventfd_write(endpoint->wake_fd, 1);
        pthread_join(endpoint->thread, NULL);
    }
    ifm_workers_stop(endpoint->scrapers);
    ifm_workers_stop(endpoint->verifiers);
}

void ifm_endpoint_daemon_stop(ifm_endpoint *endpoint)
{
    if (endpoint->daemon != NULL) {
        /* MHD aborts the process when it is stopped with a connection suspended. */
        for (ifm_client *client = endpoint->clients; client != NULL; client = client->next) {
            if (client->suspended) {
                MHD_resume_connection(client->connection);
            }
        }
        MHD_stop_daemon(endpoint->daemon);
    }
    if (endpoint->wake_fd >= 0) {
        close(endpoint->wake_fd);
    }
    if (endpoint->listen_fd >= 0) {
        close(endpoint->listen_fd);
    }
}
