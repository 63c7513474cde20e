/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Whether what stands before the path can be HOST:PORT. A password with a slash in it ends there as well. */
static bool is_place(const char *host, size_t size)
{
    const char *colon = memrchr(host, ':', size);
    size_t digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
    return colon == NULL || host[0] == '[' || colon + 1 + digits == host + size;
}

const char *http_url_without_user(const char *url, int *scheme_size)
{
    size_t scheme = strspn(url, LETTERS "0123456789+-.");
    bool has_scheme = scheme > 0 && strncmp(url + scheme, "://", 3) == 0;
    *scheme_size = has_scheme ? (int)scheme + 3 : 0;
    const char *host = url + *scheme_size;
    size_t size = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', size);
    if (at == NULL && (!has_scheme || !is_place(host, size))) {
        at = strrchr(host, '@');
    }
    return at == NULL ? host : at + 1;
}
