/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that say "this process is here": made by a process for others to read, and removed with it. Beside
 * NAME.json lies ".NAME.lock", which the process holds with flock() as long as it means the file. The kernel
 * lets go of the lock however the process ends, so whoever can take it knows that the owner is gone and
 * sweeps both files away. (A process id in the name cannot tell that: ids are used again, and those of a
 * container mean nothing outside it. A lock is seen wherever the folder is.)
 *
 * A file outlives a process that was killed until somebody sweeps: for a monitor, what has vanished without a
 * word is news.
 *
 * P1  NAME.json is written, replaced and removed only by who holds the lock on the file that ".NAME.lock"
 *     names at that moment.
 * P2  a lock file is removed only under its lock; so who locked a file that has no name any more tries again.
 *
 * Thread-safety: any thread, any process.
 */
#ifndef IFM_OS_PRESENCE_H
#define IFM_OS_PRESENCE_H

#include <inferometer/error.h>
#include <stddef.h>

typedef struct ifm_os_presence ifm_os_presence;

enum {
    IFM_OS_PRESENCE_NAME_MAX = 200,  /* bytes: leaves room in NAME_MAX for what is added */
    IFM_OS_PRESENCE_TEXT_MAX = 4096, /* bytes: one write() is then all or nothing, or an error */
    IFM_OS_PRESENCE_SAME_MAX =
        100, /* of one name at once: as many loggers of one process on one port number */
    IFM_OS_PRESENCE_SWEEP_MAX = 1000 /* files that a sweep looks at: what is more waits for the next */
};

/* Writes "FOLDER/NAME.json" with mode 0644 whatever the umask, for readers that are another user;
 * "NAME-2.json" and so on while NAME is somebody else's. Nothing is synced to disk: a machine that goes down
 * takes the process along. The caller closes the result. Errors: IFM_IO, IFM_LIMIT, IFM_NOMEM. */
ifm_os_presence *ifm_os_presence_open(const char *folder, const char *name, const char *text, size_t size,
                                      ifm_error *err);

/* The path of the file, valid until close. */
const char *ifm_os_presence_path(const ifm_os_presence *presence);

/* Removes the file, and frees. In a child of fork() it only frees: the file is its parent's. NULL is
 * accepted. */
void ifm_os_presence_close(ifm_os_presence *presence);

/* Removes the files in `folder` whose process is gone. Files without a lock file beside them are somebody
 * else's and stay. A folder that is not there, or cannot be changed, is left as it is. */
void ifm_os_presence_sweep(const char *folder);

#endif
