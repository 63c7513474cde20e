/* SPDX-License-Identifier: Apache-2.0 */
#include "os/tls_files.h"

#include "base/base.h"
#include "os/os.h"

#include <string.h>

enum { PEM_BYTES_MAX = 1 << 20 }; /* a chain of certificates has some 10 KiB */

static bool text_is_pem(const char *text, const char *kind)
{
    const char *begin = strstr(text, "-----BEGIN ");
    const char *end = begin == NULL ? NULL : strstr(begin, kind);
    return end != NULL && end < strchr(begin, '\n');
}

/* `kind` is what the file has to hold, as in "-----BEGIN CERTIFICATE-----". */
static char *pem_read(const char *file, const char *what, const char *kind, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, PEM_BYTES_MAX);
    size_t size = 0;
    char *pem = ifm_os_read_file(file, &text, err) ? ifm_buf_take(&text, &size, err) : NULL;
    if (text.data != NULL) { /* not taken, and perhaps half of a key */
        explicit_bzero(text.data, text.size);
        ifm_buf_deinit(&text);
    }
    if (pem == NULL) {
        err->code = err->code == IFM_LIMIT ? IFM_INVALID : err->code; /* so large a file is something else */
        ifm_error_wrap(err, "could not use the TLS %s", what);
        return NULL;
    }
    if (strlen(pem) != size || !text_is_pem(pem, kind)) {
        ifm_error_set(err, IFM_INVALID,
                      "cannot use the TLS %s \"%.100s\": there is no PEM block \"%s\" in it", what, file,
                      kind);
        explicit_bzero(pem, size);
        ifm_free(pem);
        return NULL;
    }
    return pem;
}

bool ifm_tls_files_read(const char *cert_file, const char *key_file, ifm_tls_files *out, ifm_error *err)
{
    ifm_tls_files files = {0};
    files.cert = pem_read(cert_file, "certificate", "CERTIFICATE-----", err);
    if (files.cert != NULL) {
        files.key = pem_read(key_file, "key", "PRIVATE KEY-----", err);
    }
    if (files.key == NULL) {
        ifm_tls_files_free(&files);
        return false;
    }
    *out = files;
    return true;
}

void ifm_tls_files_free(ifm_tls_files *files)
{
    if (files->key != NULL) {
        explicit_bzero(files->key, strlen(files->key));
    }
    ifm_free(files->key);
    ifm_free(files->cert);
    *files = (ifm_tls_files){0};
}
