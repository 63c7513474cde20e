/* SPDX-License-Identifier: Apache-2.0
 *
 * The last words of ocr_pipeline: a table of what was measured. The numbers are those that Prometheus
 * sees, taken from the registry in the text format; p95 is what histogram_quantile(0.95, ...) would say.
 *
 * Thread-safety: any thread, also while workers run.
 */
#ifndef EXAMPLES_OCR_SUMMARY_H
#define EXAMPLES_OCR_SUMMARY_H

#include <inferometer/registry.h>
#include <stdio.h>

/* `seconds` is how long the run took. Errors: those of ifm_registry_expose(). */
bool summary_print(FILE *stream, ifm_registry *registry, double seconds, ifm_error *err);

#endif
