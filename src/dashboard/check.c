/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/check.h"

#include "dashboard/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SHOWN_MAX = 100, PLACE_BYTES_MAX = 512 };

dashboard_file *dashboard_checker_file(dashboard_checker *checker)
{
    return &checker->report->files[checker->report->file_count - 1];
}

void dashboard_checker_nomem(dashboard_checker *checker)
{
    if (!checker->failed) {
        ifm_error_nomem(checker->err);
        checker->failed = true; /* C1 */
    }
}

const char *dashboard_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

int dashboard_shown(const char *text, int max)
{
    int size = (int)strnlen(text, (size_t)max);
    if (text[size] != '\0') {
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    return size;
}

/* "panel "Latency" (id 3), query A" */
static void place_write(const dashboard_place *place, char *out, size_t size)
{
    int used = snprintf(out, size, "%s", place->what == NULL ? "" : place->what);
    if (place->name != NULL) {
        used += snprintf(out + used, size - (size_t)used, " \"%.*s\"",
                         dashboard_shown(place->name, NAME_SHOWN_MAX), place->name);
    }
    if (place->id >= 0) {
        used += snprintf(out + used, size - (size_t)used, " (id %lld)", (long long)place->id);
    }
    if (place->ref != NULL) {
        snprintf(out + used, size - (size_t)used, "%squery %.*s", place->what == NULL ? "" : ", ",
                 dashboard_shown(place->ref, NAME_SHOWN_MAX), place->ref);
    }
}

static void add(dashboard_checker *checker, dashboard_finding *finding, const char *format, va_list arguments)
{
    size_t count = checker->report->finding_count - checker->finding_first;
    if (checker->failed || count > DASHBOARD_FINDINGS_MAX) {
        return;
    }
    char place[PLACE_BYTES_MAX];
    char text[DASHBOARD_TEXT_BYTES_MAX];
    place_write(&checker->place, place, sizeof place);
    vsnprintf(text, sizeof text, format, arguments);
    text[dashboard_shown(text, sizeof text - 2)] = '\0'; /* one that was cut may end inside a character */
    finding->panel_id = checker->place.id;
    if (count == DASHBOARD_FINDINGS_MAX) {
        *finding = (dashboard_finding){.kind = DASHBOARD_LIMIT, .severity = DASHBOARD_ERROR, .panel_id = -1};
        snprintf(text, sizeof text, "there is more, but the limit is %d findings", DASHBOARD_FINDINGS_MAX);
        place[0] = '\0';
    }
    checker->failed = !dashboard_report_add(checker->report, finding, place, text, checker->err);
}

void dashboard_find(dashboard_checker *checker, dashboard_kind kind, dashboard_severity severity,
                    const char *format, ...)
{
    dashboard_finding finding = {.kind = kind, .severity = severity};
    va_list arguments;
    va_start(arguments, format);
    add(checker, &finding, format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 5, 6))) static void find_at(dashboard_checker *checker, dashboard_kind kind,
                                                          int line, int column, const char *format, ...)
{
    dashboard_finding finding = {.kind = kind, .severity = DASHBOARD_ERROR, .line = line, .column = column};
    va_list arguments;
    va_start(arguments, format);
    add(checker, &finding, format, arguments);
    va_end(arguments);
}

/* Whether arrays and objects are nested no deeper than the limit: before the parser, which recurses. */
static bool check_depth(dashboard_checker *checker, const char *text, size_t size)
{
    int depth = 0, line = 1, column = 0;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        column++;
        if (text[i] == '\n') {
            line++;
            column = 0;
        } else if (text[i] == '\\' && in_text) {
            i++;
            column++;
        } else if (text[i] == '"') {
            in_text = !in_text;
        } else if (!in_text && (text[i] == '{' || text[i] == '[')) {
            depth++;
        } else if (!in_text && (text[i] == '}' || text[i] == ']')) {
            depth--;
        }
        if (depth > DASHBOARD_DEPTH_MAX) {
            find_at(checker, DASHBOARD_JSON, line, column,
                    "arrays and objects are nested deeper than the limit of %d levels", DASHBOARD_DEPTH_MAX);
            return false;
        }
    }
    return true;
}

static json_t *load(dashboard_checker *checker, const char *text, size_t size)
{
    if (size > DASHBOARD_BYTES_MAX) {
        dashboard_find(checker, DASHBOARD_JSON, DASHBOARD_ERROR, "it has %zu bytes, the limit is %d", size,
                       DASHBOARD_BYTES_MAX);
        return NULL;
    }
    if (!check_depth(checker, text, size)) {
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL && json_error_code(&error) == json_error_out_of_memory) {
        dashboard_checker_nomem(checker);
    } else if (json == NULL) {
        find_at(checker, DASHBOARD_JSON, error.line, error.column > 0 ? error.column : 1,
                "cannot be read as JSON: %s", error.text);
    }
    return json;
}

/* The dashboard itself in what was read; NULL, with a finding, when there is none that Grafana would take. */
static const json_t *unwrap(dashboard_checker *checker, const json_t *json)
{
    const char *api = dashboard_text(json, "apiVersion");
    const json_t *spec = json_object_get(json, "spec");
    const json_t *inner = json_object_get(json, "dashboard");
    const json_t *found = json_is_object(inner) ? inner : json;
    bool is_resource = api != NULL && json_is_object(spec);
    const json_t *body = is_resource ? spec : found;
    if (!json_is_object(json)) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR, "it is no dashboard: it is no JSON object");
        return NULL;
    }
    if ((api != NULL && strncmp(api, "dashboard.grafana.app/v2", 24) == 0) ||
        (json_object_get(body, "elements") != NULL && json_object_get(body, "layout") != NULL)) {
        dashboard_find(checker, DASHBOARD_V2, DASHBOARD_ERROR,
                       "it has the form v2, which Grafana's file provisioning does not take; hint: export it "
                       "again with Share, Export, \"Export as code\", model Classic");
        return NULL;
    }
    if (is_resource) {
        dashboard_find(
            checker, DASHBOARD_FORM, DASHBOARD_ERROR,
            "it is a resource \"%.*s\" around a dashboard; hint: keep what is under \"spec\", and give "
            "it the uid of metadata.name",
            dashboard_shown(api, NAME_SHOWN_MAX), api);
        return NULL;
    }
    if (found != json && checker->options.provisioned) {
        dashboard_find(
            checker, DASHBOARD_FORM, DASHBOARD_ERROR,
            "it has the form of Grafana's HTTP API, which file provisioning does not take; hint: keep "
            "what is under \"dashboard\"");
    }
    if (json_object_get(found, "panels") == NULL && json_object_get(found, "title") == NULL) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR,
                       "it is no dashboard: it has neither \"title\" nor \"panels\"");
        return NULL;
    }
    return found;
}

static void check_all(dashboard_checker *checker)
{
    dashboard_check_head(checker);
    dashboard_variables_load(checker);
    dashboard_check_variables(checker);
    dashboard_check_annotations(checker);
    dashboard_check_panels(checker);
    dashboard_variables_free(checker);
    dashboard_file *file = dashboard_checker_file(checker);
    file->panel_count = checker->panel_count;
    file->query_count = checker->query_count;
}

bool dashboard_check(const dashboard_check_options *options, const char *name, const char *text, size_t size,
                     dashboard_report *report, ifm_error *err)
{
    dashboard_checker checker = {
        .report = report, .finding_first = report->finding_count, .place.id = -1, .err = err};
    if (!dashboard_report_file(report, name, err)) {
        return false;
    }
    if (options != NULL) {
        checker.options = *options;
    }
    if (checker.options.scrape_interval_ms <= 0) {
        checker.options.scrape_interval_ms = DASHBOARD_SCRAPE_INTERVAL_MS;
    }
    if (checker.options.datasource_uid == NULL) {
        checker.options.datasource_uid = DASHBOARD_DATASOURCE_UID;
    }
    ifm_buf_init(&checker.expanded, DASHBOARD_QUERY_BYTES_MAX + 1); /* a NUL */
    ifm_buf_init(&checker.scratch, DASHBOARD_BYTES_MAX);
    json_t *json = load(&checker, text, size);
    checker.root = json == NULL ? NULL : unwrap(&checker, json);
    if (checker.root != NULL) {
        check_all(&checker);
    }
    json_decref(json);
    ifm_buf_deinit(&checker.expanded);
    ifm_buf_deinit(&checker.scratch);
    return !checker.failed;
}
