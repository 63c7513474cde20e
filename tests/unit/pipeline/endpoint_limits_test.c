/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients cannot do: take all scrapes, all connections, all memory, or all the time.
 */
#include "unit/pipeline/endpoint_client.h"

#include <inferometer/collector.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A collector that waits: `entered` tells that a gather is under way, `leave` lets it go on. */
typedef struct gate {
    sem_t entered;
    sem_t leave;
} gate;

static bool gate_collect(void *context, ifm_collection *out, ifm_error *err)
{
    gate *door = context;
    (void)out;
    (void)err;
    sem_post(&door->entered);
    sem_wait(&door->leave);
    return true;
}

static void gate_register(gate *door, ifm_registry *registry)
{
    ifm_error err = {0};
    sem_init(&door->entered, 0, 0);
    sem_init(&door->leave, 0, 0);
    ifm_collector_options options = {.name = "gate", .collect = gate_collect, .context = door};
    if (!ifm_collector_register(registry, &options, &err)) {
        fail_msg("%s", err.message);
    }
}

static void scrape_send(int fd)
{
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    client_send(fd, request, sizeof request - 1);
}

/* One scrape more than allowed is sent; whichever it is, one is refused at once and the others wait. */
static void endpoint_answers_503_over_scrapes_max(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= 3; limit++) {
        ifm_registry *registry = registry_open();
        gate door;
        gate_register(&door, registry);
        ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.scrapes_max = limit});
        struct pollfd scrapes[4];
        for (unsigned i = 0; i <= limit; i++) {
            scrapes[i] = (struct pollfd){client_connect(ifm_endpoint_port(endpoint)), POLLIN, 0};
            scrape_send(scrapes[i].fd);
        }
        CHECK_INT(poll(scrapes, limit + 1, CLIENT_TIMEOUT_S * 1000), 1);
        reply healthy = client_get(ifm_endpoint_port(endpoint), "/-/healthy");
        CHECK_INT(healthy.status, 200); /* not held up by the scrapes */
        reply_free(&healthy);
        for (unsigned i = 0; i < limit; i++) {
            sem_post(&door.leave);
        }
        for (unsigned i = 0; i <= limit; i++) {
            reply got = client_receive(scrapes[i].fd);
            CHECK_INT(got.status, scrapes[i].revents != 0 ? 503 : 200);
            CHECK_CONTAINS(got.text, scrapes[i].revents != 0 ? "\r\nRetry-After: 1\r\n" : "queue_pages 5");
            reply_free(&got);
            close(scrapes[i].fd);
        }
        ifm_endpoint_stop(endpoint);
        ifm_registry_free(registry);
    }
    check_end();
}

static void *stop_run(void *endpoint)
{
    ifm_endpoint_stop(endpoint);
    return NULL;
}

/* One scrape runs, and one client never gets its answer: stop waits for the first, closes both. */
static void endpoint_stops_while_scrapes_are_under_way(void **state)
{
    (void)state;
    ifm_registry *registry = registry_open();
    gate door;
    gate_register(&door, registry);
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.scrapes_max = 1});
    int fd = client_connect(ifm_endpoint_port(endpoint));
    int idle = client_connect(ifm_endpoint_port(endpoint));
    scrape_send(fd);
    sem_wait(&door.entered);
    pthread_t stopper;
    pthread_create(&stopper, NULL, stop_run, endpoint);
    sem_post(&door.leave);
    pthread_join(stopper, NULL);
    reply got = client_receive(fd); /* an end, with or without an answer before it */
    CHECK(got.status == 0 || got.status == 200);
    reply_free(&got);
    got = client_receive(idle);
    CHECK_INT(got.size, 0);
    reply_free(&got);
    close(fd);
    close(idle);
    ifm_registry_free(registry);
    check_end();
}

/* A request whose line and headers have exactly `size` bytes. */
static reply header_call(int port, size_t size, bool in_line)
{
    static const char line[] = "GET /-/healthy", rest[] = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    static const char header[] = "X-Padding: ";
    char *text = malloc(size + 1);
    size_t fixed = strlen(line) + strlen(rest) + 2 + (in_line ? 1 : strlen(header) + 2);
    size_t padding = size - fixed;
    memset(text, 'p', size);
    size_t at = 0;
    memcpy(text, line, strlen(line));
    at += strlen(line);
    if (in_line) {
        text[at] = '?';
        at += 1 + padding;
    }
    memcpy(text + at, rest, strlen(rest));
    at += strlen(rest);
    if (!in_line) {
        memcpy(text + at, header, strlen(header));
        at += strlen(header) + padding;
        memcpy(text + at, "\r\n", 2);
        at += 2;
    }
    memcpy(text + at, "\r\n", 2);
    reply got = client_exchange(port, text, size);
    free(text);
    return got;
}

static void endpoint_limits_headers(void **state)
{
    static const struct {
        unsigned limit;
        int more;
        bool in_line;
        int status, other_status;
    } rows[] = {
        {0, -1, false, 200, 200},    {0, 0, false, 200, 200},    {0, 1, false, 431, 431},
        {0, 0, true, 200, 200},      {0, 1, true, 431, 431},     {1024, -1, false, 200, 200},
        {1024, 0, false, 200, 200},  {1024, 1, false, 431, 431}, {0, 100000, false, 431, 431},
        {0, 100000, true, 414, 431},
    };
    (void)state;
    ifm_registry *registry = registry_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_endpoint *endpoint =
            endpoint_open(registry, (ifm_endpoint_options){.header_bytes_max = rows[i].limit});
        size_t limit = rows[i].limit == 0 ? IFM_ENDPOINT_HEADER_BYTES_MAX : rows[i].limit;
        reply got = header_call(ifm_endpoint_port(endpoint), limit + (size_t)rows[i].more, rows[i].in_line);
        CHECK(got.status == rows[i].status || got.status == rows[i].other_status);
        if (got.status != rows[i].status) {
            fprintf(stderr, "row %zu: status %d\n", i, got.status);
        }
        reply_free(&got);
        got = client_get(ifm_endpoint_port(endpoint), "/metrics");
        CHECK_INT(got.status, 200);
        reply_free(&got);
        ifm_endpoint_stop(endpoint);
    }
    ifm_registry_free(registry);
    check_end();
}

/* Bytes that are no request: each ends with a refusal or a closed connection, and the endpoint goes on. */
static void endpoint_survives_garbage(void **state)
{
    enum { GARBAGE_COUNT = 120, BATCH_COUNT = 24 };
    static const char *const seeds[] = {
        "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
        "POST /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET /metrics?name[]=%&name[]=%f&%=%= HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /%00%ff%zz HTTP/1.0\r\nAuthorization: Basic\r\nAccept:\r\nAccept-Encoding: ,;q=\r\n\r\n",
    };
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.idle_seconds = 1});
    int port = ifm_endpoint_port(endpoint);
    uint32_t random = 1; /* the seed; numbers by xorshift */
    /* In batches: one that looks like the beginning of a request lasts until the deadline. */
    for (int batch = 0; batch < GARBAGE_COUNT; batch += BATCH_COUNT) {
        int fds[BATCH_COUNT];
        for (int i = 0; i < BATCH_COUNT; i++) {
            char bytes[512];
            size_t size = strlen(seeds[i % 8]);
            memcpy(bytes, seeds[i % 8], size);
            for (int flips = (batch + i) / 8; flips > 0; flips--) {
                random ^= random << 13;
                random ^= random >> 17;
                random ^= random << 5;
                bytes[random % size] = (char)(random >> 24);
            }
            fds[i] = client_connect(port);
            client_send(fds[i], bytes, size);
            shutdown(fds[i], SHUT_WR);
        }
        for (int i = 0; i < BATCH_COUNT; i++) {
            reply got = client_receive(fds[i]);
            CHECK(got.status == 0 || (got.status >= 200 && got.status < 600));
            reply_free(&got);
            close(fds[i]);
        }
    }
    reply got = client_get(port, "/metrics");
    CHECK_INT(got.status, 200);
    reply_free(&got);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

typedef struct slow_client {
    int port;
    int64_t closed_after_ms;
} slow_client;

/* Sends a byte every 50 ms: never idle, never through. */
static void *slow_run(void *argument)
{
    slow_client *slow = argument;
    int fd = client_connect(slow->port);
    int64_t begin = now_ms();
    struct timespec step = {.tv_nsec = 50000000};
    const char *request = "GET /metrics HTTP/1.1\r\nX-Slow: ";
    client_send(fd, request, strlen(request));
    while (client_send(fd, "s", 1) && now_ms() - begin < 10000) {
        nanosleep(&step, NULL);
    }
    slow->closed_after_ms = now_ms() - begin;
    close(fd);
    return NULL;
}

static void endpoint_ends_a_request_that_never_ends(void **state)
{
    enum { SLOW_COUNT = 8 };
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.idle_seconds = 1});
    int port = ifm_endpoint_port(endpoint);
    slow_client slow[SLOW_COUNT];
    pthread_t threads[SLOW_COUNT];
    int64_t begin = now_ms();
    for (int i = 0; i < SLOW_COUNT; i++) {
        slow[i].port = port;
        pthread_create(&threads[i], NULL, slow_run, &slow[i]);
    }
    int scrapes = 0;
    while (now_ms() - begin < 1500) {
        reply got = client_get(port, "/metrics");
        CHECK_INT(got.status, 200);
        reply_free(&got);
        scrapes++;
    }
    CHECK(scrapes > 5); /* the others were served meanwhile */
    for (int i = 0; i < SLOW_COUNT; i++) {
        pthread_join(threads[i], NULL);
        CHECK(slow[i].closed_after_ms >= 900 && slow[i].closed_after_ms < 10000);
    }
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* A document far larger than what socket buffers hold. */
static ifm_registry *large_registry_open(void)
{
    static const char *const labels[] = {"text"};
    ifm_registry *registry = registry_open();
    ifm_gauge_family *family;
    ifm_error err = {0};
    ifm_gauge_options options = {.metric = {.name = "large",
                                            .help = "Large.",
                                            .label_names = labels,
                                            .label_count = 1,
                                            .series_limit = 20000}};
    if (!ifm_gauge_family_register(registry, &options, &family, &err)) {
        fail_msg("%s", err.message);
    }
    for (int i = 0; i < 10000; i++) {
        char value[1101];
        snprintf(value, sizeof value, "%01100d", i);
        const char *values[] = {value};
        ifm_gauge_set(ifm_gauge_with(family, values), i);
    }
    return registry;
}

/* Clients that read nothing, or go away in mid-answer: no scrape's place is held, and they are ended. */
static void endpoint_does_not_wait_for_readers(void **state)
{
    enum { SILENT_COUNT = 6 };
    (void)state;
    ifm_registry *registry = large_registry_open();
    ifm_endpoint *endpoint =
        endpoint_open(registry, (ifm_endpoint_options){.scrapes_max = 1, .idle_seconds = 1});
    int port = ifm_endpoint_port(endpoint);
    int silent[SILENT_COUNT];
    for (int i = 0; i < SILENT_COUNT; i++) {
        char first;
        silent[i] = client_connect(port);
        scrape_send(silent[i]);
        CHECK_INT(recv(silent[i], &first, 1, 0), 1); /* the answer has begun: the place is free again */
        if (i % 2 == 1) {
            struct linger reset = {.l_onoff = 1};
            setsockopt(silent[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            close(silent[i]);
            silent[i] = -1;
        }
    }
    reply got = client_get(port, "/metrics");
    CHECK_INT(got.status, 200);
    CHECK_INT(atoll(reply_header(&got, "Content-Length")), got.body_size);
    CHECK(got.body_size > 11000000);
    reply_free(&got);
    /* What the silent ones get in the end is not all of it: the endpoint gave up. */
    struct timespec wait = {.tv_sec = 2, .tv_nsec = 500000000};
    nanosleep(&wait, NULL);
    for (int i = 0; i < SILENT_COUNT; i += 2) {
        got = client_receive(silent[i]);
        CHECK(got.size < 11000000);
        reply_free(&got);
        close(silent[i]);
    }
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* 26 answers of 11 MB that nobody reads are more than 256 MiB: the last ones are refused. */
static void endpoint_limits_what_is_not_read(void **state)
{
    enum { SILENT_COUNT = 26, FIRST_BYTES = 12 };
    (void)state;
    ifm_registry *registry = large_registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.idle_seconds = 60});
    int silent[SILENT_COUNT];
    for (int i = 0; i < SILENT_COUNT; i++) {
        char first[FIRST_BYTES + 1] = "";
        silent[i] = client_connect(ifm_endpoint_port(endpoint));
        scrape_send(silent[i]);
        CHECK_INT(recv(silent[i], first, FIRST_BYTES, MSG_WAITALL), FIRST_BYTES);
        if (i < 20 || i == SILENT_COUNT - 1) {
            CHECK_TEXT(first, i < 20 ? "HTTP/1.1 200" : "HTTP/1.1 503");
        }
    }
    for (int i = 0; i < SILENT_COUNT; i++) {
        close(silent[i]);
    }
    reply got; /* the places are free when the endpoint has seen the ends */
    for (got = client_get(ifm_endpoint_port(endpoint), "/metrics"); got.status == 503;) {
        reply_free(&got);
        got = client_get(ifm_endpoint_port(endpoint), "/metrics");
    }
    CHECK_INT(got.status, 200);
    reply_free(&got);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* accept() fails as long as the process has no descriptor left: the endpoint waits, it does not spin. */
static void endpoint_waits_for_descriptors(void **state)
{
    static const char request[] = "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    struct rlimit before, none;
    struct timespec cpu_begin, cpu_end, wait = {.tv_nsec = 600000000};
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){0});
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)ifm_endpoint_port(endpoint)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 3; /* those that are open stay open */
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
    CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    client_send(fd, request, sizeof request - 1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_begin);
    nanosleep(&wait, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_end);
    int64_t cpu_ms =
        (cpu_end.tv_sec - cpu_begin.tv_sec) * 1000 + (cpu_end.tv_nsec - cpu_begin.tv_nsec) / 1000000;
    char early;
    CHECK_INT(recv(fd, &early, 1, MSG_DONTWAIT), -1); /* not accepted: the limit works */
    CHECK(cpu_ms < 200);
    setrlimit(RLIMIT_NOFILE, &before);
    reply got = client_receive(fd);
    CHECK_INT(got.status, 200);
    reply_free(&got);
    close(fd);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* Over the limit a connection waits to be accepted, and is served when another ends. */
static void endpoint_limits_connections(void **state)
{
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint =
        endpoint_open(registry, (ifm_endpoint_options){.connections_max = 2, .idle_seconds = 1});
    int port = ifm_endpoint_port(endpoint);
    int idle[2] = {client_connect(port), client_connect(port)};
    int64_t begin = now_ms();
    reply got = client_get(port, "/-/healthy");
    CHECK_INT(got.status, 200);
    CHECK(now_ms() - begin >= 900); /* when the idle ones had been closed */
    reply_free(&got);
    close(idle[0]);
    close(idle[1]);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* The one over the limit is closed at once; other addresses are served. */
static void endpoint_limits_connections_of_an_address(void **state)
{
    enum { LIMIT = IFM_ENDPOINT_CONNECTIONS_PER_ADDRESS_MAX };
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){.address = "0.0.0.0"});
    int port = ifm_endpoint_port(endpoint);
    int fds[LIMIT];
    for (int i = 0; i < LIMIT - 1; i++) {
        fds[i] = client_connect(port);
    }
    reply got = client_get(port, "/-/healthy"); /* the last one allowed */
    CHECK_INT(got.status, 200);
    reply_free(&got);
    fds[LIMIT - 1] = client_connect(port);
    got = client_get(port, "/-/healthy");
    CHECK_INT(got.status, 0);
    reply_free(&got);
    /* A client at 127.0.0.2: Linux takes the whole of 127/8 for loopback. */
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK_INT(bind(other, (struct sockaddr *)&from, sizeof from), 0);
    CHECK_INT(connect(other, (struct sockaddr *)&to, sizeof to), 0);
    scrape_send(other);
    got = client_receive(other);
    CHECK_INT(got.status, 200);
    reply_free(&got);
    close(other);
    for (int i = 0; i < LIMIT; i++) {
        close(fds[i]);
    }
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

static void endpoint_refuses_limits_out_of_range(void **state)
{
    static const struct {
        ifm_endpoint_options options;
        const char *message;
    } rows[] = {
        {{.scrapes_max = 257}, "scrapes_max 257 is not between 1 and 256"},
        {{.connections_max = 100001}, "connections_max 100001 is not between 1 and 100000"},
        {{.idle_seconds = 86401}, "idle_seconds 86401 is not between 1 and 86400"},
        {{.header_bytes_max = 1023}, "header_bytes_max 1023 is not between 1024 and 16777216"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_error err = {0};
        CHECK(ifm_endpoint_start(NULL, &rows[i].options, &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_TEXT(err.message, rows[i].message);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_answers_503_over_scrapes_max),
        cmocka_unit_test(endpoint_stops_while_scrapes_are_under_way),
        cmocka_unit_test(endpoint_limits_headers),
        cmocka_unit_test(endpoint_survives_garbage),
        cmocka_unit_test(endpoint_ends_a_request_that_never_ends),
        cmocka_unit_test(endpoint_does_not_wait_for_readers),
        cmocka_unit_test(endpoint_limits_what_is_not_read),
        cmocka_unit_test(endpoint_waits_for_descriptors),
        cmocka_unit_test(endpoint_limits_connections),
        cmocka_unit_test(endpoint_limits_connections_of_an_address),
        cmocka_unit_test(endpoint_refuses_limits_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
