/* SPDX-License-Identifier: Apache-2.0 */
#include "os/listen.h"

#include "base/base.h"
#include "os/os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inferometer/endpoint.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An IPv6 address, with an interface for a link-local one: "fe80::1%eth0". */
static bool address_parse_6(const char *text, struct in6_addr *out, uint32_t *scope)
{
    char digits[INET6_ADDRSTRLEN];
    size_t size = strcspn(text, "%");
    if (size >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, size);
    digits[size] = '\0';
    *scope = 0;
    if (text[size] == '%') {
        *scope = if_nametoindex(text + size + 1);
        if (*scope == 0) {
            return false;
        }
    }
    return inet_pton(AF_INET6, digits, out) == 1;
}

bool ifm_listen_address_parse(const char *text, int port, ifm_listen_address *out, ifm_error *err)
{
    if (port < IFM_ENDPOINT_PORT_ANY || port > UINT16_MAX) {
        return ifm_error_set(err, IFM_INVALID, "port %d is not between 1 and 65535", port);
    }
    if (port == 0) {
        port = IFM_ENDPOINT_PORT_DEFAULT;
    }
    in_port_t wire_port = htons(port == IFM_ENDPOINT_PORT_ANY ? 0 : (uint16_t)port);
    if (text == NULL) {
        text = "127.0.0.1";
    }
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) == 1) {
        out->in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = wire_port, .sin_addr = address};
        return true;
    }
    struct in6_addr address_6;
    uint32_t scope;
    if (address_parse_6(text, &address_6, &scope)) {
        out->in6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_port = wire_port, .sin6_addr = address_6, .sin6_scope_id = scope};
        return true;
    }
    return ifm_error_set(err, IFM_INVALID,
                         "address \"%.80s\" is neither an IPv4 nor an IPv6 address; hint: 127.0.0.1 is this "
                         "machine alone, 0.0.0.0 every network it is in",
                         text);
}

/* `separator` stands before the interface of a link-local address: "%" for people, "%25" in a URL. */
static void host_print(const ifm_listen_address *address, const char *separator,
                       char out[IFM_LISTEN_HOST_SIZE])
{
    char digits[INET6_ADDRSTRLEN] = "";
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->in.sin_addr, digits, sizeof digits);
        snprintf(out, IFM_LISTEN_HOST_SIZE, "%s", digits);
        return;
    }
    char interface[IF_NAMESIZE] = "";
    inet_ntop(AF_INET6, &address->in6.sin6_addr, digits, sizeof digits);
    if (address->in6.sin6_scope_id != 0 && if_indextoname(address->in6.sin6_scope_id, interface) != NULL) {
        snprintf(out, IFM_LISTEN_HOST_SIZE, "[%s%s%s]", digits, separator, interface);
    } else {
        snprintf(out, IFM_LISTEN_HOST_SIZE, "[%s]", digits);
    }
}

static unsigned address_port(const ifm_listen_address *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port : address->in6.sin6_port);
}

void ifm_listen_address_print(const ifm_listen_address *address, char out[IFM_LISTEN_PLACE_SIZE])
{
    char host[IFM_LISTEN_HOST_SIZE];
    host_print(address, "%", host);
    snprintf(out, IFM_LISTEN_PLACE_SIZE, "%s:%u", host, address_port(address));
}

void ifm_listen_url(const ifm_listen_address *address, bool tls, const char *path,
                    char out[IFM_LISTEN_URL_SIZE])
{
    ifm_listen_address near = *address;
    if (near.any.sa_family == AF_INET && near.in.sin_addr.s_addr == htonl(INADDR_ANY)) {
        near.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else if (near.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&near.in6.sin6_addr)) {
        near.in6.sin6_addr = in6addr_loopback;
    }
    char host[IFM_LISTEN_HOST_SIZE];
    host_print(&near, "%25", host);
    snprintf(out, IFM_LISTEN_URL_SIZE, "%s://%s:%u%s", tls ? "https" : "http", host, address_port(&near),
             path);
}

static bool listen_prepare(int fd, ifm_listen_address *address)
{
    int on = 1, off = 0;
    bool is_6 = address->any.sa_family == AF_INET6;
    socklen_t size = is_6 ? sizeof address->in6 : sizeof address->in;
    /* On Linux this allows a port whose connections linger in TIME_WAIT, never one that is listened on. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_6) {
        /* "::" means every address, whatever net.ipv6.bindv6only says. */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    return bind(fd, &address->any, size) == 0 && listen(fd, SOMAXCONN) == 0 &&
           getsockname(fd, &address->any, &size) == 0;
}

int ifm_listen_open(ifm_listen_address *address, int *number)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        *number = errno;
        return -1;
    }
    if (!listen_prepare(fd, address)) {
        *number = errno;
        close(fd);
        return -1;
    }
    return fd;
}

static bool error_busy(const ifm_listen_address *address, const char *place, const char *advice,
                       ifm_error *err)
{
    ifm_os_port_owner owner;
    if (!ifm_os_port_owner_find("/proc", &address->any, &owner)) {
        return ifm_error_set(err, IFM_BUSY, "could not listen on %s: the port is in use; hint: %s", place,
                             advice);
    }
    if (owner.pid == 0) {
        return ifm_error_set(err, IFM_BUSY,
                             "could not listen on %s: the port is held by a process of user id %u; hint: %s",
                             place, owner.user, advice);
    }
    return ifm_error_set(
        err, IFM_BUSY, "could not listen on %s: the port is held by %s %d (\"%.40s\"); hint: %s", place,
        owner.pid == getpid() ? "this process," : "process", (int)owner.pid, owner.name, advice);
}

bool ifm_listen_error(const ifm_listen_address *address, int number, const char *advice, ifm_error *err)
{
    char place[IFM_LISTEN_PLACE_SIZE];
    ifm_listen_address_print(address, place);
    switch (number) {
    case EADDRINUSE:
        return error_busy(address, place, advice, err);
    case EACCES:
        return ifm_error_set(err, IFM_IO,
                             "could not listen on %s: low ports are for privileged programs; hint: set a "
                             "port from 1024 on, or give the program CAP_NET_BIND_SERVICE",
                             place);
    case EADDRNOTAVAIL:
        return ifm_error_set(err, IFM_INVALID,
                             "could not listen on %s: no network interface of this machine has that "
                             "address; hint: 0.0.0.0 takes every one",
                             place);
    case EAFNOSUPPORT:
        return ifm_error_set(err, IFM_UNSUPPORTED,
                             "cannot listen on %s: this system has no %s; hint: use an address of the other "
                             "kind",
                             place, address->any.sa_family == AF_INET6 ? "IPv6" : "IPv4");
    default:
        return ifm_error_errno(err, IFM_IO, number, "could not listen on %s", place);
    }
}
