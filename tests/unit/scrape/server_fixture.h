/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets on 127.0.0.1, good and hostile ones, by their path. Each connection has a thread and one request.
 */
#ifndef IFM_TESTS_SERVER_FIXTURE_H
#define IFM_TESTS_SERVER_FIXTURE_H

#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { SERVER_CONNECTIONS_MAX = 256, SERVER_TEXT_MAX = 65536 };

typedef struct server {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;       /* of all below */
    char body[SERVER_TEXT_MAX]; /* of /metrics */
    size_t body_size;
    char type[128];
    int status;
    char request[4096]; /* the last one for /metrics */
    char targets[4096]; /* of /targets */
    int fds[SERVER_CONNECTIONS_MAX];
    pthread_t threads[SERVER_CONNECTIONS_MAX];
    size_t connections;
} server;

typedef struct server_connection {
    server *server;
    int fd;
} server_connection;

/* False when the peer has gone. */
static inline bool server_send(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

static inline bool server_send_text(int fd, const char *text)
{
    return server_send(fd, text, strlen(text));
}

static inline void server_wait_for_end(int fd)
{
    char bytes[512];
    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
}

static inline void server_answer(int fd, const char *status, const char *type, const char *body, size_t size)
{
    char head[512];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
             type, size);
    if (server_send_text(fd, head)) {
        server_send(fd, body, size);
    }
}

/* 8 MB of zeros in 8 KB. */
static inline void server_bomb(int fd)
{
    static const char zeros[65536];
    enum { PACKED_MAX = 1 << 20 };
    unsigned char *packed = malloc(PACKED_MAX);
    z_stream stream = {.next_out = packed, .avail_out = PACKED_MAX};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    for (int i = 0; i < 128; i++) {
        stream.next_in = (unsigned char *)(uintptr_t)zeros;
        stream.avail_in = sizeof zeros;
        deflate(&stream, i == 127 ? Z_FINISH : Z_NO_FLUSH);
    }
    server_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n"
                         "Connection: close\r\n\r\n");
    server_send(fd, packed, stream.total_out);
    deflateEnd(&stream);
    free(packed);
}

static inline void server_drip(int fd)
{
    static const char text[] = "drip 1\n";
    bool goes_on = server_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    for (size_t i = 0; goes_on; i = (i + 1) % (sizeof text - 1)) {
        struct pollfd peer = {.fd = fd, .events = POLLIN};
        goes_on = poll(&peer, 1, 20) == 0 && server_send(fd, text + i, 1);
    }
}

static inline void server_flood(int fd)
{
    static const char lines[1 << 16] = "flood 1";
    bool goes_on = server_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    while (goes_on) {
        goes_on = server_send(fd, lines, sizeof lines);
    }
}

static inline void server_many(int fd)
{
    enum { LINES = 200000 };
    char *text = malloc(LINES * 24);
    size_t size = 0;
    for (int i = 0; i < LINES; i++) {
        size += (size_t)snprintf(text + size, 24, "many{i=\"%d\"} 1\n", i);
    }
    server_answer(fd, "200 OK", "text/plain", text, size);
    free(text);
}

static inline void server_metrics(server *s, int fd, const char *request)
{
    char body[SERVER_TEXT_MAX];
    char type[128];
    pthread_mutex_lock(&s->lock);
    snprintf(s->request, sizeof s->request, "%s", request);
    memcpy(body, s->body, s->body_size);
    size_t size = s->body_size;
    snprintf(type, sizeof type, "%s", s->type);
    bool ok = s->status == 200;
    pthread_mutex_unlock(&s->lock);
    server_answer(fd, ok ? "200 OK" : "503 Service Unavailable", type, body, size);
}

static inline void server_targets(server *s, int fd)
{
    char text[sizeof s->targets];
    pthread_mutex_lock(&s->lock);
    memcpy(text, s->targets, sizeof text);
    pthread_mutex_unlock(&s->lock);
    server_answer(fd, text[0] == '\0' ? "500 Internal Server Error" : "200 OK", "application/json", text,
                  strlen(text));
}

static inline void server_serve(server *s, int fd, const char *request)
{
    static const char zero[] = "a 1\nb\0 2\n";
    char path[64] = "";
    sscanf(request, "GET /%63s", path);
    path[strcspn(path, "? ")] = '\0';
    if (strcmp(path, "metrics") == 0) {
        server_metrics(s, fd, request);
    } else if (strcmp(path, "targets") == 0) {
        server_targets(s, fd);
    } else if (strcmp(path, "drip") == 0) {
        server_drip(fd);
    } else if (strcmp(path, "flood") == 0) {
        server_flood(fd);
    } else if (strcmp(path, "bomb") == 0) {
        server_bomb(fd);
    } else if (strcmp(path, "many") == 0) {
        server_many(fd);
    } else if (strcmp(path, "huge") == 0) {
        server_send_text(
            fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4294967296\r\n\r\na 1\n");
        server_wait_for_end(fd);
    } else if (strcmp(path, "cut") == 0) {
        server_send_text(fd,
                         "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\na 1\n");
    } else if (strcmp(path, "garbage") == 0) {
        server_send_text(fd, "\x01\x02 this is no HTTP\r\n\r\n");
    } else if (strcmp(path, "zero") == 0) {
        server_answer(fd, "200 OK", "text/plain", zero, sizeof zero - 1);
    } else if (strcmp(path, "type") == 0) {
        server_answer(fd, "200 OK", "text/html", "a 1\n", 4);
    } else if (strcmp(path, "loop") == 0) {
        server_send_text(
            fd, "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } else {
        server_wait_for_end(fd); /* hang */
    }
}

static inline void *server_connection_run(void *argument)
{
    server_connection *connection = argument;
    char request[4096];
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < sizeof request - 1) {
        got = recv(connection->fd, request + size, sizeof request - 1 - size, 0);
        size += got > 0 ? (size_t)got : 0;
        request[size] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) {
            server_serve(connection->server, connection->fd, request);
            break;
        }
    }
    shutdown(connection->fd, SHUT_RDWR);
    free(connection);
    return NULL;
}

static inline void *server_run(void *argument)
{
    server *s = argument;
    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        server_connection *connection = malloc(sizeof *connection);
        *connection = (server_connection){s, fd};
        if (s->connections == SERVER_CONNECTIONS_MAX) {
            abort();
        }
        s->fds[s->connections] = fd;
        pthread_create(&s->threads[s->connections++], NULL, server_connection_run, connection);
    }
}

static inline void server_set(server *s, const char *body)
{
    pthread_mutex_lock(&s->lock);
    s->body_size = strlen(body);
    memcpy(s->body, body, s->body_size);
    pthread_mutex_unlock(&s->lock);
}

static inline void server_set_status(server *s, int status)
{
    pthread_mutex_lock(&s->lock);
    s->status = status;
    pthread_mutex_unlock(&s->lock);
}

/* The last request for /metrics, in static storage. */
static inline const char *server_request(server *s)
{
    static char text[sizeof s->request];
    pthread_mutex_lock(&s->lock);
    memcpy(text, s->request, sizeof text);
    pthread_mutex_unlock(&s->lock);
    return text;
}

static inline void server_open(server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    memset(s, 0, sizeof *s);
    s->status = 200;
    snprintf(s->type, sizeof s->type, "text/plain; version=0.0.4");
    pthread_mutex_init(&s->lock, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->listener, (struct sockaddr *)&address, size) != 0 || listen(s->listener, 64) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) != 0) {
        fail_msg("no socket");
    }
    s->port = ntohs(address.sin_port);
    pthread_create(&s->thread, NULL, server_run, s);
}

static inline void server_close(server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    for (size_t i = 0; i < s->connections; i++) {
        shutdown(s->fds[i], SHUT_RDWR);
        pthread_join(s->threads[i], NULL);
        close(s->fds[i]);
    }
    pthread_mutex_destroy(&s->lock);
}

#endif
