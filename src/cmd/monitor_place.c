/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/monitor_place.h"

#include "os/os.h"
#include "stack/stack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE_MODE = 0700, TARGETS_MODE = 0755, FILE_MODE = 0600, NAME_SIZE = 128 };

#define RECORD_NAME "monitor.json"

/* --- The folder ------------------------------------------------------------------------------------ */

/* With sudo, HOME may be another's: what root writes there, its owner could not change any more. */
static bool check_owner(const char *path, ifm_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not look at \"%.150s\"", path);
    }
    return status.st_uid == geteuid() ||
           ifm_error_set(err, IFM_IO,
                         "\"%.120s\" belongs to the user with the id %u; hint: be that user, or set "
                         "XDG_STATE_HOME to another folder",
                         path, (unsigned)status.st_uid);
}

static bool make_folders(const monitor_place *place, const char *state, ifm_error *err)
{
    return ifm_os_make_folders(state, PRIVATE_MODE, err) && check_owner(state, err) &&
           ifm_os_make_folders(place->registered, TARGETS_MODE, err) &&
           ifm_os_make_folders(place->targets, PRIVATE_MODE, err) && check_owner(place->folder, err);
}

bool monitor_place_init(monitor_place *place, bool make, ifm_error *err)
{
    *place = (monitor_place){.lock_fd = -1};
    char *state = ifm_os_state_path(NULL, err);
    bool ok = state != NULL && (place->folder = ifm_os_path_join(state, "monitor", err)) != NULL &&
              (place->registered = ifm_os_path_join(state, "targets", err)) != NULL &&
              (place->targets = ifm_os_path_join(place->folder, "targets", err)) != NULL &&
              (place->data = ifm_os_path_join(place->folder, "data", err)) != NULL &&
              (place->log = ifm_os_path_join(place->folder, "monitor.log", err)) != NULL &&
              (!make || make_folders(place, state, err));
    ifm_free(state);
    return ok;
}

void monitor_place_deinit(monitor_place *place)
{
    if (place->lock_fd >= 0) {
        close(place->lock_fd);
    }
    ifm_free(place->folder);
    ifm_free(place->registered);
    ifm_free(place->targets);
    ifm_free(place->data);
    ifm_free(place->log);
    *place = (monitor_place){.lock_fd = -1};
}

/* --- The lock -------------------------------------------------------------------------------------- */

static int lock_open(const monitor_place *place, int flags, ifm_error *err)
{
    char *path = ifm_os_path_join(place->folder, "lock", err);
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, FILE_MODE);
    if (path != NULL && fd < 0) {
        ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", path);
    }
    ifm_free(path);
    return fd;
}

/* What those before have left: targets are asked for again by loggers that still want them. */
static void clean(const monitor_place *place)
{
    monitor_place_forget(place);
    DIR *entries = opendir(place->targets);
    for (struct dirent *entry = entries != NULL ? readdir(entries) : NULL; entry != NULL;
         entry = readdir(entries)) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(entries), entry->d_name, 0);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}

bool monitor_place_lock(monitor_place *place, bool *held, ifm_error *err)
{
    int fd = lock_open(place, O_CREAT, err);
    if (fd < 0) {
        return false;
    }
    *held = flock(fd, LOCK_EX | LOCK_NB) == 0;
    int number = errno;
    if (*held) {
        place->lock_fd = fd;
        clean(place);
        return true;
    }
    close(fd);
    return number == EWOULDBLOCK || number == EINTR ||
           ifm_error_errno(err, IFM_IO, number, "could not lock \"%.150s\"", place->folder);
}

bool monitor_place_is_held(const monitor_place *place)
{
    ifm_error ignored; /* without a folder nobody runs */
    int fd = lock_open(place, 0, &ignored);
    if (fd < 0) {
        return false;
    }
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    return held;
}

/* --- The record ------------------------------------------------------------------------------------ */

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool record_parse(const char *text, size_t size, monitor_record *out)
{
    json_t *object = json_loadb(text, size, 0, NULL);
    if (object == NULL) {
        return false;
    }
    *out = (monitor_record){
        .pid = (pid_t)json_integer_value(json_object_get(object, "pid")),
        .started_ms = json_integer_value(json_object_get(object, "started_ms")),
        .finds_loggers = json_is_true(json_object_get(object, "finds_loggers")),
    };
    copy_text(out->url, sizeof out->url, object, "url");
    copy_text(out->version, sizeof out->version, object, "version");
    json_decref(object);
    return out->pid > 1 && out->url[0] != '\0';
}

bool monitor_place_read(const monitor_place *place, monitor_record *out)
{
    ifm_error ignored; /* whatever it is, there is no record */
    char *path = ifm_os_path_join(place->folder, RECORD_NAME, &ignored);
    ifm_buf text;
    ifm_buf_init(&text, MONITOR_RECORD_BYTES_MAX);
    bool ok = path != NULL && ifm_os_read_file(path, &text, &ignored) &&
              record_parse(text.data, text.size, out) && (kill(out->pid, 0) == 0 || errno == EPERM);
    ifm_buf_deinit(&text);
    ifm_free(path);
    return ok;
}

static bool replace(const char *folder, const char *name, const ifm_buf *text, ifm_error *err)
{
    const ifm_os_replace_target target = {
        .files = &ifm_os_files_real, .directory = folder, .name = name, .mode = FILE_MODE};
    ifm_os_replace_clean(&target);
    return ifm_buf_check(text, err) && ifm_os_replace(&target, 0, text->data, text->size, err);
}

bool monitor_place_write(const monitor_place *place, const monitor_record *record, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, MONITOR_RECORD_BYTES_MAX);
    ifm_buf_append_text(&text, "{\"url\": ");
    ifm_buf_append_json(&text, record->url);
    ifm_buf_printf(&text, ", \"pid\": %d, \"started_ms\": %lld, \"finds_loggers\": %s, \"version\": ",
                   (int)record->pid, (long long)record->started_ms, record->finds_loggers ? "true" : "false");
    ifm_buf_append_json(&text, record->version);
    ifm_buf_append_text(&text, "}\n");
    bool ok = replace(place->folder, RECORD_NAME, &text, err);
    ifm_buf_deinit(&text);
    return ok;
}

void monitor_place_forget(const monitor_place *place)
{
    ifm_error ignored;
    char *path = ifm_os_path_join(place->folder, RECORD_NAME, &ignored);
    if (path != NULL) {
        unlink(path);
    }
    ifm_free(path);
}

/* --- Targets --------------------------------------------------------------------------------------- */

/* A name for the file: the target, of characters that need no care. */
static void file_name(const char *target, char out[NAME_SIZE])
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    snprintf(out, NAME_SIZE - 8, "t%s", target);
    for (char *c = out; *c != '\0'; c++) {
        *c = strchr(safe, *c) != NULL ? *c : '_';
    }
    memcpy(out + strlen(out), ".json", sizeof ".json");
}

bool monitor_place_add_target(const monitor_place *place, const char *target, ifm_error *err)
{
    char name[NAME_SIZE];
    ifm_buf text;
    ifm_buf_init(&text, MONITOR_RECORD_BYTES_MAX);
    file_name(target, name);
    bool ok = stack_targets_render(&target, 1, &text, err) && replace(place->targets, name, &text, err);
    ifm_buf_deinit(&text);
    return ok;
}
