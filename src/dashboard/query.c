/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries, with their variables replaced, as PromQL.
 */
#include "dashboard/query.h"

#include "dashboard/promql_check.h"
#include "promql/promql.h"

#include <stdio.h>
#include <string.h>

/* Hands the query to whoever asked for all of them. */
static void report_query(dashboard_checker *checker, const promql_node *root)
{
    const dashboard_place *place = &checker->place;
    ifm_buf *text = &checker->scratch;
    char name[128];
    bool is_panel = strcmp(place->what, "panel") == 0;
    if (place->name == NULL) {
        snprintf(name, sizeof name, "%s %lld", place->what, (long long)place->id);
    } else {
        snprintf(name, sizeof name, "%s%s%.*s", is_panel ? "" : place->what, is_panel ? "" : " ",
                 dashboard_shown(place->name, 100), place->name);
    }
    for (char *c = name; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 0x7F ? ' ' : *c;
    }
    ifm_buf_clear(text);
    promql_print(root, text);
    ifm_buf_append_char(text, '\0');
    if (text->failed == IFM_NOMEM) {
        dashboard_checker_nomem(checker);
    } else if (text->failed == IFM_OK) {
        const dashboard_query query = {.file = dashboard_checker_file(checker)->name,
                                       .place = name,
                                       .ref = place->ref == NULL ? "" : place->ref,
                                       .text = text->data};
        checker->options.query(checker->options.context, &query);
    }
}

/* A value that only Prometheus knows may be one with which the query parses. */
static void complain(dashboard_checker *checker, const dashboard_expansion *expansion, const ifm_error *err)
{
    const char *query = checker->expanded.data;
    int shown = dashboard_shown(query, DASHBOARD_QUERY_SHOWN_MAX);
    const char *more = query[shown] == '\0' ? "" : "...";
    if (expansion->guess != NULL) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_WARNING,
                       "with \"%.*s\" in place of \"$%.*s\", %s, in \"%.*s%s\"",
                       dashboard_shown(expansion->guess->value, 80), expansion->guess->value,
                       dashboard_shown(expansion->guess->name, 80), expansion->guess->name, err->message,
                       shown, query, more);
    } else {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_ERROR, "%s, in \"%.*s%s\"", err->message, shown,
                       query, more);
    }
}

/* Parses and checks what was expanded. */
static void check_expanded(dashboard_checker *checker, const dashboard_expansion *expansion, bool is_selector)
{
    ifm_bump memory;
    ifm_error err;
    ifm_bump_init(&memory, DASHBOARD_QUERY_MEMORY_MAX);
    const promql_node *root = promql_parse(checker->expanded.data, checker->expanded.size, &memory, &err);
    if (root == NULL && err.code == IFM_NOMEM) {
        dashboard_checker_nomem(checker);
    } else if (root == NULL) {
        complain(checker, expansion, &err);
    } else if (is_selector && root->kind != PROMQL_VECTOR) {
        dashboard_find(
            checker, DASHBOARD_QUERY, DASHBOARD_ERROR,
            "what it asks is no selector such as up{job=\"x\"}, but an expression; hint: query_result() "
            "takes one");
    } else {
        dashboard_promql_check(checker, expansion, root);
        if (checker->options.query != NULL) {
            report_query(checker, root);
        }
    }
    ifm_bump_deinit(&memory);
}

static void check(dashboard_checker *checker, const char *query, int64_t step_ms, bool is_selector)
{
    dashboard_expansion expansion;
    if (checker->query_count >= DASHBOARD_QUERIES_MAX) {
        dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR,
                       "the dashboard has more queries than the limit of %d", DASHBOARD_QUERIES_MAX);
        return;
    }
    checker->query_count++;
    if (dashboard_expand(checker, query, step_ms, &expansion)) {
        check_expanded(checker, &expansion, is_selector);
    }
}

void dashboard_query_check(dashboard_checker *checker, const char *query, int64_t step_ms)
{
    check(checker, query, step_ms, false);
}

/* The arguments of `function` in "function(..)"; NULL when `text` is no such call. */
static const char *call_arguments(const char *text, const char *function, size_t *size)
{
    size_t name_size = strlen(function);
    text += strspn(text, " \t\r\n");
    if (strncmp(text, function, name_size) != 0) {
        return NULL;
    }
    text += name_size + strspn(text + name_size, " \t\r\n");
    size_t end = strlen(text);
    while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL) {
        end--;
    }
    if (*text != '(' || end < 2 || text[end - 1] != ')') {
        return NULL;
    }
    *size = end - 2;
    return text + 1;
}

static bool is_blank(const char *text, size_t size)
{
    return strspn(text, " \t\r\n") >= size;
}

static void check_part(dashboard_checker *checker, const char *text, size_t size, bool is_selector)
{
    char *part = ifm_copy_bytes(text, size);
    if (part == NULL) {
        dashboard_checker_nomem(checker);
        return;
    }
    check(checker, part, checker->options.scrape_interval_ms, is_selector);
    ifm_free(part);
}

/* Of "metric{..}, label" or "label": the last comma outside of braces and quotes parts them, and a label has
 * none. */
static void check_label_values(dashboard_checker *checker, const char *arguments, size_t size)
{
    size_t comma = size;
    while (comma > 0 && arguments[comma - 1] != ',') {
        comma--;
    }
    const char *label = arguments + comma;
    size_t label_size = size - comma;
    bool is_alone = comma == 0 || memchr(label, '}', label_size) != NULL;
    if (is_alone && memchr(arguments, '{', size) != NULL) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_ERROR,
                       "label_values() is given no label; it is label_values(metric{..}, label)");
        return;
    }
    if (is_blank(label, label_size)) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_ERROR, "label_values() is given no label");
        return;
    }
    if (!is_alone) {
        check_part(checker, arguments, comma - 1, true);
    }
}

void dashboard_query_variable(dashboard_checker *checker, const json_t *query)
{
    const char *text = json_is_object(query) ? dashboard_text(query, "query") : json_string_value(query);
    size_t values_size, result_size, ignored;
    if (text == NULL || is_blank(text, strlen(text))) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_ERROR, "it has no query");
        return;
    }
    const char *values = call_arguments(text, "label_values", &values_size);
    const char *result = call_arguments(text, "query_result", &result_size);
    if (values != NULL) {
        check_label_values(checker, values, values_size);
    } else if (result != NULL) {
        check_part(checker, result, result_size, false);
    } else if (call_arguments(text, "label_names", &ignored) == NULL &&
               call_arguments(text, "metrics", &ignored) == NULL) {
        check_part(checker, text, strlen(text), true);
    }
}
