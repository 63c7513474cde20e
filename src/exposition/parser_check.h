/* SPDX-License-Identifier: Apache-2.0
 *
 * What OpenMetrics 1.0 demands across the lines of a document. The parser's entries go in, in order; the
 * first that breaks a rule is refused:
 *  - a family has one TYPE, HELP and UNIT at most, all before its samples, and its samples together; neither
 *    its name nor a name its samples can have is used by another family;
 *  - info and stateset have no unit;
 *  - samples have the values, labels and exemplars that their type allows;
 *  - samples of one label set (apart from le, quantile and the stateset's own label) stand together, all or
 *    none with timestamps, which do not go back; without timestamps no sample occurs twice;
 *  - buckets ascend in bound and count up to le="+Inf", which is equal to _count; _sum and _count come
 *    together, and there is no _sum where a bound is negative.
 * This is stricter than a scrape should be: Prometheus checks none of it but the unit.
 *
 * Thread-safety: one check by one thread.
 */
#ifndef IFM_EXPOSITION_PARSER_CHECK_H
#define IFM_EXPOSITION_PARSER_CHECK_H

#include "exposition/parser.h"

typedef struct ifm_openmetrics_check ifm_openmetrics_check;

/* NULL with `err` on IFM_NOMEM. */
ifm_openmetrics_check *ifm_openmetrics_check_new(ifm_error *err);
void ifm_openmetrics_check_free(ifm_openmetrics_check *check);

/* Takes the next entry of a document, IFM_ENTRY_END included, which ends it; after that, or after a failure,
 * the check is only freed. Errors: IFM_INVALID, with err->offset that of the entry; IFM_NOMEM. */
bool ifm_openmetrics_check_entry(ifm_openmetrics_check *check, const ifm_entry *entry, ifm_error *err)
    __attribute__((warn_unused_result));

/* Parses and checks a whole document. Errors: those of ifm_parser_next() and of the check. */
bool ifm_openmetrics_check_text(const char *text, size_t size, ifm_error *err)
    __attribute__((warn_unused_result));

#endif
