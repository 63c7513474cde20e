/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/text_output.h"

#include "ocr/fail.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool text_output_prepare(const char *directory, ifm_error *err)
{
    struct stat status;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        return fail(err, IFM_IO, "could not make the folder \"%s\": %s", directory, strerror(errno));
    }
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return fail(err, IFM_IO, "\"%s\" is no folder", directory);
    }
    if (access(directory, W_OK | X_OK) != 0) {
        return fail(err, IFM_IO, "cannot write into the folder \"%s\": %s", directory, strerror(errno));
    }
    return true;
}

/* Pages of one document sort by name: as many digits as the last one has. */
static bool format_path(char out[PATH_MAX], const char *directory, const struct page *page)
{
    const char *slash = strrchr(page->path, '/');
    const char *name = slash == NULL ? page->path : slash + 1;
    char last[16];
    int digits = snprintf(last, sizeof last, "%u", page->count);
    int length = page->count == 1
                     ? snprintf(out, PATH_MAX, "%s/%s.txt", directory, name)
                     : snprintf(out, PATH_MAX, "%s/%s-%0*u.txt", directory, name, digits, page->number);
    return length > 0 && length < PATH_MAX;
}

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return false;
    }
    bool ok = fputs(text, file) >= 0;
    return fclose(file) == 0 && ok;
}

bool text_output_write(const char *directory, const struct page *page, const char *text, ifm_error *err)
{
    char path[PATH_MAX], temporary[PATH_MAX];
    if (!format_path(path, directory, page) ||
        snprintf(temporary, sizeof temporary, "%s.%d.part", path, gettid()) >= (int)sizeof temporary) {
        return fail(err, IFM_LIMIT, "the name of its text file would be too long");
    }
    if (!write_file(temporary, text) || rename(temporary, path) != 0) {
        fail(err, IFM_IO, "could not write \"%s\": %s", path, strerror(errno));
        unlink(temporary);
        return false;
    }
    return true;
}
