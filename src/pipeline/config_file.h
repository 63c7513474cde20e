/* SPDX-License-Identifier: Apache-2.0
 *
 * The YAML file of a logger: one mapping whose keys are the fields of ifm_logger_options. Strict: a key
 * that does not exist, one that comes twice, a value of another kind, anchors and a second document are
 * errors, with line and column.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PIPELINE_CONFIG_FILE_H
#define IFM_PIPELINE_CONFIG_FILE_H

#include <inferometer/error.h>
#include <inferometer/logger.h>
#include <stdbool.h>

struct ifm_config_file;

/* Reads `path` into `settings`, which borrows texts and bounds of the result. The caller frees it. Errors:
 * IFM_INVALID, IFM_IO, IFM_LIMIT, IFM_NOMEM. */
struct ifm_config_file *ifm_config_file_open(const char *path, ifm_logger_options *settings, ifm_error *err);
void ifm_config_file_close(struct ifm_config_file *file);

#endif
