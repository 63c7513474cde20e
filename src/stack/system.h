/* SPDX-License-Identifier: Apache-2.0
 *
 * What the stack and the doctor ask the outside world, behind one table, so that a test can answer with what
 * was recorded on a machine that is broken in a certain way.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_SYSTEM_H
#define STACK_SYSTEM_H

#include "os/os.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STACK_BODY_MAX = 16 << 20 /* bytes of an answer: the targets or log of a busy server are far less */ };

enum { STACK_ADDRESS_SIZE = 48 };

typedef struct stack_request {
    const char *url;
    const char *user; /* basic authentication; NULL: none */
    const char *password;
    const char *body;   /* a form that is sent with POST; NULL: GET */
    int64_t timeout_ns; /* for all of it; 0: none */
    int cancel_fd;      /* readable: IFM_CANCELED; -1: none */
} stack_request;

typedef struct stack_response {
    int status;      /* of HTTP */
    char *body;      /* terminated, freed by stack_response_deinit() */
    int64_t date_ms; /* of the Date header; -1 without one */
} stack_response;

typedef struct stack_system {
    void *context;
    /* As ifm_os_command_run(). */
    bool (*run)(void *context, const ifm_os_command *command, ifm_os_command_result *result, ifm_error *err);
    /* True when an answer came, whatever its status. Errors: IFM_IO (the message has the reason: refused,
     * no such host, no HTTP), IFM_TIMEOUT, IFM_CANCELED, IFM_LIMIT, IFM_INVALID (the URL), IFM_NOMEM. No
     * proxy and no redirect is used. */
    bool (*http)(void *context, const stack_request *request, stack_response *response, ifm_error *err);
    const char *(*environment)(void *context, const char *name); /* as getenv() */
    int64_t (*wall_ms)(void *context);                           /* since 1970 */
    /* An IPv4 address of this machine that is none of loopback; false when it has none. */
    bool (*address)(void *context, char out[static STACK_ADDRESS_SIZE]);
    const char *root; /* what stands before absolute paths that are looked at, as "/proc" or a socket: "" */
} stack_system;

extern const stack_system stack_system_real;

void stack_response_deinit(stack_response *response);

#endif
