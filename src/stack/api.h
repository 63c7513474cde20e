/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking a server's HTTP API for JSON. What the answers are worth is not known: each reader checks the type
 * of what it takes, and anything else is an error with a sentence.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_API_H
#define STACK_API_H

#include "stack/system.h"

#include <jansson.h>

typedef struct stack_server {
    const stack_system *system;
    const char *name; /* "Prometheus", for sentences */
    const char *url;  /* "http://127.0.0.1:9090", without a slash at its end */
    const char *user; /* basic authentication; NULL: none */
    const char *password;
    int64_t timeout_ns; /* of each request */
    int cancel_fd;      /* -1: none */
} stack_server;

/* An answer of any status from `path` ("/-/ready"); `form` NULL: GET. Errors: as stack_system.http,
 * IFM_LIMIT. */
bool stack_api_ask(const stack_server *server, const char *path, const char *form, stack_response *response,
                   ifm_error *err);

/* The JSON of an answer with status 200; another status is an error with the server's own words. Freed with
 * json_decref(). NULL with `err`: as stack_api_ask(); IFM_BUSY (503), IFM_INVALID (the server refuses, or
 * the answer is no JSON object). */
json_t *stack_api_read(const stack_server *server, const char *path, const char *form, ifm_error *err);

/* JSON from text, an object. NULL with `err`: IFM_INVALID, IFM_NOMEM. */
json_t *stack_api_parse(const char *text, ifm_error *err);

/* The text of an object's key; "" when it is missing or of another type. Valid as long as `object`. */
const char *stack_api_text(const json_t *object, const char *key);

/* What the server says in an answer that is no success, as "Invalid username or password"; "" when it says
 * nothing. */
void stack_api_complaint(const stack_response *response, char *out, size_t size);

#endif
