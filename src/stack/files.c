/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/files.h"

#include "assets/assets.h"
#include "stack/limits.h"
#include "stack/password.h"
#include "stack/targets.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define STATIC_TARGETS "prometheus/targets/static.json"
#define WEB_CONFIG     "prometheus/web.yml"

typedef void stack_renderer(const stack_plan *plan, ifm_buf *out);

static bool write_buf(const stack_plan *plan, const char *name, ifm_buf *text, bool *changed, ifm_error *err)
{
    return ifm_buf_check(text, err) &&
           stack_folder_write(plan->folder, name, text->data, text->size, changed, err);
}

static bool write_rendered(const stack_plan *plan, const char *name, stack_renderer *renderer, bool *changed,
                           ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    renderer(plan, &text);
    bool ok = write_buf(plan, name, &text, changed, err);
    ifm_buf_deinit(&text);
    return ok;
}

static bool write_targets(const stack_plan *plan, const char *const *targets, size_t count, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool there = false;
    /* Prometheus warns of a file that is named and missing: without targets it is an empty list. */
    bool ok = targets != NULL || stack_folder_read(plan->folder, STATIC_TARGETS, &text, &there, err);
    if (ok && (targets != NULL || !there)) {
        ok = stack_targets_render(targets, count, &text, err) &&
             write_buf(plan, STATIC_TARGETS, &text, NULL, err);
    }
    ifm_buf_deinit(&text);
    return ok;
}

size_t stack_files_static_targets(const stack_folder *folder)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool there;
    ifm_error ignored; /* it is ours; what cannot be read has none */
    json_t *root = stack_folder_read(folder, STATIC_TARGETS, &text, &there, &ignored) && there
                       ? json_loadb(text.data, text.size, 0, NULL)
                       : NULL;
    size_t count = json_array_size(root);
    json_decref(root);
    ifm_buf_deinit(&text);
    return count;
}

/* The hash that the file has now, if it has one: "  admin: "HASH"". */
static const char *hash_in(ifm_buf *text)
{
    ifm_buf_append_char(text, '\0');
    char *at = text->data != NULL ? strstr(text->data, "admin: \"") : NULL;
    char *end = at != NULL ? strchr(at + 8, '"') : NULL;
    if (end == NULL) {
        return NULL;
    }
    *end = '\0';
    return at + 8;
}

/* `hash` becomes the hash that the file has then. */
static bool write_web_config(const stack_plan *plan, const char *password, char hash[STACK_HASH_SIZE],
                             bool *changed, ifm_error *err)
{
    ifm_buf old, text;
    ifm_buf_init(&old, STACK_FILE_BYTES_MAX);
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool there;
    bool ok = stack_folder_read(plan->folder, WEB_CONFIG, &old, &there, err) &&
              stack_password_hash(password, there ? hash_in(&old) : NULL, hash, err);
    if (ok) {
        stack_render_web_config(hash, &text);
        ok = write_buf(plan, WEB_CONFIG, &text, changed, err); /* Prometheus reads it at each request */
    }
    ifm_buf_deinit(&old);
    ifm_buf_deinit(&text);
    return ok;
}

bool stack_files_write_web_config(const stack_plan *plan, const char *password, bool *changed, ifm_error *err)
{
    char hash[STACK_HASH_SIZE];
    return !plan->record->exposed || write_web_config(plan, password, hash, changed, err);
}

/* Where assets go in the stack's folder. */
static const struct {
    const char *prefix; /* of assets.h */
    const char *folder;
    bool prometheus; /* its files concern Prometheus; Grafana looks for changed dashboards by itself */
} asset_places[] = {
    {"rules/", "prometheus/rules", true},
    {"dashboards/", "grafana/dashboards", false},
};

/* Whether a file in a folder of assets, those with the prefix `context`, stays: all but those that an older
 * version wrote. Rules and dashboards that users put beside ours are theirs. */
static bool is_kept(void *context, const char *file)
{
    static const char ours[] = "inferometer-"; /* every asset's name begins so */
    char path[256];
    snprintf(path, sizeof path, "%s%s", (const char *)context, file);
    return strncmp(file, ours, sizeof ours - 1) != 0 || assets_find(path) != NULL;
}

static bool write_assets(const stack_plan *plan, stack_files_change *change, ifm_error *err)
{
    char place[256];
    bool ok = true;
    for (size_t i = 0; i < IFM_COUNT_OF(asset_places); i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%s", asset_places[i].prefix);
        const char *folder = asset_places[i].folder;
        for (const assets_file *file = assets_next(prefix, NULL); ok && file != NULL;
             file = assets_next(prefix, file)) {
            snprintf(place, sizeof place, "%s/%s", folder, file->path + strlen(prefix));
            ok = stack_folder_write(plan->folder, place, file->bytes, file->size,
                                    asset_places[i].prometheus ? &change->prometheus : NULL, err);
        }
        ok = ok && stack_folder_prune(plan->folder, folder, is_kept, prefix, err);
    }
    return ok;
}

static bool make_folders(const stack_plan *plan, ifm_error *err)
{
    static const char *const folders[] = {
        "prometheus/rules", "prometheus/targets", "grafana/provisioning/datasources", "native/logs",
        "grafana/dashboards", "grafana/secrets", "grafana/provisioning/dashboards",
        /* Grafana complains of each that is missing. */
        "grafana/provisioning/plugins", "grafana/provisioning/alerting"};
    bool ok = true;
    for (size_t i = 0; ok && i < IFM_COUNT_OF(folders); i++) {
        ok = stack_folder_make(plan->folder, folders[i], err);
    }
    return ok;
}

static bool write_configuration(const stack_plan *plan, stack_files_change *change, ifm_error *err)
{
    return write_rendered(plan, "prometheus/prometheus.yml", stack_render_prometheus, &change->prometheus,
                          err) &&
           write_rendered(plan, "grafana/provisioning/datasources/inferometer.yaml", stack_render_datasource,
                          &change->grafana, err) &&
           write_rendered(plan, "grafana/provisioning/dashboards/inferometer.yaml", stack_render_provider,
                          &change->grafana, err) &&
           (plan->record->engine == STACK_ENGINE_NATIVE ||
            write_rendered(plan, "compose.yaml", stack_render_compose, NULL, err));
}

bool stack_files_write(const stack_plan *plan, const char *const *targets, size_t target_count,
                       const char *password, stack_files_change *change, ifm_error *err)
{
    char hash[STACK_HASH_SIZE];
    stack_plan with_hash = *plan;
    *change = (stack_files_change){0};
    bool ok = make_folders(plan, err) && write_assets(plan, change, err) &&
              write_targets(plan, targets, target_count, err);
    if (ok && plan->record->exposed) {
        /* The data source has the password too, which Grafana reads when it starts. */
        ok = write_web_config(plan, password, hash, &change->grafana, err);
        with_hash.password_hash = hash;
    }
    ok = ok && write_configuration(&with_hash, change, err);
    return ok || ifm_error_wrap(err, "could not write the stack's files");
}
