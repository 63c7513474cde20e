/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing format, escaping and compression from request headers, as Prometheus's content negotiation
 * describes it. Wrong headers never fail: they fall back to text 0.0.4, uncompressed.
 */
#ifndef IFM_EXPOSITION_NEGOTIATE_H
#define IFM_EXPOSITION_NEGOTIATE_H

#include <inferometer/registry.h>
#include <stdbool.h>

typedef struct ifm_negotiated {
    ifm_format format;
    ifm_escaping escaping;
    char content_type[160]; /* the exact value of the Content-Type header, escaping= included */
} ifm_negotiated;

/* `accept` may be NULL; several headers are given joined by commas. The highest q wins, then the order in
 * the header; q=0 forbids what it names, unless something closer to it is allowed. Items that cannot be
 * read do not count. Wildcards are answered by text 0.0.4, "application" ones by OpenMetrics 1.0.0. The
 * escaping is that of the item chosen, IFM_ESCAPING_UNDERSCORES when it has none; Content-Type tells it
 * when it was asked for, and always in the versions 1.0.0, which require it. */
void ifm_negotiate_format(const char *accept, ifm_negotiated *out);

/* Whether the answer may be gzip: `accept_encoding` may be NULL; "gzip;q=0" forbids it, and "*" stands for
 * gzip where that is not named. */
bool ifm_negotiate_gzip(const char *accept_encoding);

#endif
