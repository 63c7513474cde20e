/* SPDX-License-Identifier: Apache-2.0
 *
 * The variables of a dashboard, and a value for each with which a query can be parsed, and asked: what
 * is chosen when the dashboard is opened, as far as the file tells.
 */
#include "dashboard/checker.h"
#include "dashboard/query.h"

#include <string.h>

static const char *const types[] = {"query", "custom",  "constant", "textbox", "interval", "datasource",
                                    "adhoc", "groupby", "switch",   "system",  "snapshot"};

static bool is_known_type(const char *type)
{
    for (size_t i = 0; i < IFM_COUNT_OF(types); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What is chosen; NULL when that is nothing, everything, or chosen by Grafana. */
static const char *current_value(const json_t *variable)
{
    const json_t *value = json_object_get(json_object_get(variable, "current"), "value");
    if (json_is_array(value)) {
        value = json_array_get(value, 0);
    }
    const char *text = json_string_value(value);
    return text == NULL || *text == '\0' || strncmp(text, "$__", 3) == 0 ? NULL : text;
}

/* The first value of a list such as "1 s : 1.0, 2 s : 2.0"; the text before " : " is what is shown. "\," is a
 * comma in a value. */
static char *first_value(dashboard_checker *checker, const char *list)
{
    if (list == NULL) {
        return NULL;
    }
    size_t size = 0;
    while (list[size] != '\0' && list[size] != ',') {
        size += list[size] == '\\' && list[size + 1] != '\0' ? 2 : 1;
    }
    const char *colon = strstr(list, " : ");
    size_t begin = colon != NULL && colon < list + size ? (size_t)(colon - list) + 3 : 0;
    while (begin < size && list[begin] == ' ') {
        begin++;
    }
    while (size > begin && list[size - 1] == ' ') {
        size--;
    }
    char *value = ifm_copy_bytes(list + begin, size - begin);
    if (value == NULL) {
        dashboard_checker_nomem(checker);
    }
    return value;
}

/* Of several values Grafana makes a regular expression. */
static const char *query_value(const json_t *variable)
{
    const char *all = dashboard_text(variable, "allValue");
    bool is_many = json_is_true(json_object_get(variable, "multi")) ||
                   json_is_true(json_object_get(variable, "includeAll"));
    const char *current = is_many ? NULL : current_value(variable);
    if (current != NULL) {
        return current;
    }
    return all != NULL && *all != '\0' ? all : ".*";
}

static const char *value_of(const dashboard_checker *checker, const json_t *variable, const char *type)
{
    const char *current = current_value(variable);
    if (strcmp(type, "query") == 0) {
        return query_value(variable);
    }
    if (strcmp(type, "datasource") == 0) {
        return current == NULL || strcmp(current, "default") == 0 ? checker->options.datasource_uid : current;
    }
    if (strcmp(type, "constant") == 0 || (strcmp(type, "textbox") == 0 && current == NULL)) {
        return dashboard_text(variable, "query");
    }
    return current;
}

/* The longest value that is taken: a cut one could be another value, so an empty one stands for it. */
static char *copied_value(dashboard_checker *checker, const char *text)
{
    if (text != NULL && strlen(text) > DASHBOARD_VALUE_BYTES_MAX) {
        dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR,
                       "its value is longer than the limit of %d bytes", DASHBOARD_VALUE_BYTES_MAX);
        text = NULL;
    }
    return ifm_copy_text(text == NULL ? "" : text);
}

static void load_variable(dashboard_checker *checker, const json_t *json, const char *type)
{
    dashboard_variable *variable = &checker->variables[checker->variable_count];
    const char *name = dashboard_text(json, "name");
    *variable = (dashboard_variable){.name = name, .type = type, .json = json};
    if (name == NULL || *name == '\0') {
        checker->place = (dashboard_place){.id = -1};
        dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_ERROR, "a variable has no name");
        return;
    }
    const char *value = value_of(checker, json, type);
    bool is_list = strcmp(type, "custom") == 0 || strcmp(type, "interval") == 0;
    variable->is_guess = strcmp(type, "query") == 0;
    checker->place = (dashboard_place){.what = "variable", .name = name, .id = -1};
    char *first = value == NULL && is_list ? first_value(checker, dashboard_text(json, "query")) : NULL;
    variable->value = copied_value(checker, first == NULL ? value : first);
    ifm_free(first);
    if (variable->value == NULL) {
        dashboard_checker_nomem(checker);
        return;
    }
    checker->variable_count++;
}

static void load_list(dashboard_checker *checker, const json_t *list, bool is_input)
{
    size_t i;
    const json_t *json;
    json_array_foreach(list, i, json)
    {
        if (checker->variable_count == DASHBOARD_VARIABLES_MAX) {
            checker->place = (dashboard_place){.id = -1};
            dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR,
                           "it has more variables than the limit of %d", DASHBOARD_VARIABLES_MAX);
            return;
        }
        const char *type = dashboard_text(json, "type");
        load_variable(checker, json, is_input ? "input" : type == NULL ? "" : type);
    }
}

void dashboard_variables_load(dashboard_checker *checker)
{
    checker->variables = ifm_alloc_zero(DASHBOARD_VARIABLES_MAX, sizeof *checker->variables);
    if (checker->variables == NULL) {
        dashboard_checker_nomem(checker);
        return;
    }
    load_list(checker, json_object_get(json_object_get(checker->root, "templating"), "list"), false);
    load_list(checker, json_object_get(checker->root, "__inputs"), true);
    checker->place = (dashboard_place){.id = -1};
}

void dashboard_variables_free(dashboard_checker *checker)
{
    for (size_t i = 0; i < checker->variable_count; i++) {
        ifm_free(checker->variables[i].value);
    }
    ifm_free(checker->variables);
    checker->variables = NULL;
    checker->variable_count = 0;
}

const dashboard_variable *dashboard_variable_find(const dashboard_checker *checker, const char *name,
                                                  size_t size)
{
    for (size_t i = 0; i < checker->variable_count; i++) {
        const char *found = checker->variables[i].name;
        if (strncmp(found, name, size) == 0 && found[size] == '\0') {
            return &checker->variables[i];
        }
    }
    return NULL;
}

/* A field of an export: asked for when a person imports it, and never when a file is provisioned. */
static void check_input(dashboard_checker *checker, const dashboard_variable *variable)
{
    const char *plugin = dashboard_text(variable->json, "pluginId");
    checker->place = (dashboard_place){.id = -1};
    dashboard_find(checker, DASHBOARD_DATASOURCE, DASHBOARD_ERROR,
                   "\"${%.*s}\" of __inputs%s%.*s will not be found: nothing is filled in when a file is "
                   "provisioned; hint: put a variable of type datasource in its place, and remove __inputs",
                   dashboard_shown(variable->name, DASHBOARD_QUERY_SHOWN_MAX), variable->name,
                   plugin == NULL ? "" : ", for ", plugin == NULL ? 0 : dashboard_shown(plugin, 80),
                   plugin == NULL ? "" : plugin);
}

static void check_variable(dashboard_checker *checker, const dashboard_variable *variable)
{
    if (*variable->type == '\0' || !is_known_type(variable->type)) {
        dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_ERROR, "its type \"%.*s\" is none of Grafana's",
                       dashboard_shown(variable->type, 80), variable->type);
        return;
    }
    if (dashboard_variable_find(checker, variable->name, strlen(variable->name)) != variable) {
        dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_ERROR, "another variable has the same name");
    }
    if (strncmp(variable->name, "__", 2) == 0) {
        dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_ERROR,
                       "its name begins with \"__\", which is kept for Grafana's own");
    }
    bool is_query = strcmp(variable->type, "query") == 0;
    if (is_query || strcmp(variable->type, "adhoc") == 0) {
        dashboard_source source =
            dashboard_datasource(checker, json_object_get(variable->json, "datasource"));
        if (is_query && source == DASHBOARD_SOURCE_NONE) {
            dashboard_datasource_missing(checker);
        }
        if (is_query && source != DASHBOARD_SOURCE_OTHER) {
            dashboard_query_variable(checker, json_object_get(variable->json, "query"));
        }
    }
}

void dashboard_check_variables(dashboard_checker *checker)
{
    for (size_t i = 0; i < checker->variable_count; i++) {
        const dashboard_variable *variable = &checker->variables[i];
        checker->place = (dashboard_place){.what = "variable", .name = variable->name, .id = -1};
        if (strcmp(variable->type, "input") == 0) {
            check_input(checker, variable);
        } else {
            check_variable(checker, variable);
        }
    }
    checker->place = (dashboard_place){.id = -1};
}

void dashboard_check_annotations(dashboard_checker *checker)
{
    size_t i;
    const json_t *annotation;
    json_array_foreach(json_object_get(json_object_get(checker->root, "annotations"), "list"), i, annotation)
    {
        const char *name = dashboard_text(annotation, "name");
        checker->place = (dashboard_place){.what = "annotation", .name = name, .id = -1};
        dashboard_source source = dashboard_datasource(checker, json_object_get(annotation, "datasource"));
        const char *query = dashboard_text(annotation, "expr");
        if (query == NULL) {
            query = dashboard_text(json_object_get(annotation, "target"), "expr");
        }
        if (source == DASHBOARD_SOURCE_NONE && query != NULL) {
            dashboard_datasource_missing(checker);
        }
        if (source != DASHBOARD_SOURCE_OTHER && query != NULL && *query != '\0') {
            dashboard_query_check(checker, query, checker->options.scrape_interval_ms);
        } else if (source == DASHBOARD_SOURCE_PROMETHEUS) {
            dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_WARNING, "it has no query");
        }
    }
    checker->place = (dashboard_place){.id = -1};
}
