/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that misbehaves on demand: the path of the request says how. A thread for each connection, all of
 * which end with test_server_stop().
 *
 *     /ok             hello        /echo         the request
 *     /big            SIZE bytes   /gzip         "hello" as gzip
 *     /bomb           64 MiB of zeros as gzip    /broken-gzip  what is no gzip
 *     /claims-more    promises more than it has  /claims-huge  promises 4 GiB, and hangs
 *     /endless        a body without end         /endless-head a head without end
 *     /continue       100 Continue without end   /hang         nothing at all
 *     /hang-in-body   the head alone             /drip         a byte every 20 ms
 *     /garbage        no HTTP                    /close        nothing, closed
 *     /loop           to itself                  /to/PATH      a redirect to /PATH
 *     /to-file        a redirect to a file       /status       503, Retry-After: 7
 */
#ifndef HTTP_TEST_SERVER_H
#define HTTP_TEST_SERVER_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { TEST_CONNECTIONS_MAX = 256, TEST_BIG_SIZE = 9 * 1024 * 1024, TEST_BOMB_SIZE = 64 * 1024 * 1024 };

typedef struct test_server {
    int fd;
    int port;
    int stop[2]; /* readable: all threads end */
    pthread_t acceptor;
    pthread_t threads[TEST_CONNECTIONS_MAX];
    atomic_int connections; /* that there were */
    atomic_int requests;
    char *big;
    unsigned char *bomb;
    size_t bomb_size;
} test_server;

typedef struct test_connection {
    test_server *server;
    int fd;
    char head[16384];
    size_t size;
} test_connection;

/* False when the client has gone, or the test ends. */
static bool test_wait(test_connection *connection, short events, int timeout_ms)
{
    struct pollfd fds[] = {{connection->fd, events, 0}, {connection->server->stop[0], POLLIN, 0}};
    int count = poll(fds, 2, timeout_ms);
    return count == 0 || (count > 0 && fds[1].revents == 0 && (fds[0].revents & (POLLERR | POLLHUP)) == 0);
}

static bool test_send(test_connection *connection, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        if (!test_wait(connection, POLLOUT, -1)) {
            return false;
        }
        ssize_t count = send(connection->fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN) {
            return false;
        }
        at += count < 0 ? 0 : count;
        size -= count < 0 ? 0 : (size_t)count;
    }
    return true;
}

static bool test_send_text(test_connection *connection, const char *text)
{
    return test_send(connection, text, strlen(text));
}

static bool test_send_head(test_connection *connection, const char *status, const char *more, size_t size)
{
    char head[4096];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\n%sContent-Type: text/plain; v=1\r\nContent-Length: %zu\r\n\r\n", status, more,
             size);
    return test_send_text(connection, head);
}

static bool test_send_answer(test_connection *connection, const char *more, const void *body, size_t size)
{
    return test_send_head(connection, "200 OK", more, size) && test_send(connection, body, size);
}

/* Until the client gives up. */
static bool test_hang(test_connection *connection)
{
    char byte;
    while (test_wait(connection, POLLIN, -1) && recv(connection->fd, &byte, 1, MSG_DONTWAIT) > 0) {
    }
    return false;
}

static bool test_repeat(test_connection *connection, const char *first, const char *text)
{
    bool ok = test_send_text(connection, first);
    while (ok) {
        ok = test_send_text(connection, text);
    }
    return false;
}

static bool test_drip(test_connection *connection)
{
    bool ok = test_send_head(connection, "200 OK", "", 60000);
    while (ok) {
        ok = test_send_text(connection, "x") && test_wait(connection, 0, 20);
    }
    return false;
}

static size_t test_gzip(const void *bytes, size_t size, unsigned char *out, size_t room)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
                       .avail_in = (uInt)size,
                       .next_out = out,
                       .avail_out = (uInt)room};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return stream.total_out;
}

static bool test_redirect(test_connection *connection, const char *status, const char *to)
{
    char line[2048];
    snprintf(line, sizeof line, "Location: %s\r\n", to);
    return test_send_head(connection, status, line, 0);
}

static bool test_misbehave(test_connection *connection, const char *path)
{
    static const char gzip_head[] = "Content-Encoding: gzip\r\n";
    if (strcmp(path, "/bomb") == 0) {
        return test_send_answer(connection, gzip_head, connection->server->bomb,
                                connection->server->bomb_size);
    }
    if (strcmp(path, "/broken-gzip") == 0) {
        return test_send_answer(connection, gzip_head, "this is no gzip", 15);
    }
    if (strcmp(path, "/claims-more") == 0) {
        return test_send_head(connection, "200 OK", "", 1000) && !test_send_text(connection, "short");
    }
    if (strcmp(path, "/claims-huge") == 0) {
        return test_send_head(connection, "200 OK", "", (size_t)4 << 30) && test_hang(connection);
    }
    static const char *const endless[][3] = {
        {"/endless", "HTTP/1.1 200 OK\r\n\r\n", "and so on, and so on, and so on\n"},
        {"/endless-head", "HTTP/1.1 200 OK\r\n", "X-And-So-On: and so on, and so on\r\n"},
        {"/continue", "", "HTTP/1.1 100 Continue\r\n\r\n"},
    };
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(path, endless[i][0]) == 0) {
            return test_repeat(connection, endless[i][1], endless[i][2]);
        }
    }
    if (strcmp(path, "/garbage") == 0) {
        return !test_send_text(connection, "this is older than HTTP/1.0\n");
    }
    if (strcmp(path, "/hang-in-body") == 0) {
        return test_send_head(connection, "200 OK", "", 10) && test_hang(connection);
    }
    return strcmp(path, "/hang") == 0 ? test_hang(connection)
                                      : strcmp(path, "/drip") == 0 && test_drip(connection);
}

/* False: the connection is closed. */
static bool test_answer(test_connection *connection, const char *path)
{
    if (strcmp(path, "/ok") == 0 || strcmp(path, "/echo") == 0) {
        bool ok = path[1] == 'o';
        return test_send_answer(connection, "", ok ? "hello\n" : connection->head, ok ? 6 : connection->size);
    }
    if (strcmp(path, "/big") == 0) {
        return test_send_answer(connection, "", connection->server->big, TEST_BIG_SIZE);
    }
    if (strcmp(path, "/gzip") == 0) {
        unsigned char packed[64];
        return test_send_answer(connection, "Content-Encoding: gzip\r\n", packed,
                                test_gzip("hello\n", 6, packed, sizeof packed));
    }
    if (strcmp(path, "/status") == 0) {
        return test_send_head(connection, "503 Service Unavailable", "Retry-After: 7\r\n", 4) &&
               test_send_text(connection, "busy");
    }
    if (strcmp(path, "/loop") == 0 || strcmp(path, "/to-file") == 0) {
        return test_redirect(connection, "302 Found", path[1] == 'l' ? path : "file:///etc/passwd");
    }
    if (strncmp(path, "/to/", 4) == 0) {
        return test_redirect(connection, "302 Found\r\nRetry-After: 9", path + 3);
    }
    return test_misbehave(connection, path);
}

/* Reads a request, with a body of its Content-Length. */
static bool test_read(test_connection *connection)
{
    connection->size = 0;
    size_t want = SIZE_MAX;
    while (connection->size < want) {
        size_t room = sizeof connection->head - 1 - connection->size;
        if (!test_wait(connection, POLLIN, -1)) {
            return false;
        }
        ssize_t count = recv(connection->fd, connection->head + connection->size, room, 0);
        if (count <= 0) {
            return false;
        }
        connection->size += (size_t)count;
        connection->head[connection->size] = '\0';
        char *end = strstr(connection->head, "\r\n\r\n");
        if (end != NULL && want == SIZE_MAX) {
            const char *length = strcasestr(connection->head, "\r\nContent-Length: ");
            want =
                (size_t)(end + 4 - connection->head) + (length == NULL ? 0 : strtoul(length + 18, NULL, 10));
        }
    }
    return true;
}

static void *test_connection_run(void *context)
{
    test_connection *connection = context;
    char path[1024] = "";
    while (test_read(connection) && sscanf(connection->head, "%*s %1023s", path) == 1) {
        atomic_fetch_add(&connection->server->requests, 1);
        if (!test_answer(connection, path)) {
            break;
        }
    }
    shutdown(connection->fd, SHUT_RDWR);
    close(connection->fd);
    free(connection);
    return NULL;
}

static void *test_server_run(void *context)
{
    test_server *server = context;
    for (int count = 0; count < TEST_CONNECTIONS_MAX; count++) {
        struct pollfd fds[] = {{server->fd, POLLIN, 0}, {server->stop[0], POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) {
            break;
        }
        test_connection *connection = calloc(1, sizeof *connection);
        connection->server = server;
        connection->fd = accept(server->fd, NULL, NULL);
        pthread_create(&server->threads[count], NULL, test_connection_run, connection);
        atomic_fetch_add(&server->connections, 1);
    }
    return NULL;
}

static inline void test_server_start(test_server *server) /* zeroed */
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->fd, 64), 0);
    getsockname(server->fd, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    server->big = malloc(TEST_BIG_SIZE);
    memset(server->big, 'b', TEST_BIG_SIZE);
    char *zeros = calloc(1, TEST_BOMB_SIZE);
    server->bomb = malloc(1 << 20);
    server->bomb_size = test_gzip(zeros, TEST_BOMB_SIZE, server->bomb, 1 << 20);
    free(zeros);
    assert_int_equal(pipe(server->stop), 0);
    pthread_create(&server->acceptor, NULL, test_server_run, server);
}

static inline void test_server_stop(test_server *server)
{
    close(server->stop[1]); /* a hang-up wakes all that poll */
    pthread_join(server->acceptor, NULL);
    for (int i = 0; i < server->connections; i++) {
        pthread_join(server->threads[i], NULL);
    }
    close(server->fd);
    close(server->stop[0]);
    free(server->big);
    free(server->bomb);
}

#endif
