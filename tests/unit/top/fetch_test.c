/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking, of a server in this process: what is asked again and when, and what a server that does not answer
 * costs.
 */
#include "top/fetch.h"

#include "base/base.h"
#include "check.h"
#include "os/os.h"
#include "torture.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, REQUEST_MAX = 65536 };

/* A server that answers each connection once, in a thread of its own. */
typedef struct fake_server {
    int listener;
    int port;
    pthread_t thread;
    atomic_bool ends;
    atomic_int asked, targets;
    atomic_llong time_s; /* of which it was asked last */
    atomic_int status;   /* 0: the connection is closed without an answer */
} fake_server;

static fake_server server;

/* All of a request that has come; false when the other end is gone. */
static bool read_request(int fd, char *out)
{
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, out + used, REQUEST_MAX - 1 - used);
        if (got <= 0) {
            return false;
        }
        used += (size_t)got;
        out[used] = '\0';
        const char *end = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
        size_t body = 0;
        if (length != NULL) {
            sscanf(length, "Content-Length: %zu", &body);
        }
        if (end != NULL && used >= (size_t)(end + 4 - out) + body) {
            return true;
        }
    }
}

static void answer(int fd)
{
    static const char good[] =
        "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"pipeline\":\"ocr\"},"
        "\"value\":[1,\"7\"]}],\"activeTargets\":[],\"alerts\":[]}}";
    char request[REQUEST_MAX], text[1024];
    int status = atomic_load(&server.status);
    if (read_request(fd, request) && status != 0) {
        bool is_post = strncmp(request, "POST", 4) == 0;
        status = status == 405 && !is_post ? 200 : status;
        int size =
            snprintf(text, sizeof text, "HTTP/1.1 %d x\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                     status, sizeof good - 1, good);
        atomic_fetch_add(&server.asked, 1);
        atomic_fetch_add(&server.targets, strstr(request, "/api/v1/targets") != NULL);
        const char *time = strstr(request, "&time=");
        long long time_s;
        if (time != NULL && sscanf(time, "&time=%lld", &time_s) == 1) {
            atomic_store(&server.time_s, time_s);
        }
        if (write(fd, text, (size_t)size) < 0) {
            return;
        }
    }
}

static void *serve(void *context)
{
    (void)context;
    while (!atomic_load(&server.ends)) {
        struct pollfd waiting = {.fd = server.listener, .events = POLLIN};
        if (poll(&waiting, 1, 50) > 0) {
            int fd = accept(server.listener, NULL, NULL);
            if (fd >= 0) {
                answer(fd);
                close(fd);
            }
        }
    }
    return NULL;
}

static top_options options;
static top_model model;
static top_state state_of;
static char url[64];

static int server_open(void **state)
{
    (void)state;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    server = (fake_server){.listener = socket(AF_INET, SOCK_STREAM, 0)};
    atomic_store(&server.status, 200);
    if (bind(server.listener, (struct sockaddr *)(void *)&place, size) != 0 ||
        listen(server.listener, 64) != 0 ||
        getsockname(server.listener, (struct sockaddr *)(void *)&place, &size) != 0) {
        return -1;
    }
    server.port = ntohs(place.sin_port);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", server.port);
    options =
        (top_options){.url = url, .interval_ms = 3600000, .timeout_ms = PATIENCE_MS, .objective_s = 2.5};
    top_model_init(&model);
    top_state_init(&state_of, &options);
    return pthread_create(&server.thread, NULL, serve, NULL);
}

static int server_close(void **state)
{
    (void)state;
    atomic_store(&server.ends, true);
    pthread_join(server.thread, NULL);
    close(server.listener);
    top_model_deinit(&model);
    return 0;
}

/* Asks until nothing is under way. */
static void settle(top_fetch *fetch)
{
    ifm_error err;
    int64_t end_ns = ifm_os_monotonic_ns() + PATIENCE_MS * INT64_C(1000000);
    for (;;) {
        assert_true(top_fetch_step(fetch, &state_of, 1700000000000, &err));
        if (top_fetch_count(fetch) == 0 || ifm_os_monotonic_ns() > end_ns) {
            return;
        }
        top_fetch_run(fetch, 50, NULL, 0);
    }
}

static top_fetch *new_fetch(void)
{
    ifm_error err;
    top_fetch *fetch = top_fetch_new(&options, &model, &err);
    assert_non_null(fetch);
    return fetch;
}

static void everything_of_the_page_is_asked_once(void **state)
{
    (void)state;
    top_fetch *fetch = new_fetch();
    settle(fetch);
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        CHECK_INT(model.answered[i], i < TOP_ASK_STAGE_NAMES);
    }
    CHECK_DOUBLE(top_model_find(&model, "ocr")->values[TOP_VALUE_P95], 7);
    int asked = atomic_load(&server.asked);
    settle(fetch);
    CHECK_INT(atomic_load(&server.asked), asked); /* the interval is not over */
    state_of.page = TOP_PAGE_PIPELINE;
    top_copy(state_of.pipeline, sizeof state_of.pipeline, "ocr");
    settle(fetch);
    CHECK(model.answered[TOP_ASK_STAGE_TIME] && model.answered[TOP_ASK_HEAT]);
    CHECK(atomic_load(&server.asked) > asked);
    top_fetch_free(fetch);
    check_end();
}

static void another_range_is_asked_at_once_also_in_a_pause(void **state)
{
    (void)state;
    top_fetch *fetch = new_fetch();
    settle(fetch);
    state_of.paused_at_ms = 1700000000000;
    model.skew_ms = 0; /* the server's clock says 1 */
    settle(fetch);
    int asked = atomic_load(&server.asked);
    settle(fetch);
    CHECK_INT(atomic_load(&server.asked), asked);
    state_of.range_ms = 3600000;
    settle(fetch);
    CHECK(atomic_load(&server.asked) > asked);
    const top_frame *frame = &model.frames[TOP_LINE_P95];
    int64_t end_ms = frame->start_ms + (frame->count - 1) * frame->step_ms;
    CHECK_INT(end_ms, INT64_C(1700000000000) / frame->step_ms * frame->step_ms);
    top_fetch_free(fetch);
    check_end();
}

static void refresh_asks_again(void **state)
{
    (void)state;
    top_fetch *fetch = new_fetch();
    settle(fetch);
    int targets = atomic_load(&server.targets);
    top_fetch_refresh(fetch);
    settle(fetch);
    CHECK_INT(atomic_load(&server.targets), targets + 1);
    top_fetch_free(fetch);
    check_end();
}

static void a_silent_server_is_asked_one_thing_until_it_answers(void **state)
{
    (void)state;
    ifm_error err;
    top_fetch *fetch = new_fetch();
    atomic_store(&server.status, 0);
    settle(fetch);
    CHECK(model.silent_since_ms >= 0);
    CHECK(model.silent_why[0] != '\0');
    CHECK(top_fetch_failed(fetch, &err));
    CHECK(!model.answered[TOP_ASK_P99]);
    options.interval_ms = 0;
    assert_true(top_fetch_step(fetch, &state_of, 1700000000000, &err));
    CHECK_INT(top_fetch_count(fetch), 1);
    atomic_store(&server.status, 200);
    options.interval_ms = 3600000;
    settle(fetch);
    top_fetch_refresh(fetch); /* the one that was asked may have been cut off as well */
    settle(fetch);
    CHECK_INT(model.silent_since_ms, -1);
    CHECK(!top_fetch_failed(fetch, &err));
    CHECK(model.answered[TOP_ASK_P99]);
    top_fetch_free(fetch);
    check_end();
}

static void a_pause_is_asked_by_the_servers_clock(void **state)
{
    (void)state;
    top_fetch *fetch = new_fetch();
    settle(fetch);
    state_of.paused_at_ms = 1700000000000;
    model.skew_ms = -3600000;
    settle(fetch);
    CHECK_INT(atomic_load(&server.time_s), 1700000000 - 3600);
    top_fetch_free(fetch);
    check_end();
}

static void a_server_that_takes_no_post_is_asked_with_get(void **state)
{
    (void)state;
    top_fetch *fetch = new_fetch();
    atomic_store(&server.status, 405);
    settle(fetch);
    CHECK_INT(model.silent_since_ms, -1);
    CHECK(model.answered[TOP_ASK_P99]);
    top_fetch_free(fetch);
    check_end();
}

static void what_is_under_way_is_given_up(void **state)
{
    (void)state;
    ifm_error err;
    top_fetch *fetch = new_fetch();
    assert_true(top_fetch_step(fetch, &state_of, 1700000000000, &err));
    CHECK(top_fetch_count(fetch) > 5);
    top_fetch_free(fetch);
    check_end();
}

static bool start_all(void *context, ifm_error *err)
{
    (void)context;
    top_fetch *fetch = top_fetch_new(&options, &model, err);
    bool ok = fetch != NULL && top_fetch_step(fetch, &state_of, 1700000000000, err);
    top_fetch_free(fetch);
    return ok;
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    CHECK(torture_allocations(start_all, NULL, TORTURE_MUST_FAIL) > 20);
    check_end();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, server_open, server_close)
    const struct CMUnitTest tests[] = {
        TEST(everything_of_the_page_is_asked_once),
        TEST(another_range_is_asked_at_once_also_in_a_pause),
        TEST(refresh_asks_again),
        TEST(a_silent_server_is_asked_one_thing_until_it_answers),
        TEST(a_pause_is_asked_by_the_servers_clock),
        TEST(a_server_that_takes_no_post_is_asked_with_get),
        TEST(what_is_under_way_is_given_up),
        TEST(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
