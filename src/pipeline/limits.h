/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the folder pipeline, each with its reason; those a user meets are in the public headers.
 */
#ifndef IFM_PIPELINE_LIMITS_H
#define IFM_PIPELINE_LIMITS_H

#include <inferometer/pipeline.h>
#include <inferometer/registry.h>

enum {
    IFM_PIPELINE_NAME_BYTES_MAX = 255, /* pipelines and stages: STAGE_PIPELINE must be a metric's name */
    IFM_FAILURE_REASONS_MAX = 100,     /* per pipeline: a label's values; see ifm_inference_fail() */
    IFM_DATA_NAMES_MAX = 1000,         /* per registry: metric names that a program makes up */
    IFM_CONFIG_BYTES_MAX = 65536,      /* a settings file: a dozen lines, and comments */
    IFM_PROC_BYTES_MAX = 1 << 20       /* a file of /proc: /proc/stat of 1000 cores has 200 KiB */
};

_Static_assert(2 * IFM_PIPELINE_NAME_BYTES_MAX + 1 <= IFM_NAME_BYTES_MAX,
               "STAGE_PIPELINE is a metric's name");
_Static_assert(IFM_STAGES_MAX <= 64, "a set of stages is a word of 64 bits");

#endif
