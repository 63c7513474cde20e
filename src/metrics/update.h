/* SPDX-License-Identifier: Apache-2.0
 *
 * What every update that is not on the fast path does first and last: making sure that the series cannot
 * be recycled under its hands, also on a thread that has no record.
 */
#ifndef IFM_METRICS_UPDATE_H
#define IFM_METRICS_UPDATE_H

#include "metrics/series.h"

/* Gives the thread a record if it can have one and sets its hazard. */
static inline struct ifm_thread *ifm_update_enter(const struct ifm_series *series)
{
    struct ifm_thread *self = ifm_thread_current();
    if (self == &ifm_thread_none) {
        ifm_thread_unregistered_enter();
    } else {
        ifm_hazard_series(self, series);
    }
    return self;
}

static inline void ifm_update_leave(struct ifm_thread *self)
{
    if (self == &ifm_thread_none) {
        ifm_thread_unregistered_leave();
    } else {
        ifm_hazard_series_clear(self);
    }
}

#endif
