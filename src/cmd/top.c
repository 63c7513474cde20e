/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer top: the Overview in a terminal.
 */
#include "top/top.h"

#include "cmd/all.h"
#include "cmd/ask.h"
#include "cmd/query.h"
#include "cmd/values.h"

#include "config/config.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    INTERVAL_MS = 2000,
    INTERVAL_MIN_MS = 100,
    RANGE_MS = 900000,
    RANGE_MIN_MS = 60000,
    TIMEOUT_MS = 10000,
    WIDTH = 80,
    HEIGHT = 24,
    SIZE_MAX_CELLS = 1000,
    FRAME_BYTES_MAX = 64 * 1024 * 1024
};

typedef enum top_option {
    TOP_ONCE,
    TOP_PAGE,
    TOP_PIPELINE,
    TOP_INTERVAL,
    TOP_RANGE,
    TOP_OBJECTIVE,
    TOP_GRAPH,
    TOP_COLOR,
    TOP_USER,
    TOP_PASSWORD_FILE,
    TOP_CA_FILE,
    TOP_TIMEOUT
} top_option;

static const cmd_option options[] = {
    {TOP_ONCE, "once", NULL, NULL, "Print one frame of plain text, and end."},
    {TOP_PAGE, "page", "PAGE", "overview pipeline targets alerts",
     "What to begin with: overview, pipeline, targets or alerts (overview)."},
    {TOP_PIPELINE, "pipeline", "NAME", NULL, "Begin with this pipeline, opened."},
    {TOP_INTERVAL, "interval", "TIME", NULL, "Between two questions (2s)."},
    {TOP_RANGE, "range", "TIME", NULL, "How far back lines and heatmaps go (15m)."},
    {TOP_OBJECTIVE, "objective", "TIME", NULL,
     "Inferences that take less are in time; a bound of their buckets (2.5s)."},
    {TOP_GRAPH, "graph", "KIND", "auto braille block ascii",
     "What graphs are drawn with: braille, block, ascii, or what the terminal can show (auto)."},
    {TOP_COLOR, "color", "WHEN", "auto always never",

     "Colours: always, never, or unless NO_COLOR is set (auto)."},
    {TOP_USER, "user", "NAME", NULL, "Of basic authentication."},
    {TOP_PASSWORD_FILE, "password-file", "FILE", NULL,
     "The password is the first line of this file, which only you may read; - is stdin."},
    {TOP_CA_FILE, "ca-file", "FILE", NULL, "Certificates to trust for https, in PEM."},
    {TOP_TIMEOUT, "timeout", "TIME", NULL, "Give up a question after so long (10s)."},
    {0},
};

typedef struct top_settings {
    bool once;
    top_options top;
    bool has_page;
    const char *color;
    const char *user, *ca_file;
    char *password;
} top_settings;

/* --- Options --------------------------------------------------------------------------------------- */

static bool take_time(const char *value, int64_t min_ms, int64_t *out_ms, ifm_error *err)
{
    static const int64_t max_ms = INT64_C(366) * 86400000;
    model_text text = {.data = value, .size = strlen(value)};
    double seconds;
    int64_t ms = 0;
    if (ifm_number_read(value, text.size, &seconds) && seconds > 0 && seconds < 1e9) {
        ms = llround(seconds * 1000);
    } else if (!config_duration(text, &ms)) {
        return ifm_error_set(err, IFM_INVALID, "it is no duration; hint: write it as 2s, 15m or 1h30m");
    }
    if (ms < min_ms || ms > max_ms) {
        return ifm_error_set(err, IFM_INVALID, "it is not between %lld ms and a year", (long long)min_ms);
    }
    *out_ms = ms;
    return true;
}

/* "2.5", "2.5s", "100ms". */
static bool take_objective(const char *value, double *out_s, ifm_error *err)
{
    static const struct {
        const char *unit;
        double size;
    } units[] = {{"ms", 1e-3}, {"us", 1e-6}, {"s", 1}, {"", 1}};
    size_t size = strlen(value);
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        size_t unit = strlen(units[i].unit);
        double number;
        if (size > unit && strcmp(value + size - unit, units[i].unit) == 0 &&
            ifm_number_read(value, size - unit, &number) && number > 0 && number < 1e6) {
            char text[64];
            snprintf(text, sizeof text, "%.12g",
                     number * units[i].size); /* 25e-3, not 0.025000000000000001 */
            return ifm_number_read(text, strlen(text), out_s);
        }
    }
    return ifm_error_set(err, IFM_INVALID, "it is no duration; hint: write it as 2.5s or 100ms");
}

static bool take_page(top_settings *top, const char *value)
{
    static const char *const names[] = {"overview", "pipeline", "targets", "alerts"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            top->top.page = (top_page)i;
            top->has_page = true;
        }
    }
    return true;
}

static bool take_graph(top_settings *top, const char *value)
{
    static const char *const names[] = {"auto", "braille", "block", "ascii"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            top->top.graph = (top_wanted_graph)i;
        }
    }
    return true;
}

static bool top_take(void *settings, int id, const char *value, ifm_error *err)
{
    top_settings *top = settings;
    switch ((top_option)id) {
    case TOP_ONCE:
        top->once = true;
        return true;
    case TOP_PAGE:
        return take_page(top, value);
    case TOP_PIPELINE:
        top->top.pipeline = value;
        return value[0] != '\0' || ifm_error_set(err, IFM_INVALID, "a pipeline has a name");
    case TOP_INTERVAL:
        return take_time(value, INTERVAL_MIN_MS, &top->top.interval_ms, err);
    case TOP_RANGE:
        return take_time(value, RANGE_MIN_MS, &top->top.range_ms, err);
    case TOP_OBJECTIVE:
        return take_objective(value, &top->top.objective_s, err);
    case TOP_GRAPH:
        return take_graph(top, value);
    case TOP_COLOR:
        top->color = value;
        return true;
    case TOP_USER:
        top->user = value;
        return true;
    case TOP_PASSWORD_FILE:
        ifm_free(top->password);
        top->password = NULL;
        return cmd_secret_file(value, &top->password, err);
    case TOP_CA_FILE:
        top->ca_file = value;
        return access(value, R_OK) == 0 || ifm_error_errno(err, IFM_IO, errno, "it cannot be read");
    case TOP_TIMEOUT:
        return take_time(value, INTERVAL_MIN_MS, &top->top.timeout_ms, err);
    }
    return false;
}

/* --- The terminal ---------------------------------------------------------------------------------- */

static bool wants_colour(const char *color)
{
    const char *no = getenv("NO_COLOR");
    if (color == NULL || strcmp(color, "auto") == 0) {
        return no == NULL || no[0] == '\0';
    }
    return strcmp(color, "always") == 0;
}

static int size_of(const char *variable, int otherwise)
{
    const char *text = getenv(variable);
    double size;
    bool ok =
        text != NULL && ifm_number_read(text, strlen(text), &size) && size >= 1 && size <= SIZE_MAX_CELLS;
    return ok ? (int)size : otherwise;
}

/* Of the locale that the environment names, whether or not this machine has it. */
static bool names_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < IFM_COUNT_OF(variables); i++) {
        const char *text = getenv(variables[i]);
        if (text != NULL && text[0] != '\0') {
            return strcasestr(text, "UTF-8") != NULL || strcasestr(text, "utf8") != NULL;
        }
    }
    return false;
}

/* SSH brings the name of a locale of the desk; where it is not installed, only its characters matter. */
static bool set_locale(void)
{
    if (setlocale(LC_CTYPE, "") == NULL && names_utf8()) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* The console of Linux has none of the characters of graphs. */
static void look_at_terminal(top_settings *top)
{
    const char *kind = getenv("TERM");
    struct winsize size = {.ws_col = 0};
    top->top.is_utf8 = set_locale();
    top->top.has_colour = wants_colour(top->color);
    if (top->top.graph == TOP_WANTED_AUTO && kind != NULL && strcmp(kind, "linux") == 0) {
        top->top.graph = TOP_WANTED_ASCII;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
        size = (struct winsize){.ws_col = 0};
    }
    top->top.width = size.ws_col > 0 ? size.ws_col : size_of("COLUMNS", WIDTH);
    top->top.height = size.ws_row > 1 ? size.ws_row - 1 : size_of("LINES", HEIGHT);
}

/* --- Running --------------------------------------------------------------------------------------- */

static bool server_init(cmd_server *server, const cmd_call *call, top_settings *top, ifm_error *err)
{
    if (!cmd_server_init(server, call->argument_count > 0 ? call->arguments[0] : NULL, err)) {
        return false;
    }
    if (top->user != NULL) {
        ifm_free(server->options.user);
        server->options.user = ifm_copy_text(top->user);
    }
    if (top->ca_file != NULL && (server->options.ca_file = ifm_copy_text(top->ca_file)) == NULL) {
        return ifm_error_nomem(err);
    }
    if (top->password != NULL) {
        ifm_free(server->options.password);
        server->options.password = top->password;
        top->password = NULL;
    }
    return true;
}

static void set_defaults(top_options *top)
{
    top->interval_ms = top->interval_ms > 0 ? top->interval_ms : INTERVAL_MS;
    top->range_ms = top->range_ms > 0 ? top->range_ms : RANGE_MS;
    top->timeout_ms = top->timeout_ms > 0 ? top->timeout_ms : TIMEOUT_MS;
    top->objective_s = top->objective_s > 0 ? top->objective_s : 2.5;
}

static bool set_page(top_settings *top, ifm_error *err)
{
    if (top->top.page == TOP_PAGE_PIPELINE && top->top.pipeline == NULL) {
        return ifm_error_set(err, IFM_INVALID, "--page=pipeline needs --pipeline=NAME as well");
    }
    if (top->top.pipeline != NULL && !top->has_page) {
        top->top.page = TOP_PAGE_PIPELINE;
    }
    return true;
}

static bool once(const cmd_server *server, const top_options *top, ifm_error *err)
{
    ifm_buf out;
    ifm_buf_init(&out, FRAME_BYTES_MAX);
    bool ok = top_once(top, &out, err);
    if (ok && out.size > 0) {
        fwrite(out.data, 1, out.size, stdout);
    }
    ifm_buf_deinit(&out);
    if (!ok && err->code != IFM_CANCELED && err->code != IFM_NOT_FOUND) {
        ifm_error_wrap(err, "could not ask %.100s", server->url);
        if (server->is_guess && strstr(err->message, "; hint: ") == NULL) {
            ifm_error plain = *err;
            ifm_error_set(
                err, plain.code,
                "%s; hint: no monitor of yours runs; start one with: inferometer monitor, or name a "
                "server",
                plain.message);
        }
    }
    return ok;
}

/* It may hold words of the server. */
static int fail(const ifm_error *err)
{
    ifm_error plain;
    ifm_buf words;
    ifm_buf_init(&words, 2 * sizeof err->message);
    cmd_plain_append(&words, model_text_of(err->message), "");
    ifm_error_set(&plain, err->code, "%.*s", (int)words.size, words.data != NULL ? words.data : "");
    ifm_buf_deinit(&words);
    return cmd_fail(&plain);
}

static int top_command_run(const cmd_call *call, void *settings)
{
    top_settings *top = settings;
    cmd_server server;
    ifm_error err;
    bool ok = server_init(&server, call, top, &err) && set_page(top, &err);
    if (ok) {
        set_defaults(&top->top);
        look_at_terminal(top);
        top->top.url = server.url;
        top->top.is_guess = server.is_guess;
        top->top.http = &server.options;
        top->top.cancel_fd = call->cancel_fd;
        ok = top->once ? once(&server, &top->top, &err) : top_run(&top->top, &err);
    }
    cmd_server_deinit(&server);
    ifm_free(top->password);
    if (ok) {
        return CMD_OK;
    }
    if (err.code == IFM_CANCELED) {
        return CMD_INTERRUPTED;
    }
    return fail(&err);
}

const cmd_command cmd_top = {
    .name = "top",
    .arguments = "[SERVER]",
    .summary = "Shows the pipelines in this terminal: requests, errors, latencies, stages.",
    .description =
        "The server is the monitor of yours that runs, else http://127.0.0.1:9090; any Prometheus of version "
        "2.40 "
        "or newer can be named. User and password may stand in its URL.\n"
        "q quits, ? lists the keys. --once ends with 0, or with 1 when the server could not be asked.",
    .options = options,
    .take = top_take,
    .settings_size = sizeof(top_settings),
    .run = top_command_run,
    .arguments_max = 1,
};
