/* SPDX-License-Identifier: Apache-2.0
 *
 * D7 and D9: whether what Prometheus and Grafana read is there, and may be read.
 */
#include "stack/doctor_impl.h"

#include "stack/text.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 5000, ENFORCE_BYTES_MAX = 8192 };

/* --- D7 ------------------------------------------------------------------------------------------- */

static const char up_again[] = "inferometer stack up";

/* Reports when `path` is not what it has to be. */
static void check_path(doctor_state *state, const char *path, bool is_file)
{
    struct stat status;
    char quoted[DOCTOR_PATH_SIZE], fix[STACK_DOCTOR_TEXT_SIZE];
    if (state->lines >= DOCTOR_LINES_MAX) {
        return;
    }
    bool there = lstat(path, &status) == 0;
    bool link = there && S_ISLNK(status.st_mode);
    if (link) {
        there = stat(path, &status) == 0;
    }
    if (!there && link) {
        doctor_fail(state, up_again, "\"%s\" is a link to something that is not there", path);
    } else if (!there && errno == EACCES) {
        doctor_fail(state, "", "\"%s\" cannot be looked at: permission denied", path);
    } else if (!there) {
        doctor_fail(state, up_again, "\"%s\" is missing; docker would make an empty folder of that name",
                    path);
    } else if (is_file && S_ISDIR(status.st_mode)) {
        snprintf(fix, sizeof fix, "%srmdir %.600s && inferometer stack up",
                 status.st_uid == geteuid() ? "" : "sudo ", doctor_quote(path, quoted));
        doctor_fail(
            state, fix,
            "\"%s\" is a folder, but has to be a file: docker makes one when what it should mount is missing",
            path);
    } else if (!is_file && !S_ISDIR(status.st_mode)) {
        doctor_fail(state, up_again, "\"%s\" is a file, but has to be a folder", path);
    } else if (is_file && status.st_size == 0) {
        doctor_fail(state, up_again, "\"%s\" is empty", path);
    }
}

static void check_mount(void *context, const doctor_mount *mount)
{
    check_path(context, mount->source, mount->is_file);
}

static bool has_dashboard(const char *path)
{
    bool found = false;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
        size_t size = strlen(entry->d_name);
        found = size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return found;
}

static void check_grafana(doctor_state *state)
{
    static const char *const files[] = {"grafana/provisioning/datasources/inferometer.yaml",
                                        "grafana/provisioning/dashboards/inferometer.yaml",
                                        STACK_PASSWORD_FILE};
    char path[DOCTOR_PATH_SIZE];
    for (size_t i = 0; i < IFM_COUNT_OF(files); i++) {
        check_path(state, doctor_path(state, files[i], path), true);
    }
    check_path(state, doctor_path(state, "grafana/dashboards", path), false);
    if (state->lines == 0 && !has_dashboard(path)) {
        doctor_fail(state, up_again, "there is no dashboard in \"%s\"", path);
    }
}

void doctor_d7_files(doctor_state *state)
{
    char path[DOCTOR_PATH_SIZE];
    if (state->doctor->record_error != NULL) {
        doctor_fail(state, up_again, "%s", state->doctor->record_error);
        return;
    }
    if (doctor_skip_without_stack(state)) {
        return;
    }
    check_path(state, doctor_path(state, "prometheus/prometheus.yml", path), true);
    check_path(state, state->doctor->folder->targets, false);
    if (state->record->grafana) {
        check_grafana(state);
    }
    if (!doctor_is_native(state)) {
        ifm_error err;
        check_path(state, doctor_path(state, "compose.yaml", path), true);
        if (state->lines == 0 && !doctor_each_mount(state, check_mount, state, &err)) {
            doctor_fail(state, up_again, "%s", err.message);
        }
    }
    if (state->lines == 0) {
        doctor_ok(state, "everything that is read is in \"%s\"", state->doctor->folder->path);
    }
}

/* --- D9 ------------------------------------------------------------------------------------------- */

/* What in the folders cannot be read by whom has to. */
typedef struct mode_check {
    bool by_others; /* a container's user is none of ours */
    size_t bad;
    char first[DOCTOR_PATH_SIZE];
    mode_t first_mode;
} mode_check;

static bool is_readable(const mode_check *check, const char *path, const struct stat *status)
{
    bool folder = S_ISDIR(status->st_mode);
    if (!check->by_others) {
        return access(path, folder ? R_OK | X_OK : R_OK) == 0;
    }
    mode_t need = folder ? S_IROTH | S_IXOTH : S_IROTH;
    return (status->st_mode & need) == need;
}

static void check_modes(mode_check *check, const char *path)
{
    char copy[DOCTOR_PATH_SIZE];
    snprintf(copy, sizeof copy, "%s", path);
    char *const paths[] = {copy, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    for (size_t i = 0; walk != NULL && i < FILES_MAX && (entry = fts_read(walk)) != NULL; i++) {
        if (entry->fts_info == FTS_DP || entry->fts_info == FTS_SL || entry->fts_info == FTS_NS ||
            entry->fts_statp == NULL) {
            continue;
        }
        if (entry->fts_level > 0 && entry->fts_name[0] == '.') { /* the lock of a logger: nobody else's */
            continue;
        }
        if (!is_readable(check, entry->fts_path, entry->fts_statp) && check->bad++ == 0) {
            snprintf(check->first, sizeof check->first, "%s", entry->fts_path);
            check->first_mode = entry->fts_statp->st_mode & 07777;
        }
    }
    if (walk != NULL) {
        fts_close(walk);
    }
}

/* SELinux lets containers read only what is labelled for them. */
static bool is_selinux_enforcing(const doctor_state *state)
{
    char path[DOCTOR_PATH_SIZE];
    ifm_buf text;
    ifm_error ignored; /* a machine without SELinux has no such file */
    ifm_buf_init(&text, ENFORCE_BYTES_MAX);
    snprintf(path, sizeof path, "%s/sys/fs/selinux/enforce", state->system->root);
    bool on = ifm_os_read_file(path, &text, &ignored) && text.size > 0 && text.data[0] == '1';
    ifm_buf_deinit(&text);
    return on;
}

static void count_unlabelled(void *context, const doctor_mount *mount)
{
    size_t *count = context;
    *count += !mount->relabelled;
}

static void check_selinux(doctor_state *state)
{
    size_t unlabelled = 0;
    ifm_error ignored; /* D7 says it */
    char path[DOCTOR_PATH_SIZE], quoted[DOCTOR_PATH_SIZE], fix[STACK_DOCTOR_TEXT_SIZE];
    if (doctor_is_native(state) || !is_selinux_enforcing(state) ||
        !doctor_each_mount(state, count_unlabelled, &unlabelled, &ignored) || unlabelled == 0) {
        return;
    }
    snprintf(path, sizeof path, "%s", state->doctor->folder->path);
    snprintf(fix, sizeof fix, "sudo chcon -R -t container_file_t %.600s", doctor_quote(path, quoted));
    doctor_fail(
        state, fix,
        "SELinux is enforcing, and %zu mounts of compose.yaml are not labelled for containers (\":z\" is "
        "missing)",
        unlabelled);
}

/* What Grafana said of its provisioning since it last started; "" when it had no complaint. */
static void provisioning_complaint(doctor_state *state, char *out, size_t size)
{
    char *log = state->record->grafana ? doctor_log(state, "grafana") : NULL;
    out[0] = '\0';
    const char *at = log;
    for (const char *next = log; next != NULL && (next = strstr(next, "Starting Grafana")) != NULL; next++) {
        at = next;
    }
    while (at != NULL && *at != '\0' && out[0] == '\0') {
        int length = (int)strcspn(at, "\n");
        char line[1024];
        stack_text_format(line, sizeof line, "%.*s", length, at);
        if (strcasestr(line, "provisioning") != NULL &&
            (strcasestr(line, "can't read") != NULL || strcasestr(line, "permission denied") != NULL)) {
            stack_text_copy(out, size, line);
        }
        at += length + (at[length] == '\n');
    }
    ifm_free(log);
}

static void report_modes(doctor_state *state, const mode_check *check)
{
    char quoted[DOCTOR_PATH_SIZE], folder[DOCTOR_PATH_SIZE], more[64] = "", fix[STACK_DOCTOR_TEXT_SIZE];
    bool targets =
        strncmp(check->first, state->doctor->folder->targets, strlen(state->doctor->folder->targets)) == 0;
    snprintf(folder, sizeof folder, "%s",
             targets ? state->doctor->folder->targets : state->doctor->folder->path);
    doctor_quote(folder, quoted);
    if (targets) {
        snprintf(fix, sizeof fix, "chmod -R %s+rX %.600s", check->by_others ? "go" : "u", quoted);
    } else {
        snprintf(fix, sizeof fix,
                 "chmod -R %s+rX %.300s/prometheus %.300s/grafana && inferometer stack down && inferometer "
                 "stack up",
                 check->by_others ? "go" : "u", quoted, quoted);
    }
    if (check->bad > 1) {
        snprintf(more, sizeof more, " (and %zu more)", check->bad - 1);
    }
    doctor_fail(state, fix, "\"%s\" has mode %04o, which %s cannot read%s", check->first,
                (unsigned)check->first_mode, check->by_others ? "a container's user" : "this user", more);
}

void doctor_d9_permissions(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return;
    }
    mode_check check = {.by_others = !doctor_is_native(state)};
    char path[DOCTOR_PATH_SIZE], complaint[STACK_SENTENCE_SIZE];
    check_modes(&check, doctor_path(state, "prometheus", path));
    if (state->record->grafana) {
        check_modes(&check, doctor_path(state, "grafana", path));
    }
    check_modes(&check, state->doctor->folder->targets);
    if (check.bad > 0) {
        report_modes(state, &check);
    }
    check_selinux(state);
    if (state->lines > 0) {
        return;
    }
    provisioning_complaint(state, complaint, sizeof complaint);
    if (complaint[0] != '\0') {
        doctor_fail(state, "inferometer stack down && inferometer stack up",
                    "Grafana could not read its provisioning, though the files may be read: %s", complaint);
    } else {
        doctor_ok(state, "%s may read every file",
                  doctor_is_native(state) ? "Prometheus" : "the users of the containers");
    }
}
