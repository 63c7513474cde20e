/* SPDX-License-Identifier: Apache-2.0
 *
 * The private folder of the stack, and its lock.
 *
 *     STATE/targets/NAME.json            written by running loggers, for file_sd_configs
 *     STATE/stack/                       0700: nobody else reads below it
 *         lock                           held while something is changed; has the holder's process id
 *         stack.json                     record.h
 *         compose.yaml                   with a container engine
 *         prometheus/                    what containers see: 0755 and 0644, as their users are others
 *         grafana/{provisioning,dashboards,secrets}/
 *         native/                        process ids, logs and data of our own processes
 *
 * Thread-safety: one thread.
 * F1  a file is replaced as a whole, and only when its contents change: what is mounted keeps its time stamp.
 * F2  the lock goes with its process, however that ends.
 */
#ifndef STACK_FOLDER_H
#define STACK_FOLDER_H

#include "stack/record.h"

#define STACK_PASSWORD_FILE "grafana/secrets/admin_password"

typedef struct stack_folder {
    char *path;                /* STATE/stack */
    char *targets;             /* STATE/targets */
    int lock_fd;               /* -1: not held */
    const ifm_os_files *files; /* &ifm_os_files_real but in tests */
} stack_folder;

/* Finds the folder; with `make` it is made where it is missing. Without, a missing one is no error: its files
 * are missing too. The caller closes it when this succeeded. Errors: IFM_NOT_FOUND (there is no home folder),
 * IFM_IO, IFM_NOMEM. */
bool stack_folder_open(stack_folder *folder, bool make, ifm_error *err);
void stack_folder_close(stack_folder *folder);

/* Takes the lock, waiting for another call until the session ends, and telling so. Errors: IFM_TIMEOUT,
 * IFM_CANCELED, IFM_IO, IFM_NOMEM. */
bool stack_folder_lock(stack_folder *folder, const stack_session *session, ifm_error *err);

/* Makes a folder inside, 0755 all the way down. */
bool stack_folder_make(const stack_folder *folder, const char *name, ifm_error *err);

/* Replaces a file whose folder is there, when it differs (F1), with mode 0644 whatever the umask: containers
 * read it as other users, and the folder around it keeps strangers out. *changed (may be NULL) becomes true
 * when it did, and else stays. An empty folder in its place, as docker makes of a mount that was missing, is
 * removed. Errors: IFM_IO, IFM_NOMEM. */
bool stack_folder_write(const stack_folder *folder, const char *name, const char *bytes, size_t size,
                        bool *changed, ifm_error *err);

/* Gives a file another name; what had that name is replaced. Errors: IFM_IO, IFM_NOMEM. */
bool stack_folder_rename(const stack_folder *folder, const char *from, const char *to, ifm_error *err);

/* Removes a file; none is no error. Errors: IFM_IO, IFM_NOMEM. */
bool stack_folder_remove(const stack_folder *folder, const char *name, ifm_error *err);

/* Appends the file; *there is false, and nothing is appended, when there is none. */
bool stack_folder_read(const stack_folder *folder, const char *name, ifm_buf *out, bool *there,
                       ifm_error *err);

/* Reads stack.json; *there is false, and *out zeroed, without one. */
bool stack_folder_record(const stack_folder *folder, stack_record *out, bool *there, ifm_error *err);
bool stack_folder_save(const stack_folder *folder, const stack_record *record, ifm_error *err);
bool stack_folder_forget(const stack_folder *folder, ifm_error *err);

/* Removes what `keep` does not name from a folder inside: dashboards of an older version. */
bool stack_folder_prune(const stack_folder *folder, const char *name,
                        bool (*keep)(void *context, const char *file), void *context, ifm_error *err);

#endif
