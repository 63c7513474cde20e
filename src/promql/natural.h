/* SPDX-License-Identifier: Apache-2.0
 *
 * The natural order of texts, in which "a10" comes after "a9", as sort_by_label() has it.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PROMQL_NATURAL_H
#define IFM_PROMQL_NATURAL_H

#include "model/model.h"

/* Whether `a` comes before `b`, which differ. Of an empty text it is false both ways, as in the Go package
 * that Prometheus uses. */
bool promql_natural_precedes(model_text a, model_text b);

#endif
