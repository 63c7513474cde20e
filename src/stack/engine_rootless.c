/* SPDX-License-Identifier: Apache-2.0
 *
 * A rootless Docker lives in a namespace that RootlessKit made, behind a network in user mode: "host-gateway"
 * is a bridge in there, not this machine. Packets to any address of this machine do arrive at it, as if they
 * came from itself, but programs on 127.0.0.1 are beyond reach unless RootlessKit was started without
 * --disable-host-loopback; then 10.0.2.2 is 127.0.0.1.
 */
#include "stack/engine_impl.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define LOOPBACK_GATEWAY "10.0.2.2"

enum {
    PROCESSES_MAX = 100000,        /* that are looked at */
    COMMAND_LINE_BYTES_MAX = 16384 /* RootlessKit's is a tenth of it */
};

/* Whether the process is RootlessKit, and what its command line says of the loopback. */
static bool is_rootlesskit(const stack_system *system, const char *process, bool *loopback)
{
    char path[STACK_HOST_PATH_SIZE];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%s", process);
    if (!stack_host_stat(system, path, &status) || status.st_uid != stack_host_user(system)) {
        return false;
    }
    snprintf(path, sizeof path, "%s/proc/%s/cmdline", system->root, process);
    ifm_buf words;
    ifm_buf_init(&words, COMMAND_LINE_BYTES_MAX);
    ifm_error ignored; /* it ended meanwhile */
    bool found = ifm_os_read_file(path, &words, &ignored) && words.size > 0;
    if (found) {
        words.data[words.size - 1] = '\0';
        const char *name = strrchr(words.data, '/');
        found = strcmp(name == NULL ? words.data : name + 1, "rootlesskit") == 0;
        *loopback = true;
        for (const char *word = words.data; word < words.data + words.size; word += strlen(word) + 1) {
            *loopback = *loopback && strcmp(word, "--disable-host-loopback") != 0 &&
                        strcmp(word, "--disable-host-loopback=true") != 0;
        }
    }
    ifm_buf_deinit(&words);
    return found;
}

/* Whether this user's RootlessKit lets its containers reach 127.0.0.1. */
static bool loopback_is_open(const stack_system *system)
{
    char path[STACK_HOST_PATH_SIZE];
    bool found = false, loopback = false;
    snprintf(path, sizeof path, "%s/proc", system->root);
    DIR *processes = opendir(path);
    struct dirent *entry;
    for (int i = 0; processes != NULL && !found && i < PROCESSES_MAX && (entry = readdir(processes)) != NULL;
         i++) {
        found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                is_rootlesskit(system, entry->d_name, &loopback);
    }
    if (processes != NULL) {
        closedir(processes);
    }
    return found && loopback;
}

void stack_rootless_address(const engine_probe *probe)
{
    const stack_system *system = probe->system;
    char *out = probe->out->address;
    if (loopback_is_open(system) || !system->address(system->context, out)) {
        snprintf(out, sizeof probe->out->address, LOOPBACK_GATEWAY);
    }
}
