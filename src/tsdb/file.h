/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the store, through the table of the operating system: calls that were interrupted are made again,
 * short ones go on.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_TSDB_FILE_H
#define IFM_TSDB_FILE_H

#include "os/os.h"

/* Each is -1 with errno on failure. */
int tsdb_file_open(const ifm_os_files *files, const char *path, int flags);
int tsdb_file_write(const ifm_os_files *files, int fd, const void *bytes, size_t size);
int tsdb_file_sync(const ifm_os_files *files, int fd);
int tsdb_folder_sync(const ifm_os_files *files, const char *folder);
/* 0 with fewer bytes than wanted is EIO. */
int tsdb_file_read(const ifm_os_files *files, int fd, void *bytes, size_t size, uint64_t offset);

/* "FOLDER/NAME" in the heap; NULL without memory. */
char *tsdb_path(const char *folder, const char *name, const char *suffix);

#endif
