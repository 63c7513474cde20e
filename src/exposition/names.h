/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of metrics and labels: what is legal, and the escaping schemes of Prometheus 3 for those that are
 * legal only in quotes.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_EXPOSITION_NAMES_H
#define IFM_EXPOSITION_NAMES_H

#include "base/base.h"

#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum ifm_name_kind { IFM_NAME_METRIC, IFM_NAME_LABEL } ifm_name_kind;

/* Valid in Prometheus 3: not empty, UTF-8, no NUL. */
bool ifm_name_is_valid(const char *name, size_t size);

/* Legal without quotes: [a-zA-Z_:][a-zA-Z0-9_:]*, for labels without the colon. */
bool ifm_name_is_legacy(const char *name, size_t size, ifm_name_kind kind);

/* Appends `name` by the rules of `escaping`; a byte that is not UTF-8 counts as U+FFFD. "a.b_c" becomes
 *   UNDERSCORES  "a_b_c"         each illegal character is one _; legal names stay
 *   DOTS         "a_dot_b__c"    . and _ as shown, other illegal characters as __; legal names change too
 *   VALUES       "U__a_2e_b__c"  each illegal character by its code point; legal names stay
 *   ALLOW_UTF8   "a.b_c"
 * Except for ALLOW_UTF8, what is not empty becomes a legal name of `kind`. Different names may become the
 * same by UNDERSCORES and DOTS. */
void ifm_name_escape(ifm_buf *out, const char *name, size_t size, ifm_escaping escaping, ifm_name_kind kind);

#endif
