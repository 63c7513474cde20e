/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 1, the header that other folders include: files of the source tree that the program carries.
 *
 *     dashboards/NAME.json   the Grafana dashboards of dashboards/
 *     rules/NAME.yml         the rules of deploy/rules/
 *     ui/PATH                the web user interface (web/bundle/, or IFM_WEB_BUNDLE), compressed but the page
 *
 * Thread-safety: any thread; all of it is constant.
 * A1  assets_files is sorted by path and ends with a zeroed one.
 */
#ifndef IFM_ASSETS_ASSETS_H
#define IFM_ASSETS_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct assets_file {
    const char *path;
    const char *bytes; /* ends with a zero that does not count */
    size_t size;
    const char *tag; /* changes with the content: 16 hexadecimal digits */
    bool gzipped;    /* the bytes are a gzip file */
} assets_file;

extern const assets_file assets_files[]; /* A1; written by cmake/embed.cmake */

/* NULL when there is none of that path. */
const assets_file *assets_find(const char *path);
/* The files whose path begins with `prefix`, one after another: `after` NULL begins, NULL is the end. */
const assets_file *assets_next(const char *prefix, const assets_file *after);

#endif
