/* SPDX-License-Identifier: Apache-2.0
 *
 * The error value of the whole library. A function that can fail returns bool (or a pointer), takes
 * `ifm_error *err` as its last parameter, and fills it in only when it fails. `err` may never be NULL.
 *
 * A message is one sentence: what could not be done, to what, and why; advice follows after "; hint: ".
 * "could not" may work later, "cannot" never will. The first failure wins; callers put context in front.
 */
#ifndef IFM_ERROR_H
#define IFM_ERROR_H

#include <inferometer/export.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* XX(name, HTTP status, errorType of Prometheus's HTTP API) */
#define IFM_CODE_MAP(XX)                                                                                     \
    XX(OK, 200, "")                        /* no error */                                                    \
    XX(INVALID, 400, "bad_data")           /* what the caller gave is wrong, and always will be */           \
    XX(EXISTS, 409, "bad_data")            /* the name is taken by something else */                         \
    XX(NOT_FOUND, 404, "not_found")        /* there is nothing by that name */                               \
    XX(LIMIT, 422, "execution")            /* a named limit was reached */                                   \
    XX(NOMEM, 503, "internal")             /* memory could not be allocated */                               \
    XX(IO, 500, "internal")                /* the operating system refused a call */                         \
    XX(BUSY, 503, "unavailable")           /* something else holds it (a port, a lock file) */               \
    XX(TIMEOUT, 503, "timeout")            /* it took longer than allowed */                                 \
    XX(CANCELED, 503, "canceled")          /* the caller asked to stop */                                    \
    XX(UNSUPPORTED, 406, "not_acceptable") /* not built in, or not on this system */                         \
    XX(STATE, 409, "bad_data")             /* the call does not fit what happened before it */

typedef enum ifm_code {
#define IFM_CODE_ENUM(name, status, type) IFM_##name,
    IFM_CODE_MAP(IFM_CODE_ENUM)
#undef IFM_CODE_ENUM
} ifm_code;

enum { IFM_ERROR_MESSAGE_SIZE = 240 };

typedef struct ifm_error {
    ifm_code code;
    size_t offset;                        /* for parsers: the byte at which the input was refused, else 0 */
    char message[IFM_ERROR_MESSAGE_SIZE]; /* UTF-8, terminated; too long: cut before the hint with "..." */
} ifm_error;

/* The name of a code, for example "INVALID"; "UNKNOWN" for a number outside the table. Static storage. */
IFM_API const char *ifm_code_name(ifm_code code);

/* The HTTP status that belongs to a code, 500 for a number outside the table. */
IFM_API int ifm_code_http_status(ifm_code code);

/* The errorType of Prometheus's HTTP API that belongs to a code. Static storage. */
IFM_API const char *ifm_code_error_type(ifm_code code);

#ifdef __cplusplus
}
#endif

#endif
