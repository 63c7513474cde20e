/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int files_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

const ifm_os_files ifm_os_files_real = {files_open, write, fsync, close, rename, unlink, fchmod};
