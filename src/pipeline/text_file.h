/* SPDX-License-Identifier: Apache-2.0
 *
 * The text file with its system calls handed in, so that tests can make each of them fail.
 */
#ifndef IFM_PIPELINE_TEXT_FILE_H
#define IFM_PIPELINE_TEXT_FILE_H

#include "os/os.h"

#include <inferometer/text_file.h>

/* As ifm_text_file_start(); `files` is borrowed. */
ifm_text_file *ifm_text_file_start_with(ifm_registry *registry, const ifm_text_file_options *options,
                                        const ifm_os_files *files, ifm_error *err);

#endif
