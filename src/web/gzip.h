/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressing an answer as a whole.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_WEB_GZIP_H
#define IFM_WEB_GZIP_H

#include "base/base.h"

/* Appends `bytes` as a gzip file. False without memory, or past the maximum of `out`. */
bool web_gzip(const char *bytes, size_t size, ifm_buf *out);

#endif
