/* SPDX-License-Identifier: Apache-2.0
 *
 * The logger, as its own files see it.
 */
#ifndef IFM_PIPELINE_LOGGER_INTERNAL_H
#define IFM_PIPELINE_LOGGER_INTERNAL_H

#include "os/os.h"
#include "pipeline/monitoring.h"
#include "pipeline/pipeline.h"

#include <inferometer/logger.h>

struct ifm_logger {
    ifm_pipeline_metrics *metrics;
    ifm_naming naming;
    ifm_names pipelines; /* -> ifm_pipeline; read without a lock */
    ifm_text_file *text_file;
    ifm_endpoint *endpoint;
    ifm_os_presence *registration; /* NULL: none, or it could not be made */
    ifm_monitoring_run monitoring;
};

#endif
