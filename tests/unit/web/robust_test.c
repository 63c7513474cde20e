/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients that go away, send slowly or too much, and queries that wait for each other.
 */
#include "unit/web/client.h"

#include "os/os.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* bcrypt of cost 12, which takes a quarter of a second, of something. */
#define SLOW_HASH "$2y$12$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* A storage whose queries wait until they are let go. */
typedef struct waiting_storage {
    storage base;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int inside; /* queries that wait in it */
    bool open;
} waiting_storage;

static waiting_storage waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool waiting_querier(storage *from, int64_t start_ms, int64_t end_ms, storage_querier **out,
                            ifm_error *err)
{
    (void)from;
    (void)start_ms;
    (void)end_ms;
    (void)out;
    pthread_mutex_lock(&waiting.lock);
    waiting.inside++;
    pthread_cond_broadcast(&waiting.changed);
    while (!waiting.open) {
        pthread_cond_wait(&waiting.changed, &waiting.lock);
    }
    waiting.inside--;
    pthread_cond_broadcast(&waiting.changed);
    pthread_mutex_unlock(&waiting.lock);
    return ifm_error_set(err, IFM_IO, "the disk is on fire");
}

static const storage_functions waiting_functions = {waiting_querier};

static void waiting_wait_for(int inside)
{
    pthread_mutex_lock(&waiting.lock);
    while (waiting.inside != inside) {
        pthread_cond_wait(&waiting.changed, &waiting.lock);
    }
    pthread_mutex_unlock(&waiting.lock);
}

static void waiting_set(bool open)
{
    pthread_mutex_lock(&waiting.lock);
    waiting.open = open;
    pthread_cond_broadcast(&waiting.changed);
    pthread_mutex_unlock(&waiting.lock);
}

static int raw_connect(const web_fixture *fixture)
{
    int port = 0;
    sscanf(web_server_url(fixture->server), "http://127.0.0.1:%d/", &port);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void raw_send(int fd, const char *text)
{
    CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What comes until the peer closes, or until `until` has come. */
static void raw_receive(int fd, char *out, size_t size, const char *until)
{
    size_t have = 0;
    out[0] = '\0';
    while (have < size - 1 && strstr(out, until) == NULL) {
        ssize_t got = recv(fd, out + have, size - 1 - have, 0);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
        out[have] = '\0';
    }
}

static void await_stats(web_fixture *fixture, bool (*is)(const web_stats *stats))
{
    web_stats stats;
    for (int i = 0; i < 10000; i++) {
        web_stats_now(fixture->server, &stats);
        if (is(&stats)) {
            return;
        }
        poll(NULL, 0, 1);
    }
    fail_msg("the server did not come to the state that was awaited");
}

static bool one_waits(const web_stats *stats)
{
    return stats->queries_waiting == 1;
}

static bool nobody_waits(const web_stats *stats)
{
    return stats->queries_waiting == 0;
}

static void queries_wait_for_each_other_and_some_are_refused(void **state)
{
    static const char query[] = "GET /api/v1/query?query=up HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[4096];
    (void)state;
    waiting.base.functions = &waiting_functions;
    waiting_set(false);
    web_fixture *fixture =
        fixture_open((web_options){.queries_max = 1, .queries_queued_max = 1, .listen = NULL});
    web_server_set_source(fixture->server, &waiting.base);
    int first = raw_connect(fixture);
    int second = raw_connect(fixture);
    raw_send(first, query);
    waiting_wait_for(1);
    raw_send(second, query);
    await_stats(fixture, one_waits);
    CHECK_CONTAINS(client_get(fixture, "api/v1/query?query=up"), "too many queries wait");
    CHECK_INT(fixture->status, 503);
    CHECK_CONTAINS(client_get(fixture, "-/healthy"), "healthy"); /* all else goes on */
    close(second);                                               /* leaves the line */
    await_stats(fixture, nobody_waits);
    CHECK_CONTAINS(client_get(fixture, "api/v1/query?query=up&timeout=0.01"),
                   "query timed out in query queue");
    waiting_set(true);
    raw_receive(first, answer, sizeof answer, "fire");
    CHECK_CONTAINS(answer, "HTTP/1.1 500");
    CHECK_CONTAINS(answer,
                   "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"the disk is on fire\"}");
    close(first);
    web_stats stats;
    web_stats_now(fixture->server, &stats);
    CHECK_INT(stats.queries_refused, 1);
    CHECK_INT(stats.queries_timed_out, 1);
    fixture_close(fixture);
    check_end();
}

static bool nobody_asks(const web_stats *stats)
{
    return stats->queries_active == 0;
}

static bool one_asks(const web_stats *stats)
{
    return stats->queries_active == 1;
}

/* A minute of work and more, of which nothing is left when its client is gone: await_stats() does not wait
 * for so long. */
static const char long_query[] =
    "GET /api/v1/query?time=600&query=sum_over_time((sum_over_time(up[10m:1ms])%2Bsum_over_time(up[10m:1ms]))"
    "[10m:10ms]) HTTP/1.1\r\nHost: localhost\r\n\r\n";

static void query_ends_when_its_client_goes(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    int fd = raw_connect(fixture);
    raw_send(fd, long_query);
    await_stats(fixture, one_asks);
    close(fd);
    await_stats(fixture, nobody_asks);
    fixture_close(fixture);
    check_end();
}

static void query_ends_when_the_server_stops(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    int fd = raw_connect(fixture);
    raw_send(fd, long_query);
    await_stats(fixture, one_asks);
    int64_t begin_ns = ifm_os_monotonic_ns();
    fixture_close(fixture);
    CHECK(ifm_os_monotonic_ns() - begin_ns < INT64_C(20000000000)); /* else it takes minutes */
    close(fd);
    check_end();
}

static bool one_has_begun(const web_stats *stats)
{
    return stats->requests == 1;
}

/* A password takes its time; the server stops meanwhile, and then the body is found to be none. */
static void what_is_no_request_does_no_harm_at_the_end(void **state)
{
    static const config_web_user user = {.name = "u", .hash = SLOW_HASH};
    static const config_web web = {.users = &user, .user_count = 1};
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.web = &web, .listen = NULL});
    int fd = raw_connect(fixture);
    raw_send(fd, "POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dTp3cm9uZw==\r\n"
                 "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n");
    await_stats(fixture, one_has_begun);
    fixture_close(fixture);
    close(fd);
    check_end();
}

static void slow_client_holds_up_nobody(void **state)
{
    char answer[4096];
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    int slow[16];
    for (size_t i = 0; i < IFM_COUNT_OF(slow); i++) {
        slow[i] = raw_connect(fixture);
        raw_send(slow[i], "POST /api/v1/query HTTP/1.1\r\nHost: local");
    }
    CHECK_CONTAINS(client_get(fixture, "api/v1/query?query=1"), "success");
    raw_send(slow[0],
             "host\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nque");
    CHECK_CONTAINS(client_get(fixture, "api/v1/query?query=1"), "success");
    raw_send(slow[0], "ry=7");
    raw_receive(slow[0], answer, sizeof answer, "]}}");
    CHECK_CONTAINS(answer, "HTTP/1.1 200");
    for (size_t i = 0; i < IFM_COUNT_OF(slow); i++) {
        close(slow[i]);
    }
    fixture_close(fixture);
    check_end();
}

static void client_that_never_ends_is_ended(void **state)
{
    char answer[4096];
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    int64_t now_ns = ifm_os_monotonic_ns();
    int64_t late_ns = now_ns + (WEB_REQUEST_SECONDS + 60) * INT64_C(1000000000);
    int fd = raw_connect(fixture);
    raw_send(fd, "GET /-/hea");
    CHECK_CONTAINS(client_get(fixture, "-/healthy"), "healthy"); /* so the other one is known, too */
    CHECK_INT(web_watch_look(&fixture->server->watch, now_ns), 0);
    CHECK_INT(web_watch_look(&fixture->server->watch, late_ns), 2);
    raw_receive(fd, answer, sizeof answer, "nothing");
    CHECK_TEXT(answer, "");
    close(fd);
    CHECK_CONTAINS(client_get(fixture, "-/healthy"), "healthy"); /* with a new connection */
    fixture_close(fixture);
    check_end();
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"GET\r\n\r\n", ""},
        {"\r\n\r\nGET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200"},
        {"GET /-/healthy HTTP/1.0\r\n\r\n", "200"},
        {"GET http://localhost/-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200"},
        {"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\nConnection: "
         "close\r\n\r\n",
         "413"},
        {"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
         "400"},
        {"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: "
         "application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n7\r\nquery=1\r\n0\r\n\r\n",
         "200"},
    };
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char answer[4096];
        int fd = raw_connect(fixture);
        raw_send(fd, rows[i].text);
        shutdown(fd, SHUT_WR);
        raw_receive(fd, answer, sizeof answer, "no such text");
        CHECK_CONTAINS(answer, rows[i].want);
        CHECK((strstr(answer, " 200 ") != NULL) == (strcmp(rows[i].want, "200") == 0));
        close(fd);
    }
    CHECK_CONTAINS(client_get(fixture, "-/healthy"), "healthy");
    fixture_close(fixture);
    check_end();
}

enum { CONNECTIONS = 8 };

static bool one_is_gone(const web_stats *stats)
{
    return stats->connections < CONNECTIONS;
}

static void connections_have_a_limit(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.connections_max = CONNECTIONS, .listen = NULL});
    int fds[CONNECTIONS + 1];
    char answer[4096];
    for (int i = 0; i < CONNECTIONS + 1; i++) {
        fds[i] = raw_connect(fixture);
        if (i < CONNECTIONS) {
            raw_send(fds[i], "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
            raw_receive(fds[i], answer, sizeof answer, "healthy.");
            CHECK_CONTAINS(answer, "200");
        }
    }
    /* The one too many is closed at once, not kept waiting. */
    raw_receive(fds[CONNECTIONS], answer, sizeof answer, "healthy.");
    CHECK_TEXT(answer, "");
    close(fds[CONNECTIONS]);
    close(fds[0]);
    await_stats(fixture, one_is_gone);
    fds[CONNECTIONS] = raw_connect(fixture);
    raw_send(fds[CONNECTIONS], "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw_receive(fds[CONNECTIONS], answer, sizeof answer, "healthy.");
    CHECK_CONTAINS(answer, "200");
    for (int i = 1; i < CONNECTIONS + 1; i++) {
        close(fds[i]);
    }
    fixture_close(fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_wait_for_each_other_and_some_are_refused),
        cmocka_unit_test(query_ends_when_its_client_goes),
        cmocka_unit_test(query_ends_when_the_server_stops),
        cmocka_unit_test(what_is_no_request_does_no_harm_at_the_end),
        cmocka_unit_test(slow_client_holds_up_nobody),
        cmocka_unit_test(client_that_never_ends_is_ended),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(connections_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
