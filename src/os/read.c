/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READ_CHUNK_BYTES = 4096 };

/* Appends what is left of the open file; files of /proc have no size, so it is read until the end. */
static bool read_all(int fd, const char *path, ifm_buf *out, ifm_error *err)
{
    for (;;) {
        char *to = ifm_buf_reserve(out, READ_CHUNK_BYTES);
        if (to == NULL) {
            ifm_buf_check(out, err);
            return ifm_error_wrap(err, "could not read \"%s\"", path);
        }
        ssize_t count = read(fd, to, READ_CHUNK_BYTES);
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
