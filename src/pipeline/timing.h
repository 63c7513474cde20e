/* SPDX-License-Identifier: Apache-2.0
 *
 * The timing builder with a clock of one's own, for tests.
 */
#ifndef IFM_PIPELINE_TIMING_H
#define IFM_PIPELINE_TIMING_H

#include "os/os.h"

#include <inferometer/timing.h>

/* As ifm_timing_builder_new(), reading `clock`, which must outlive the builder. */
ifm_timing_builder *ifm_timing_builder_new_with_clock(const ifm_os_clock *clock, ifm_error *err);

#endif
