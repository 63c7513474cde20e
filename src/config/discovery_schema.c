/* SPDX-License-Identifier: Apache-2.0
 *
 * Where targets come from: static_configs, file_sd_configs, http_sd_configs, and the groups of targets that
 * the latter two find.
 */
#include "config/schemas.h"

#include <stdio.h>

enum { FILE_SD_REFRESH_MS = 5 * 60 * 1000, HTTP_SD_REFRESH_MS = 60 * 1000 };

static bool read_targets(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_target_group *group = at;
    return config_read_texts(reader, node, &group->targets, &group->target_count, err);
}

static void print_targets(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const config_target_group *group = at;
    if (group->target_count == 0) {
        config_print_indent(indent, out);
        ifm_buf_printf(out, "%s: []\n", field->name);
        return;
    }
    config_print_name(field->name, indent, out);
    for (size_t i = 0; i < group->target_count; i++) {
        config_print_indent(indent, out);
        ifm_buf_append_text(out, "- ");
        config_print_text(group->targets[i], out);
        ifm_buf_append_char(out, '\n');
    }
}

static bool read_labels(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    return config_read_labels(reader, node, at, err);
}

static void print_labels(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    config_print_labels(field->name, *(const model_labels *)at, indent, out);
}

static const config_field static_fields[] = {
    {.name = "targets", .kind = CONFIG_KIND_CUSTOM, .read = read_targets, .print = print_targets},
    {.name = "labels",
     .kind = CONFIG_KIND_CUSTOM,
     .offset = offsetof(config_target_group, labels),
     .read = read_labels,
     .print = print_labels},
    {0}};

const config_schema config_static_schema = {
    .what = "group of targets", .size = sizeof(config_target_group), .fields = static_fields};

/* `targets` NULL: the group has none. */
static bool check_targets(config_reader *reader, const config_node *targets, ifm_error *err)
{
    for (size_t i = 0; targets != NULL && i < targets->count; i++) {
        const config_node *item = targets->items[i];
        if (item->text.size == 0 || memchr(item->text.data, '/', item->text.size) != NULL) {
            int scheme;
            const char *rest = http_url_without_user(item->text.data, &scheme);
            return config_fail(
                reader, item, err,
                "\"%.*s%s\" is no target: it has to be HOST:PORT, without scheme and path; hint: "
                "\"scheme\" and \"metrics_path\" of the scrape config say the rest",
                scheme, item->text.data, rest);
        }
    }
    return true;
}

bool config_static_check(config_reader *reader, const config_node *node, ifm_error *err)
{
    const config_node *groups = config_node_get(node, "static_configs");
    const config_node *relabels = config_node_get(node, "relabel_configs");
    if (groups == NULL || (relabels != NULL && relabels->count > 0)) {
        return true;
    }
    for (size_t i = 0; i < groups->count; i++) {
        if (!check_targets(reader, config_node_get(groups->items[i], "targets"), err)) {
            return false;
        }
    }
    return true;
}

bool config_sources_set(config_reader *reader, config_target_group *groups, size_t count, ifm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char text[IFM_NUMBER_SIZE];
        groups[i].source = ifm_bump_copy(reader->arena, text, ifm_number_write_u64(text, i));
        if (groups[i].source == NULL) {
            return config_arena_failed(reader, err);
        }
    }
    return true;
}

/* As Prometheus has it: a star may stand in the last part only, and the end tells the format. */
static bool pattern_fits(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *star = strchr(path, '*'), *end = strrchr(name, '.');
    return (star == NULL || star >= name) && end != NULL && strchr(end, '*') == NULL &&
           (strcmp(end, ".json") == 0 || strcmp(end, ".yml") == 0 || strcmp(end, ".yaml") == 0);
}

static bool read_files(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    if (!config_read_paths(reader, node, at, err)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!pattern_fits(node->items[i]->text.data)) {
            return config_fail(
                reader, node->items[i], err,
                "the pattern \"%s\" has to end in .json, .yml or .yaml, with \"*\" in its last "
                "part only",
                node->items[i]->text.data);
        }
    }
    return true;
}

static void print_files(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const char *const *files = *(const char *const *const *)at;
    config_print_name(field->name, indent, out);
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
        config_print_indent(indent, out);
        ifm_buf_append_text(out, "- ");
        config_print_text(model_text_of(files[i]), out);
        ifm_buf_append_char(out, '\n');
    }
}

static bool check_file_sd(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const config_file_sd *sd = base;
    return (sd->files != NULL && sd->files[0] != NULL) ||
           config_fail(reader, node, err, "\"file_sd_configs\" wants \"files\"");
}

static const config_file_sd file_sd_defaults = {.refresh_ms = FILE_SD_REFRESH_MS};

static const config_field file_sd_fields[] = {
    {.name = "files", .kind = CONFIG_KIND_CUSTOM, .read = read_files, .print = print_files},
    {.name = "refresh_interval",
     .kind = CONFIG_KIND_DURATION,
     .offset = offsetof(config_file_sd, refresh_ms),
     .shown = true},
    {0}};

const config_schema config_file_sd_schema = {.what = "file_sd config",
                                             .size = sizeof(config_file_sd),
                                             .defaults = &file_sd_defaults,
                                             .fields = file_sd_fields,
                                             .check = check_file_sd};

static bool check_http_sd(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const config_http_sd *sd = base;
    if (sd->url == NULL) {
        return config_fail(reader, node, err, "\"http_sd_configs\" wants a \"url\"");
    }
    return sd->refresh_ms > 0 ||
           config_fail(reader, config_node_get(node, "refresh_interval"), err,
                       "the \"refresh_interval\" of \"http_sd_configs\" cannot be 0: it would ask without a "
                       "pause");
}

static const config_http_sd http_sd_defaults = {.refresh_ms = HTTP_SD_REFRESH_MS};

static const config_field http_sd_fields[] = {
    {.kind = CONFIG_KIND_INLINE, .offset = offsetof(config_http_sd, http), .schema = &config_http_schema},
    {.name = "refresh_interval",
     .kind = CONFIG_KIND_DURATION,
     .offset = offsetof(config_http_sd, refresh_ms),
     .shown = true},
    {.name = "url", .kind = CONFIG_KIND_URL, .offset = offsetof(config_http_sd, url)},
    {0}};

const config_schema config_http_sd_schema = {.what = "http_sd config",
                                             .size = sizeof(config_http_sd),
                                             .defaults = &http_sd_defaults,
                                             .fields = http_sd_fields,
                                             .check = check_http_sd};

#define UNSUPPORTED(key)                                                                                     \
    {                                                                                                        \
        .name = key "_sd_configs", .kind = CONFIG_KIND_UNSUPPORTED                                           \
    }

static const config_field unsupported_fields[] = {UNSUPPORTED("aws"),
                                                  UNSUPPORTED("azure"),
                                                  UNSUPPORTED("consul"),
                                                  UNSUPPORTED("digitalocean"),
                                                  UNSUPPORTED("dns"),
                                                  UNSUPPORTED("docker"),
                                                  UNSUPPORTED("dockerswarm"),
                                                  UNSUPPORTED("ec2"),
                                                  UNSUPPORTED("eureka"),
                                                  UNSUPPORTED("gce"),
                                                  UNSUPPORTED("hetzner"),
                                                  UNSUPPORTED("ionos"),
                                                  UNSUPPORTED("kubernetes"),
                                                  UNSUPPORTED("kuma"),
                                                  UNSUPPORTED("lightsail"),
                                                  UNSUPPORTED("linode"),
                                                  UNSUPPORTED("marathon"),
                                                  UNSUPPORTED("nerve"),
                                                  UNSUPPORTED("nomad"),
                                                  UNSUPPORTED("openstack"),
                                                  UNSUPPORTED("ovhcloud"),
                                                  UNSUPPORTED("puppetdb"),
                                                  UNSUPPORTED("scaleway"),
                                                  UNSUPPORTED("serverset"),
                                                  UNSUPPORTED("stackit"),
                                                  UNSUPPORTED("triton"),
                                                  UNSUPPORTED("uyuni"),
                                                  UNSUPPORTED("vultr"),
                                                  {0}};

const config_schema config_unsupported_sds = {.what = "discovery", .fields = unsupported_fields};

static bool is_yaml(const char *source)
{
    const char *end = strrchr(source, '.');
    return end != NULL && strstr(source, "://") == NULL &&
           (strcmp(end, ".yml") == 0 || strcmp(end, ".yaml") == 0);
}

bool config_target_groups_parse(const char *text, size_t size, const char *source, ifm_bump *arena,
                                const config_target_group **out, size_t *count, ifm_error *err)
{
    const config_node *node = NULL;
    config_reader reader = {.name = source, .arena = arena};
    void *groups = NULL;
    size_t found = 0;
    const model_text whole = {text, size};
    bool yaml = is_yaml(source);
    if (!(yaml ? config_node_parse_yaml : config_node_parse_json)(whole, source, arena, &node, err) ||
        (node != NULL && !config_read_list(&reader, &config_static_schema, node, &groups, &found, err))) {
        return false;
    }
    const char *name = ifm_bump_copy(arena, source, strlen(source));
    for (size_t i = 0; i < found; i++) {
        ((config_target_group *)groups)[i].source = name;
    }
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    *out = groups;
    *count = found;
    return true;
}
