/* SPDX-License-Identifier: Apache-2.0
 *
 * DNS rebinding: a page of evil.example, whose name suddenly means 127.0.0.1, may read what a server there
 * answers, for its browser takes both for one. But the browser says whom it means.
 *
 * H1  a name is accepted only when it cannot be somebody else's: an address, localhost, the name to listen
 *     on, that of the external URL, that of this machine.
 */
#include "web/impl.h"

#include <arpa/inet.h>
#include <strings.h>

enum { HOST_BYTES_MAX = 255 };

/* Copies the host of "host:port" or "[::1]:port"; false when it is none. */
static bool host_name(const char *host, char out[HOST_BYTES_MAX + 1])
{
    bool bracket = host[0] == '[';
    const char *from = host + bracket;
    size_t size = strcspn(from, bracket ? "]" : ":");
    const char *rest = from + size + (bracket && from[size] == ']');
    if (size == 0 || size > HOST_BYTES_MAX || (bracket && rest == from + size) ||
        (*rest != ':' && *rest != '\0')) {
        return false;
    }
    memcpy(out, from, size);
    out[size] = '\0';
    if (!bracket && out[size - 1] == '.' && size > 1) {
        out[size - 1] = '\0'; /* "localhost." is localhost */
    }
    return true;
}

static bool is_address(const char *name)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool is_localhost(const char *name)
{
    static const char suffix[] = ".localhost"; /* RFC 6761: never anywhere else */
    size_t size = strlen(name);
    return strcasecmp(name, "localhost") == 0 ||
           (size >= sizeof suffix && strcasecmp(name + size - (sizeof suffix - 1), suffix) == 0);
}

static bool is_of_url(const char *name, const char *url)
{
    char host[HOST_BYTES_MAX + 1];
    const char *from = url == NULL ? NULL : strstr(url, "://");
    if (from == NULL) {
        return false;
    }
    from += 3;
    char authority[HOST_BYTES_MAX + 8];
    size_t size = strcspn(from, "/?#");
    if (size >= sizeof authority) {
        return false;
    }
    memcpy(authority, from, size);
    authority[size] = '\0';
    return host_name(authority, host) && strcasecmp(host, name) == 0;
}

bool web_host_is_ours(const web_server *server, const char *host)
{
    char name[HOST_BYTES_MAX + 1];
    if (!host_name(host, name)) {
        return false;
    }
    return is_address(name) || is_localhost(name) || strcasecmp(name, server->listen_host) == 0 ||
           strcasecmp(name, server->machine) == 0 || is_of_url(name, server->options.external_url);
}
