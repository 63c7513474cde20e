/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP client for tests: raw bytes out, raw bytes in, so that wrong requests can be made too. Nothing
 * waits longer than CLIENT_TIMEOUT_S.
 */
#ifndef IFM_TESTS_ENDPOINT_CLIENT_H
#define IFM_TESTS_ENDPOINT_CLIENT_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inferometer/endpoint.h>
#include <inferometer/metrics.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CLIENT_TIMEOUT_S = 60, CLIENT_BYTES_MAX = 32 << 20 };

typedef struct reply {
    int status; /* 0 when there was no answer */
    char *text; /* all that came, terminated; the caller frees it with reply_free() */
    size_t size;
    const char *body; /* inside `text`; NULL when there is no end of the headers */
    size_t body_size;
} reply;

static inline int client_connect_from(const char *address, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    struct timeval timeout = {.tv_sec = CLIENT_TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline int client_connect(int port)
{
    return client_connect_from("127.0.0.1", port);
}

static inline bool client_send(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t count = send(fd, at, size, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static inline void reply_parse(reply *out)
{
    out->text[out->size] = '\0';
    (void)!sscanf(out->text, "HTTP/1.%*d %d", &out->status);
    char *end = strstr(out->text, "\r\n\r\n");
    if (end != NULL) {
        out->body = end + 4;
        out->body_size = out->size - (size_t)(out->body - out->text);
    }
}

/* Reads until the other side closes. */
static inline reply client_receive(int fd)
{
    reply out = {.text = malloc(CLIENT_BYTES_MAX + 1)};
    while (out.size < CLIENT_BYTES_MAX) {
        ssize_t count = recv(fd, out.text + out.size, CLIENT_BYTES_MAX - out.size, 0);
        if (count <= 0) {
            break;
        }
        out.size += (size_t)count;
    }
    reply_parse(&out);
    return out;
}

static inline void reply_free(reply *got)
{
    free(got->text);
    *got = (reply){0};
}

/* The value of a header, copied into static storage; NULL when there is none. */
static inline const char *reply_header(const reply *got, const char *name)
{
    static char value[4096];
    size_t name_size = strlen(name);
    const char *line = strstr(got->text, "\r\n");
    while (line != NULL && line + 2 < (got->body == NULL ? got->text + got->size : got->body - 2)) {
        line += 2;
        if (strncasecmp(line, name, name_size) == 0 && line[name_size] == ':') {
            line += name_size + 1;
            line += strspn(line, " ");
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r"), line);
            return value;
        }
        line = strstr(line, "\r\n");
    }
    return NULL;
}

/* Sends bytes, and receives until the end. */
static inline reply client_exchange(int port, const char *bytes, size_t size)
{
    int fd = client_connect(port);
    if (fd < 0) {
        return (reply){.text = calloc(1, 1)};
    }
    client_send(fd, bytes, size);
    reply out = client_receive(fd);
    close(fd);
    return out;
}

/* METHOD PATH with more headers, each ended by CR LF; the connection closes after the answer. */
static inline reply client_call(int port, const char *method, const char *path, const char *headers)
{
    char *text = NULL;
    int size =
        asprintf(&text, "%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s\r\n", method, path, headers);
    reply out = client_exchange(port, text, (size_t)size);
    free(text);
    return out;
}

static inline reply client_get(int port, const char *path)
{
    return client_call(port, "GET", path, "");
}

/* An endpoint on a free port; fails the test when it does not start. */
static inline ifm_endpoint *endpoint_open(ifm_registry *registry, ifm_endpoint_options options)
{
    options.port = IFM_ENDPOINT_PORT_ANY;
    ifm_error err = {0};
    ifm_endpoint *endpoint = ifm_endpoint_start(registry, &options, &err);
    if (endpoint == NULL) {
        fail_msg("%s", err.message);
    }
    return endpoint;
}

/* A registry with one counter, inference_pages_total 3, and one gauge, queue_pages 5. */
static inline ifm_registry *registry_open(void)
{
    ifm_error err = {0};
    ifm_registry_options bare = {.self_metrics = IFM_SELF_METRICS_OMIT};
    ifm_registry *registry = ifm_registry_new(&bare, &err);
    ifm_counter pages;
    ifm_gauge queue;
    ifm_counter_options counter = {.metric = {.name = "inference_pages", .help = "Pages read."}};
    ifm_gauge_options gauge = {.metric = {.name = "queue_pages", .help = "Pages that wait."}};
    if (registry == NULL || !ifm_counter_register(registry, &counter, &pages, &err) ||
        !ifm_gauge_register(registry, &gauge, &queue, &err)) {
        fail_msg("%s", err.message);
    }
    ifm_counter_add(pages, 3);
    ifm_gauge_set(queue, 5);
    return registry;
}

#endif
