/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include "base/base.h"
#include "http/limits.h"
#include "os/os.h"
#include "scratch.h"
#include "unit/http/test_server.h"

#include <netdb.h>
#include <semaphore.h>
#include <sys/stat.h>

static test_server server;
static http_client *client;

/* What became of one request. */
typedef struct outcome {
    bool done;
    int status;
    char type[64];
    int64_t retry_after_ms;
    size_t wire_bytes;
    int64_t duration_ns;
    ifm_error err;
    ifm_buf body;
} outcome;

/* Instead of the C library's: a name that begins with "hang" is not found before the tests end. */
static sem_t resolvers;
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    (void)service;
    (void)hints;
    *out = NULL;
    if (node != NULL && strncmp(node, "hang", 4) == 0) {
        sem_wait(&resolvers);
        sem_post(&resolvers);
    }
    return EAI_NONAME;
}

static void take(void *context, const http_response *response, const ifm_error *err)
{
    outcome *to = context;
    assert_false(to->done); /* once */
    to->done = true;
    to->status = response->status;
    snprintf(to->type, sizeof to->type, "%s", response->content_type);
    to->retry_after_ms = response->retry_after_ms;
    to->wire_bytes = response->wire_bytes;
    to->duration_ns = response->duration_ns;
    if (err != NULL) {
        to->err = *err;
    }
}

static const char *url_of(const char *path)
{
    static char urls[4][256];
    static unsigned next;
    char *url = urls[next++ % 4];
    snprintf(url, sizeof urls[0], "http://127.0.0.1:%d%s", server.port, path);
    return url;
}

static void outcome_init(outcome *out, size_t max)
{
    *out = (outcome){0};
    ifm_buf_init(&out->body, max);
}

/* Runs until it is done; false when it was refused at once. */
static bool ask_request(http_request request, outcome *out)
{
    request.out = &out->body;
    request.done = take;
    request.context = out;
    if (http_client_start(client, &request, &out->err) == 0) {
        return false;
    }
    while (!out->done) {
        http_client_run(client, 1000);
    }
    return true;
}

enum { SMALL = 64 * 1024, PATIENCE_MS = 20000 };

static bool ask(const char *path, const http_options *options, outcome *out)
{
    outcome_init(out, SMALL);
    return ask_request(
        (http_request){.url = url_of(path), .options = options, .timeout_ms = PATIENCE_MS, .body_max = SMALL},
        out);
}

static const char *body_of(outcome *out)
{
    ifm_buf_append_char(&out->body, '\0');
    return out->body.data == NULL ? "" : out->body.data;
}

static void client_gets_an_answer(void **state)
{
    (void)state;
    outcome out;
    CHECK(ask("/ok", NULL, &out));
    CHECK_INT(out.err.code, IFM_OK);
    CHECK_INT(out.status, 200);
    CHECK_TEXT(body_of(&out), "hello\n");
    CHECK_TEXT(out.type, "text/plain; v=1");
    CHECK_INT(out.retry_after_ms, -1);
    CHECK_INT(out.wire_bytes, 6);
    CHECK(out.duration_ns > 0);
    ifm_buf_deinit(&out.body);
    CHECK(ask("/status", NULL, &out)); /* an answer, whatever its status */
    CHECK_INT(out.err.code, IFM_OK);
    CHECK_INT(out.status, 503);
    CHECK_INT(out.retry_after_ms, 7000);
    CHECK_TEXT(body_of(&out), "busy");
    ifm_buf_deinit(&out.body);
    check_end();
}

static void client_sends_what_it_is_told(void **state)
{
    (void)state;
    static const char *const own[] = {"Accept: text/x", "X-Scrape-Timeout: 1", NULL};
    static const char *const shared[] = {"X-Shared: yes", NULL};
    const http_options options = {.headers = shared};
    outcome out;
    outcome_init(&out, SMALL);
    CHECK(ask_request((http_request){.url = url_of("/echo"),
                                     .headers = own,
                                     .options = &options,
                                     .timeout_ms = PATIENCE_MS,
                                     .body_max = SMALL},
                      &out));
    const char *head = body_of(&out);
    CHECK_CONTAINS(head, "GET /echo HTTP/1.1\r\n");
    CHECK_CONTAINS(head, "\r\nUser-Agent: Test/1\r\n");
    CHECK_CONTAINS(head, "\r\nAccept-Encoding: gzip, deflate\r\n");
    CHECK_CONTAINS(head, "\r\nAccept: text/x\r\n");
    CHECK_CONTAINS(head, "\r\nX-Scrape-Timeout: 1\r\n");
    CHECK_CONTAINS(head, "\r\nX-Shared: yes\r\n");
    CHECK(strstr(head, "Authorization") == NULL);
    ifm_buf_deinit(&out.body);
    outcome_init(&out, SMALL);
    CHECK(ask_request((http_request){.url = url_of("/echo"),
                                     .body = "to be posted",
                                     .body_size = 12,
                                     .timeout_ms = PATIENCE_MS,
                                     .body_max = SMALL},
                      &out));
    const char *posted = body_of(&out);
    CHECK_CONTAINS(posted, "POST /echo HTTP/1.1\r\n");
    CHECK_CONTAINS(posted, "\r\n\r\nto be posted");
    CHECK(strstr(posted, "Expect") == NULL);
    ifm_buf_deinit(&out.body);
    check_end();
}

static void put(const char *name, const char *text, char *path)
{
    snprintf(path, 128, "%s/%s", scratch, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void client_authenticates(void **state)
{
    (void)state;
    char user[128], password[128], token[128];
    put("user", "Aladdin\n", user);
    put("password", "\topen sesame\r\n", password);
    put("token", "s3cret\n", token);
    char basic[] = "open sesame", name[] = "Aladdin", type[] = "Token", secret[] = "abc";
    const struct {
        http_options options;
        const char *want;
    } rows[] = {
        {{.user = name, .password = basic}, "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"},
        {{.user_file = user, .password_file = password},
         "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"},
        {{.user = name}, "\r\nAuthorization: Basic QWxhZGRpbjo=\r\n"},
        {{.authorization = secret}, "\r\nAuthorization: Bearer abc\r\n"},
        {{.authorization_type = type, .authorization_file = token}, "\r\nAuthorization: Token s3cret\r\n"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        CHECK(ask("/echo", &rows[i].options, &out));
        CHECK_CONTAINS(body_of(&out), rows[i].want);
        ifm_buf_deinit(&out.body);
        CHECK(ask("/to/echo", &rows[i].options, &out)); /* the same server */
        CHECK_CONTAINS(body_of(&out), rows[i].want);
        ifm_buf_deinit(&out.body);
    }
    outcome out; /* files are read each time */
    put("token", "changed", token);
    CHECK(ask("/echo", &rows[4].options, &out));
    CHECK_CONTAINS(body_of(&out), "Token changed\r\n");
    ifm_buf_deinit(&out.body);
    check_end();
}

/* A server that is not the one that was meant does not get the password. */
static void client_keeps_credentials_from_other_servers(void **state)
{
    (void)state;
    test_server other = {0};
    test_server_start(&other);
    char name[] = "Aladdin", secret[] = "abc", path[128];
    const http_options rows[] = {{.user = name, .password = secret}, {.authorization = secret}};
    snprintf(path, sizeof path, "/to//127.0.0.1:%d/echo", other.port);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        CHECK(ask(path, &rows[i], &out));
        const char *head = body_of(&out);
        CHECK_CONTAINS(head, "GET /echo HTTP/1.1\r\n");
        CHECK(strstr(head, "Authorization") == NULL);
        ifm_buf_deinit(&out.body);
    }
    test_server_stop(&other);
    check_end();
}

static void client_refuses_a_request_at_once(void **state)
{
    (void)state;
    char nowhere[] = "/nonexistent/token", two[128], lines[] = "a\r\nX-Evil: 1", nul[128];
    put("two", "a\nX-Evil: 1", two);
    put("nul", "a", nul);
    FILE *file = fopen(nul, "w");
    fwrite("a\0b", 1, 3, file);
    fclose(file);
    static const char *const evil[] = {"X-A: b\r\nX-Evil: 1", NULL};
    const struct {
        const char *url;
        http_options options;
        ifm_code code;
        const char *want;
    } rows[] = {
        {"", {0}, IFM_INVALID, "\"\" is no URL"},
        {"http://a b/", {0}, IFM_INVALID, "\"http://a b/\" is no URL"},
        {"http://me:geheim@a b/", {0}, IFM_INVALID, "\"http://a b/\" is no URL"},
        {"http://me:ge/heim@a", {0}, IFM_INVALID, "\"http://a\" is no URL"},
        {"ftp://me:geheim@a/", {0}, IFM_INVALID, "\"ftp://a/\" is no URL of http or https"},
        {"file:///etc/passwd", {0}, IFM_INVALID, "is no URL of http or https"},
        {"ftp://localhost/", {0}, IFM_INVALID, "is no URL of http or https"},
        {NULL,
         {.authorization_file = nowhere},
         IFM_IO,
         "could not open \"/nonexistent/token\": No such file"},
        {NULL, {.authorization_file = two}, IFM_INVALID, "control character"},
        {NULL, {.authorization = lines}, IFM_INVALID, "control character"},
        {NULL, {.authorization_file = nul}, IFM_INVALID, "has a NUL"},
        {NULL, {.headers = evil}, IFM_INVALID, "control character"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        outcome_init(&out, SMALL);
        CHECK(!ask_request((http_request){.url = rows[i].url == NULL ? url_of("/ok") : rows[i].url,
                                          .options = &rows[i].options,
                                          .timeout_ms = PATIENCE_MS,
                                          .body_max = SMALL},
                           &out));
        CHECK_INT(out.err.code, rows[i].code);
        CHECK_CONTAINS(out.err.message, rows[i].want);
        CHECK(!out.done);
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

/* Nobody listens there: what is not refused at once fails later. */
static void check_begins(const char *url, const http_options *options, bool begins, ifm_code code)
{
    outcome out;
    outcome_init(&out, SMALL);
    CHECK_INT(
        ask_request(
            (http_request){.url = url, .options = options, .timeout_ms = PATIENCE_MS, .body_max = SMALL},
            &out),
        begins);
    CHECK_INT(out.err.code, code);
    ifm_buf_deinit(&out.body);
}

static void addresses_and_secrets_are_limited(void **state)
{
    static const char nobody[] = "http://127.0.0.1:1/";
    static char url[HTTP_URL_BYTES_MAX + 2] = "http://me:geheim@127.0.0.1:1/";
    outcome out;
    outcome_init(&out, SMALL);
    memset(url + strlen(url), 'x', sizeof url - strlen(url) - 1);
    CHECK(!ask_request((http_request){.url = url, .timeout_ms = PATIENCE_MS, .body_max = SMALL}, &out));
    CHECK(strstr(out.err.message, "geheim") == NULL && strstr(out.err.message, "http://127.0.0.1:1/x"));
    ifm_buf_deinit(&out.body);
    static char secret[HTTP_SECRET_BYTES_MAX + 2];
    (void)state;
    for (int more = -1; more <= 1; more++) {
        char path[128];
        memset(url, 'x', sizeof url);
        memcpy(url, nobody, sizeof nobody - 1);
        url[HTTP_URL_BYTES_MAX + more] = '\0';
        check_begins(url, NULL, more <= 0, more <= 0 ? IFM_IO : IFM_INVALID);
        memset(secret, 's', sizeof secret);
        secret[HTTP_SECRET_BYTES_MAX + more] = '\0';
        put("secret", secret, path);
        check_begins(nobody, &(http_options){.authorization_file = path}, more <= 0,
                     more <= 0 ? IFM_IO : IFM_LIMIT);
    }
    check_end();
}

static void client_follows_redirects(void **state)
{
    (void)state;
    outcome out;
    CHECK(ask("/to/ok", NULL, &out));
    CHECK_INT(out.status, 200);
    CHECK_INT(out.retry_after_ms, -1); /* that of the redirect is over */
    CHECK_TEXT(body_of(&out), "hello\n");
    ifm_buf_deinit(&out.body);
    const http_options stays = {.no_redirects = true};
    CHECK(ask("/to/ok", &stays, &out));
    CHECK_INT(out.status, 302);
    ifm_buf_deinit(&out.body);
    outcome_init(&out, SMALL);
    CHECK(ask_request((http_request){.url = url_of("/to/echo"),
                                     .body = "to be posted",
                                     .body_size = 12,
                                     .timeout_ms = PATIENCE_MS,
                                     .body_max = SMALL},
                      &out));
    CHECK_CONTAINS(body_of(&out), "POST /echo"); /* with what it asks */
    CHECK_CONTAINS(body_of(&out), "to be posted");
    ifm_buf_deinit(&out.body);
    check_end();
}

static void client_survives_what_servers_do(void **state)
{
    (void)state;
    const struct {
        const char *path;
        ifm_code code;
        const char *want;
    } rows[] = {
        {"/bomb", IFM_LIMIT, "has more than 65536 bytes"},
        {"/endless", IFM_LIMIT, "has more than 65536 bytes"},
        {"/claims-huge", IFM_LIMIT, "has more than 65536 bytes"}, /* without waiting for it */
        {"/endless-head", IFM_LIMIT, "the head of the answer"},
        {"/continue", IFM_LIMIT, "the head of the answer"},
        {"/broken-gzip", IFM_INVALID, "is not understood"},
        {"/claims-more", IFM_IO, "ended the answer too early"},
        {"/close", IFM_IO, "ended the answer too early"},
        {"/garbage", IFM_INVALID, "is not understood"},
        {"/loop", IFM_INVALID, "redirects"},
        {"/to-file", IFM_INVALID, "is not understood"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        CHECK(ask(rows[i].path, NULL, &out));
        if (out.err.code != rows[i].code) {
            print_message("%s: %s\n", rows[i].path, out.err.message);
        }
        CHECK_INT(out.err.code, rows[i].code);
        CHECK_CONTAINS(out.err.message, rows[i].want);
        CHECK(out.body.capacity <= SMALL);
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

static void client_gives_up_in_time(void **state)
{
    (void)state;
    const struct {
        const char *url;
        const char *want;
    } rows[] = {
        {url_of("/hang"), "did not answer within 0.8 s: no answer began"},
        {url_of("/hang-in-body"), "did not answer within 0.8 s: the answer was not complete"},
        {url_of("/drip"), "did not answer within 0.8 s: the answer was not complete"},
        {"http://hang.test/", "did not answer within 0.8 s: its name was not found"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        outcome_init(&out, SMALL);
        int64_t begin = ifm_os_monotonic_ns();
        CHECK(ask_request((http_request){.url = rows[i].url, .timeout_ms = 800, .body_max = SMALL}, &out));
        CHECK_INT(out.err.code, IFM_TIMEOUT);
        CHECK_CONTAINS(out.err.message, rows[i].want);
        int64_t took_ms = (ifm_os_monotonic_ns() - begin) / 1000000;
        CHECK(took_ms >= 790 && took_ms < 15000);
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

static void client_says_why_it_cannot_connect(void **state)
{
    (void)state;
    char url[64];
    test_server gone = {0};
    test_server_start(&gone);
    test_server_stop(&gone);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", gone.port);
    const struct {
        const char *url;
        const char *want;
    } rows[] = {{url, ": connection refused"}, {"http://nobody.test/", "resolve host: nobody.test"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        outcome_init(&out, SMALL);
        CHECK(ask_request((http_request){.url = rows[i].url, .timeout_ms = PATIENCE_MS, .body_max = SMALL},
                          &out));
        CHECK_INT(out.err.code, IFM_IO);
        CHECK_CONTAINS(out.err.message, "could not ");
        CHECK_CONTAINS(out.err.message, rows[i].want);
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

/* The server stands for a proxy: it closes what it does not know. A name that is not asked for by way of it
 * is looked up, and not found. */
static void client_goes_by_way_of_a_proxy(void **state)
{
    (void)state;
    char proxy[64], name[] = "nobody.test";
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
    setenv("http_proxy", proxy, 1);
    const struct {
        http_options options;
        bool proxied;
    } rows[] = {
        {{.proxy_url = proxy}, true},
        {{.proxy_url = proxy, .no_proxy = name}, false},
        {{.proxy_from_environment = true}, true},
        {{.proxy_url = NULL}, false}, /* the environment counts when it is asked for */
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        outcome_init(&out, SMALL);
        CHECK(ask_request((http_request){.url = "http://nobody.test/ok",
                                         .options = &rows[i].options,
                                         .timeout_ms = PATIENCE_MS,
                                         .body_max = SMALL},
                          &out));
        CHECK_INT(out.err.code, IFM_IO);
        CHECK_CONTAINS(out.err.message, rows[i].proxied ? "too early" : "resolve host: nobody.test");
        ifm_buf_deinit(&out.body);
    }
    unsetenv("http_proxy");
    check_end();
}

/* libcurl quotes a proxy that it does not take. */
static void password_of_a_proxy_is_not_told(void **state)
{
    static const char *const proxies[] = {"http://me:geheim@127.0.0.1:99999", "ftp://me:geheim@127.0.0.1",
                                          "http://me:ge/heim@127.0.0.1", "http://me:geheim@[::1"};
    (void)state;
    for (size_t i = 0; i < 2 * IFM_COUNT_OF(proxies); i++) {
        const char *proxy = proxies[i / 2];
        bool from_environment = i % 2 == 1;
        const http_options options = {.proxy_url = from_environment ? NULL : (char *)(uintptr_t)proxy,
                                      .proxy_from_environment = from_environment};
        outcome out;
        outcome_init(&out, SMALL);
        setenv("http_proxy", proxy, 1);
        (void)ask_request((http_request){.url = "http://nobody.test/ok",
                                         .options = &options,
                                         .timeout_ms = PATIENCE_MS,
                                         .body_max = SMALL},
                          &out);
        CHECK(out.err.code != IFM_OK);
        if (strstr(out.err.message, "heim") != NULL) {
            fail_msg("\"%s\" is told: %s", proxy, out.err.message);
        }
        ifm_buf_deinit(&out.body);
    }
    unsetenv("http_proxy");
    check_end();
}

static void client_decompresses_within_the_limit(void **state)
{
    (void)state;
    outcome out;
    CHECK(ask("/gzip", NULL, &out));
    CHECK_INT(out.err.code, IFM_OK);
    CHECK_TEXT(body_of(&out), "hello\n");
    CHECK(out.wire_bytes > 6); /* as sent */
    ifm_buf_deinit(&out.body);
    static const struct {
        size_t max;
        ifm_code code;
    } rows[] = {{5, IFM_LIMIT}, {6, IFM_OK}, {7, IFM_OK}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome_init(&out, rows[i].max);
        CHECK(ask_request(
            (http_request){.url = url_of("/ok"), .timeout_ms = PATIENCE_MS, .body_max = rows[i].max}, &out));
        CHECK_INT(out.err.code, rows[i].code);
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

static void client_uses_connections_again(void **state)
{
    (void)state;
    outcome out;
    CHECK(ask("/ok", NULL, &out));
    ifm_buf_deinit(&out.body);
    int before = server.connections;
    for (int i = 0; i < 20; i++) {
        CHECK(ask("/ok", NULL, &out));
        CHECK_TEXT(body_of(&out), "hello\n");
        ifm_buf_deinit(&out.body);
    }
    CHECK_INT(server.connections, before);
    check_end();
}

/* What hangs does not delay the others. */
static void client_asks_many_at_once(void **state)
{
    (void)state;
    enum { COUNT = 24 };
    outcome out[COUNT];
    uint64_t ids[COUNT];
    ifm_error err;
    int left = 0;
    for (int i = 0; i < COUNT; i++) {
        outcome_init(&out[i], SMALL);
        const http_request request = {.url = i % 2 == 0 ? url_of("/hang") : url_of("/ok"),
                                      .timeout_ms = PATIENCE_MS,
                                      .body_max = SMALL,
                                      .out = &out[i].body,
                                      .done = take,
                                      .context = &out[i]};
        ids[i] = http_client_start(client, &request, &err);
        CHECK(ids[i] != 0);
        left += i % 2;
    }
    while (left > 0) {
        http_client_run(client, 1000);
        left = 0;
        for (int i = 1; i < COUNT; i += 2) {
            left += out[i].done ? 0 : 1;
        }
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_INT(out[i].done, i % 2);
        http_client_cancel(client, ids[i]); /* those that are over are ignored */
        ifm_buf_deinit(&out[i].body);
    }
    http_client_run(client, 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK_INT(out[i].done, i % 2);
    }
    check_end();
}

static void *wake_soon(void *context)
{
    http_client_wake(context);
    return NULL;
}

static void client_is_woken(void **state)
{
    (void)state;
    pthread_t thread;
    int64_t begin = ifm_os_monotonic_ns();
    pthread_create(&thread, NULL, wake_soon, client);
    http_client_run(client, 60000);
    CHECK(ifm_os_monotonic_ns() - begin < 30 * (int64_t)1000000000);
    pthread_join(thread, NULL);
    check_end();
}

static void client_waits_for_other_descriptors_too(void **state)
{
    (void)state;
    int ends[2], silent[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(silent), 0);
    const int fds[] = {silent[0], ends[0]};
    int64_t begin = ifm_os_monotonic_ns();
    http_client_run_beside(client, 1, fds, 2); /* none can be read: the time is over */
    assert_int_equal(write(ends[1], "x", 1), 1);
    http_client_run_beside(client, 60000, fds, 2);
    CHECK(ifm_os_monotonic_ns() - begin < 30 * (int64_t)1000000000);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(silent[i]);
    }
    check_end();
}

static void client_gets_large_bodies(void **state)
{
    (void)state;
    outcome out;
    outcome_init(&out, 2 * TEST_BIG_SIZE);
    int64_t begin = ifm_os_monotonic_ns();
    enum { TIMES = 20 };
    for (int i = 0; i < TIMES; i++) {
        out.done = false;
        CHECK(ask_request(
            (http_request){.url = url_of("/big"), .timeout_ms = PATIENCE_MS, .body_max = TEST_BIG_SIZE},
            &out));
        CHECK_INT(out.err.code, IFM_OK);
        CHECK_INT(out.body.size, TEST_BIG_SIZE);
    }
    double seconds = (double)(ifm_os_monotonic_ns() - begin) / 1e9;
    print_message("%.0f MB/s\n", (double)TIMES * TEST_BIG_SIZE / 1e6 / seconds);
    ifm_buf_deinit(&out.body);
    check_end();
}

static int setup(void **state)
{
    ifm_error err;
    sem_init(&resolvers, 0, 0);
    test_server_start(&server);
    client = http_client_new("Test/1", &err);
    return client == NULL ? -1 : scratch_make(state);
}

static int teardown(void **state)
{
    http_client_free(client);
    test_server_stop(&server);
    sem_post(&resolvers);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_gets_an_answer),
        cmocka_unit_test(client_sends_what_it_is_told),
        cmocka_unit_test(client_authenticates),
        cmocka_unit_test(client_keeps_credentials_from_other_servers),
        cmocka_unit_test(client_refuses_a_request_at_once),
        cmocka_unit_test(addresses_and_secrets_are_limited),
        cmocka_unit_test(client_follows_redirects),
        cmocka_unit_test(client_survives_what_servers_do),
        cmocka_unit_test(client_gives_up_in_time),
        cmocka_unit_test(client_says_why_it_cannot_connect),
        cmocka_unit_test(client_goes_by_way_of_a_proxy),
        cmocka_unit_test(password_of_a_proxy_is_not_told),
        cmocka_unit_test(client_decompresses_within_the_limit),
        cmocka_unit_test(client_uses_connections_again),
        cmocka_unit_test(client_asks_many_at_once),
        cmocka_unit_test(client_is_woken),
        cmocka_unit_test(client_waits_for_other_descriptors_too),
        cmocka_unit_test(client_gets_large_bodies),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
