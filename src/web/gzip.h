/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressing an answer as a whole, and giving out as it was what is carried compressed.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_WEB_GZIP_H
#define IFM_WEB_GZIP_H

#include "base/base.h"

/* Appends `bytes` as a gzip file. False without memory, or past the maximum of `out`. */
bool web_gzip(const char *bytes, size_t size, ifm_buf *out);
/* Appends what the gzip file `bytes` holds, one of our own. Without memory `out` says that it failed. */
void web_gunzip(const char *bytes, size_t size, ifm_buf *out);

#endif
