/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts about this machine and who we are on it, read from files below the system table's root.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_HOST_H
#define STACK_HOST_H

#include "stack/system.h"

#include <sys/stat.h>

enum {
    STACK_HOST_NAME_SIZE = 64, /* of a user or group; Linux allows 32 bytes */
    STACK_HOST_PATH_SIZE = 1024
};

/* Which command installs packages. */
typedef enum stack_packager {
    STACK_PACKAGER_NONE,
    STACK_PACKAGER_DEBIAN,
    STACK_PACKAGER_UBUNTU,
    STACK_PACKAGER_FEDORA,
    STACK_PACKAGER_REDHAT, /* and what is built from its sources: podman, but no Docker */
    STACK_PACKAGER_SUSE,
    STACK_PACKAGER_ARCH,
    STACK_PACKAGER_ALPINE
} stack_packager;

bool stack_host_has(const stack_system *system, const char *path);
bool stack_host_stat(const stack_system *system, const char *path, struct stat *out);

/* Whether systemd is process 1. */
bool stack_host_has_systemd(const stack_system *system);

/* By ID and ID_LIKE of /etc/os-release. */
stack_packager stack_host_packager(const stack_system *system);

/* The effective user id of this process; (unsigned)-1 when /proc does not say. */
unsigned stack_host_user(const stack_system *system);

/* Who we are, for a command line: "alice"; the text $USER, which a shell replaces, when that is not sure. */
const char *stack_host_user_name(const stack_system *system, char out[static STACK_HOST_NAME_SIZE]);

/* Whether this process is in the group. */
bool stack_host_is_in_group(const stack_system *system, unsigned group);

/* The name of a group, "" without one, and in *listed whether /etc/group has `user` among its members. */
void stack_host_group(const stack_system *system, unsigned group, const char *user,
                      char name[static STACK_HOST_NAME_SIZE], bool *listed);

/* "sudo " before a command that needs root, "" when we are root. */
const char *stack_host_sudo(const stack_system *system);

#endif
