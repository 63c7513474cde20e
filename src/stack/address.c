/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/address.h"

#include "base/base.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From where packets to the rest of the world would start: connecting a datagram socket sends none. */
static bool address_of_way_out(struct in_addr *out)
{
    /* 192.0.2.1 is nobody's, so that it goes where everything goes that is not near. */
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in own = {.sin_family = AF_INET};
    socklen_t size = sizeof own;
    inet_pton(AF_INET, "192.0.2.1", &far.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)&far, sizeof far) == 0 &&
              getsockname(fd, (struct sockaddr *)&own, &size) == 0;
    if (fd >= 0) {
        close(fd);
    }
    *out = own.sin_addr;
    return ok;
}

/* Bridges of engines are there again inside an engine's namespace, with the same addresses. */
static bool is_bridge(const char *name)
{
    static const char *const beginnings[] = {"docker", "br-", "cni", "podman", "virbr"};
    for (size_t i = 0; i < IFM_COUNT_OF(beginnings); i++) {
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool address_of_any_interface(struct in_addr *out)
{
    struct ifaddrs *all = NULL;
    bool found = false;
    if (getifaddrs(&all) != 0) {
        return false;
    }
    for (const struct ifaddrs *at = all; at != NULL && !found; at = at->ifa_next) {
        found = at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET &&
                (at->ifa_flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP && !is_bridge(at->ifa_name);
        if (found) {
            struct sockaddr_in address;
            memcpy(&address, at->ifa_addr, sizeof address);
            *out = address.sin_addr;
        }
    }
    freeifaddrs(all);
    return found;
}

bool stack_address_own(char out[static STACK_ADDRESS_SIZE])
{
    struct in_addr address;
    return (address_of_way_out(&address) || address_of_any_interface(&address)) &&
           ntohl(address.s_addr) >> 24 != IN_LOOPBACKNET &&
           inet_ntop(AF_INET, &address, out, STACK_ADDRESS_SIZE) != NULL;
}
