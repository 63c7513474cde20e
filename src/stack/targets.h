/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets that a user names: "HOST:PORT", or the URL of a metrics page.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_TARGETS_H
#define STACK_TARGETS_H

#include "base/base.h"

/* Appends a file for file_sd_configs with these targets, each once. Errors: IFM_INVALID (it names one),
 * IFM_LIMIT, IFM_NOMEM. */
bool stack_targets_render(const char *const *targets, size_t count, ifm_buf *out, ifm_error *err);

#endif
