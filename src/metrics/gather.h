/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of a gather share: registered families (gather.c), collectors (collector.c) and the
 * registry's own metrics (self.c).
 */
#ifndef IFM_METRICS_GATHER_H
#define IFM_METRICS_GATHER_H

#include "metrics/registry.h"

enum { IFM_GATHER_WARNING_SIZE = 400 }; /* the name of a collector, cut, and its sentence */

struct ifm_gather {
    ifm_registry *registry;
    ifm_encoder *encoder;
    char warning[IFM_GATHER_WARNING_SIZE]; /* logged at the end, when no lock is held; "" for none */
    ifm_text texts[IFM_LABELS_MAX];
};

/* The description as the encoder takes it; borrows from the family. */
ifm_family_head ifm_family_head_of(const struct ifm_family *family);

/* Runs all collectors and writes what they emit. False with `err` only when memory is out. */
bool ifm_gather_collectors(struct ifm_gather *gather, ifm_error *err);

#endif
