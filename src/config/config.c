/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "config/limits.h"
#include "config/schemas.h"
#include "os/os.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct loaded { /* what a config_file is part of */
    config_file file;   /* first: a config_file * is one of this */
    atomic_uint references;
    ifm_bump arena;
    config_regexes regexes;
} loaded;

static void loaded_free(loaded *config)
{
    for (size_t i = 0; i < config->regexes.count; i++) {
        model_regex_free(config->regexes.items[i]);
    }
    ifm_bump_deinit(&config->arena);
    ifm_free(config);
}

/* The folder of a file, in the arena. */
static bool directory_of(const char *path, ifm_bump *arena, const char **out, ifm_error *err)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (path == NULL || slash == NULL) {
        *out = NULL; /* relative to where the program runs, as the file itself */
        return true;
    }
    *out = ifm_bump_copy(arena, path, slash == path ? 1 : (size_t)(slash - path));
    return ifm_bump_check(arena, err);
}

static bool check_jobs(config_reader *reader, const config_node *node, const config_file *file,
                       ifm_error *err)
{
    for (size_t i = 0; i < file->scrape_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(file->scrapes[i].job_name, file->scrapes[j].job_name) == 0) {
                const config_node *list = config_node_get(node, "scrape_configs");
                return config_fail(reader, config_node_get(list->items[i], "job_name"), err,
                                   "the job name \"%.60s\" is there twice", file->scrapes[i].job_name);
            }
        }
    }
    return true;
}

static bool print_root(const config_root *root, loaded *config, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, CONFIG_ARENA_BYTES_MAX);
    config_print(&config_root_schema, root, 0, &text);
    bool ok = ifm_buf_check(&text, err);
    if (ok) {
        config->file.text = ifm_bump_copy(&config->arena, text.data == NULL ? "" : text.data, text.size);
        ok = ifm_bump_check(&config->arena, err);
    }
    ifm_buf_deinit(&text);
    return ok;
}

static bool loaded_fill(loaded *config, const config_node *node, config_reader *reader, ifm_error *err)
{
    static const config_node nothing = {.kind = CONFIG_MAPPING};
    static const char *const no_files[] = {NULL};
    config_root root = {.global = config_global_defaults};
    root.file.rule_files = no_files;
    reader->root = &root;
    if (!config_read(reader, &config_root_schema, node == NULL ? &nothing : node, &root, err) ||
        !check_jobs(reader, node, &root.file, err)) {
        return false;
    }
    root.file.path = config->file.path;
    root.file.scrape_interval_ms = root.global.scrape_interval_ms;
    root.file.scrape_timeout_ms = root.global.scrape_timeout_ms;
    root.file.evaluation_interval_ms = root.global.evaluation_interval_ms;
    root.file.rule_query_offset_ms = root.global.rule_query_offset_ms;
    root.file.external_labels = root.global.external_labels;
    config->file = root.file;
    return print_root(&root, config, err);
}

static bool loaded_parse(loaded *config, model_text text, const char *path, ifm_error *err)
{
    ifm_bump nodes;
    const config_node *node = NULL;
    config_reader reader = {.name = path, .arena = &config->arena, .regexes = &config->regexes};
    if (path != NULL) {
        config->file.path = ifm_bump_copy(&config->arena, path, strlen(path));
        if (!ifm_bump_check(&config->arena, err)) {
            return false;
        }
    }
    ifm_bump_init(&nodes, CONFIG_ARENA_BYTES_MAX);
    bool ok = directory_of(path, &config->arena, &reader.directory, err) &&
              config_node_parse_yaml(text, path, &nodes, &node, err) &&
              loaded_fill(config, node, &reader, err);
    ifm_bump_deinit(&nodes);
    return ok;
}

const config_file *config_parse(const char *text, size_t size, const char *path, ifm_error *err)
{
    loaded *config = ifm_alloc_zero(1, sizeof *config);
    if (config == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    atomic_init(&config->references, 1);
    ifm_bump_init(&config->arena, CONFIG_ARENA_BYTES_MAX);
    if (!loaded_parse(config, (model_text){text, size}, path, err)) {
        loaded_free(config);
        return NULL;
    }
    return &config->file;
}

const config_file *config_load(const char *path, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, CONFIG_FILE_BYTES_MAX);
    const config_file *config = NULL;
    if (ifm_os_read_file(path, &text, err)) {
        config = config_parse(text.data == NULL ? "" : text.data, text.size, path, err);
    }
    ifm_buf_deinit(&text);
    return config;
}

const config_file *config_acquire(const config_file *config)
{
    loaded *whole = (loaded *)(uintptr_t)config;
    atomic_fetch_add_explicit(&whole->references, 1, memory_order_relaxed);
    return config;
}

void config_release(const config_file *config)
{
    loaded *whole = (loaded *)(uintptr_t)config;
    if (whole != NULL && atomic_fetch_sub_explicit(&whole->references, 1, memory_order_acq_rel) == 1) {
        loaded_free(whole);
    }
}
