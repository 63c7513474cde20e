/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate and key files for a server, read once at its start.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_OS_TLS_FILES_H
#define IFM_OS_TLS_FILES_H

#include <inferometer/error.h>
#include <stdbool.h>

/* What GnuTLS is told: nothing before TLS 1.2, the server's order of ciphers. */
#define IFM_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

typedef struct ifm_tls_files {
    char *cert; /* PEM text, terminated */
    char *key;
} ifm_tls_files;

/* Errors: IFM_INVALID (no PEM, or over 1 MiB), IFM_IO, IFM_NOMEM. */
bool ifm_tls_files_read(const char *cert_file, const char *key_file, ifm_tls_files *out, ifm_error *err);

/* Wipes the key and frees both; may be called on zeroed files. */
void ifm_tls_files_free(ifm_tls_files *files);

#endif
