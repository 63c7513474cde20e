/* SPDX-License-Identifier: Apache-2.0
 *
 * Inferometer for C++17: objects that clean up after themselves over the C API of inferometer.h, which is
 * the manual of both. Start with pipeline.hpp; metrics.hpp and collector.hpp are for metrics of your own;
 * result.hpp tells how errors arrive. Header-only, throws nothing, needs neither exceptions nor RTTI.
 */
#ifndef IFM_INFEROMETER_HPP
#define IFM_INFEROMETER_HPP

#include <inferometer/collector.hpp>
#include <inferometer/inferometer.h>
#include <inferometer/metrics.hpp>
#include <inferometer/pipeline.hpp>
#include <inferometer/result.hpp>

#endif
