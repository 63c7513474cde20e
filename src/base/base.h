/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 0, the header that other folders include: allocation, arenas, growing buffers, errors,
 * logging, UTF-8, numbers.
 */
#ifndef IFM_BASE_H
#define IFM_BASE_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bump.h"
#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/utf8.h"

#define IFM_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
