/* SPDX-License-Identifier: Apache-2.0
 *
 * A snapshot is blocks alone: what is in memory is flushed first. Blocks never change, so links will do; what
 * is appended meanwhile may be in it as well, as far as it was flushed.
 */
#include "tsdb/file.h"
#include "tsdb/tsdb_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/registry.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SNAPSHOT_FOLDER_MODE = 0700 };

static bool folder_make(const ifm_os_files *files, const char *folder, ifm_error *err)
{
    if (files->mkdir(folder, SNAPSHOT_FOLDER_MODE) == 0) {
        return true;
    }
    if (errno == EEXIST) {
        return ifm_error_set(err, IFM_EXISTS, "\"%.150s\" is there already", folder);
    }
    return ifm_error_errno(err, IFM_IO, errno, "could not make the folder \"%.150s\"", folder);
}

static bool folder_sync(const ifm_os_files *files, const char *folder, ifm_error *err)
{
    return tsdb_folder_sync(files, folder) == 0 ||
           ifm_error_errno(err, IFM_IO, errno, "could not sync the folder \"%.150s\"", folder);
}

static void folder_remove(const tsdb *db, const char *folder)
{
    ifm_error err;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        char *path = ifm_os_path_join(folder, entry->d_name, &err);
        if (path != NULL) {
            db->options.files->unlink(path); /* "." and ".." are refused */
        }
        ifm_free(path);
    }
    if (entries != NULL) {
        closedir(entries);
    }
    rmdir(folder);
}

bool tsdb_snapshot(tsdb *db, const char *folder, ifm_error *err)
{
    const ifm_os_files *files = db->options.files;
    char *blocks = ifm_os_path_join(folder, "blocks", err);
    bool ok = blocks != NULL && tsdb_flush(db, err);
    bool made = ok && folder_make(files, folder, err);
    ok = made && folder_make(files, blocks, err) && tsdb_blocks_link(db->blocks, blocks, err) &&
         folder_sync(files, blocks, err) && folder_sync(files, folder, err);
    if (made && !ok) {
        folder_remove(db, blocks);
        folder_remove(db, folder);
    }
    ifm_free(blocks);
    return ok || ifm_error_wrap(err, "could not make a snapshot");
}
