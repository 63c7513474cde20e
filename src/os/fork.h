/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors that a child of fork() must not keep. A child shares more than a number with its parent: with a
 * locked file it would hold the lock after its parent ended, with the end of a pipe it would keep the other
 * end from ever seeing that nobody writes any more. So the child closes them before fork() returns there.
 * (O_CLOEXEC is for programs that are executed; a child that goes on with the same program is not one.)
 *
 * Process-wide state: the list of these descriptors, which fork handlers cannot be handed in another way.
 *
 * Thread-safety: any thread. The lock is a leaf: whoever holds it calls the system, and nothing else.
 */
#ifndef IFM_OS_FORK_H
#define IFM_OS_FORK_H

/* In the caller's storage, from add to close. `fd` is -1 in a child. */
typedef struct ifm_os_fork_fd {
    int fd;
    struct ifm_os_fork_fd *next;
} ifm_os_fork_fd;

/* Between them no fork() happens: for opening a descriptor and adding it. */
void ifm_os_fork_lock(void);
void ifm_os_fork_unlock(void);

/* Under the lock. Nothing when `fd` is negative. */
void ifm_os_fork_add(ifm_os_fork_fd *entry, int fd);

/* Takes the lock, and the entry off the list; closes what is not closed yet. Also in a child, and twice. */
void ifm_os_fork_close(ifm_os_fork_fd *entry);

#endif
