/* SPDX-License-Identifier: Apache-2.0
 *
 * What a registry says about itself: updates that were dropped or overflowed, series that were left out,
 * and how its collectors fare.
 */
#ifndef IFM_METRICS_SELF_H
#define IFM_METRICS_SELF_H

#include <stdbool.h>

struct ifm_gather;

void ifm_self_write(struct ifm_gather *gather);

/* Whether a sample of this name is the registry's own, so that nobody else may register it. */
bool ifm_self_has_sample(const char *name);

#endif
