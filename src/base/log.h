/* SPDX-License-Identifier: Apache-2.0
 *
 * Saying something through the function set with ifm_log_set(); nothing when none is set. Not for hot
 * calls: it formats and takes a lock.
 */
#ifndef IFM_BASE_LOG_H
#define IFM_BASE_LOG_H

#include <inferometer/log.h>

void ifm_log(ifm_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* After fork(), in the child: the lock may have been held by a thread that is not there any more. */
void ifm_log_after_fork(void);

#endif
