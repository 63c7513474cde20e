/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer query instant | range | series | labels: promtool's commands, with its arguments and its
 * output. The server may be left out.
 */
#include "cmd/query.h"

#include "cmd/all.h"
#include "cmd/ask.h"
#include "cmd/values.h"

#include "config/config.h"
#include "os/os.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MATCHES_MAX = 64,
    HEADERS_MAX = 32,
    OUTPUT_BYTES_MAX = 1 << 30,
    EVER_MS_PER_HOUR = 3600000,
    EVER_HOURS = 9999, /* before and after now: what promtool asks for when no time is given */
    RANGE_MS = 300000, /* and how far back a range begins */
    RANGE_POINTS = 250
};

typedef enum query_option {
    QUERY_FORMAT,
    QUERY_USER,
    QUERY_PASSWORD_FILE,
    QUERY_CA_FILE,
    QUERY_HEADER,
    QUERY_TIMEOUT,
    QUERY_TIME,
    QUERY_START,
    QUERY_END,
    QUERY_STEP,
    QUERY_MATCH
} query_option;

#define COMMON_OPTIONS                                                                                       \
    {QUERY_FORMAT, "format", "FORMAT", "promql json", "As people read it, or as JSON (promql)."},            \
        {QUERY_USER, "user", "NAME", NULL, "Of basic authentication."},                                      \
        {QUERY_PASSWORD_FILE, "password-file", "FILE", NULL,                                                 \
         "The password is the first line of this file, which only you may read; - is stdin."},               \
        {QUERY_CA_FILE, "ca-file", "FILE", NULL, "Certificates to trust for https, in PEM."},                \
        {QUERY_HEADER, "header", "NAME=VALUE", NULL, "A header for the server; can be repeated."},           \
        {QUERY_TIMEOUT, "timeout", "TIME", NULL, "Give up after so long (2m)."},                             \
    {                                                                                                        \
        0                                                                                                    \
    }

#define START_AND_END                                                                                        \
    {QUERY_START, "start", "TIME", NULL, "RFC 3339, or seconds since 1970."},                                \
    {                                                                                                        \
        QUERY_END, "end", "TIME", NULL, "Likewise."                                                          \
    }

static const cmd_option instant_options[] = {
    {QUERY_TIME, "time", "TIME", NULL, "RFC 3339, or seconds since 1970 (now)."},
    COMMON_OPTIONS,
};

static const cmd_option range_options[] = {
    START_AND_END,
    {QUERY_STEP, "step", "TIME", NULL, "Between two points (so that there are about 250)."},
    COMMON_OPTIONS,
};

static const cmd_option series_options[] = {
    {QUERY_MATCH, "match", "SELECTOR", NULL, "Which series; can be repeated, and is needed."},
    START_AND_END,
    COMMON_OPTIONS,
};

static const cmd_option labels_options[] = {
    {QUERY_MATCH, "match", "SELECTOR", NULL, "Of which series; can be repeated (all)."},
    START_AND_END,
    COMMON_OPTIONS,
};

typedef struct query_settings {
    query_format format;
    const char *user;
    const char *ca_file;
    char *password;
    const char *headers[HEADERS_MAX + 1];
    char *header_texts[HEADERS_MAX];
    size_t header_count;
    int64_t timeout_ms;
    bool has_time, has_start, has_end;
    int64_t time_ms, start_ms, end_ms, step_ms;
    const char *matches[MATCHES_MAX];
    size_t match_count;
} query_settings;

/* --- Options --------------------------------------------------------------------------------------- */

static bool take_time(const char *value, int64_t *out_ms, bool *given, ifm_error *err)
{
    *given = query_time(value, out_ms, err);
    return *given;
}

static bool take_duration(const char *value, int64_t *out_ms, ifm_error *err)
{
    double seconds;
    model_text text = {.data = value, .size = strlen(value)};
    if (ifm_number_read(value, text.size, &seconds) && seconds > 0 && seconds < 1e9) {
        *out_ms = llround(seconds * 1000);
        return true;
    }
    return (config_duration(text, out_ms) && *out_ms > 0) ||
           ifm_error_set(err, IFM_INVALID, "it is no duration; hint: write it as 15s, 5m or 1h30m");
}

/* "NAME=VALUE" of promtool; on the wire "NAME: VALUE". */
static bool take_header(query_settings *query, const char *value, ifm_error *err)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || strpbrk(value, "\r\n") != NULL ||
        query->header_count == HEADERS_MAX) {
        return ifm_error_set(err, IFM_INVALID,
                             "it is no header of the form NAME=VALUE, or one of more than %d", HEADERS_MAX);
    }
    ifm_buf text;
    size_t size;
    ifm_buf_init(&text, CMD_ASK_FORM_BYTES_MAX);
    ifm_buf_printf(&text, "%.*s: %s", (int)(equals - value), value, equals + 1);
    char *header = ifm_buf_take(&text, &size, err);
    ifm_buf_deinit(&text);
    if (header == NULL) {
        return false;
    }
    query->header_texts[query->header_count] = header;
    query->headers[query->header_count++] = header;
    return true;
}

static bool query_take(void *settings, int id, const char *value, ifm_error *err)
{
    query_settings *query = settings;
    switch ((query_option)id) {
    case QUERY_FORMAT:
        query->format = strcmp(value, "json") == 0 ? QUERY_JSON : QUERY_PROMQL;
        return true;
    case QUERY_USER:
        query->user = value;
        return true;
    case QUERY_PASSWORD_FILE:
        ifm_free(query->password);
        query->password = NULL;
        return cmd_secret_file(value, &query->password, err);
    case QUERY_CA_FILE:
        query->ca_file = value;
        return access(value, R_OK) == 0 || ifm_error_errno(err, IFM_IO, errno, "it cannot be read");
    case QUERY_HEADER:
        return take_header(query, value, err);
    case QUERY_TIMEOUT:
        return take_duration(value, &query->timeout_ms, err);
    case QUERY_TIME:
        return take_time(value, &query->time_ms, &query->has_time, err);
    case QUERY_START:
        return take_time(value, &query->start_ms, &query->has_start, err);
    case QUERY_END:
        return take_time(value, &query->end_ms, &query->has_end, err);
    case QUERY_STEP:
        return take_duration(value, &query->step_ms, err);
    case QUERY_MATCH:
        if (query->match_count == MATCHES_MAX) {
            return ifm_error_set(err, IFM_LIMIT, "there are more than %d", MATCHES_MAX);
        }
        query->matches[query->match_count++] = value;
        return true;
    }
    return false;
}

/* --- Asking ---------------------------------------------------------------------------------------- */

typedef bool query_printer(const json_t *data, query_format format, ifm_buf *out, ifm_error *err);

/* One call: what is asked of whom. */
typedef struct query_call {
    const cmd_call *call;
    query_settings *settings;
    cmd_server server;
    const char *argument; /* what is left beside the server; NULL: nothing */
    ifm_buf form;
    query_printer *print;
} query_call;

static bool is_url(const char *text)
{
    return strstr(text, "://") != NULL && strcspn(text, "{(\"") > strcspn(text, ":");
}

/* The server when the first argument is one, and what is left. */
static bool call_init(query_call *query, const cmd_call *call, void *settings, ifm_error *err)
{
    char *const *at = call->arguments;
    int count = call->argument_count;
    query_settings *given = settings;
    *query = (query_call){.call = call, .settings = given, .print = query_print_value};
    ifm_buf_init(&query->form, CMD_ASK_FORM_BYTES_MAX);
    bool has_server = count > 0 && is_url(at[0]);
    query->argument = count > has_server ? at[has_server] : NULL;
    if (!cmd_server_init(&query->server, has_server ? at[0] : NULL, err)) {
        return false;
    }
    if (count > has_server + 1) {
        return ifm_error_set(
            err, IFM_INVALID,
            "\"%.60s\" is one argument too many; hint: a server is given as http://HOST:PORT",
            has_server ? at[2] : at[1]);
    }
    cmd_server *server = &query->server;
    server->cancel_fd = call->cancel_fd;
    server->options.headers = given->header_count > 0 ? given->headers : NULL;
    server->timeout_ms = given->timeout_ms > 0 ? given->timeout_ms : server->timeout_ms;
    if (given->user != NULL) {
        ifm_free(server->options.user);
        server->options.user = ifm_copy_text(given->user);
    }
    if (given->ca_file != NULL && (server->options.ca_file = ifm_copy_text(given->ca_file)) == NULL) {
        return ifm_error_nomem(err);
    }
    if (given->password != NULL) {
        ifm_free(server->options.password);
        server->options.password = given->password;
        given->password = NULL;
    }
    return true;
}

static void tell_all(const json_t *answer, const char *key, const char *what)
{
    const json_t *items = json_object_get(answer, key);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *text = json_string_value(json_array_get(items, i));
        ifm_buf plain;
        ifm_buf_init(&plain, CMD_ASK_ANSWER_BYTES_MAX);
        cmd_plain_append(&plain, model_text_of(text != NULL ? text : ""), "");
        fprintf(stderr, "query %s: %.*s\n", what, (int)plain.size, plain.data != NULL ? plain.data : "");
        ifm_buf_deinit(&plain);
    }
}

/* Takes the answer, NULL when there is none. */
static bool print_answer(const query_call *query, json_t *answer, ifm_error *err)
{
    if (answer == NULL) {
        return false;
    }
    ifm_buf out;
    ifm_buf_init(&out, OUTPUT_BYTES_MAX);
    tell_all(answer, "warnings", "warning");
    tell_all(answer, "infos", "info");
    bool ok = query->print(json_object_get(answer, "data"), query->settings->format, &out, err);
    if (ok && out.size > 0) {
        fwrite(out.data, 1, out.size, stdout);
    }
    ifm_buf_deinit(&out);
    json_decref(answer);
    return ok;
}

static bool ask_and_print(const query_call *query, const char *path, ifm_error *err)
{
    return ifm_buf_check(&query->form, err) &&
           print_answer(query, cmd_ask_api(&query->server, path, &query->form, err), err);
}

static int call_end(query_call *query, bool ok, const ifm_error *err)
{
    cmd_server_deinit(&query->server);
    ifm_buf_deinit(&query->form);
    ifm_free(query->settings->password);
    for (size_t i = 0; i < query->settings->header_count; i++) {
        ifm_free(query->settings->header_texts[i]);
    }
    if (ok) {
        return CMD_OK;
    }
    cmd_fail(err);
    return err->code == IFM_CANCELED ? CMD_INTERRUPTED : CMD_TROUBLE;
}

static void append_time(query_call *query, const char *name, int64_t time_ms)
{
    char text[64];
    ifm_buf number;
    ifm_buf_init(&number, sizeof text - 1);
    query_append_time(&number, time_ms);
    snprintf(text, sizeof text, "%.*s", (int)number.size, number.data != NULL ? number.data : "");
    ifm_buf_deinit(&number);
    cmd_form_append(&query->form, name, text);
}

static bool need_argument(const query_call *query, const char *what, ifm_error *err)
{
    return query->argument != NULL || ifm_error_set(err, IFM_INVALID, "it needs %s", what);
}

/* --- The commands ---------------------------------------------------------------------------------- */

static int instant_run(const cmd_call *call, void *settings)
{
    query_call query;
    ifm_error err;
    bool ok = call_init(&query, call, settings, &err) && need_argument(&query, "an expression", &err);
    if (ok) {
        int64_t now_ms = ifm_os_clock_real.wall_ms();
        cmd_form_append(&query.form, "query", query.argument);
        append_time(&query, "time", query.settings->has_time ? query.settings->time_ms : now_ms);
        ok = ask_and_print(&query, "/api/v1/query", &err);
    }
    return call_end(&query, ok, &err);
}

static bool range_times(query_settings *settings, ifm_error *err)
{
    if (!settings->has_end) {
        settings->end_ms = ifm_os_clock_real.wall_ms();
    }
    if (!settings->has_start) {
        settings->start_ms = settings->end_ms - RANGE_MS;
    }
    if (settings->end_ms < settings->start_ms) {
        return ifm_error_set(err, IFM_INVALID, "the end of the range is before its start");
    }
    if (settings->step_ms == 0) {
        int64_t seconds = (settings->end_ms - settings->start_ms) / 1000 / RANGE_POINTS;
        settings->step_ms = (seconds > 1 ? seconds : 1) * 1000;
    }
    return true;
}

static int range_run(const cmd_call *call, void *settings)
{
    query_call query;
    ifm_error err;
    bool ok = call_init(&query, call, settings, &err) && need_argument(&query, "an expression", &err) &&
              range_times(query.settings, &err);
    if (ok) {
        cmd_form_append(&query.form, "query", query.argument);
        append_time(&query, "start", query.settings->start_ms);
        append_time(&query, "end", query.settings->end_ms);
        append_time(&query, "step", query.settings->step_ms);
        ok = ask_and_print(&query, "/api/v1/query_range", &err);
    }
    return call_end(&query, ok, &err);
}

static void append_times(query_call *query)
{
    const query_settings *settings = query->settings;
    int64_t now_ms = ifm_os_clock_real.wall_ms(), ever_ms = (int64_t)EVER_HOURS * EVER_MS_PER_HOUR;
    append_time(query, "start", settings->has_start ? settings->start_ms : now_ms - ever_ms);
    append_time(query, "end", settings->has_end ? settings->end_ms : now_ms + ever_ms);
}

static void append_matches(query_call *query)
{
    for (size_t i = 0; i < query->settings->match_count; i++) {
        cmd_form_append(&query->form, "match[]", query->settings->matches[i]);
    }
}

static int series_run(const cmd_call *call, void *settings)
{
    query_call query;
    ifm_error err;
    bool ok = call_init(&query, call, settings, &err);
    if (ok && query.argument != NULL) {
        ok = ifm_error_set(&err, IFM_INVALID, "\"%.100s\" is one argument too many; hint: --match=SELECTOR",
                           query.argument);
    } else if (ok && query.settings->match_count == 0) {
        ok = ifm_error_set(&err, IFM_INVALID, "it needs --match=SELECTOR, as --match=up");
    }
    if (ok) {
        query.print = query_print_series;
        append_matches(&query);
        append_times(&query);
        ok = ask_and_print(&query, "/api/v1/series", &err);
    }
    return call_end(&query, ok, &err);
}

/* Label values are asked for with GET alone, by a path. */
static bool ask_values(const query_call *query, ifm_error *err)
{
    const ifm_buf *form = &query->form;
    ifm_buf path;
    size_t size;
    ifm_buf_init(&path, CMD_ASK_FORM_BYTES_MAX);
    ifm_buf_printf(&path, "/api/v1/label/%s/values?%.*s", query->argument, (int)form->size,
                   form->data != NULL ? form->data : "");
    char *text = ifm_buf_take(&path, &size, err);
    ifm_buf_deinit(&path);
    bool ok = text != NULL && print_answer(query, cmd_ask_api(&query->server, text, NULL, err), err);
    ifm_free(text);
    return ok;
}

static bool is_label(const char *name)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:";
    return name[0] != '\0' && strspn(name, safe) == strlen(name);
}

static int labels_run(const cmd_call *call, void *settings)
{
    query_call query;
    ifm_error err;
    bool ok = call_init(&query, call, settings, &err) && need_argument(&query, "a label's name", &err);
    if (ok && !is_label(query.argument)) {
        ok = ifm_error_set(&err, IFM_INVALID,
                           "\"%.100s\" is no name of a label; hint: U__ and escapes for UTF-8",
                           query.argument);
    }
    if (ok) {
        query.print = query_print_names;
        append_matches(&query);
        append_times(&query);
        ok = ask_values(&query, &err);
    }
    return call_end(&query, ok, &err);
}

#define SERVER_TEXT                                                                                          \
    "The server is the monitor of yours that runs, else http://127.0.0.1:9090; any Prometheus can be "       \
    "named. "                                                                                                \
    "User and password may stand in its URL."

const cmd_command cmd_query_instant = {
    .name = "query instant",
    .arguments = "[SERVER] EXPRESSION",
    .summary = "Evaluates an expression at one time.",
    .description = SERVER_TEXT,
    .options = instant_options,
    .take = query_take,
    .letter = 'o',
    .letter_id = QUERY_FORMAT,
    .settings_size = sizeof(query_settings),
    .run = instant_run,
    .arguments_min = 1,
    .arguments_max = 2,
};

const cmd_command cmd_query_range = {
    .name = "query range",
    .arguments = "[SERVER] EXPRESSION",
    .summary = "Evaluates an expression over a range of time: the last five minutes.",
    .description = SERVER_TEXT,
    .options = range_options,
    .take = query_take,
    .letter = 'o',
    .letter_id = QUERY_FORMAT,
    .settings_size = sizeof(query_settings),
    .run = range_run,
    .arguments_min = 1,
    .arguments_max = 2,
};

const cmd_command cmd_query_series = {
    .name = "query series",
    .arguments = "[SERVER]",
    .summary = "Lists series.",
    .description = SERVER_TEXT,
    .options = series_options,
    .take = query_take,
    .letter = 'o',
    .letter_id = QUERY_FORMAT,
    .settings_size = sizeof(query_settings),
    .run = series_run,
    .arguments_max = 1,
};

const cmd_command cmd_query_labels = {
    .name = "query labels",
    .arguments = "[SERVER] LABEL",
    .summary = "Lists the values of a label.",
    .description = SERVER_TEXT,
    .options = labels_options,
    .take = query_take,
    .letter = 'o',
    .letter_id = QUERY_FORMAT,
    .settings_size = sizeof(query_settings),
    .run = labels_run,
    .arguments_min = 1,
    .arguments_max = 2,
};
