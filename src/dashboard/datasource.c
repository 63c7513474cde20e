/* SPDX-License-Identifier: Apache-2.0
 *
 * Which data source a panel, query, variable or annotation means, and whether Grafana will find it. In a
 * file that is provisioned nothing is replaced: neither ${DS_PROMETHEUS} of an export, nor the uid of
 * somebody else's Grafana.
 */
#include "dashboard/checker.h"

#include <string.h>

/* Names that Grafana gives to what is no data source. */
static bool is_builtin(const char *uid)
{
    static const char *const names[] = {"-- Grafana --", "-- Mixed --", "-- Dashboard --", "__expr__",
                                        "grafana"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strcmp(uid, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_prometheus(const char *type)
{
    return type == NULL || strcmp(type, "prometheus") == 0;
}

static dashboard_source source_of_type(const char *type)
{
    return is_prometheus(type) ? DASHBOARD_SOURCE_PROMETHEUS : DASHBOARD_SOURCE_OTHER;
}

/* The name in "$name", "${name}" and "[[name]]", where that is all of `text`; NULL when it is not. */
static const char *variable_name(const char *text, size_t *size)
{
    static const struct {
        const char *before, *after;
    } forms[] = {{"${", "}"}, {"[[", "]]"}, {"$", ""}};
    for (size_t i = 0; i < IFM_COUNT_OF(forms); i++) {
        size_t before = strlen(forms[i].before);
        if (strncmp(text, forms[i].before, before) == 0) {
            const char *name = text + before;
            *size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
            return *size > 0 && strcmp(name + *size, forms[i].after) == 0 ? name : NULL;
        }
    }
    return NULL;
}

static dashboard_source source_of_variable(dashboard_checker *checker, const char *uid, const char *name,
                                           size_t size, const char *type)
{
    const dashboard_variable *variable = dashboard_variable_find(checker, name, size);
    if (variable == NULL) {
        dashboard_find(
            checker, DASHBOARD_DATASOURCE, DASHBOARD_ERROR,
            "the data source \"%.*s\" is no variable of the dashboard; hint: add one named \"%.*s\", "
            "of type datasource, for prometheus",
            dashboard_shown(uid, DASHBOARD_QUERY_SHOWN_MAX), uid, (int)size, name);
        return source_of_type(type);
    }
    if (strcmp(variable->type, "input") == 0) { /* which has its own finding */
        return source_of_type(type);
    }
    if (strcmp(variable->type, "datasource") != 0) {
        dashboard_find(checker, DASHBOARD_DATASOURCE, DASHBOARD_ERROR,
                       "the data source \"%.*s\" is a variable of type %.*s, not datasource",
                       dashboard_shown(uid, DASHBOARD_QUERY_SHOWN_MAX), uid,
                       dashboard_shown(variable->type, DASHBOARD_QUERY_SHOWN_MAX), variable->type);
        return source_of_type(type);
    }
    const char *plugin = dashboard_text(variable->json, "query");
    return source_of_type(plugin == NULL ? type : plugin);
}

static dashboard_source source_of_uid(dashboard_checker *checker, const char *uid, const char *type)
{
    size_t size;
    const char *name = variable_name(uid, &size);
    if (name != NULL) {
        return source_of_variable(checker, uid, name, size, type);
    }
    if (is_builtin(uid)) {
        return DASHBOARD_SOURCE_OTHER;
    }
    if (strcmp(uid, checker->options.datasource_uid) == 0) {
        return DASHBOARD_SOURCE_PROMETHEUS;
    }
    dashboard_find(
        checker, DASHBOARD_DATASOURCE, DASHBOARD_ERROR,
        "the data source \"%.*s\" will not be found: it is neither a variable nor \"%s\"; hint: use "
        "\"${datasource}\", a variable of type datasource",
        dashboard_shown(uid, DASHBOARD_QUERY_SHOWN_MAX), uid, checker->options.datasource_uid);
    return source_of_type(type);
}

void dashboard_datasource_missing(dashboard_checker *checker)
{
    dashboard_find(
        checker, DASHBOARD_DATASOURCE, DASHBOARD_WARNING,
        "no data source is named, so Grafana takes its default one; hint: use \"${datasource}\", a "
        "variable of type datasource");
}

dashboard_source dashboard_datasource(dashboard_checker *checker, const json_t *value)
{
    if (value == NULL || json_is_null(value)) {
        return DASHBOARD_SOURCE_NONE;
    }
    const char *text = json_string_value(value);
    const char *uid = text != NULL ? text : dashboard_text(value, "uid");
    const char *type = dashboard_text(value, "type");
    if (text == NULL && !json_is_object(value)) {
        dashboard_find(checker, DASHBOARD_DATASOURCE, DASHBOARD_ERROR,
                       "\"datasource\" is neither an object with a uid nor a text");
        return DASHBOARD_SOURCE_NONE;
    }
    if (uid == NULL || *uid == '\0' || strcmp(uid, "default") == 0) {
        dashboard_datasource_missing(checker);
        return source_of_type(type);
    }
    return source_of_uid(checker, uid, type);
}
