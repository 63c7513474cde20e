/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client of the real table against a server of one thread that answers whatever a test wants.
 */
#include "check.h"
#include "stack/system.h"
#include "torture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_MS  INT64_C(1000000)
#define TIMEOUT_NS (20000 * NS_PER_MS)
#define OK_HEAD    "HTTP/1.1 200 OK\r\nConnection: close\r\n"

enum { REQUEST_BYTES = 8192 };

/* Answers connections, one after the other, until deinit. */
typedef struct server {
    int listener;
    int port;
    pthread_t thread;
    const char *answer;          /* NULL: says nothing until the client goes */
    int cancel_fd;               /* written to once the request is there; 0: none */
    size_t filler;               /* bytes of body after `answer` */
    char request[REQUEST_BYTES]; /* of the last connection */
    char url[64];
} server;

static bool request_is_complete(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strcasestr(request, "content-length:");
    size_t wanted = length == NULL ? 0 : (size_t)strtol(length + 15, NULL, 10);
    return end != NULL && strlen(end + 4) >= wanted;
}

static void server_answer(server *at, int fd)
{
    size_t size = 0;
    ssize_t count = 1;
    at->request[0] = '\0';
    while (count > 0 && size < sizeof at->request - 1 && !request_is_complete(at->request)) {
        count = recv(fd, at->request + size, sizeof at->request - 1 - size, 0);
        size += count > 0 ? (size_t)count : 0;
        at->request[size] = '\0';
    }
    if (at->cancel_fd > 0) {
        CHECK_INT(write(at->cancel_fd, "x", 1), 1);
        at->cancel_fd = 0;
    }
    if (at->answer == NULL) {
        char ignored;
        while (recv(fd, &ignored, 1, 0) > 0) {
        }
        return;
    }
    count = send(fd, at->answer, strlen(at->answer), MSG_NOSIGNAL);
    static const char block[65536];
    for (size_t left = at->filler; left > 0 && count >= 0;) {
        size_t part = left < sizeof block ? left : sizeof block;
        count = send(fd, block, part, MSG_NOSIGNAL);
        left -= count > 0 ? (size_t)count : 0;
    }
}

static void *server_run(void *context)
{
    server *at = context;
    for (;;) {
        int fd = accept(at->listener, NULL, NULL);
        if (fd < 0) {
            return NULL; /* shut down */
        }
        server_answer(at, fd);
        close(fd);
    }
}

static int listen_anywhere(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    assert_int_equal(bind(fd, (struct sockaddr *)&place, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &size), 0);
    assert_int_equal(listen(fd, 8), 0);
    *port = ntohs(place.sin_port);
    return fd;
}

/* What the answer consists of is set before: the thread reads it. */
static void server_start(server *at)
{
    at->listener = listen_anywhere(&at->port);
    snprintf(at->url, sizeof at->url, "http://127.0.0.1:%d/path", at->port);
    assert_int_equal(pthread_create(&at->thread, NULL, server_run, at), 0);
}

static void server_deinit(server *at)
{
    shutdown(at->listener, SHUT_RDWR);
    pthread_join(at->thread, NULL);
    close(at->listener);
}

static bool ask(const stack_request *request, stack_response *response, ifm_error *err)
{
    *err = (ifm_error){0};
    return stack_system_real.http(NULL, request, response, err);
}

static void http_brings_status_body_and_date(void **state)
{
    (void)state;
    server at = {.answer = "HTTP/1.1 503 Service Unavailable\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                           "Connection: close\r\n\r\n{\"a\":1}"};
    server_start(&at);
    stack_request request = {.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
    stack_response response;
    ifm_error err;
    CHECK(ask(&request, &response, &err));
    CHECK_INT(response.status, 503);
    CHECK_TEXT(response.body, "{\"a\":1}");
    CHECK_INT(response.date_ms, INT64_C(784111777000));
    stack_response_deinit(&response);
    server_deinit(&at);
    CHECK_CONTAINS(at.request, "GET /path HTTP/1.1\r\n");
    check_end();
}

static void http_has_no_date_without_a_header_that_is_one(void **state)
{
    (void)state;
    static const char *const answers[] = {OK_HEAD "\r\n", OK_HEAD "Date: yesterday\r\n\r\n",
                                          OK_HEAD "Date:\r\n\r\n"};
    for (size_t i = 0; i < IFM_COUNT_OF(answers); i++) {
        server at = {.answer = answers[i]};
        server_start(&at);
        stack_request request = {.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
        stack_response response;
        ifm_error err;
        CHECK(ask(&request, &response, &err));
        CHECK_INT(response.date_ms, -1);
        CHECK_TEXT(response.body, "");
        stack_response_deinit(&response);
        server_deinit(&at);
    }
    check_end();
}

static void http_posts_a_form_with_a_password(void **state)
{
    (void)state;
    server at = {.answer = OK_HEAD "\r\nyes"};
    server_start(&at);
    stack_request request = {.url = at.url,
                             .user = "admin",
                             .password = "secret",
                             .body = "query=up",
                             .timeout_ns = TIMEOUT_NS,
                             .cancel_fd = -1};
    stack_response response;
    ifm_error err;
    CHECK(ask(&request, &response, &err));
    stack_response_deinit(&response);
    server_deinit(&at);
    CHECK_CONTAINS(at.request, "POST /path HTTP/1.1\r\n");
    CHECK_CONTAINS(at.request, "Authorization: Basic YWRtaW46c2VjcmV0\r\n");
    CHECK_CONTAINS(at.request, "Content-Type: application/x-www-form-urlencoded\r\n");
    CHECK_CONTAINS(at.request, "\r\n\r\nquery=up");
    check_end();
}

/* A stack on this machine is asked directly, and a redirect would be a way to be led elsewhere. */
static void http_uses_no_proxy_and_no_redirect(void **state)
{
    (void)state;
    int nobody;
    int fd = listen_anywhere(&nobody);
    close(fd);
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", nobody);
    setenv("http_proxy", proxy, 1);
    setenv("ALL_PROXY", proxy, 1);
    server at = {.answer =
                     "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n"};
    server_start(&at);
    stack_request request = {.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
    stack_response response;
    ifm_error err;
    CHECK(ask(&request, &response, &err));
    CHECK_INT(response.status, 302);
    stack_response_deinit(&response);
    server_deinit(&at);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    check_end();
}

/* Expects the request to fail. */
static void check_refused(const stack_request *request, ifm_code code, const char *part)
{
    stack_response response;
    ifm_error err;
    if (!check_report(!ask(request, &response, &err), __FILE__, __LINE__)) {
        fprintf(stderr, "\"%s\" was answered with %d\n", request->url, response.status);
        stack_response_deinit(&response);
        return;
    }
    CHECK_INT(err.code, code);
    CHECK_CONTAINS(err.message, part);
    CHECK(response.body == NULL);
}

static void http_says_why_there_is_no_answer(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *part;
    } rows[] = {
        {"", ": the connection was closed without an answer"},
        {"220 mail.example ESMTP\r\n", ": what listens there does not speak HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
         ": the connection broke before the answer was complete"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        server at = {.answer = rows[i].answer};
        server_start(&at);
        check_refused(&(stack_request){.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1}, IFM_IO,
                      rows[i].part);
        server_deinit(&at);
    }
    int port;
    close(listen_anywhere(&port));
    char url[96], want[160];
    snprintf(url, sizeof url, "http://user:secret@127.0.0.1:%d/path?query=%%25", port);
    snprintf(want, sizeof want,
             "could not reach \"http://127.0.0.1:%d/path\": connection refused, nothing listens there", port);
    check_refused(&(stack_request){.url = url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1}, IFM_IO, want);
    /* Longer than a label may be: refused before any server of names is asked. */
    check_refused(&(stack_request){.url =
                                       "http://a23456789012345678901234567890123456789012345678901234567890"
                                       "12345.invalid/",
                                   .timeout_ns = TIMEOUT_NS,
                                   .cancel_fd = -1},
                  IFM_IO, ": the name of the host cannot be resolved");
    check_end();
}

static void http_takes_urls_of_http_only(void **state)
{
    (void)state;
    static const char *const urls[] = {"file:///etc/passwd", "/etc/passwd", "", "localhost:9090",
                                       "httpx://a"};
    for (size_t i = 0; i < IFM_COUNT_OF(urls); i++) {
        check_refused(&(stack_request){.url = urls[i], .timeout_ns = TIMEOUT_NS, .cancel_fd = -1},
                      IFM_INVALID, "does not begin with http:// or https://");
    }
    check_refused(
        &(stack_request){.url = "http://127.0.0.1:99999/", .timeout_ns = TIMEOUT_NS, .cancel_fd = -1},
        IFM_INVALID, "is no URL of HTTP");
    check_end();
}

static void http_ends_at_its_time_limit(void **state)
{
    (void)state;
    server at = {.answer = NULL};
    server_start(&at);
    check_refused(&(stack_request){.url = at.url, .timeout_ns = 100 * NS_PER_MS, .cancel_fd = -1},
                  IFM_TIMEOUT, "timed out, no answer within 0.1 s");
    server_deinit(&at);
    check_end();
}

/* Cancelled before it begins, and while it waits. */
static void http_ends_when_it_is_cancelled(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    server at = {.cancel_fd = ends[1]};
    server_start(&at);
    check_refused(&(stack_request){.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = ends[0]},
                  IFM_CANCELED, "was interrupted");
    char byte;
    CHECK_INT(read(ends[0], &byte, 1), 1);
    close(ends[1]); /* readable: the end of the file */
    check_refused(&(stack_request){.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = ends[0]},
                  IFM_CANCELED, "was interrupted");
    close(ends[0]);
    server_deinit(&at);
    check_end();
}

static void http_refuses_an_answer_that_is_too_large(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        bool ok;
    } rows[] = {{STACK_BODY_MAX, true}, {(size_t)STACK_BODY_MAX + 1, false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        server at = {.answer = OK_HEAD "\r\n", .filler = rows[i].size};
        server_start(&at);
        stack_request request = {.url = at.url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
        stack_response response;
        ifm_error err;
        bool ok = ask(&request, &response, &err);
        CHECK_INT(ok, rows[i].ok);
        if (ok) {
            stack_response_deinit(&response);
        } else {
            CHECK_INT(err.code, IFM_LIMIT);
            CHECK_CONTAINS(err.message, "is larger than its limit of 16 MiB");
        }
        server_deinit(&at);
    }
    check_end();
}

static bool ask_and_forget(void *context, ifm_error *err)
{
    const server *at = context;
    stack_request request = {.url = at->url, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
    stack_response response;
    bool ok = stack_system_real.http(NULL, &request, &response, err);
    stack_response_deinit(&response);
    return ok;
}

static void http_survives_memory_that_is_out(void **state)
{
    (void)state;
    server at = {.answer = OK_HEAD "\r\nbody"};
    server_start(&at);
    CHECK(torture_allocations(ask_and_forget, &at, TORTURE_MUST_FAIL) >= 1);
    server_deinit(&at);
    check_end();
}

static void table_has_the_real_world(void **state)
{
    (void)state;
    setenv("IFM_SYSTEM_TEST", "set", 1);
    CHECK_TEXT(stack_system_real.environment(NULL, "IFM_SYSTEM_TEST"), "set");
    CHECK(stack_system_real.environment(NULL, "IFM_SYSTEM_TEST_2") == NULL);
    CHECK(stack_system_real.wall_ms(NULL) > INT64_C(1600000000000));
    CHECK_TEXT(stack_system_real.root, "");
    ifm_os_command command = {.arguments = (const char *const[]){"/bin/sh", "-c", "echo ran", NULL},
                              .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(stack_system_real.run(NULL, &command, &result, &err));
    CHECK_TEXT(result.out, "ran\n");
    ifm_os_command_result_deinit(&result);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_brings_status_body_and_date),
        cmocka_unit_test(http_has_no_date_without_a_header_that_is_one),
        cmocka_unit_test(http_posts_a_form_with_a_password),
        cmocka_unit_test(http_uses_no_proxy_and_no_redirect),
        cmocka_unit_test(http_says_why_there_is_no_answer),
        cmocka_unit_test(http_takes_urls_of_http_only),
        cmocka_unit_test(http_ends_at_its_time_limit),
        cmocka_unit_test(http_ends_when_it_is_cancelled),
        cmocka_unit_test(http_refuses_an_answer_that_is_too_large),
        cmocka_unit_test(http_survives_memory_that_is_out),
        cmocka_unit_test(table_has_the_real_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
