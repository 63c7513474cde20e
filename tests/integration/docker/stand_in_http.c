/* SPDX-License-Identifier: Apache-2.0 */
#include "stand_in_http.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* errno in Go's spelling: "connection refused". What looks for a text in Grafana's answers looks for that. */
static const char *reason(void)
{
    static char text[SETTING_BYTES];
    stand_in_format(text, sizeof text, "%s", strerror(errno));
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

static void limit_waiting(int connection)
{
    const struct timeval wait = {.tv_sec = HTTP_WAIT_SECONDS};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait); /* for connect(), too */
}

static void print_place(int listener)
{
    struct sockaddr_storage place;
    socklen_t size = sizeof place;
    char host[NI_MAXHOST];
    char service[NI_MAXSERV];
    if (getsockname(listener, (struct sockaddr *)&place, &size) == 0 &&
        getnameinfo((struct sockaddr *)&place, size, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
        printf("logger=http.server level=info msg=\"HTTP Server Listen\" address=%s:%s\n", host, service);
        fflush(stdout);
    }
}

int http_listen(const char *address, const char *port)
{
    const struct addrinfo wanted = {.ai_family = *address == '\0' ? AF_INET : AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    const int yes = 1;
    struct addrinfo *found = NULL;
    int code = getaddrinfo(*address == '\0' ? NULL : address, port, &wanted, &found);
    if (code != 0) {
        stand_in_die("could not listen on %s:%s: %s", address, port, gai_strerror(code));
    }
    int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listener, found->ai_addr, found->ai_addrlen) != 0 || listen(listener, SOMAXCONN) != 0) {
        stand_in_die("failed to open listener on address %s:%s: listen tcp %s:%s: bind: %s", address, port,
                     address, port, reason());
    }
    freeaddrinfo(found);
    print_place(listener);
    return listener;
}

static int sextet_of(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(letters, c) : NULL;
    return at != NULL ? (int)(at - letters) : -1;
}

static void decode_base64(const char *text, char *out, size_t size)
{
    unsigned bits = 0;
    unsigned count = 0;
    size_t length = 0;
    for (int sextet; (sextet = sextet_of(*text)) >= 0 && length + 1 < size; text++) {
        bits = bits << 6 | (unsigned)sextet;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[length++] = (char)(bits >> count & 0xFF);
        }
    }
    out[length] = '\0';
}

static void parse_head(http_request *request)
{
    static const char authorization[] = "\r\nAuthorization: Basic ";
    char *credentials = strcasestr(request->head, authorization);
    if (credentials != NULL) {
        decode_base64(credentials + sizeof authorization - 1, request->credentials,
                      sizeof request->credentials);
    }
    char *space = strchr(request->head, ' ');
    if (space != NULL) {
        *space = '\0';
        request->method = request->head;
        request->path = space + 1;
        request->path[strcspn(request->path, " ?\r\n")] = '\0';
    }
}

int http_accept(int listener, http_request *request)
{
    static char empty[1];
    size_t length = 0;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    *request = (http_request){.method = "", .path = empty};
    if (connection < 0) {
        return -1;
    }
    limit_waiting(connection);
    while (strstr(request->head, "\r\n\r\n") == NULL && length + 1 < sizeof request->head) {
        ssize_t got = recv(connection, request->head + length, sizeof request->head - 1 - length, 0);
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
        request->head[length] = '\0';
    }
    parse_head(request);
    return connection;
}

static bool send_all(int connection, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t sent = send(connection, text, left, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        text += sent;
        left -= (size_t)sent;
    }
    return true;
}

static void send_answer(int connection, int status, const char *headers, const char *text)
{
    char head[HTTP_HEAD_BYTES];
    stand_in_format(head, sizeof head,
                    "HTTP/1.1 %d Stand-in\r\n%s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
                    headers, strlen(text));
    if (send_all(connection, head)) {
        send_all(connection, text);
    }
    close(connection);
}

void http_answer(int connection, int status, const char *type, const char *text)
{
    char header[SETTING_BYTES];
    stand_in_format(header, sizeof header, "Content-Type: %s", type);
    send_answer(connection, status, header, text);
}

void http_redirect(int connection, const char *place)
{
    char header[SETTING_BYTES];
    stand_in_format(header, sizeof header, "Location: %s", place);
    send_answer(connection, 302, header, "");
}

/* Connects to HOST[:PORT]. Returns -1 with the reason in answer. */
static int connect_to(char *host, char *answer, size_t size)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char *colon = strrchr(host, ':');
    const char *port = "80";
    if (colon != NULL && strchr(colon, ']') == NULL) {
        *colon = '\0';
        port = colon + 1;
    }
    if (*host == '[') {
        host[strcspn(host, "]")] = '\0';
        host++;
    }
    int code = getaddrinfo(host, port, &wanted, &found);
    if (code != 0) {
        stand_in_format(answer, size, "dial tcp: lookup %s: %s", host, gai_strerror(code));
        return -1;
    }
    int connection = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    limit_waiting(connection);
    if (connect(connection, found->ai_addr, found->ai_addrlen) != 0) {
        stand_in_format(answer, size, "dial tcp %s:%s: connect: %s", host, port, reason());
        close(connection);
        connection = -1;
    }
    freeaddrinfo(found);
    return connection;
}

static void receive_all(int connection, char *answer, size_t size)
{
    size_t length = 0;
    while (length + 1 < size) {
        ssize_t got = recv(connection, answer + length, size - 1 - length, 0);
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
    }
    answer[length] = '\0';
}

int http_get(const char *url, const char *path, char *answer, size_t size)
{
    static const char scheme[] = "http://";
    char host[SETTING_BYTES];
    char request[3 * SETTING_BYTES];
    if (strncmp(url, scheme, sizeof scheme - 1) != 0) {
        stand_in_format(answer, size, "unsupported protocol scheme: %s", url);
        return 0;
    }
    stand_in_format(host, sizeof host, "%s", url + sizeof scheme - 1);
    size_t host_length = strcspn(host, "/");
    const char *prefix = url + sizeof scheme - 1 + host_length;
    size_t prefix_length = strlen(prefix);
    if (prefix_length > 0 && prefix[prefix_length - 1] == '/') {
        prefix_length--;
    }
    host[host_length] = '\0';
    stand_in_format(request, sizeof request, "GET %.*s%s HTTP/1.0\r\nHost: %s\r\n\r\n", (int)prefix_length,
                    prefix, path, host);
    int connection = connect_to(host, answer, size);
    if (connection < 0) {
        return 0;
    }
    int status = 0;
    if (send_all(connection, request)) {
        receive_all(connection, answer, size);
        const char *space = strchr(answer, ' ');
        status = space != NULL ? atoi(space + 1) : 0;
    }
    if (status == 0) {
        stand_in_format(answer, size, "%s did not answer", url);
    }
    close(connection);
    return status;
}
