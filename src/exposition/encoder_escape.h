/* SPDX-License-Identifier: Apache-2.0
 *
 * Escaping of help and label values in the text formats. Most text needs none, which is found out
 * eight bytes at a time.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_EXPOSITION_ENCODER_ESCAPE_H
#define IFM_EXPOSITION_ENCODER_ESCAPE_H

#include "exposition/encoder.h"

typedef enum ifm_escape_what {
    IFM_ESCAPE_LINES, /* backslash and line feed: help in the Prometheus text formats */
    IFM_ESCAPE_QUOTES /* and the double quote: all that stands between quotes, and help in OpenMetrics */
} ifm_escape_what;

enum { IFM_ESCAPE_ROOM = 2 }; /* bytes that one byte can become */

/* Writes `text` to `to`, which has room for IFM_ESCAPE_ROOM * text.size bytes; returns the end. */
char *ifm_escape_copy(char *to, ifm_text text, ifm_escape_what what);

void ifm_escape_append(ifm_buf *out, ifm_text text, ifm_escape_what what);

#endif
