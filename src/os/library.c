/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

bool ifm_os_is_privileged(void)
{
    return getauxval(AT_SECURE) != 0;
}

/* The name of the main program is empty in the list of what is loaded. */
static const char *library_path(char executable[PATH_MAX])
{
    Dl_info info;
    struct link_map *map = NULL;
    const void *own = (const void *)(uintptr_t)library_path;
    if (dladdr1(own, &info, (void **)&map, RTLD_DL_LINKMAP) != 0 && map != NULL && map->l_name[0] == '/') {
        return map->l_name;
    }
    ssize_t size = readlink("/proc/self/exe", executable, PATH_MAX - 1);
    executable[size < 0 ? 0 : size] = '\0';
    return executable;
}

char *ifm_os_library_folder(void)
{
    char executable[PATH_MAX];
    const char *path = library_path(executable);
    const char *slash = strrchr(path, '/');
    return slash == NULL ? NULL : ifm_copy_bytes(path, (size_t)(slash - path));
}
