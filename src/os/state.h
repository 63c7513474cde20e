/* SPDX-License-Identifier: Apache-2.0
 *
 * Where programs of one user keep what must outlive them: the folder of the XDG base directory specification
 * for state, with "inferometer" below it.
 *
 * Thread-safety: any thread, while none changes the environment.
 */
#ifndef IFM_OS_STATE_H
#define IFM_OS_STATE_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <sys/types.h>

/* "$XDG_STATE_HOME/inferometer/NAME", or "$HOME/.local/state/inferometer/NAME" where the variable is unset or
 * not absolute; the home of the user database where HOME is unset. Nothing is created. `name` NULL: without
 * "/NAME". Freed with ifm_free(). NULL with `err`: IFM_NOT_FOUND (there is no home folder), IFM_NOMEM. */
char *ifm_os_state_path(const char *name, ifm_error *err);

/* "FOLDER/NAME", freed with ifm_free(). Errors: IFM_NOMEM. */
char *ifm_os_path_join(const char *folder, const char *name, ifm_error *err);

/* Makes the folder and those above it that are missing, each with `mode` whatever the umask. One that is
 * there already stays as it is. Errors: IFM_IO (also when something of that name is no folder), IFM_NOMEM. */
bool ifm_os_make_folders(const char *path, mode_t mode, ifm_error *err);

/* Whether this process has more rights than whoever started it (set-user-id, file capabilities). Then the
 * environment and the home folder are those of somebody who may do less: no place to take programs from, or
 * to write to. */
bool ifm_os_is_privileged(void);

#endif
