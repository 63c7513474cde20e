/* SPDX-License-Identifier: Apache-2.0
 *
 * Variables in a text, in the forms that Grafana replaces: $name, ${name}, ${name.field},
 * ${name:format}, [[name]], [[name:format]], where a name consists of letters, digits and underscores.
 * $1 is not one of them, but what label_replace() is given.
 */
#include "dashboard/duration.h"
#include "dashboard/query.h"

#include <inttypes.h>
#include <string.h>

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* A variable as it stands in a text. */
typedef struct reference {
    const char *name;
    size_t name_size;
    const char *format; /* behind ":"; NULL: none */
    size_t format_size;
    size_t size; /* all of it */
} reference;

static bool is_number(const char *name, size_t size)
{
    return strspn(name, "0123456789") >= size;
}

/* Reads what stands between brackets: "name.field:format", up to `end`. */
static bool read_bracketed(const char *text, size_t before, const char *end, bool has_field, reference *out)
{
    const char *at = text + before;
    out->name = at;
    out->name_size = strspn(at, WORD);
    at += out->name_size;
    if (has_field && *at == '.') {
        at += strcspn(at, ":}");
    }
    out->format = NULL;
    if (*at == ':') {
        out->format = at + 1;
        out->format_size = strcspn(at + 1, has_field ? "}" : "]");
        at += 1 + out->format_size;
    }
    out->size = (size_t)(at - text) + strlen(end);
    return out->name_size > 0 && strncmp(at, end, strlen(end)) == 0 && !is_number(out->name, out->name_size);
}

static bool reference_read(const char *text, reference *out)
{
    if (strncmp(text, "[[", 2) == 0) {
        return read_bracketed(text, 2, "]]", false, out);
    }
    if (*text != '$') {
        return false;
    }
    if (text[1] == '{') {
        return read_bracketed(text, 2, "}", true, out);
    }
    size_t size = strspn(text + 1, WORD);
    *out = (reference){.name = text + 1, .name_size = size, .size = size + 1};
    return size > 0 && !is_number(out->name, size);
}

static bool is_named(const reference *variable, const char *name)
{
    return strlen(name) == variable->name_size && memcmp(variable->name, name, variable->name_size) == 0;
}

static void append_duration(ifm_buf *out, int64_t ms)
{
    char text[DASHBOARD_DURATION_SIZE];
    dashboard_duration_write(text, ms);
    ifm_buf_append_text(out, text);
}

/* Appends the value of one of Grafana's own variables; false when it is none. */
static bool append_builtin(dashboard_checker *checker, const reference *variable, int64_t step_ms,
                           ifm_buf *out)
{
    const int64_t scrape_ms = checker->options.scrape_interval_ms;
    const int64_t rate_ms = step_ms + scrape_ms > 4 * scrape_ms ? step_ms + scrape_ms : 4 * scrape_ms;
    const struct {
        const char *name;
        int64_t ms;
        int64_t divisor; /* 0: as a duration */
    } times[] = {
        {"__interval", step_ms, 0},           {"__interval_ms", step_ms, 1},
        {"__rate_interval", rate_ms, 0},      {"__rate_interval_ms", rate_ms, 1},
        {"__range", checker->range_ms, 0},    {"__range_s", checker->range_ms, 1000},
        {"__range_ms", checker->range_ms, 1}, {"__from", 0, 1},
        {"__to", checker->range_ms, 1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(times); i++) {
        if (is_named(variable, times[i].name)) {
            if (times[i].divisor == 0) {
                append_duration(out, times[i].ms);
            } else {
                ifm_buf_printf(out, "%" PRId64, times[i].ms / times[i].divisor);
            }
            return true;
        }
    }
    static const char *const texts[] = {"__dashboard", "__org", "__user", "__name", "__timezone"};
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        if (is_named(variable, texts[i])) {
            ifm_buf_append_text(out, "x");
            return true;
        }
    }
    if (is_named(variable, "__searchFilter")) {
        ifm_buf_append_text(out, ".*");
        return true;
    }
    return false;
}

static void check_format(dashboard_checker *checker, const reference *variable)
{
    static const char *const formats[] = {
        "csv",       "date",          "distributed", "doublequote",      "glob", "html",  "json",
        "lucene",    "percentencode", "pipe",        "queryparam",       "raw",  "regex", "singlequote",
        "sqlstring", "text",          "uriencode",   "customqueryparam", "join"};
    size_t size = strcspn(variable->format, ":}]"); /* "date:iso" */
    for (size_t i = 0; i < IFM_COUNT_OF(formats); i++) {
        if (strlen(formats[i]) == size && memcmp(variable->format, formats[i], size) == 0) {
            return;
        }
    }
    dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_WARNING,
                   "\"%.*s\" is none of Grafana's formats of variables", (int)(size > 80 ? 80 : size),
                   variable->format);
}

static void complain(dashboard_checker *checker, const reference *variable, dashboard_severity severity)
{
    int size = variable->name_size > 80 ? 80 : (int)variable->name_size;
    dashboard_find(
        checker, DASHBOARD_VARIABLE, severity,
        "the variable \"%.*s\" is not defined; hint: dashboards define theirs under \"templating\"", size,
        variable->name);
}

/* Appends the value, and notes where it went. */
static void replace(dashboard_checker *checker, const reference *variable, int64_t step_ms,
                    dashboard_expansion *out)
{
    ifm_buf *to = &checker->expanded;
    dashboard_replaced place = {.start = to->size, .name = variable->name, .name_size = variable->name_size};
    const dashboard_variable *found = dashboard_variable_find(checker, variable->name, variable->name_size);
    if (found != NULL) {
        ifm_buf_append_text(to, found->value);
        out->guess = found->is_guess ? found : out->guess;
    } else if (!append_builtin(checker, variable, step_ms, to)) {
        complain(checker, variable, DASHBOARD_ERROR);
        out->is_whole = false;
    }
    if (variable->format != NULL) {
        check_format(checker, variable);
    }
    place.end = to->size;
    if (out->replaced_count < DASHBOARD_REPLACED_MAX) {
        out->replaced[out->replaced_count++] = place;
    }
}

bool dashboard_expand(dashboard_checker *checker, const char *text, int64_t step_ms, dashboard_expansion *out)
{
    ifm_buf *to = &checker->expanded;
    ifm_buf_clear(to);
    *out = (dashboard_expansion){.is_whole = true};
    while (*text != '\0' && to->failed == IFM_OK) {
        reference variable;
        if (reference_read(text, &variable)) {
            replace(checker, &variable, step_ms, out);
            text += variable.size;
        } else {
            size_t plain = 1 + strcspn(text + 1, "$[");
            ifm_buf_append(to, text, plain);
            text += plain;
        }
    }
    ifm_buf_append_char(to, '\0'); /* it is shown as a text; but is no part of it */
    to->size -= to->failed == IFM_OK;
    if (to->failed == IFM_NOMEM) {
        dashboard_checker_nomem(checker);
    } else if (to->failed == IFM_LIMIT) {
        dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR,
                       "with its variables replaced the query is longer than the limit of %d bytes",
                       DASHBOARD_QUERY_BYTES_MAX);
    }
    return to->failed == IFM_OK && out->is_whole;
}

void dashboard_expand_title(dashboard_checker *checker, const char *text)
{
    for (; *text != '\0'; text++) {
        reference variable;
        if (reference_read(text, &variable) && strncmp(variable.name, "__", 2) != 0 &&
            dashboard_variable_find(checker, variable.name, variable.name_size) == NULL) {
            complain(checker, &variable, DASHBOARD_WARNING);
        }
    }
}
