/* SPDX-License-Identifier: Apache-2.0
 *
 * Quoting as Go's %q does, and the errors of the parser. What Go holds for printable is approximated above
 * U+FFFF and for unassigned code points (shown, where Go escapes them): the quoted text means the same.
 */
#ifndef IFM_PROMQL_QUOTE_H
#define IFM_PROMQL_QUOTE_H

#include "promql/promql.h"

/* By value, so that it can stand among the arguments of a format. Cut when too long. */
typedef struct promql_shown {
    char text[IFM_ERROR_MESSAGE_SIZE];
} promql_shown;

/* Appends "text", in double quotes; PromQL reads it back as the same bytes. */
void promql_quote(ifm_buf *out, promql_text text);

/* The same for a message. */
promql_shown promql_show(promql_text text);

/* Of the first ten characters, "..." behind it when there are more: how a message shows a token. */
promql_shown promql_show_token(promql_text text);

/* The first character of text, in single quotes; U+FFFD when it is no character, or there is none. */
promql_shown promql_show_char(promql_text text);

/* The first character as Go's %#U: U+0071 'q'. */
promql_shown promql_show_point(promql_text text);

/* Fills in `err`: "LINE:COLUMN: parse error: " and the message, of the byte at `offset`. Returns false. */
bool promql_fail(promql_text text, size_t offset, ifm_code code, ifm_error *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
