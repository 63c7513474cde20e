/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking a Prometheus, or a monitor of ours, over its HTTP API.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "cmd/command.h"

#include "http/http.h"
#include "model/model.h"

#include <jansson.h>
#include <stdint.h>

enum { CMD_ASK_ANSWER_BYTES_MAX = 1 << 29, CMD_ASK_FORM_BYTES_MAX = 1 << 20, CMD_ASK_PATH_SIZE = 4096 };

typedef struct cmd_server {
    char *url;            /* without user and password, and without a slash at its end */
    http_options options; /* its user and password are ours */
    int64_t timeout_ms;
    int cancel_fd; /* readable: give up; -1: none */
    bool is_guess; /* none was named, and no monitor of this user runs */
} cmd_server;

/* `url` NULL: the monitor of this user that runs, else http://127.0.0.1:9090. User and password may stand in
 * the URL. Deinitialise it either way. Errors: IFM_INVALID (it is no URL), IFM_NOMEM. */
bool cmd_server_init(cmd_server *server, const char *url, ifm_error *err);
void cmd_server_deinit(cmd_server *server);

/* An answer of any status to GET, or with `form` to POST; its body is appended to `out`. Errors: those of
 * http_request, IFM_CANCELED. */
bool cmd_ask(const cmd_server *server, const char *path, const ifm_buf *form, ifm_buf *out, int *status,
             ifm_error *err);

/* The answer of an API call that went well, freed with json_decref(). With GET when the server takes no POST.
 * NULL with `err`: also IFM_INVALID with the server's own words. */
json_t *cmd_ask_api(const cmd_server *server, const char *path, const ifm_buf *form, ifm_error *err);

/* Appends words of a server for a terminal: control characters but those in `kept` become spaces, bytes that
 * are no UTF-8 "?". */
void cmd_plain_append(ifm_buf *out, model_text words, const char *kept);

/* Appends "&NAME=VALUE", the value encoded; the "&" not at the beginning. */
void cmd_form_append(ifm_buf *form, const char *name, const char *value);

#endif
