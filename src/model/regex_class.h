/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters, escapes and classes of regular expressions: the leaves of regex_syntax.h. Each function is
 * given the pattern from the place on that it reads, and says in *size how much of it that was.
 */
#ifndef IFM_MODEL_REGEX_CLASS_H
#define IFM_MODEL_REGEX_CLASS_H

#include "model/labels.h"

/* "error parsing regexp: WHY: `TEXT`". Returns false. */
bool regex_fail(ifm_error *err, const char *why, model_text text);

bool regex_is_word(char c); /* [0-9A-Za-z_] */

/* Writes UTF-8, returns its size; 0 for a surrogate, which has none. */
size_t regex_encode(uint32_t point, char bytes[4]);

/* Appends a character as PCRE2 takes it for itself, outside of classes. */
void regex_write_point(ifm_buf *code, uint32_t point);

/* \n, \x41, \., .. */
bool regex_escaped_point(model_text rest, uint32_t *point, size_t *size, ifm_error *err);

/* \d, \pL and the like, appended to `code` unless it is NULL. *size is 0 when it is something else. */
bool regex_class_escape(model_text rest, bool in_class, ifm_buf *code, size_t *size, ifm_error *err);

/* [..] */
bool regex_class_read(model_text rest, ifm_buf *code, size_t *size, ifm_error *err);

#endif
