/* SPDX-License-Identifier: Apache-2.0
 *
 * A server whose answers were recorded: a request gets the first row whose `url` is part of its URL. What
 * no row knows is refused, as by a port on which nobody listens.
 */
#ifndef IFM_TESTS_FAKE_SERVER_H
#define IFM_TESTS_FAKE_SERVER_H

#include "stack/api.h"

#include <string.h>

typedef struct fake_page {
    const char *url;
    int status; /* 0: it never answers */
    const char *body;
    int64_t date_ms; /* 0: no Date header */
} fake_page;

typedef struct fake_server {
    const fake_page *answers; /* ends with one without a URL */
    char form[256];           /* of the last request */
    char user[64];
    int requests;
} fake_server;

static inline bool fake_http(void *context, const stack_request *request, stack_response *response,
                             ifm_error *err)
{
    fake_server *fake = context;
    fake->requests++;
    snprintf(fake->form, sizeof fake->form, "%s", request->body == NULL ? "" : request->body);
    snprintf(fake->user, sizeof fake->user, "%s", request->user == NULL ? "" : request->user);
    for (const fake_page *at = fake->answers; at->url != NULL; at++) {
        if (strstr(request->url, at->url) == NULL) {
            continue;
        }
        if (at->status == 0) {
            return ifm_error_set(err, IFM_TIMEOUT, "could not reach \"%.100s\": timed out", request->url);
        }
        *response = (stack_response){.status = at->status,
                                     .body = ifm_copy_text(at->body),
                                     .date_ms = at->date_ms == 0 ? -1 : at->date_ms};
        return response->body != NULL || ifm_error_nomem(err);
    }
    return ifm_error_set(err, IFM_IO, "could not reach \"%.100s\": connection refused", request->url);
}

/* A server at http://127.0.0.1:9090 whose answers are `fake`'s; `system` is filled in for it. */
static inline stack_server fake_server_of(fake_server *fake, stack_system *system)
{
    *system = (stack_system){.context = fake, .http = fake_http, .root = ""};
    return (stack_server){.system = system,
                          .name = "Prometheus",
                          .url = "http://127.0.0.1:9090",
                          .timeout_ns = 1000000000,
                          .cancel_fd = -1};
}

#endif
