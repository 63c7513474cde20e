/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/values.h"

#include "os/os.h"

#include <string.h>
#include <sys/stat.h>

enum { SECRET_BYTES_MAX = 8192 };

static bool read_whole(const char *text, size_t size, int min, int max, int *out)
{
    long long value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || value > max) {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    if (size == 0 || value < min || value > max) {
        return false;
    }
    *out = (int)value;
    return true;
}

bool cmd_whole(const char *text, int min, int max, int *out, ifm_error *err)
{
    return read_whole(text, strlen(text), min, max, out) ||
           ifm_error_set(err, IFM_INVALID, "it is no whole number from %d to %d", min, max);
}

bool cmd_seconds(const char *text, int min, int max, int *out, ifm_error *err)
{
    size_t size = strlen(text);
    size -= size > 0 && text[size - 1] == 's';
    return read_whole(text, size, min, max, out) ||
           ifm_error_set(err, IFM_INVALID, "it is no number of whole seconds from %d to %d", min, max);
}

bool cmd_secret_file(const char *path, char **out, ifm_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    path = is_stdin ? "/dev/stdin" : path;
    struct stat status;
    if (!is_stdin && stat(path, &status) == 0 && (status.st_mode & 077) != 0) {
        return ifm_error_set(err, IFM_INVALID, "others can read it; hint: chmod 600 '%.150s'", path);
    }
    ifm_buf text;
    ifm_buf_init(&text, SECRET_BYTES_MAX);
    bool ok = ifm_os_read_file(path, &text, err);
    if (ok) {
        const char *end = text.size > 0 ? memchr(text.data, '\n', text.size) : NULL;
        text.size = end != NULL ? (size_t)(end - text.data) : text.size;
        size_t size;
        *out = ifm_buf_take(&text, &size, err);
        ok = *out != NULL;
    }
    ifm_buf_deinit(&text);
    return ok;
}
