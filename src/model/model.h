/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 1, the header that other folders include: labels, matchers, native histograms, staleness,
 * quoting.
 */
#ifndef IFM_MODEL_H
#define IFM_MODEL_H

#include "model/histogram.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/quote.h"
#include "model/sample.h"

#endif
