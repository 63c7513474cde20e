/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/folder.h"

#include "stack/limits.h"
#include "stack/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_LOOK_MS = 100 };

/* With sudo, HOME may be another's: what root writes there, its owner could not change any more. */
static bool make_private(const char *path, ifm_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not look at \"%.150s\"", path);
    }
    if (status.st_uid != geteuid()) {
        return ifm_error_set(err, IFM_IO,
                             "\"%.120s\" belongs to the user with the id %u; hint: be that user, or set "
                             "XDG_STATE_HOME to another folder",
                             path, (unsigned)status.st_uid);
    }
    return (status.st_mode & 07777) == 0700 || chmod(path, 0700) == 0 ||
           ifm_error_errno(err, IFM_IO, errno, "could not make \"%.150s\" private", path);
}

bool stack_folder_open(stack_folder *folder, bool make, ifm_error *err)
{
    *folder = (stack_folder){.lock_fd = -1, .files = &ifm_os_files_real};
    char *state = ifm_os_state_path(NULL, err);
    bool ok = state != NULL && (folder->path = ifm_os_path_join(state, "stack", err)) != NULL &&
              (folder->targets = ifm_os_path_join(state, "targets", err)) != NULL;
    if (ok && make) {
        /* The way to the state folder is made as the XDG specification says, and the targets below ours
         * are for containers to read. */
        ok = ifm_os_make_folders(state, 0700, err) && ifm_os_make_folders(folder->path, 0700, err) &&
             ifm_os_make_folders(folder->targets, 0755, err);
        ok = ok && make_private(folder->path, err);
    }
    ifm_free(state);
    if (!ok) {
        stack_folder_close(folder);
    }
    return ok;
}

void stack_folder_close(stack_folder *folder)
{
    ifm_free(folder->path);
    ifm_free(folder->targets);
    if (folder->lock_fd >= 0) {
        close(folder->lock_fd);
    }
    *folder = (stack_folder){.lock_fd = -1};
}

/* --- The lock ------------------------------------------------------------------------------------- */

static void lock_write_holder(int fd)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)size, 0) != size) {
        return; /* it is only for a message */
    }
}

static int lock_holder(int fd)
{
    char text[32];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    int pid = 0;
    text[size > 0 ? size : 0] = '\0';
    return sscanf(text, "%d", &pid) == 1 ? pid : 0;
}

bool stack_folder_lock(stack_folder *folder, const stack_session *session, ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, "lock", err);
    if (path == NULL) {
        return false;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 ||
              (errno == ELOOP ? ifm_error_set(err, IFM_IO,
                                              "\"%.90s\" is a symbolic link where a file belongs; hint: rm "
                                              "'%.90s'",
                                              path, path)
                              : ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", path));
    ifm_free(path);
    bool told = false;
    while (ok && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            ok = ifm_error_errno(err, IFM_IO, errno, "could not lock \"%.150s\"", folder->path);
        } else if (!told) {
            told = true;
            stack_tell(session, STACK_STEP, "waiting for another inferometer (process %d) to finish",
                       lock_holder(fd));
        }
        if (ok && !stack_wait(session, LOCK_LOOK_MS, err)) {
            ok = ifm_error_wrap(err, "another inferometer (process %d) is at work", lock_holder(fd));
        }
    }
    if (ok) {
        lock_write_holder(fd);
        folder->lock_fd = fd;
    } else if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* --- Files ---------------------------------------------------------------------------------------- */

bool stack_folder_make(const stack_folder *folder, const char *name, ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, name, err);
    bool ok = path != NULL && ifm_os_make_folders(path, 0755, err);
    ifm_free(path);
    return ok;
}

static bool read_if_there(const char *path, ifm_buf *out, bool *there, ifm_error *err)
{
    struct stat status;
    *there = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    return !*there || ifm_os_read_file(path, out, err);
}

bool stack_folder_read(const stack_folder *folder, const char *name, ifm_buf *out, bool *there,
                       ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, name, err);
    bool ok = path != NULL && read_if_there(path, out, there, err);
    ifm_free(path);
    return ok;
}

/* Whether the file is there with these contents and can be read by containers. */
static bool is_same(const char *path, const char *bytes, size_t size)
{
    struct stat status;
    ifm_buf old;
    ifm_buf_init(&old, STACK_FILE_BYTES_MAX);
    bool there;
    ifm_error ignored; /* what cannot be read is replaced */
    bool same = stat(path, &status) == 0 && (status.st_mode & 0777) == 0644 &&
                read_if_there(path, &old, &there, &ignored) && there && old.size == size &&
                (size == 0 || memcmp(old.data, bytes, size) == 0);
    ifm_buf_deinit(&old);
    return same;
}

static bool replace(const ifm_os_files *files, const char *path, const char *bytes, size_t size,
                    ifm_error *err)
{
    char *folder = ifm_copy_text(path);
    if (folder == NULL) {
        return ifm_error_nomem(err);
    }
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    const ifm_os_replace_target target = {
        .files = files, .directory = folder, .name = slash + 1, .mode = 0644};
    ifm_os_replace_clean(&target);
    bool ok = ifm_os_replace(&target, 0, bytes, size, err);
    ifm_free(folder);
    return ok;
}

bool stack_folder_write(const stack_folder *folder, const char *name, const char *bytes, size_t size,
                        bool *changed, ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, name, err);
    if (path == NULL) {
        return false;
    }
    bool ok = true;
    if (!is_same(path, bytes, size)) {
        if (rmdir(path) != 0 && errno == ENOTEMPTY) {
            /* No command: a path that was cut would name a folder above it. */
            ok = ifm_error_set(err, IFM_IO, "\"%s\" is a folder where a file belongs; hint: move it away",
                               path);
        }
        ok = ok && replace(folder->files, path, bytes, size, err);
        if (ok && changed != NULL) {
            *changed = true;
        }
    }
    ifm_free(path);
    return ok;
}

bool stack_folder_rename(const stack_folder *folder, const char *from, const char *to, ifm_error *err)
{
    char *old = ifm_os_path_join(folder->path, from, err);
    char *new = old == NULL ? NULL : ifm_os_path_join(folder->path, to, err);
    bool ok = new != NULL;
    if (ok && folder->files->rename(old, new) != 0) {
        ok = ifm_error_errno(err, IFM_IO, errno, "could not rename \"%s\"", old);
    }
    ifm_free(old);
    ifm_free(new);
    return ok;
}

bool stack_folder_remove(const stack_folder *folder, const char *name, ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, name, err);
    bool ok = path != NULL;
    if (ok && folder->files->unlink(path) != 0 && errno != ENOENT) {
        ok = ifm_error_errno(err, IFM_IO, errno, "could not remove \"%s\"", path);
    }
    ifm_free(path);
    return ok;
}

bool stack_folder_record(const stack_folder *folder, stack_record *out, bool *there, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    *out = (stack_record){0};
    bool ok = stack_folder_read(folder, "stack.json", &text, there, err);
    if (ok && *there) {
        ifm_error reason;
        ok =
            stack_record_parse(text.data, text.size, out, &reason) ||
            ifm_error_set(err, reason.code,
                          "cannot use \"%.90s/stack.json\": %.60s; hint: inferometer stack up writes it anew",
                          folder->path, reason.message);
    }
    ifm_buf_deinit(&text);
    return ok;
}

bool stack_folder_save(const stack_folder *folder, const stack_record *record, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool ok = stack_record_print(record, &text, err) &&
              stack_folder_write(folder, "stack.json", text.data, text.size, NULL, err);
    ifm_buf_deinit(&text);
    return ok;
}

bool stack_folder_forget(const stack_folder *folder, ifm_error *err)
{
    return stack_folder_remove(folder, "stack.json", err);
}

bool stack_folder_prune(const stack_folder *folder, const char *name,
                        bool (*keep)(void *context, const char *file), void *context, ifm_error *err)
{
    char *path = ifm_os_path_join(folder->path, name, err);
    if (path == NULL) {
        return false;
    }
    bool ok = true;
    DIR *entries = opendir(path);
    for (struct dirent *entry = entries != NULL ? readdir(entries) : NULL; ok && entry != NULL;
         entry = readdir(entries)) {
        if (entry->d_name[0] != '.' && !keep(context, entry->d_name) &&
            unlinkat(dirfd(entries), entry->d_name, 0) != 0) {
            ok =
                ifm_error_errno(err, IFM_IO, errno, "could not remove \"%.100s/%.50s\"", path, entry->d_name);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    ifm_free(path);
    return ok;
}
