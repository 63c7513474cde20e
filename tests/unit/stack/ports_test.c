/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing a port: a busy one is named with its owner, and the next free one is taken or offered.
 */
#include "stack/ports.h"

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

/* Listens on a port of 127.0.0.1 that the system chooses. */
static int listen_somewhere(int *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
    *port = ntohs(in.sin_port);
    return fd;
}

static void remember(void *context, stack_news news, const char *line)
{
    CHECK_INT(news, STACK_WARN);
    snprintf(context, 512, "%s", line);
}

static void busy_port_is_named_with_its_owner(void **state)
{
    (void)state;
    int busy, port;
    int fd = listen_somewhere(&busy);
    char told[512] = "", want[256];
    stack_session session = {.cancel_fd = -1, .tell = remember, .context = told};
    stack_port_wish wish = {.what = "Prometheus",
                            .option = "--prometheus-port",
                            .address = "127.0.0.1",
                            .port = busy,
                            .given = true};
    ifm_error err;
    CHECK(!stack_port_choose(&session, &wish, &port, &err));
    CHECK_INT(err.code, IFM_BUSY);
    snprintf(want, sizeof want, "port %d for Prometheus is in use by \"stack_ports", busy);
    CHECK_CONTAINS(err.message, want);
    snprintf(want, sizeof want, "(process %d); hint: --prometheus-port=", (int)getpid());
    CHECK_CONTAINS(err.message, want);
    CHECK_CONTAINS(err.message, " is free");

    wish.given = false;
    CHECK(stack_port_choose(&session, &wish, &port, &err));
    CHECK(port > busy && port <= busy + 100);
    snprintf(want, sizeof want, "Prometheus takes %d", port);
    CHECK_CONTAINS(told, want);
    close(fd);
    CHECK(stack_port_choose(&session, &wish, &port, &err));
    CHECK_INT(port, busy);
    wish.avoid = busy;
    CHECK(stack_port_choose(&session, &wish, &port, &err));
    CHECK(port != busy);
    check_end();
}

static void strange_addresses_are_never_free(void **state)
{
    (void)state;
    CHECK(!stack_port_is_free("localhost", 9090)); /* a name: whoever asks has an address */
    CHECK(!stack_port_is_free("192.0.2.1", 9090)); /* not of this machine */
    check_end();
}

static void port_of_this_session_is_not_another_s(void **state)
{
    (void)state;
    int port;
    int fd = listen_somewhere(&port);
    CHECK(!stack_port_is_of_others("127.0.0.1", port, getsid(0)));
    CHECK(stack_port_is_of_others("127.0.0.1", port, getsid(0) + 1));
    close(fd);
    CHECK(!stack_port_is_of_others("127.0.0.1", port, getsid(0) + 1)); /* nobody's */
    CHECK(!stack_port_is_of_others("nonsense", port, 1));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_port_is_named_with_its_owner),
        cmocka_unit_test(strange_addresses_are_never_free),
        cmocka_unit_test(port_of_this_session_is_not_another_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
