/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pem.h"
#include "http/limits.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void http_pems_deinit(http_pems *pems)
{
    for (size_t i = 0; i < pems->count; i++) {
        ifm_free(pems->items[i].text);
        close(pems->items[i].fd);
    }
    ifm_free(pems->items);
    *pems = (http_pems){0};
}

static bool write_all(int fd, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t count = write(fd, text + at, size - at);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        at += count < 0 ? 0 : (size_t)count;
    }
    return true;
}

static bool pem_make(const char *text, http_pem *out, ifm_error *err)
{
    size_t size = strlen(text);
    if (size > HTTP_PEM_BYTES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "a certificate or key has more than %d bytes",
                             HTTP_PEM_BYTES_MAX);
    }
    out->fd = memfd_create("inferometer-pem", MFD_CLOEXEC);
    if (out->fd < 0 || !write_all(out->fd, text, size)) {
        ifm_error_errno(err, IFM_IO, errno, "could not keep a certificate or key in memory");
    } else if ((out->text = ifm_copy_text(text)) == NULL) {
        ifm_error_nomem(err);
    } else {
        return true;
    }
    if (out->fd >= 0) {
        close(out->fd);
    }
    return false;
}

static http_pem *pem_find(const http_pems *pems, const char *text)
{
    for (size_t i = 0; i < pems->count; i++) {
        if (strcmp(pems->items[i].text, text) == 0) {
            return &pems->items[i];
        }
    }
    return NULL;
}

static http_pem *pem_add(http_pems *pems, const char *text, ifm_error *err)
{
    if (pems->count == HTTP_PEM_COUNT_MAX) {
        ifm_error_set(err, IFM_LIMIT,
                      "there are more than %d different certificates and keys in the "
                      "configuration; hint: name files instead",
                      HTTP_PEM_COUNT_MAX);
        return NULL;
    }
    http_pem made = {0};
    if (!pem_make(text, &made, err)) {
        return NULL;
    }
    http_pem *items = ifm_realloc(pems->items, pems->count + 1, sizeof *items);
    if (items == NULL) {
        ifm_free(made.text);
        close(made.fd);
        ifm_error_nomem(err);
        return NULL;
    }
    pems->items = items;
    items[pems->count] = made;
    return &items[pems->count++];
}

bool http_pems_path(http_pems *pems, const char *text, char out[HTTP_PEM_PATH_SIZE], ifm_error *err)
{
    const http_pem *pem = pem_find(pems, text);
    if (pem == NULL) {
        pem = pem_add(pems, text, err);
    }
    if (pem == NULL) {
        return false;
    }
    snprintf(out, HTTP_PEM_PATH_SIZE, "/proc/self/fd/%d", pem->fd);
    return true;
}
