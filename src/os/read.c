/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READ_CHUNK_BYTES = 4096 };

/* Appends what is left of the open file; files of /proc have no size, so it is read until the end. A file
 * that is as large as `out` may be is read whole: its end is found by asking for one byte more. */
static bool read_all(int fd, const char *path, ifm_buf *out, ifm_error *err)
{
    for (;;) {
        char more;
        size_t room = out->max - out->size;
        size_t wanted = room < READ_CHUNK_BYTES ? room : READ_CHUNK_BYTES;
        char *to = wanted == 0 ? &more : ifm_buf_reserve(out, wanted);
        ssize_t count = to == NULL ? 0 : read(fd, to, wanted == 0 ? 1 : wanted);
        if (to == NULL || (wanted == 0 && count > 0 && ifm_buf_reserve(out, 1) == NULL)) {
            ifm_buf_check(out, err);
            return ifm_error_wrap(err, "could not read \"%s\"", path);
        }
        if (count > 0) {
            out->size += (size_t)count;
        } else if (count == 0) {
            return true;
        } else if (errno != EINTR) {
            return ifm_error_errno(err, IFM_IO, errno, "could not read \"%s\"", path);
        }
    }
}

bool ifm_os_read_file(const char *path, ifm_buf *out, ifm_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not open \"%s\"", path);
    }
    bool ok = read_all(fd, path, out, err);
    close(fd);
    return ok;
}
