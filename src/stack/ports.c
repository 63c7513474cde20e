/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/ports.h"

#include "stack/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef union port_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} port_address;

static socklen_t address_init(port_address *out, const char *text, int port)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->in.sin_addr) == 1) {
        out->in.sin_family = AF_INET;
        out->in.sin_port = htons((uint16_t)port);
        return sizeof out->in;
    }
    if (inet_pton(AF_INET6, text, &out->in6.sin6_addr) == 1) {
        out->in6.sin6_family = AF_INET6;
        out->in6.sin6_port = htons((uint16_t)port);
        return sizeof out->in6;
    }
    return 0;
}

/* 0 when a server could listen there now, else the errno of why not. */
static int port_try(const char *address, int port)
{
    port_address place;
    socklen_t size = address_init(&place, address, port);
    if (size == 0) {
        return EAFNOSUPPORT;
    }
    int fd = socket(place.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    /* As servers do: connections of an earlier one that are still closing do not count. */
    int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int number = bind(fd, &place.any, size) == 0 && listen(fd, 1) == 0 ? 0 : errno;
    close(fd);
    return number;
}

bool stack_port_is_free(const char *address, int port)
{
    return port_try(address, port) == 0;
}

void stack_port_owner(const char *address, int port, char *out, size_t size)
{
    port_address place;
    ifm_os_port_owner owner;
    if (address_init(&place, address, port) == 0 || !ifm_os_port_owner_find("/proc", &place.any, &owner)) {
        snprintf(out, size, "a program that cannot be seen from here");
    } else if (owner.pid != 0) {
        snprintf(out, size, "\"%s\" (process %d)", owner.name, (int)owner.pid);
    } else {
        snprintf(out, size, "a program of another user (user id %u)", owner.user);
    }
}

bool stack_port_is_of_others(const char *address, int port, pid_t session)
{
    port_address place;
    ifm_os_port_owner owner;
    if (address_init(&place, address, port) == 0 || !ifm_os_port_owner_find("/proc", &place.any, &owner)) {
        return false;
    }
    return owner.pid != 0 ? getsid(owner.pid) != session : owner.user != geteuid();
}

/* 0 when none of those that are tried is free. */
static int next_free(const stack_port_wish *wish)
{
    for (int port = wish->port + 1; port <= wish->port + STACK_PORT_TRIES && port <= UINT16_MAX; port++) {
        if (port != wish->avoid && stack_port_is_free(wish->address, port)) {
            return port;
        }
    }
    return 0;
}

bool stack_port_choose(const stack_session *session, const stack_port_wish *wish, int *out, ifm_error *err)
{
    int number = wish->port == wish->avoid ? EADDRINUSE : port_try(wish->address, wish->port);
    if (number == 0) {
        *out = wish->port;
        return true;
    }
    if (number != EADDRINUSE) { /* an address of another machine, a port below 1024 */
        return ifm_error_errno(err, IFM_INVALID, number, "cannot listen on %s:%d for %s", wish->address,
                               wish->port, wish->what);
    }
    char owner[128] = "the other of the two";
    if (wish->port != wish->avoid) {
        stack_port_owner(wish->address, wish->port, owner, sizeof owner);
    }
    int next = next_free(wish);
    if (next == 0) {
        return ifm_error_set(err, IFM_BUSY,
                             "port %d for %s is in use by %s, and so are the next %d; hint: %s=PORT",
                             wish->port, wish->what, owner, STACK_PORT_TRIES, wish->option);
    }
    if (wish->given) {
        return ifm_error_set(err, IFM_BUSY, "port %d for %s is in use by %s; hint: %s=%d is free", wish->port,
                             wish->what, owner, wish->option, next);
    }
    stack_tell(session, STACK_WARN, "port %d is in use by %s: %s takes %d", wish->port, owner, wish->what,
               next);
    *out = next;
    return true;
}
