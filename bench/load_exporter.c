/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: load_exporter SERIES
 *
 * A target whose every series has another value at every scrape: SERIES counters in text 0.0.4, a thousand to
 * a family, half of them whole, half with decimals. It listens on a free port of 127.0.0.1, prints that, and
 * answers whatever is asked until it is killed. For monitor_compare.py.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_SIZE_MAX = 160, SERIES_PER_FAMILY = 1000, CONNECTIONS_MAX = 64, SERIES_MAX = 10 * 1000 * 1000 };

typedef struct exporter {
    size_t series;
    double *values;
    uint32_t seed;
    char *page;
    struct pollfd sockets[1 + CONNECTIONS_MAX]; /* the first one listens */
    nfds_t count;
} exporter;

static bool exporter_init(exporter *self, size_t series)
{
    *self = (exporter){.series = series, .seed = 1, .count = 1};
    self->values = calloc(series, sizeof *self->values);
    self->page = malloc((series + series / SERIES_PER_FAMILY + 1) * LINE_SIZE_MAX);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (self->values == NULL || self->page == NULL || listener < 0 ||
        bind(listener, (const struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    self->sockets[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    printf("%d\n", ntohs(address.sin_port));
    return fflush(stdout) == 0;
}

/* Moves all counters on and writes them; returns the size of the page. */
static size_t make_page(exporter *self)
{
    char *at = self->page;
    for (size_t i = 0; i < self->series; i++) {
        size_t family = i / SERIES_PER_FAMILY;
        if (i % SERIES_PER_FAMILY == 0) {
            at += snprintf(at, LINE_SIZE_MAX, "# TYPE load_%zu_total counter\n", family);
        }
        self->seed = self->seed * 1664525U + 1013904223U;
        self->values[i] += (self->seed >> 24) * (i % 2 == 1 ? 1 : 0.001);
        at += snprintf(at, LINE_SIZE_MAX,
                       "load_%zu_total{pipeline=\"p%zu\",stage=\"engine_forward\",shard=\"%zu\"} %.10g\n",
                       family, i % 100, i, self->values[i]);
    }
    return (size_t)(at - self->page);
}

static bool write_all(int to, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = send(to, bytes, size, MSG_NOSIGNAL);
        if (written <= 0) {
            return false;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* Whatever was read is taken for one request: clients send theirs in one piece. */
static bool answer(exporter *self, int connection)
{
    char request[16384];
    if (read(connection, request, sizeof request) <= 0) {
        return false;
    }
    char head[256];
    size_t size = make_page(self);
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          size);
    return write_all(connection, head, (size_t)length) && write_all(connection, self->page, size);
}

static void accept_one(exporter *self)
{
    int connection = accept(self->sockets[0].fd, NULL, NULL);
    if (connection >= 0 && self->count == 1 + CONNECTIONS_MAX) {
        close(connection);
    } else if (connection >= 0) {
        self->sockets[self->count++] = (struct pollfd){.fd = connection, .events = POLLIN};
    }
}

static void serve(exporter *self)
{
    while (poll(self->sockets, self->count, -1) > 0 || errno == EINTR) {
        for (nfds_t i = self->count - 1; i > 0; i--) {
            if (self->sockets[i].revents != 0 && !answer(self, self->sockets[i].fd)) {
                close(self->sockets[i].fd);
                self->sockets[i] = self->sockets[--self->count];
            }
        }
        if (self->sockets[0].revents != 0) {
            accept_one(self);
        }
    }
}

int main(int argc, char **argv)
{
    exporter self;
    unsigned long series = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (series == 0 || series > SERIES_MAX) {
        fprintf(stderr, "usage: load_exporter SERIES\n");
        return 2;
    }
    if (!exporter_init(&self, series)) {
        perror("load_exporter");
        return 1;
    }
    serve(&self);
    return 1;
}
