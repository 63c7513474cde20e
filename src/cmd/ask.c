/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/ask.h"

#include "cmd/monitor_place.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { WAIT_MS = 100, PLAIN_SIZE = 512, SHOWN_SCHEME_MAX = 20 };

/* --- The server ------------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A piece of a URL as it is meant. */
static char *decoded(const char *text, size_t size)
{
    char *out = ifm_copy_bytes(text, size);
    size_t used = 0;
    for (size_t i = 0; out != NULL && i < size; i++, used++) {
        bool escaped =
            out[i] == '%' && i + 2 < size && hex_digit(out[i + 1]) >= 0 && hex_digit(out[i + 2]) >= 0;
        out[used] = escaped ? (char)(hex_digit(out[i + 1]) * 16 + hex_digit(out[i + 2])) : out[i];
        i += escaped ? 2 : 0;
    }
    if (out != NULL) {
        out[used] = '\0';
    }
    return out;
}

/* "USER:PASSWORD@" of what follows "://"; returns its size. */
static size_t take_user(cmd_server *server, const char *host)
{
    size_t end = strcspn(host, "/?#"), size = 0;
    for (size_t i = 0; i < end; i++) {
        size = host[i] == '@' ? i + 1 : size;
    }
    if (size > 0) {
        size_t user = strcspn(host, ":@");
        server->options.user = decoded(host, user);
        server->options.password =
            user + 1 < size ? decoded(host + user + 1, size - user - 2) : ifm_copy_text("");
    }
    return size;
}

/* Where the monitor of this user answers; false when none runs. */
static bool own_url(char out[MONITOR_URL_SIZE])
{
    monitor_place place;
    monitor_record record;
    ifm_error ignored;
    bool ok = monitor_place_init(&place, false, &ignored) && monitor_place_is_held(&place) &&
              monitor_place_read(&place, &record);
    if (ok) {
        memcpy(out, record.url, MONITOR_URL_SIZE);
    }
    monitor_place_deinit(&place);
    return ok;
}

bool cmd_server_init(cmd_server *server, const char *url, ifm_error *err)
{
    char own[MONITOR_URL_SIZE];
    *server = (cmd_server){.timeout_ms = 120000, .cancel_fd = -1};
    if (url == NULL) {
        server->is_guess = !own_url(own);
        url = server->is_guess ? "http://127.0.0.1:9090" : own;
    }
    const char *host = strstr(url, "://");
    if (host == NULL) {
        int none;
        return ifm_error_set(err, IFM_INVALID, "\"%.100s\" is no URL; hint: http://127.0.0.1:9090",
                             http_url_without_user(url, &none));
    }
    host += 3;
    if (strcspn(host, "/?#") == 0) {
        return ifm_error_set(err, IFM_INVALID, "\"%.100s\" names no host; hint: http://127.0.0.1:9090", url);
    }
    const char *rest = host + take_user(server, host);
    ifm_buf text;
    size_t size;
    ifm_buf_init(&text, CMD_ASK_FORM_BYTES_MAX);
    ifm_buf_append(&text, url, (size_t)(host - url));
    ifm_buf_append_text(&text, rest);
    while (text.size > 0 && text.data[text.size - 1] == '/') {
        text.size--;
    }
    server->url = ifm_buf_take(&text, &size, err);
    ifm_buf_deinit(&text);
    return server->url != NULL;
}

void cmd_server_deinit(cmd_server *server)
{
    ifm_free(server->url);
    ifm_free(server->options.user);
    ifm_free(server->options.password);
    ifm_free(server->options.ca_file);
}

/* --- Asking ---------------------------------------------------------------------------------------- */

typedef struct ask_end {
    bool over;
    bool ok;
    int status;
    ifm_error err;
} ask_end;

static void answer_done(void *context, const http_response *response, const ifm_error *err)
{
    ask_end *answer = context;
    answer->over = true;
    answer->ok = err == NULL;
    if (err != NULL) {
        answer->err = *err;
    } else {
        answer->status = response->status;
    }
}

static bool is_cancelled(const cmd_server *server)
{
    struct pollfd cancel = {.fd = server->cancel_fd, .events = POLLIN};
    return server->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0;
}

static bool run_request(const cmd_server *server, http_client *client, const http_request *request,
                        const ask_end *answer, ifm_error *err)
{
    if (http_client_start(client, request, err) == 0) {
        return false;
    }
    while (!answer->over) {
        http_client_run(client, WAIT_MS);
        if (is_cancelled(server)) {
            return ifm_error_set(err, IFM_CANCELED, "interrupted");
        }
    }
    if (!answer->ok) {
        *err = answer->err;
    }
    return answer->ok;
}

/* What to do, in words of the command line. */
static void explain(const cmd_server *server, ifm_error *err)
{
    const char *hint = NULL;
    if (strstr(err->message, "; hint: ") == NULL && server->is_guess) {
        hint = "no monitor of yours runs; start one with: inferometer monitor, or name a server";
    } else if (strstr(err->message, "; hint: ") == NULL && strstr(err->message, "certificate") != NULL &&
               server->options.ca_file == NULL) {
        hint = "inferometer query has --ca-file for certificates that this machine does not know";
    }
    int scheme;
    const char *rest = http_url_without_user(server->url, &scheme);
    ifm_error_wrap(err, "could not ask %.*s%.100s", scheme < SHOWN_SCHEME_MAX ? scheme : SHOWN_SCHEME_MAX,
                   server->url, rest);
    if (hint != NULL) {
        ifm_error plain = *err;
        ifm_error_set(err, plain.code, "%s; hint: %s", plain.message, hint);
    }
}

bool cmd_ask(const cmd_server *server, const char *path, const ifm_buf *form, ifm_buf *out, int *status,
             ifm_error *err)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    char agent[64];
    ifm_buf url;
    size_t size;
    snprintf(agent, sizeof agent, "inferometer/%s", ifm_version());
    ifm_buf_init(&url, CMD_ASK_FORM_BYTES_MAX);
    ifm_buf_printf(&url, "%s%s", server->url, path);
    char *text = ifm_buf_take(&url, &size, err);
    ifm_buf_deinit(&url);
    http_client *client = text != NULL ? http_client_new(agent, err) : NULL;
    ask_end answer = {.over = false};
    const http_request request = {
        .url = text,
        .method = form != NULL ? "POST" : NULL,
        .headers = form != NULL ? headers : NULL,
        .options = &server->options,
        .body = form != NULL ? (form->data != NULL ? form->data : "") : NULL,
        .body_size = form != NULL ? form->size : 0,
        .timeout_ms = server->timeout_ms,
        .body_max = out->max,
        .out = out,
        .done = answer_done,
        .context = &answer,
    };
    bool ok = client != NULL && run_request(server, client, &request, &answer, err);
    if (!ok && client != NULL && err->code != IFM_CANCELED) {
        explain(server, err);
    }
    *status = answer.status;
    http_client_free(client);
    ifm_free(text);
    return ok;
}

/* --- The API --------------------------------------------------------------------------------------- */

void cmd_plain_append(ifm_buf *out, model_text words, const char *kept)
{
    for (size_t at = 0; at < words.size;) {
        uint32_t point = 0;
        size_t size = ifm_utf8_decode(words.data + at, words.size - at, &point);
        bool control = point < ' ' || (point >= 0x7F && point < 0xA0);
        if (size == 0) {
            ifm_buf_append_char(out, '?');
        } else if (control && (point == 0 || point > 0x7F || strchr(kept, (char)point) == NULL)) {
            ifm_buf_append_char(out, ' ');
        } else {
            ifm_buf_append(out, words.data + at, size);
        }
        at += size == 0 ? 1 : size;
    }
}

/* At most PLAIN_SIZE - 1 bytes of it. */
static const char *plain_words(const char *words, size_t size, char out[PLAIN_SIZE])
{
    ifm_buf plain;
    ifm_buf_init(&plain, 2 * PLAIN_SIZE);
    cmd_plain_append(&plain, (model_text){words, size < PLAIN_SIZE ? size : PLAIN_SIZE - 1}, "");
    snprintf(out, PLAIN_SIZE, "%.*s", (int)plain.size, plain.data != NULL ? plain.data : "");
    ifm_buf_deinit(&plain);
    return out;
}

/* What a server that refuses says of it: its error, or the beginning of whatever it sent. */
static bool refuse(const cmd_server *server, int status, const json_t *answer, const ifm_buf *body,
                   ifm_error *err)
{
    const char *kind = json_string_value(json_object_get(answer, "errorType"));
    const char *words = json_string_value(json_object_get(answer, "error"));
    char plain[PLAIN_SIZE], plain_kind[PLAIN_SIZE];
    if (words != NULL) {
        plain_words(words, strlen(words), plain);
        plain_words(kind != NULL ? kind : "", kind != NULL ? strlen(kind) : 0, plain_kind);
        return ifm_error_set(err, IFM_INVALID, "%s%s%s", plain_kind, kind != NULL ? ": " : "", plain);
    }
    if (status == 401) {
        return ifm_error_set(err, IFM_INVALID,
                             "%.100s wants a user and a password; hint: --user and --password-file",
                             server->url);
    }
    size_t size = 0; /* of the first line */
    while (size < body->size && size < PLAIN_SIZE && strchr("\r\n", body->data[size]) == NULL) {
        size++;
    }
    plain_words(body->data != NULL ? body->data : "", size, plain);
    return ifm_error_set(
        err, status == 503 ? IFM_BUSY : IFM_INVALID,
        "%.100s answers with status %d, and what is no answer of Prometheus's API: \"%.60s\"", server->url,
        status, plain);
}

json_t *cmd_ask_api(const cmd_server *server, const char *path, const ifm_buf *form, ifm_error *err)
{
    ifm_buf body;
    int status;
    ifm_buf_init(&body, CMD_ASK_ANSWER_BYTES_MAX);
    bool ok = cmd_ask(server, path, form, &body, &status, err);
    if (ok && form != NULL && (status == 405 || status == 501)) {
        ifm_buf get;
        size_t size;
        ifm_buf_init(&get, CMD_ASK_FORM_BYTES_MAX);
        ifm_buf_printf(&get, "%s?%.*s", path, (int)form->size, form->data != NULL ? form->data : "");
        char *text = ifm_buf_take(&get, &size, err);
        ifm_buf_deinit(&get);
        ifm_buf_clear(&body);
        ok = text != NULL && cmd_ask(server, text, NULL, &body, &status, err);
        ifm_free(text);
    }
    json_t *answer = ok ? json_loadb(body.data != NULL ? body.data : "", body.size, 0, NULL) : NULL;
    const char *state = json_string_value(json_object_get(answer, "status"));
    if (ok && (status / 100 != 2 || state == NULL || strcmp(state, "success") != 0)) {
        refuse(server, status, answer, &body, err);
        json_decref(answer);
        answer = NULL;
    }
    ifm_buf_deinit(&body);
    return answer;
}

void cmd_form_append(ifm_buf *form, const char *name, const char *value)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";
    ifm_buf_printf(form, "%s%s=", form->size > 0 ? "&" : "", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (strchr(safe, *c) != NULL) {
            ifm_buf_append_char(form, *c);
        } else {
            ifm_buf_printf(form, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
}
