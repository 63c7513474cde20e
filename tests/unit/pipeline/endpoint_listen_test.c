/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the endpoint listens, what its URL is, and what it says when it cannot.
 */
#include "os/os.h"

#include "unit/pipeline/endpoint_client.h"

#include <sys/wait.h>

static void listen_address_is_read(void **state)
{
    static const struct {
        const char *text;
        int port;
        const char *place, *url; /* NULL: refused */
    } rows[] = {
        {NULL, 0, "127.0.0.1:8000", "http://127.0.0.1:8000/metrics"},
        {"127.0.0.1", 1, "127.0.0.1:1", "http://127.0.0.1:1/metrics"},
        {"0.0.0.0", 65535, "0.0.0.0:65535", "http://127.0.0.1:65535/metrics"},
        {"192.0.2.7", 9, "192.0.2.7:9", "http://192.0.2.7:9/metrics"},
        {"::", 8000, "[::]:8000", "http://[::1]:8000/metrics"},
        {"::1", 8000, "[::1]:8000", "http://[::1]:8000/metrics"},
        {"2001:db8::7", 8000, "[2001:db8::7]:8000", "http://[2001:db8::7]:8000/metrics"},
        {"fe80::1%lo", 8000, "[fe80::1%lo]:8000", "http://[fe80::1%25lo]:8000/metrics"},
        {"127.0.0.1", 65536, NULL, NULL},
        {"127.0.0.1", -2, NULL, NULL},
        {"", 8000, NULL, NULL},
        {"localhost", 8000, NULL, NULL},
        {"127.1", 8000, NULL, NULL},
        {"127.0.0.1:8000", 8000, NULL, NULL},
        {"256.0.0.1", 8000, NULL, NULL},
        {"[::1]", 8000, NULL, NULL},
        {"fe80::1%no_such_interface", 8000, NULL, NULL},
        {"%lo", 8000, NULL, NULL},
        {"11111111111111111111111111111111111111111111111111111111", 8000, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_listen_address address;
        ifm_error err = {0};
        bool ok = ifm_listen_address_parse(rows[i].text, rows[i].port, &address, &err);
        CHECK_INT(ok, rows[i].place != NULL);
        if (ok && rows[i].place != NULL) {
            char place[IFM_LISTEN_PLACE_SIZE], url[IFM_LISTEN_URL_SIZE];
            ifm_listen_address_print(&address, place);
            ifm_listen_url(&address, false, "/metrics", url);
            CHECK_TEXT(place, rows[i].place);
            CHECK_TEXT(url, rows[i].url);
            ifm_listen_url(&address, true, "/metrics", url);
            CHECK(strncmp(url, "https://", 8) == 0);
        } else {
            CHECK_INT(err.code, IFM_INVALID);
            CHECK(err.message[0] != '\0');
        }
    }
    check_end();
}

static void endpoint_names_the_process_that_holds_the_port(void **state)
{
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *first = endpoint_open(registry, (ifm_endpoint_options){0});
    int port = ifm_endpoint_port(first);
    static const char *const addresses[] = {"127.0.0.1", "0.0.0.0", "::"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        ifm_error err = {0};
        ifm_endpoint_options options = {.address = addresses[i], .port = port};
        CHECK(ifm_endpoint_start(registry, &options, &err) == NULL);
        if (err.code == IFM_UNSUPPORTED) {
            printf("skipped: no IPv6 here\n");
            continue;
        }
        char who[64];
        snprintf(who, sizeof who, "held by this process, %d (\"", (int)getpid());
        CHECK_INT(err.code, IFM_BUSY);
        CHECK_CONTAINS(err.message, who);
        CHECK_CONTAINS(err.message, "INFEROMETER_PORT=any");
        CHECK(strstr(err.message, "...") == NULL); /* not cut */
    }
    ifm_endpoint_stop(first);
    ifm_error err = {0};
    ifm_endpoint *again = ifm_endpoint_start(registry, &(ifm_endpoint_options){.port = port}, &err);
    CHECK(again != NULL); /* nothing was left behind, not even in TIME_WAIT */
    ifm_endpoint_stop(again);
    ifm_registry_free(registry);
    check_end();
}

static void endpoint_says_when_an_address_is_not_here(void **state)
{
    ifm_error err = {0};
    (void)state;
    ifm_endpoint_options options = {.address = "192.0.2.77", .port = IFM_ENDPOINT_PORT_ANY};
    CHECK(ifm_endpoint_start(NULL, &options, &err) == NULL);
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_CONTAINS(err.message, "no network interface of this machine has that address");
    check_end();
}

/* In a child that gives up its privileges, when it has any. */
static void endpoint_says_when_a_port_needs_a_privilege(void **state)
{
    int lowest = 1024;
    (void)state;
    FILE *setting = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
    if (setting != NULL) {
        (void)!fscanf(setting, "%d", &lowest);
        fclose(setting);
    }
    if (lowest <= 1) {
        printf("skipped: every port is open to everybody here\n");
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        ifm_listen_address address;
        ifm_error err = {0};
        int number = 0;
        bool dropped = getuid() != 0 || setuid(65534) == 0;
        bool refused =
            ifm_listen_address_parse(NULL, 1, &address, &err) && ifm_listen_open(&address, &number) < 0;
        ifm_listen_error(&address, number, "", &err);
        bool told =
            err.code == IFM_IO && strstr(err.message, "low ports are for privileged programs") != NULL;
        _exit(dropped && refused && told ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    check_end();
}

static void endpoint_listens_on_ipv6(void **state)
{
    static const char *const addresses[] = {"::1", "::"};
    (void)state;
    ifm_registry *registry = registry_open();
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        ifm_error err = {0};
        ifm_endpoint_options options = {.address = addresses[i], .port = IFM_ENDPOINT_PORT_ANY};
        ifm_endpoint *endpoint = ifm_endpoint_start(registry, &options, &err);
        if (endpoint == NULL) {
            printf("skipped: %s\n", err.message);
            continue;
        }
        char want[64];
        snprintf(want, sizeof want, "http://[::1]:%d/metrics", ifm_endpoint_port(endpoint));
        CHECK_TEXT(ifm_endpoint_url(endpoint), want);
        int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                                  .sin6_port = htons((uint16_t)ifm_endpoint_port(endpoint)),
                                  .sin6_addr = in6addr_loopback};
        CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
        static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
        client_send(fd, request, sizeof request - 1);
        reply got = client_receive(fd);
        CHECK_INT(got.status, 200);
        reply_free(&got);
        close(fd);
        if (i == 1) { /* "::" takes IPv4 too */
            got = client_get(ifm_endpoint_port(endpoint), "/metrics");
            CHECK_INT(got.status, 200);
            reply_free(&got);
        }
        ifm_endpoint_stop(endpoint);
    }
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listen_address_is_read),
        cmocka_unit_test(endpoint_names_the_process_that_holds_the_port),
        cmocka_unit_test(endpoint_says_when_an_address_is_not_here),
        cmocka_unit_test(endpoint_says_when_a_port_needs_a_privilege),
        cmocka_unit_test(endpoint_listens_on_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
