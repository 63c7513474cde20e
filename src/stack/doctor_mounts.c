/* SPDX-License-Identifier: Apache-2.0
 *
 * The bind mounts of compose.yaml, whoever wrote it, and D10: whether containers see in them what we see.
 */
#include "stack/doctor_impl.h"

#include "stack/text.h"
#include "stack/yaml_value.h"

#include <stdio.h>
#include <string.h>

/* --- Reading compose.yaml ------------------------------------------------------------------------- */

static void set_source(const doctor_state *state, const char *source, size_t size, doctor_mount *out)
{
    if (source[0] == '/') {
        snprintf(out->source, sizeof out->source, "%.*s", (int)size, source);
        return;
    }
    if (size >= 2 && source[0] == '.' && source[1] == '/') {
        source += 2;
        size -= 2;
    }
    snprintf(out->source, sizeof out->source, "%s/%.*s", state->doctor->folder->path, (int)size, source);
}

/* A path whose last part has an ending is a file. */
static bool names_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strchr(name + (*name == '.'), '.') != NULL;
}

/* "./prometheus:/etc/prometheus:ro,z"; false for a volume that has a name. */
static bool read_short(const doctor_state *state, const char *text, doctor_mount *out)
{
    size_t source = strcspn(text, ":");
    if ((text[0] != '.' && text[0] != '/') || text[source] == '\0') {
        return false;
    }
    const char *target = text + source + 1;
    size_t size = strcspn(target, ":");
    const char *options = target + size;
    set_source(state, text, source, out);
    snprintf(out->target, sizeof out->target, "%.*s", (int)size, target);
    out->relabelled = strpbrk(options, "zZ") != NULL;
    out->is_file = names_file(out->target);
    return true;
}

/* {type: bind, source: ./prometheus, target: /etc/prometheus}. */
static bool read_long(const doctor_state *state, const stack_yaml *yaml, const char *path, doctor_mount *out)
{
    char key[160];
    snprintf(key, sizeof key, "%.120s.type", path);
    const char *type = stack_yaml_text(yaml, key);
    snprintf(key, sizeof key, "%.120s.source", path);
    const char *source = stack_yaml_text(yaml, key);
    snprintf(key, sizeof key, "%.120s.target", path);
    const char *target = stack_yaml_text(yaml, key);
    if (type == NULL || source == NULL || target == NULL || strcmp(type, "bind") != 0) {
        return false;
    }
    snprintf(key, sizeof key, "%.120s.bind.selinux", path);
    set_source(state, source, strlen(source), out);
    snprintf(out->target, sizeof out->target, "%s", target);
    out->relabelled = stack_yaml_text(yaml, key) != NULL;
    out->is_file = names_file(target);
    return true;
}

static void each_of_service(const doctor_state *state, const stack_yaml *yaml, const char *service,
                            void (*found)(void *context, const doctor_mount *mount), void *context)
{
    char path[128], item[160];
    snprintf(path, sizeof path, "services.%.60s.volumes", service);
    size_t count = stack_yaml_count(yaml, path);
    for (size_t i = 0; i < count; i++) {
        doctor_mount mount = {.relabelled = false};
        snprintf(mount.service, sizeof mount.service, "%s", service);
        snprintf(item, sizeof item, "%.120s.%zu", path, i);
        const char *text = stack_yaml_text(yaml, item);
        if (text != NULL ? read_short(state, text, &mount) : read_long(state, yaml, item, &mount)) {
            found(context, &mount);
        }
    }
}

/* A secret that is a file is a bind mount too. */
static void each_secret(const doctor_state *state, const stack_yaml *yaml,
                        void (*found)(void *context, const doctor_mount *mount), void *context)
{
    size_t count = stack_yaml_count(yaml, "secrets");
    for (size_t i = 0; i < count; i++) {
        char path[128];
        const char *name = stack_yaml_key(yaml, "secrets", i);
        snprintf(path, sizeof path, "secrets.%.100s.file", name == NULL ? "" : name);
        const char *file = stack_yaml_text(yaml, path);
        if (file != NULL) {
            doctor_mount mount = {.is_file = true, .relabelled = true}; /* which is up to the tool */
            set_source(state, file, strlen(file), &mount);
            found(context, &mount);
        }
    }
}

bool doctor_each_mount(doctor_state *state, void (*found)(void *context, const doctor_mount *mount),
                       void *context, ifm_error *err)
{
    char path[DOCTOR_PATH_SIZE];
    stack_yaml *yaml = stack_yaml_read_file(doctor_path(state, "compose.yaml", path), err);
    if (yaml == NULL) {
        return false;
    }
    size_t count = stack_yaml_count(yaml, "services");
    for (size_t i = 0; i < count; i++) {
        const char *service = stack_yaml_key(yaml, "services", i);
        if (service != NULL) {
            each_of_service(state, yaml, service, found, context);
        }
    }
    each_secret(state, yaml, found, context);
    stack_yaml_free(yaml);
    return true;
}

/* --- D10 ------------------------------------------------------------------------------------------ */

/* A file of ours that is looked at from inside. */
typedef struct inside_file {
    const char *service;
    const char *source; /* the folder that is mounted, below ours */
    const char *name;   /* the file in it */
    char target[256];   /* where the folder is inside; "" when it is not mounted */
    doctor_state *state;
} inside_file;

static void find_target(void *context, const doctor_mount *mount)
{
    inside_file *file = context;
    char path[DOCTOR_PATH_SIZE];
    if (strcmp(mount->service, file->service) == 0 &&
        strcmp(mount->source, doctor_path(file->state, file->source, path)) == 0) {
        snprintf(file->target, sizeof file->target, "%s", mount->target);
    }
}

typedef enum inside_sight { SIGHT_SAME, SIGHT_MISSING, SIGHT_OTHER, SIGHT_UNKNOWN } inside_sight;

/* Compares our file with what the container has; `reason` of 200 bytes with UNKNOWN. */
static inside_sight look_inside(const inside_file *file, char *reason)
{
    char path[DOCTOR_PATH_SIZE], name[128], inside[512];
    snprintf(name, sizeof name, "%s/%s", file->source, file->name);
    snprintf(inside, sizeof inside, "%s/%s", file->target, file->name);
    ifm_error err;
    ifm_buf ours;
    ifm_os_command_result result;
    ifm_buf_init(&ours, IFM_OS_COMMAND_OUTPUT_MAX);
    if (!ifm_os_read_file(doctor_path(file->state, name, path), &ours, &err)) {
        ifm_buf_deinit(&ours);
        snprintf(reason, 200, "our own %s cannot be read, see D7", name);
        return SIGHT_UNKNOWN;
    }
    const char *const arguments[] = {"cat", inside, NULL};
    stack_compose compose = doctor_compose(file->state);
    if (!stack_compose_exec(&compose, file->service, arguments, NULL, &result, &err)) {
        ifm_buf_deinit(&ours);
        snprintf(reason, 200, "%.199s", err.message);
        return SIGHT_UNKNOWN;
    }
    inside_sight sight = SIGHT_OTHER;
    if (result.status == 0) {
        bool same = strlen(result.out) == ours.size &&
                    (ours.size == 0 || memcmp(result.out, ours.data, ours.size) == 0);
        sight = same ? SIGHT_SAME : SIGHT_OTHER;
    } else if (strstr(result.err, "No such file") != NULL) {
        sight = SIGHT_MISSING;
    } else {
        sight = SIGHT_UNKNOWN;
        stack_text_format(reason, 200, "the container of %s does not run, or has no cat", file->service);
    }
    ifm_os_command_result_deinit(&result);
    ifm_buf_deinit(&ours);
    return sight;
}

static const char *blind_fix(const stack_engine_info *info)
{
    if (info->snap) {
        return "XDG_STATE_HOME=$HOME/inferometer-stack inferometer stack up";
    }
    if (info->desktop) {
        return "Docker Desktop, Settings, Resources, File sharing: add the state folder; then inferometer "
               "stack up";
    }
    return "inferometer stack down && inferometer stack up";
}

static void d10_file(doctor_state *state, inside_file *file, const stack_engine_info *info, size_t *same)
{
    ifm_error err;
    char reason[200] = "";
    file->state = state;
    if (!doctor_each_mount(state, find_target, file, &err) || file->target[0] == '\0') {
        return;
    }
    switch (look_inside(file, reason)) {
    case SIGHT_SAME:
        ++*same;
        break;
    case SIGHT_MISSING:
        doctor_fail(state, blind_fix(info), "the container of %s does not see %s/%s: its mount is empty%s",
                    file->service, file->source, file->name,
                    info->snap      ? ", as Docker from a snap sees no hidden folders"
                    : info->desktop ? ", as Docker Desktop does not share that folder"
                                    : "");
        break;
    case SIGHT_OTHER:
        doctor_fail(
            state, blind_fix(info),
            "the container of %s sees another %s/%s than this machine: what stack up wrote does not arrive",
            file->service, file->source, file->name);
        break;
    case SIGHT_UNKNOWN:
        doctor_skip(state, "%s", reason);
        break;
    }
}

/* Whether a part of the path begins with a dot: a snap's rules leave such folders of a home out. */
static bool is_hidden(const char *path)
{
    return strstr(path, "/.") != NULL;
}

void doctor_d10_mounts(doctor_state *state)
{
    const stack_engine_info *used = doctor_engine_used(state);
    if (state->record == NULL) {
        if (used != NULL && used->snap && is_hidden(state->doctor->folder->path)) {
            doctor_warn(
                state, blind_fix(used),
                "docker comes from a snap, which does not see the hidden folder that the stack would be "
                "kept in");
        } else {
            doctor_skip(state, DOCTOR_NO_STACK);
        }
        return;
    }
    if (doctor_skip_without_containers(state)) {
        return;
    }
    if (used->fault != STACK_FAULT_NONE) {
        doctor_skip(state, "%s cannot be used, see D1 to D3", stack_engine_name(used->engine));
        return;
    }
    size_t same = 0;
    inside_file prometheus = {.service = "prometheus", .source = "prometheus", .name = "prometheus.yml"};
    inside_file grafana = {
        .service = "grafana", .source = "grafana/provisioning", .name = "datasources/inferometer.yaml"};
    d10_file(state, &prometheus, used, &same);
    if (state->record->grafana) {
        d10_file(state, &grafana, used, &same);
    }
    if (state->lines == 0 && same > 0) {
        doctor_ok(state, "containers see the files as this machine does");
    } else if (state->lines == 0) {
        doctor_skip(state, "compose.yaml mounts nothing that could be compared, see D7");
    }
}
