/* SPDX-License-Identifier: Apache-2.0
 *
 * Which process listens on a TCP port, as /proc tells: /proc/net/tcp and tcp6 give the inode of the
 * listening socket and its user, /proc/PID/fd the process that has it open.
 *
 * Thread-safety: any thread. The answer is of the moment, for a message, not for a decision.
 */
#ifndef IFM_OS_PORT_OWNER_H
#define IFM_OS_PORT_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

typedef struct ifm_os_port_owner {
    pid_t pid;     /* 0: the process cannot be seen (another user's, or another container's) */
    unsigned user; /* the user id that opened the socket */
    char name[64]; /* as in /proc/PID/comm, printable; "" when pid is 0 */
} ifm_os_port_owner;

/* Finds who listens where `address` (IPv4 or IPv6, with its port) wants to. `proc` is "/proc" but in
 * tests. False when nobody is seen there. */
bool ifm_os_port_owner_find(const char *proc, const struct sockaddr *address, ifm_os_port_owner *out);

#endif
