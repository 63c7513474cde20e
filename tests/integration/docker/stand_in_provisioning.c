/* SPDX-License-Identifier: Apache-2.0
 *
 * libyaml reads the dashboards as well: what they hold of JSON is YAML.
 */
#include "stand_in_provisioning.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

typedef struct yaml_file {
    const char *path;
    yaml_document_t yaml;
} yaml_file;

/* Called for every file of a folder. */
typedef void visit(const char *path, void *context);

static void yaml_file_open(yaml_file *file, const char *path)
{
    yaml_parser_t parser;
    FILE *input = fopen(path, "r");
    if (input == NULL) {
        stand_in_die("could not read \"%s\": %s", path, strerror(errno));
    }
    if (yaml_parser_initialize(&parser) == 0) {
        stand_in_die("out of memory");
    }
    yaml_parser_set_input_file(&parser, input);
    if (yaml_parser_load(&parser, &file->yaml) == 0) {
        stand_in_die("could not read \"%s\": line %zu: %s", path, parser.problem_mark.line + 1,
                     parser.problem != NULL ? parser.problem : "not YAML");
    }
    yaml_parser_delete(&parser);
    fclose(input);
    file->path = path;
}

static void yaml_file_close(yaml_file *file)
{
    yaml_document_delete(&file->yaml);
}

static const char *text_of(const yaml_node_t *node)
{
    return node != NULL && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

/* The value of a key of a mapping, NULL when it is not one or has no such key. */
static yaml_node_t *member(yaml_file *file, const yaml_node_t *mapping, const char *key)
{
    if (mapping == NULL || mapping->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        if (strcmp(text_of(yaml_document_get_node(&file->yaml, pair->key)), key) == 0) {
            return yaml_document_get_node(&file->yaml, pair->value);
        }
    }
    return NULL;
}

/* The entry at index of the list under this key of the root, NULL after the last. */
static yaml_node_t *entry_at(yaml_file *file, const char *key, size_t index)
{
    yaml_node_t *list = member(file, yaml_document_get_root_node(&file->yaml), key);
    if (list == NULL || list->type != YAML_SEQUENCE_NODE ||
        index >= (size_t)(list->data.sequence.items.top - list->data.sequence.items.start)) {
        return NULL;
    }
    return yaml_document_get_node(&file->yaml, list->data.sequence.items.start[index]);
}

/* A member that has to have a value. */
static const char *required(yaml_file *file, const yaml_node_t *mapping, const char *key)
{
    const char *value = text_of(member(file, mapping, key));
    if (*value == '\0') {
        stand_in_die("\"%s\" has an entry without a %s", file->path, key);
    }
    return value;
}

/* Visits the files in the folder that end so; there has to be one. */
static void each_file(const char *folder, const char *ending, visit *function, void *context)
{
    char path[SETTING_PATH_BYTES];
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        stand_in_die("could not read the folder \"%s\": %s", folder, strerror(errno));
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        size_t length = strlen(entry->d_name);
        if (length > strlen(ending) && entry->d_name[0] != '.' &&
            strcmp(entry->d_name + length - strlen(ending), ending) == 0) {
            stand_in_format(path, sizeof path, "%s/%s", folder, entry->d_name);
            function(path, context);
            count++;
        }
    }
    closedir(directory);
    if (count == 0) {
        stand_in_die("there is no *%s in \"%s\"", ending, folder);
    }
}

static void check_version(yaml_file *file)
{
    const char *version = required(file, yaml_document_get_root_node(&file->yaml), "apiVersion");
    if (strcmp(version, "1") != 0) {
        stand_in_die("\"%s\" has the apiVersion \"%s\"; this Grafana knows 1", file->path, version);
    }
}

static void check_data_sources(const char *path, void *context)
{
    yaml_file file;
    size_t i = 0;
    (void)context;
    yaml_file_open(&file, path);
    check_version(&file);
    for (yaml_node_t *entry; (entry = entry_at(&file, "datasources", i)) != NULL; i++) {
        required(&file, entry, "type");
        required(&file, entry, "access");
        printf("data source \"%s\" (%s) at %s\n", required(&file, entry, "name"),
               required(&file, entry, "uid"), required(&file, entry, "url"));
    }
    if (i == 0) {
        stand_in_die("\"%s\" names no data source", path);
    }
    yaml_file_close(&file);
}

void provisioning_check_dashboard(const char *path)
{
    yaml_file file;
    yaml_file_open(&file, path);
    yaml_node_t *root = yaml_document_get_root_node(&file.yaml);
    if (member(&file, root, "elements") != NULL) {
        stand_in_die("\"%s\": dashboard appears to be in v2 format", path);
    }
    printf("dashboard \"%s\" (%s)\n", required(&file, root, "title"), required(&file, root, "uid"));
    yaml_file_close(&file);
}

static void visit_dashboard(const char *path, void *context)
{
    (void)context;
    provisioning_check_dashboard(path);
}

static void check_providers(const char *path, void *context)
{
    yaml_file file;
    size_t i = 0;
    (void)context;
    yaml_file_open(&file, path);
    check_version(&file);
    for (yaml_node_t *entry; (entry = entry_at(&file, "providers", i)) != NULL; i++) {
        required(&file, entry, "name");
        each_file(required(&file, member(&file, entry, "options"), "path"), ".json", visit_dashboard, NULL);
    }
    if (i == 0) {
        stand_in_die("\"%s\" names no provider", path);
    }
    yaml_file_close(&file);
}

void provisioning_check(const char *folder)
{
    char path[SETTING_PATH_BYTES];
    stand_in_format(path, sizeof path, "%s/datasources", folder);
    each_file(path, ".yaml", check_data_sources, NULL);
    stand_in_format(path, sizeof path, "%s/dashboards", folder);
    each_file(path, ".yaml", check_providers, NULL);
}

/* found->uid is what is looked for; found->url is "" until then. */
static void visit_data_source(const char *path, void *context)
{
    yaml_file file;
    data_source *found = context;
    yaml_file_open(&file, path);
    size_t i = 0;
    for (yaml_node_t *entry; (entry = entry_at(&file, "datasources", i)) != NULL; i++) {
        if (strcmp(text_of(member(&file, entry, "uid")), found->uid) == 0) {
            stand_in_format(found->name, sizeof found->name, "%s", text_of(member(&file, entry, "name")));
            stand_in_format(found->url, sizeof found->url, "%s", text_of(member(&file, entry, "url")));
            stand_in_format(found->interval, sizeof found->interval, "%s",
                            text_of(member(&file, member(&file, entry, "jsonData"), "timeInterval")));
        }
    }
    yaml_file_close(&file);
}

bool provisioning_data_source(const char *folder, const char *uid, data_source *found)
{
    char path[SETTING_PATH_BYTES];
    *found = (data_source){0};
    stand_in_format(found->uid, sizeof found->uid, "%s", uid);
    stand_in_format(path, sizeof path, "%s/datasources", folder);
    each_file(path, ".yaml", visit_data_source, found);
    return found->url[0] != '\0';
}
