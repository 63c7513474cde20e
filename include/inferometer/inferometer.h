/* SPDX-License-Identifier: Apache-2.0
 *
 * Inferometer: metrics for neural-inference pipelines. This header includes the whole C API; start with
 * logger.h and pipeline.h, go on to metrics.h for metrics of your own.
 */
#ifndef IFM_INFEROMETER_H
#define IFM_INFEROMETER_H

#include <inferometer/collector.h>
#include <inferometer/endpoint.h>
#include <inferometer/error.h>
#include <inferometer/export.h>
#include <inferometer/log.h>
#include <inferometer/logger.h>
#include <inferometer/metrics.h>
#include <inferometer/pipeline.h>
#include <inferometer/registry.h>
#include <inferometer/text_file.h>
#include <inferometer/timing.h>

#endif
