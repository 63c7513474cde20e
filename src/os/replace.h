/* SPDX-License-Identifier: Apache-2.0
 *
 * Replacing a file atomically: a temporary file beside it, made durable, takes its name. A reader sees the
 * old contents or the new, also after a power failure.
 *
 * The temporary file is ".NAME.PID.NUMBER.tmp": hidden, and not ".prom", so that no collector reads it. It is
 * removed when anything fails; one that a process left when it was killed is removed by the next process
 * that replaces the same file, which sees by PID that its writer is gone.
 *
 * Thread-safety: any thread, one at a time for one `number`.
 */
#ifndef IFM_OS_REPLACE_H
#define IFM_OS_REPLACE_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ifm_os_files;

/* What is replaced. `directory` has no trailing slash unless it is "/". */
typedef struct ifm_os_replace_target {
    const struct ifm_os_files *files;
    const char *directory;
    const char *name;
    mode_t mode; /* of the new file, whatever the umask; 0: 0644 less the umask */
} ifm_os_replace_target;

/* `number` makes the temporary file's name unique in this process: no two calls at once may share it.
 * Errors: IFM_IO, IFM_NOMEM. */
bool ifm_os_replace(const ifm_os_replace_target *target, uint64_t number, const char *bytes, size_t size,
                    ifm_error *err);

/* Removes temporary files of `target` whose process is gone. What cannot be removed stays. */
void ifm_os_replace_clean(const ifm_os_replace_target *target);

#endif
