/* SPDX-License-Identifier: Apache-2.0 */
#include "assets/assets.h"

#include <string.h>

const assets_file *assets_find(const char *path)
{
    for (const assets_file *file = assets_files; file->path != NULL; file++) {
        if (strcmp(file->path, path) == 0) {
            return file;
        }
    }
    return NULL;
}

const assets_file *assets_next(const char *prefix, const assets_file *after)
{
    const assets_file *file = after == NULL ? assets_files : after + 1;
    while (file->path != NULL && strncmp(file->path, prefix, strlen(prefix)) != 0) {
        file++;
    }
    return file->path == NULL ? NULL : file;
}
