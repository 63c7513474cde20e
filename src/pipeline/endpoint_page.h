/* SPDX-License-Identifier: Apache-2.0
 *
 * The page at /: what this is, and where the metrics are. It loads nothing and runs nothing.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PIPELINE_ENDPOINT_PAGE_H
#define IFM_PIPELINE_ENDPOINT_PAGE_H

#include <inferometer/error.h>
#include <stddef.h>

enum { IFM_PAGE_TITLE_BYTES_MAX = 200 }; /* longer titles are cut: a heading, not a text */

/* Content-Security-Policy: the style sheet inside the page, and nothing else. */
#define IFM_PAGE_POLICY                                                                                      \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "                   \
    "frame-ancestors 'none'"

/* `title` may hold anything; NULL means "Inferometer". The caller frees the result with ifm_free().
 * Errors: IFM_NOMEM. */
char *ifm_page_make(const char *title, size_t *size, ifm_error *err);

#endif
