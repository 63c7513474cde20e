/* SPDX-License-Identifier: Apache-2.0
 *
 * What ifm_logger_open() starts from: the options or the YAML file, then the environment, then checks and
 * defaults.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PIPELINE_CONFIG_H
#define IFM_PIPELINE_CONFIG_H

#include "pipeline/environment.h"

#include <inferometer/error.h>
#include <inferometer/logger.h>
#include <stdbool.h>

struct ifm_config_file;

typedef struct ifm_config {
    ifm_logger_options settings;  /* as they hold: port, naming and text_every are never 0 for a default */
    struct ifm_config_file *file; /* owns texts that `settings` borrows; NULL without a file */
} ifm_config;

/* `options` may be NULL; its texts and those of the environment are borrowed. Errors: IFM_INVALID, IFM_IO
 * (the file cannot be read), IFM_LIMIT (it is too large), IFM_NOMEM. */
bool ifm_config_init(ifm_config *config, const ifm_logger_options *options, ifm_environment_get get,
                     ifm_error *err);
void ifm_config_deinit(ifm_config *config);

#endif
