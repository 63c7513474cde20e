/* SPDX-License-Identifier: Apache-2.0 */
#include "os/state.h"

#include "os/os.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 8192, USER_BYTES = 4096 };

/* Takes what was put together. */
static char *path_take(ifm_buf *path, ifm_error *err)
{
    size_t size;
    char *text = ifm_buf_take(path, &size, err);
    ifm_buf_deinit(path);
    return text;
}

static bool append_home(ifm_buf *out)
{
    const char *home = secure_getenv("HOME");
    if (home != NULL && home[0] == '/') {
        ifm_buf_append_text(out, home);
        return true;
    }
    char bytes[USER_BYTES];
    struct passwd user, *found = NULL;
    if (getpwuid_r(getuid(), &user, bytes, sizeof bytes, &found) != 0 || found == NULL ||
        found->pw_dir[0] != '/') {
        return false;
    }
    ifm_buf_append_text(out, found->pw_dir);
    return true;
}

char *ifm_os_state_path(const char *name, ifm_error *err)
{
    ifm_buf path;
    ifm_buf_init(&path, PATH_BYTES_MAX);
    const char *state = secure_getenv("XDG_STATE_HOME");
    if (state != NULL && state[0] == '/') { /* the specification: a relative one is to be ignored */
        ifm_buf_append_text(&path, state);
    } else if (append_home(&path)) {
        ifm_buf_append_text(&path, "/.local/state");
    } else {
        ifm_buf_deinit(&path);
        ifm_error_set(err, IFM_NOT_FOUND,
                      "this user has no home folder to keep state in; hint: set XDG_STATE_HOME");
        return NULL;
    }
    ifm_buf_printf(&path, "/inferometer%s%s", name == NULL ? "" : "/", name == NULL ? "" : name);
    return path_take(&path, err);
}

char *ifm_os_path_join(const char *folder, const char *name, ifm_error *err)
{
    ifm_buf path;
    ifm_buf_init(&path, PATH_BYTES_MAX);
    ifm_buf_printf(&path, "%s/%s", folder, name);
    return path_take(&path, err);
}

static bool make_folder(const char *path, mode_t mode, ifm_error *err)
{
    struct stat status;
    if (mkdir(path, mode) == 0) {
        if (chmod(path, mode) != 0) { /* the umask may have taken from it */
            return ifm_error_errno(err, IFM_IO, errno, "could not set the mode of \"%.150s\"", path);
        }
        return true;
    }
    int number = errno;
    if (stat(path, &status) == 0) { /* whatever mkdir() said: of "/" it may say EROFS */
        return S_ISDIR(status.st_mode) ||
               ifm_error_set(err, IFM_IO, "\"%.150s\" is no folder; hint: move it away", path);
    }
    return ifm_error_errno(err, IFM_IO, number, "could not make the folder \"%.150s\"", path);
}

bool ifm_os_make_folders(const char *path, mode_t mode, ifm_error *err)
{
    char *copy = ifm_copy_text(path);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = true;
    for (char *slash = strchr(copy + 1, '/'); ok && slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = make_folder(copy, mode, err);
        *slash = '/';
    }
    ok = ok && make_folder(copy, mode, err);
    ifm_free(copy);
    return ok;
}
